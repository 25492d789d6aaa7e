"""Films as real encoders write them, with names, places and dates in every corner that they have for such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clean.sounds import PLACE, WREN, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAGS = (
    "-metadata", f"title={WREN}", "-metadata", f"comment={PLACE}", "-metadata", "location=+52.5200+013.4050/",
    "-metadata", "creation_time=2020-01-02T03:04:05Z", "-metadata:s", "language=deu", "-metadata:s", f"handler_name={WREN}",
)  # fmt: skip
PICTURES = ("-f", "lavfi", "-i", "testsrc=d=1:s=96x64:r=12")
SOUND = ("-f", "lavfi", "-i", "sine=d=1:r=44100")


def seen(path: Path) -> list[bytes]:
    """Stream, time, size and sum of each picture and each piece of sound that a player would show, in order."""
    lines = tool("ffmpeg", "-v", "error", "-i", path, "-map", "0:v?", "-map", "0:a?", "-f", "framemd5", "-")
    columns = [line.split(b",") for line in lines.splitlines() if not line.startswith(b"#")]
    assert columns
    return [b",".join((each[0], each[2], each[4], each[5])) for each in columns]


def _film(ending: str, *options: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = folder / f"film.{ending}"
        tool("ffmpeg", "-v", "error", *PICTURES, *SOUND, *options, *TAGS, made)
        return made

    return make


def _sound(*options: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = folder / "sound.m4a"
        tool("ffmpeg", "-v", "error", *SOUND, *options, *TAGS, made)
        return made

    return make


def _phone(ending: str) -> Callable[[Path], Path]:
    """With what phones and their programs write: keys, XMP, provenance, a preview."""

    def make(folder: Path) -> Path:
        made = _film(ending, "-c:v", "libx264", "-c:a", "aac")(folder)
        tool("exiftool", "-q", "-overwrite_original", "-Keys:GPSCoordinates=52.52 13.405 34", f"-Keys:Author={WREN}",
             "-Keys:Make=CamCo", "-Keys:Model=Cam 3", f"-XMP:Creator={WREN}", f"-UserData:Author={WREN}",
             f"-ItemList:Artist={WREN}", made)  # fmt: skip
        with made.open("ab") as film:
            for kind, body in (
                (b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + f"c2pa {WREN}".encode()),
                (b"free", f"not only zeros: {PLACE}".encode()),
                (b"PICT", f"preview {WREN}".encode()),
            ):
                film.write((8 + len(body)).to_bytes(4, "big") + kind + body)
        return made

    return make


def _chapters_and_subtitles(folder: Path) -> Path:
    made = folder / "film.mp4"
    (folder / "words.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{WREN}\n")
    (folder / "chapters.txt").write_text(
        f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=5\ntitle={WREN}\n"
        f"[CHAPTER]\nTIMEBASE=1/10\nSTART=5\nEND=10\ntitle={PLACE}\n"
    )
    tool("ffmpeg", "-v", "error", *PICTURES, *SOUND, "-i", folder / "words.srt", "-f", "ffmetadata", "-i",
         folder / "chapters.txt", "-map", "0", "-map", "1", "-map", "2", "-map_chapters", "3", "-c:s", "mov_text",
         "-c:v", "libx264", "-c:a", "aac", *TAGS, made)  # fmt: skip
    return made


_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "6", "-c:a", "aac")
FILMS = {
    "MP4": _film("mp4", *_H264),
    "MP4 with its header first": _film("mp4", *_H264, "-movflags", "+faststart"),
    "MP4 in fragments": _film("mp4", *_H264, "-movflags", "frag_keyframe+empty_moov"),
    "MP4 in fragments by track": _film(
        "mp4", *_H264, "-movflags", "frag_keyframe+empty_moov+default_base_moof+separate_moof"
    ),
    "MP4 of H.265": _film("mp4", "-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-c:a", "ac3"),
    "MP4 of MPEG-4 part 2": _film("mp4", "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "MP4 of VP9": _film("mp4", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
    "MP4 of AV1": _film(
        "mp4", "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-frames:v", "4", "-c:a", "flac",
        "-strict", "-2",
    ),
    "MP4 of a phone": _phone("mp4"),
    "MP4 with chapters": _chapters_and_subtitles,
    "3GP": _film("3gp", "-c:v", "h263", "-s", "176x144", "-c:a", "aac"),
    "MOV of a phone": _phone("mov"),
    "MOV with a timecode": _film("mov", "-c:v", "libx264", "-c:a", "pcm_s16le", "-timecode", "01:02:03:04"),
    "MOV of ProRes": _film("mov", "-c:v", "prores_ks", "-c:a", "alac"),
    "MOV of six channels": _film("mov", *_H264[:-2], "-ac", "6", "-c:a", "pcm_s24be"),
    "MOV of floats": _film("mov", *_H264[:-2], "-c:a", "pcm_f32le"),
    "M4A": _sound("-c:a", "aac"),
    "M4A of ALAC": _sound("-c:a", "alac"),
}  # fmt: skip
