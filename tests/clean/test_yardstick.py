"""The yardsticks see what they are for: a yardstick that finds nothing anywhere would pass everything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.clean.harmless import harmless
from tests.clean.yardstick import Mat2Refused, exiftool, identifying, mat2_cleans, mat2_says


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    made = tmp_path / "sound.flac"
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "sine=d=0.2",
            "-metadata",
            "ARTIST=Wren Tarn",
            str(made),
        ],
        check=True,
    )
    return made


def test_both_find_the_name_of_an_artist(sound: Path) -> None:
    assert identifying(sound)["Vorbis:Artist"] == "Wren Tarn"
    assert mat2_says(sound)["artist"] == "Wren Tarn"


def test_what_mat2_cleans_holds_it_no_more(sound: Path) -> None:
    cleaned = mat2_cleans(sound)

    assert cleaned.parent == sound.parent
    assert "Vorbis:Artist" not in exiftool(cleaned)
    assert mat2_says(cleaned) == {}
    assert identifying(cleaned)["Vorbis:Vendor"]  # more than mat2, exiftool sees who wrote it


def test_mat2_says_that_it_does_not_know_a_format(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"")

    with pytest.raises(Mat2Refused, match="quicktime"):
        mat2_says(tmp_path / "a.mov")


def test_copies_count_and_a_date_is_harmless_only_when_it_is_none() -> None:
    assert harmless("IFD0:Copy1:Orientation", "Horizontal (normal)")
    assert harmless("Track1:TrackCreateDate", "0000:00:00 00:00:00")
    assert not harmless("Track1:TrackCreateDate", "2020:01:02 03:04:05")
    assert not harmless("ExifTool:Warning", "whatever")
    assert not harmless("GPS:GPSLatitude", "52 deg")
