"""Films as encoders write them: cleaned, they look and sound the same to the last bit and tell nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clean.cleaning import cleaned, cleaned_file
from tests.clean.films import FILMS, PICTURES, SOUND, seen
from tests.clean.sounds import PLACE, WREN, tool
from tests.clean.yardstick import Mat2Refused, identifying, mat2_finds
from torsend.clean.formats.film import movie
from torsend.clean.report import Left, Trace, Verdict, Why


@pytest.mark.parametrize("kind", FILMS)
def test_a_cleaned_film_is_seen_and_heard_as_before_and_tells_nothing(kind: str, tmp_path: Path) -> None:
    original = FILMS[kind](tmp_path)

    report, result = cleaned_file(original)

    assert report.verdict is Verdict.CLEANED
    assert {Left.VOICES, Left.STREAMS} <= set(report.kept)
    assert {Trace.DATE, Trace.SOFTWARE} <= dict(report.counts).keys()
    assert any(WREN in each.value for each in report.removed)
    assert identifying(original)
    assert identifying(result) == {}
    if original.suffix == ".mp4":
        assert mat2_finds(result) == {}
    else:
        with pytest.raises(Mat2Refused):
            mat2_finds(result)
    for hidden in (WREN, PLACE, "Lavf", "Lavc", "x264", "x265", "libx", "LAME", "CamCo"):
        assert hidden.encode() not in result.read_bytes()
    assert seen(result) == seen(original)
    again, same = cleaned(result.read_bytes())
    assert again.verdict is Verdict.NOTHING
    assert same == result.read_bytes()


def test_the_settings_of_the_encoder_go_from_among_the_pictures(tmp_path: Path) -> None:
    original = FILMS["MP4"](tmp_path)
    assert b"x264 - core" in original.read_bytes()

    report, result = cleaned(original.read_bytes())

    assert b"x264" not in result
    told = {each.name: each.value for each in report.removed}
    assert told["user data in the pictures"].startswith("x264 - core")
    assert told["filling of the sound"].startswith("Lavc")


def test_where_and_when_and_with_what_is_told(tmp_path: Path) -> None:
    report, _ = cleaned(FILMS["MP4 of a phone"](tmp_path).read_bytes())

    traces = {each.trace for each in report.removed}
    assert {
        Trace.LOCATION,
        Trace.DEVICE,
        Trace.AUTHOR,
        Trace.PROVENANCE,
        Trace.DATE,
        Trace.SOFTWARE,
    } <= traces
    assert "2020-01-02 03:04:05" in {each.value for each in report.removed}
    assert "CamCo" in {each.value for each in report.removed}


def test_tracks_of_words_and_times_go(tmp_path: Path) -> None:
    report, result = cleaned_file(FILMS["MP4 with chapters"](tmp_path))

    kinds = tool(
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_type",
        "-show_chapters",
        "-of",
        "json",
        result,
    )
    shown = json.loads(kinds)
    assert [each["codec_type"] for each in shown["streams"]] == ["video", "audio"]
    assert shown["chapters"] == []
    assert {"track text", "track sbtl"} <= {each.name for each in report.removed}


def test_a_film_keeps_its_turn_and_its_length(tmp_path: Path) -> None:
    data = FILMS["MP4"](tmp_path).read_bytes()
    upright = bytes.fromhex(
        "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000"
    )
    turned = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000 00000000 00400000 00000000 40000000")
    at = data.index(b"tkhd")
    place = data.index(upright, at)
    (tmp_path / "turned.mp4").write_bytes(data[:place] + turned + data[place + 36 :])

    _, result = cleaned_file(tmp_path / "turned.mp4")

    def shape(path: Path) -> object:
        asked = "format=duration:stream=width,height,duration,nb_frames,start_time,avg_frame_rate,sample_aspect_ratio"
        asked += ":stream_side_data=rotation"
        return json.loads(tool("ffprobe", "-v", "error", "-show_entries", asked, "-of", "json", path))

    assert shape(result) == shape(tmp_path / "turned.mp4")
    assert "-90" in str(shape(result)) or "90" in str(shape(result))


def test_only_the_samples_are_written_and_nothing_that_lay_between(tmp_path: Path) -> None:
    data = FILMS["MP4"](tmp_path).read_bytes()
    begin = data.index(b"mdat") - 4
    size = int.from_bytes(data[begin : begin + 4], "big")
    end = begin + size
    hidden = b"hidden behind the samples"
    longer = (
        data[:begin] + (size + len(hidden)).to_bytes(4, "big") + data[begin + 4 : end] + hidden + data[end:]
    )

    report, result = cleaned(longer)

    assert report.verdict is Verdict.CLEANED
    assert result == cleaned(data)[1]


def test_a_film_of_more_than_four_gigabytes_has_wide_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = FILMS["MP4"](tmp_path)
    _, narrow = cleaned(original.read_bytes())
    monkeypatch.setattr(movie, "ROOM", 1000)

    _, wide = cleaned_file(original)

    assert b"co64" in wide.read_bytes()
    assert seen(wide) == seen(original)
    monkeypatch.undo()
    assert cleaned(wide.read_bytes())[1] == narrow


def test_an_encrypted_film_is_for_the_person_to_decide(tmp_path: Path) -> None:
    made = tmp_path / "a.mp4"
    key = "00112233445566778899aabbccddeeff"
    tool("ffmpeg", "-v", "error", *PICTURES, "-c:v", "libx264", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
         key, "-encryption_kid", key, made)  # fmt: skip

    assert cleaned(made.read_bytes())[0].why is Why.ENCRYPTED


def test_a_track_that_is_not_known_goes_if_there_is_another_of_its_sort(tmp_path: Path) -> None:
    made, alone = tmp_path / "a.mov", tmp_path / "alone.mov"
    codecs = ("-c:v:0", "libx264", "-c:v:1", "mjpeg", "-c:a", "aac")
    tool("ffmpeg", "-v", "error", *PICTURES, *SOUND, "-map", "0", "-map", "0", "-map", "1", *codecs, made)
    tool("ffmpeg", "-v", "error", "-i", made, "-map", "0:v:0", "-map", "0:a", "-c", "copy", alone)

    report, result = cleaned_file(made)

    assert (Trace.THUMBNAIL, "track of jpeg") in {(each.trace, each.name) for each in report.removed}
    assert seen(result) == seen(alone)


def test_pictures_with_metadata_of_their_own_are_for_the_person_to_decide(tmp_path: Path) -> None:
    made = tmp_path / "a.mov"
    tool("ffmpeg", "-v", "error", *PICTURES, "-c:v", "mjpeg", made)

    assert cleaned(made.read_bytes())[0].why is Why.UNKNOWN_FORMAT
