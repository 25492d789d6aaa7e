"""Tags as rarer programs write them, and the corners of formats of sound: bytes made by hand."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clean.cleaning import cleaned, cleaned_file
from tests.clean.sounds import SOUNDS, heard
from torsend.clean.formats import vorbis, wav
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Trace, Verdict, Why


@functools.cache
def original(kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return SOUNDS[kind](Path(folder)).read_bytes()


@functools.cache
def bare() -> bytes:
    """An MP3 without any tag."""
    return cleaned(original("MP3 even"))[1]


def _syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def _id3(version: int, frames: bytes, flags: int = 0, mark: bytes = b"ID3") -> bytes:
    return mark + bytes((version, 0, flags)) + _syncsafe(len(frames)) + frames


NAME = b"\0Wren"
V22 = _id3(2, b"TP1\0\0\5" + NAME)
V23 = _id3(3, b"\0\0\0\6" + bytes(6) + b"TPE1\0\0\0\5\0\0" + NAME, 0x40)
V24 = _id3(4, b"\0\0\0\6\1\0" + b"TPE1" + _syncsafe(5) + b"\0\0" + NAME, 0x40)
UTF16 = _id3(3, b"TPE1\0\0\0\x0b\0\0\1" + "Wren".encode("utf-16"))
FOOT = b"TPE1" + _syncsafe(5) + b"\0\0" + NAME
BEHIND = _id3(4, FOOT, 0x10) + _id3(4, FOOT, 0x10, b"3DI")[:10]


@pytest.mark.parametrize(
    ("before", "behind", "trace", "value"),
    [
        (V22, b"", Trace.AUTHOR, "Wren"),
        (V23, b"", Trace.AUTHOR, "Wren"),
        (V24, b"", Trace.AUTHOR, "Wren"),
        (UTF16, b"", Trace.AUTHOR, "Wren"),
        (V22 + V24, b"", Trace.AUTHOR, "Wren"),
        (_id3(3, b"WOAR\0\0\0\4\0\0wren"), b"", Trace.OTHER, "wren"),
        (_id3(3, b"PRIV\0\0\0\4\0\0wren"), b"", Trace.IDENTIFIER, ""),
        (_id3(3, b"\xff" * 20), b"", Trace.OTHER, ""),
        (b"", BEHIND, Trace.AUTHOR, "Wren"),
        (b"", b"TAG+".ljust(227, b"w"), Trace.OTHER, ""),
        (b"", b"LYRICSBEGINla la laLYRICSEND", Trace.COMMENT, ""),
        (b"", b"TAG".ljust(128, b"\0"), Trace.OTHER, ""),
        (b"", b"TAG" + b"Mill".ljust(30, b"\0") + bytes(95), Trace.COMMENT, "Mill"),
    ],
)
def test_tags_of_every_sort_go(before: bytes, behind: bytes, trace: Trace, value: str) -> None:
    report, result = cleaned(before + bare() + behind)

    assert result == bare()
    assert (trace, value) in {(each.trace, each.value) for each in report.removed}


@pytest.mark.parametrize(
    "behind",
    [
        b"3DI" + bytes(7),
        b"LYRICSEND",
        b"999999LYRICS200",
        b"APETAGEX" + b"\xff" * 24,
        b"APETAGEX" + bytes(24),
    ],
)
def test_what_only_looks_like_a_tag_is_no_sound_either(behind: bytes) -> None:
    report, result = cleaned(bare() + behind)

    assert result == bare()
    assert "bytes that are no sound" in {each.name for each in report.removed}


def test_a_table_of_fraunhofers_becomes_one_of_ours() -> None:
    frame = bare()[: bare().index(b"\xff\xfb", 4)]
    table = frame[:4] + bytes(32) + b"VBRI" + bytes(2) + b"Fraunhofer"
    sound = bare()[len(frame) :]

    report, result = cleaned(table.ljust(len(frame), b"\0") + sound)

    assert b"Fraunhofer" not in result
    assert result[36:40] == b"Info"
    assert result[len(frame) :] == sound
    assert report.removed[0].name.startswith("VBRI")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(56, 4000), st.integers(0, 255)), max_size=3))
def test_of_a_setup_of_vorbis_nothing_but_its_beginning_comes_out(changes: list[tuple[int, int]]) -> None:
    data = original("Vorbis")
    begin = data.index(b"\5vorbis")
    packet = bytearray(data[begin : data.index(b"OggS", begin)])
    for place, value in changes:
        packet[place % len(packet)] = value

    try:
        result = vorbis.setup(bytes(packet), 2)
    except NotCleanable:
        return

    assert bytes(packet)[: len(result) - 1] == result[:-1]
    assert vorbis.setup(result, 2) == result


def test_a_floor_of_the_first_kind_and_an_ordered_book_are_read() -> None:
    fields = (
        (0, 8), (0x564342, 24), (1, 16), (2, 24), (1, 1), (0, 5), (2, 2), (0, 4),  # a book, ordered: two entries of one bit
        (0, 6), (0, 16),  # a time
        (0, 6), (0, 16), (1, 8), (1, 16), (1, 16), (1, 6), (1, 8), (0, 4), (0, 8),  # a floor of kind 0, with one book
        (0, 6), (0, 16), (0, 72), (0, 6), (0, 8), (1, 3), (1, 1), (1, 5), (0, 16),  # a residue
        (0, 6), (0, 16), (1, 1), (1, 4), (1, 1), (0, 8), (0, 2), (0, 2), (0, 8), (0, 48),  # a mapping of two parts
        (0, 6), (0, 41), (1, 1),  # a mode, and the end
    )  # fmt: skip
    bits = "".join(f"{value:0{width}b}"[::-1] for value, width in fields)
    whole = bits.ljust(-(-len(bits) // 8) * 8, "0")
    packet = b"\5vorbis" + bytes(int(whole[at : at + 8][::-1], 2) for at in range(0, len(whole), 8))

    assert vorbis.setup(packet + b"Wren", 2) == packet


def test_a_wav_that_is_too_long_for_riff_becomes_rf64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = SOUNDS["WAV"](tmp_path)
    monkeypatch.setattr(wav, "ROOM", 1000)

    _, result = cleaned_file(made)

    assert result.read_bytes()[:4] == b"RF64"
    assert heard(result) == heard(made)
    monkeypatch.undo()
    assert cleaned(result.read_bytes())[1] == cleaned(made.read_bytes())[1]


FORM = b"fmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"


def _wave(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.mark.parametrize(
    ("more", "name"),
    [
        (b"data\5\0\0\0abcde\0", "bytes behind the last sample"),
        (b"data\4\0\0\0abcd_PMX\4\0\0\0<x/>", "XMP"),
        (b"data\4\0\0\0abcdLIST\4\0\0\0adtl", "LIST adtl"),
        (b"data\4\0\0\0abcd\0\1\2\3\4\5\6\7\0", "bytes behind the chunks"),
        (b"data\4\0\0\0abcdWren", "bytes behind the chunks"),
        (b"abcd\3\0\0\0Wre" + b"ndata\4\0\0\0abcd", "a byte between the chunks"),
        (b"abcd\4\0\0\0Wrendata\4\0\0\0abcd", "abcd"),
    ],
)
def test_whatever_else_is_in_a_wav_goes(more: bytes, name: str) -> None:
    report, result = cleaned(_wave(FORM, more))

    assert result == _wave(FORM, b"data\4\0\0\0abcd")
    assert name in {each.name for each in report.removed}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (b"fmt \x0e\0\0\0" + FORM[8:22], Why.DAMAGED),
        (FORM[:10] + b"\0\0" + FORM[12:], Why.DAMAGED),
        (FORM[:20] + b"\3\0" + FORM[22:], Why.DAMAGED),
        (b"fmt \x28\0\0\0\xfe\xff" + FORM[10:] + bytes(24), Why.UNKNOWN_FORMAT),
        (FORM + b"slnt\4\0\0\0abcd", Why.DAMAGED),
        (1100 * b"junk\0\0\0\0", Why.DAMAGED),
    ],
)
def test_a_wav_that_contradicts_itself_says_why(form: bytes, why: Why) -> None:
    assert cleaned(_wave(form, b"data\4\0\0\0abcd"))[0].why is why


def test_application_data_and_cue_sheets_of_flac_go() -> None:
    data = original("FLAC")
    more = b"\2\0\0\4Wren" + b"\5\0\0\4cues" + b"\x01\0\0\4pads" + b"\x1f\0\0\4what"

    report, result = cleaned(data[:42] + more + data[42:])

    assert result == cleaned(data)[1]
    assert {"APPLICATION", "CUESHEET", "PADDING", "metadata block 31"} <= {
        each.name for each in report.removed
    }


def test_points_of_a_flacs_seek_table_that_point_nowhere_go() -> None:
    data = original("FLAC")
    at = data.index(b"\3", 42) if data[42] & 127 != 3 else 42
    size = int.from_bytes(data[at + 1 : at + 4], "big")
    false = b"secret!!" + bytes(10)
    longer = (
        data[:at] + data[at : at + 1] + (size + 18).to_bytes(3, "big") + data[at + 4 : at + 4 + size] + false
    )

    report, result = cleaned(longer + data[at + 4 + size :])

    assert report.verdict is Verdict.CLEANED
    assert b"secret!!" not in result
    assert result == cleaned(data)[1]
