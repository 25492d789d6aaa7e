"""The formats of sound."""

from __future__ import annotations

from torsend.clean.formats import flac, mp3, ogg, wav
from torsend.clean.formats.format import Format

FORMATS = (
    Format("FLAC", "audio/flac", flac.recognises, flac.clean, ("sound", ".flac"), needs=()),
    Format("Ogg Vorbis", "audio/ogg", ogg.recognises_vorbis, ogg.clean, ("sound", ".ogg"), needs=()),
    Format("Opus", "audio/ogg", ogg.recognises_opus, ogg.clean, ("sound", ".opus"), needs=()),
    Format("WAV", "audio/x-wav", wav.recognises, wav.clean, ("sound", ".wav"), needs=()),
    # The last: its beginning is the least certain.
    Format("MP3", "audio/mpeg", mp3.recognises, mp3.clean, ("sound", ".mp3"), needs=()),
)
