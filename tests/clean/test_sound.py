"""Sounds as encoders write them: cleaned, they sound the same to the last bit and tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clean.cleaning import cleaned, cleaned_file
from tests.clean.sounds import PLACE, SOUNDS, WREN, heard, noise, tool
from tests.clean.yardstick import Mat2Refused, identifying, mat2_finds
from torsend.clean.report import Left, Trace, Verdict, Why


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_cleaned_sound_is_heard_as_before_and_tells_nothing(kind: str, tmp_path: Path) -> None:
    original = SOUNDS[kind](tmp_path)

    report, result = cleaned_file(original)

    assert report.verdict is Verdict.CLEANED
    assert Left.VOICES in report.kept
    assert dict(report.counts)[Trace.AUTHOR] >= 1
    assert any(WREN in each.value for each in report.removed)
    assert identifying(original)
    assert identifying(result) == {}
    try:
        assert mat2_finds(result) == {}
    except Mat2Refused:
        assert kind == "MP3 with everything"
    assert WREN.encode() not in result.read_bytes()
    assert PLACE.encode() not in result.read_bytes()
    assert heard(result) == heard(original)
    again, same = cleaned(result.read_bytes())
    assert again.verdict is Verdict.NOTHING
    assert same == result.read_bytes()


def test_an_mp3_keeps_nothing_of_its_encoder_not_even_between_the_bits(tmp_path: Path) -> None:
    original = SOUNDS["MP3 even"](tmp_path)
    assert original.read_bytes().count(b"LAME3.100") > 1  # in the table, and where no bits of sound are

    report, result = cleaned_file(original)

    assert b"LAME3" not in result.read_bytes()
    assert ("ancillary data", True) in {(each.name, "LAME3.100" in each.value) for each in report.removed}


def test_what_lies_between_the_frames_of_an_mp3_goes(tmp_path: Path) -> None:
    whole = SOUNDS["MP3 even"](tmp_path).read_bytes()
    middle = whole.index(b"\xff\xfb", len(whole) // 2)

    report, result = cleaned(whole[:middle] + b"hidden between the frames" + whole[middle:])

    assert result == cleaned(whole)[1]
    assert any(each.value == "25" for each in report.removed)


def test_an_mp3_is_as_long_as_before_for_players_that_trust_its_table(tmp_path: Path) -> None:
    original = SOUNDS["MP3 varying"](tmp_path)
    _, result = cleaned_file(original)

    def length(path: Path) -> bytes:
        return tool("ffprobe", "-v", "error", "-show_entries", "format=duration,start_time", path)

    assert length(result) == length(original)


def test_other_decoders_read_the_results_without_a_warning(tmp_path: Path) -> None:
    for kind, command in (
        ("FLAC", ("flac", "-t", "-s", "-w")),
        ("Vorbis", ("oggdec", "-Q", "-o", "/dev/null")),
    ):
        folder = tmp_path / kind
        folder.mkdir()
        _, result = cleaned_file(SOUNDS[kind](folder))

        tool(*command, result)

    assert b"seek points: 3" in tool("metaflac", "--list", tmp_path / "FLAC" / "cleaned.flac")


def test_a_wav_with_an_unknown_codec_is_for_the_person_to_decide(tmp_path: Path) -> None:
    made = noise(tmp_path / "a.wav", 1, "-c:a", "adpcm_ms")

    report, _ = cleaned(made.read_bytes())

    assert report.why is Why.UNKNOWN_FORMAT


def test_a_film_in_ogg_is_for_the_person_to_decide(tmp_path: Path) -> None:
    made = tmp_path / "a.ogg"
    tool("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-f", "lavfi", "-i", "sine=d=1",
         "-c:v", "libtheora", "-c:a", "libvorbis", "-f", "ogg", made)  # fmt: skip

    report, _ = cleaned(made.read_bytes())

    assert report.why is Why.UNKNOWN_FORMAT


def test_bytes_behind_a_flac_that_are_no_tag_make_it_not_cleanable(tmp_path: Path) -> None:
    made = SOUNDS["FLAC"](tmp_path)

    report, _ = cleaned(made.read_bytes() + b"hidden")

    assert report.why is Why.DAMAGED
