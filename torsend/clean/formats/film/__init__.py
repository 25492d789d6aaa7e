"""MP4 and MOV: boxes within boxes (ISO/IEC 14496-12, QuickTime File Format), written anew by allowlist."""

from __future__ import annotations

from torsend.clean.formats.film import movie
from torsend.clean.formats.format import Format

FORMATS = (
    Format("MOV", "video/quicktime", movie.recognises_mov, movie.clean_mov, ("video", ".mov"), needs=()),
    Format("M4A", "audio/mp4", movie.recognises_m4a, movie.clean_m4a, ("sound", ".m4a"), needs=()),
    Format("MP4", "video/mp4", movie.recognises_mp4, movie.clean_mp4, ("video", ".mp4"), needs=()),
)
