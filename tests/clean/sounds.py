"""Sounds as real encoders write them, with names, places and dates in every corner that they have for such."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.clean.yardstick import LONGEST, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

WREN = "Wren Tarn"
PLACE = "Heron Lane 4"
TAGS = ("-metadata", f"artist={WREN}", "-metadata", f"comment={PLACE}", "-metadata", "date=2020-01-02")


def tool(*command: str | Path) -> bytes:
    """Runs one of the encoders or decoders and gives what it prints."""
    return subprocess.run(
        [str(each) for each in command], check=True, capture_output=True, env=PLAIN, timeout=LONGEST
    ).stdout


def noise(path: Path, seconds: float = 1, *options: str) -> Path:
    """Pink noise, which uses all of a codec; the same each time."""
    source = f"anoisesrc=d={seconds}:c=pink:a=0.3:seed=1"
    tool("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-ac", "2", "-bitexact", *options, path)
    return path


def heard(path: Path) -> str:
    """The sum of all samples that a player would play, and how many there are."""
    samples = tool("ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-")
    return f"{hashlib.sha256(samples).hexdigest()} {len(samples)}"


def _mp3(*options: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = folder / "sound.mp3"
        tool("lame", "--quiet", *options, "--add-id3v2", "--tt", "Title", "--ta", WREN, "--tc", PLACE, "--ty", "2020",
             "--ti", _cover(folder), noise(folder / "noise.wav"), made)  # fmt: skip
        return made

    return make


def _cover(folder: Path) -> Path:
    made = folder / "cover.jpg"
    tool("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1", made)
    return made


def _mp3_with_everything(folder: Path) -> Path:
    made = _mp3("-b", "128")(folder)
    item = (len(WREN)).to_bytes(4, "little") + bytes(4) + b"Artist\0" + WREN.encode()
    size = (len(item) + 32).to_bytes(4, "little")
    head = b"APETAGEX" + (2000).to_bytes(4, "little") + size + (1).to_bytes(4, "little")
    ape = (
        head
        + (0xA0000000).to_bytes(4, "little")
        + bytes(8)
        + item
        + head
        + (0x80000000).to_bytes(4, "little")
        + bytes(8)
    )
    words = b"LYRICSBEGININD0000300EAR00009Wren Tarn"
    lyrics = words + f"{len(words):06}LYRICS200".encode()
    frames, old = made.read_bytes()[:-128], made.read_bytes()[-128:]
    made.write_bytes(frames + b"junk" + ape + lyrics + old)
    return made


def _mp3_by_ffmpeg(folder: Path) -> Path:
    made = folder / "sound.mp3"
    tool(
        "ffmpeg",
        "-v",
        "error",
        "-i",
        noise(folder / "noise.wav"),
        "-q:a",
        "4",
        "-id3v2_version",
        "4",
        *TAGS,
        made,
    )
    return made


def _flac(folder: Path) -> Path:
    made = folder / "sound.flac"
    tool("flac", "-s", noise(folder / "noise.wav", 3), "-T", f"ARTIST={WREN}", "-T", f"LOCATION={PLACE}",
         "-S", "1s", "--picture", _cover(folder), "-o", made)  # fmt: skip
    return made


def _flac_between_tags(folder: Path) -> Path:
    made = _flac(folder)
    text = b"\0" + WREN.encode()
    frame = b"TPE1" + len(text).to_bytes(4, "big") + bytes(2) + text
    size = 16_000
    id3 = b"ID3\3\0\0" + bytes((0, 0, size >> 7, size & 127)) + frame.ljust(size, b"\0")
    made.write_bytes(id3 + made.read_bytes() + b"TAG" + WREN.encode().ljust(125, b"\0"))
    return made


def _flac_of_six(folder: Path) -> Path:
    made = folder / "sound.flac"
    noise_of_six = noise(folder / "noise.wav", 0.5, "-ac", "6", "-c:a", "pcm_s24le")
    tool("flac", "-s", "--channel-map=none", noise_of_six, "-T", "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x003F",
         "-T", f"ARTIST={WREN}", "-o", made)  # fmt: skip
    return made


def _vorbis(folder: Path) -> Path:
    made = folder / "sound.ogg"
    tool("oggenc", "-Q", "-q", "3", "-a", WREN, "-d", "2020", "-c", f"LOCATION={PLACE}", noise(folder / "noise.wav"),
         "-o", made)  # fmt: skip
    return made


def _vorbis_by_ffmpeg(folder: Path) -> Path:
    made = folder / "sound.ogg"
    tool("ffmpeg", "-v", "error", "-i", noise(folder / "noise.wav"), "-c:a", "libvorbis", *TAGS, made)
    return made


def _vorbis_chain(folder: Path) -> Path:
    made = _vorbis(folder)
    made.write_bytes(2 * made.read_bytes())
    return made


def _opus(folder: Path) -> Path:
    made = folder / "sound.opus"
    tool("opusenc", "--quiet", "--artist", WREN, "--comment", f"location={PLACE}", "--date", "2020", "--picture",
         _cover(folder), noise(folder / "noise.wav"), made)  # fmt: skip
    return made


def _wav(*options: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = folder / "sound.wav"
        source = noise(folder / "noise.wav")
        tool("ffmpeg", "-v", "error", "-i", source, *options, "-write_bext", "1", *TAGS, "-metadata", f"originator={WREN}",
             "-metadata", f"description={PLACE}", "-metadata", "origination_date=2020-01-02", made)  # fmt: skip
        return made

    return make


def _wav_with_everything(folder: Path) -> Path:
    made = _wav()(folder)
    whole = made.read_bytes()
    for name, data in (
        (b"iXML", f"<BWFXML><NOTE>{WREN}</NOTE></BWFXML>".encode()),
        (b"cart", WREN.encode()),
        (b"JUNK", b"not only zeros"),
        (b"LIST", b"adtllabl\4\0\0\0Wren"),
        (b"id3 ", b"ID3\3\0\0\0\0\0\0"),
    ):
        whole += name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)
    made.write_bytes(b"RIFF" + (len(whole) - 8).to_bytes(4, "little") + whole[8:])
    return made


def _wav_from_a_pipe(folder: Path) -> Path:
    made = folder / "sound.wav"
    made.write_bytes(
        tool("ffmpeg", "-v", "error", "-i", noise(folder / "noise.wav"), *TAGS, "-f", "wav", "-")
    )
    return made


SOUNDS = {
    "MP3 even": _mp3("-b", "128"),
    "MP3 varying": _mp3("-V4"),
    "MP3 average, mono": _mp3("--abr", "90", "-m", "m"),
    "MP3 with checksums": _mp3("-p", "-b", "112"),
    "MP3 at 22,050": _mp3("-b", "32", "--resample", "22.05"),
    "MP3 at 11,025": _mp3("-V6", "--resample", "11.025"),
    "MP3 with everything": _mp3_with_everything,
    "MP3 by ffmpeg": _mp3_by_ffmpeg,
    "FLAC": _flac,
    "FLAC between tags": _flac_between_tags,
    "FLAC of six": _flac_of_six,
    "Vorbis": _vorbis,
    "Vorbis by ffmpeg": _vorbis_by_ffmpeg,
    "Vorbis chain": _vorbis_chain,
    "Opus": _opus,
    "WAV": _wav("-c:a", "pcm_s16le"),
    "WAV of six, 24 bits": _wav("-c:a", "pcm_s24le", "-ac", "6"),
    "WAV of floats": _wav("-c:a", "pcm_f32le"),
    "WAV of the telephone": _wav("-c:a", "pcm_alaw", "-ar", "8000"),
    "WAV of ADPCM": _wav("-c:a", "adpcm_ima_wav"),
    "WAV of 64 bits": _wav("-rf64", "always"),
    "WAV with everything": _wav_with_everything,
    "WAV from a pipe": _wav_from_a_pipe,
}
