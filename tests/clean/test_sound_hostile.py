"""Sounds that are broken or made to harm: a report, always, and nothing hidden goes through."""

from __future__ import annotations

import functools
import io
import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clean.cleaning import cleaned
from tests.clean.mutations import MUTATIONS, Mutation, mutated
from tests.clean.sounds import SOUNDS
from torsend.clean.formats import flac, mp3, ogg, vorbis
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.reading import LONGEST_PIECE, Reader
from torsend.clean.report import Verdict, Why

KINDS = (
    "MP3 varying",
    "MP3 with everything",
    "FLAC",
    "Vorbis",
    "Opus",
    "WAV with everything",
    "WAV of 64 bits",
)


@functools.cache
def original(kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return SOUNDS[kind](Path(folder)).read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(mutations=MUTATIONS)
def test_whatever_happened_to_a_sound_there_is_a_report_and_a_result_is_clean(
    kind: str, mutations: list[Mutation]
) -> None:
    data = mutated(original(kind), mutations)

    report, result = cleaned(data)

    if report.verdict is Verdict.NOT_CLEANABLE:
        return
    again, same = cleaned(result)
    assert again.verdict is Verdict.NOTHING
    assert same == result


@given(st.binary(max_size=512))
def test_oggs_checksum_is_the_one_of_its_specification(data: bytes) -> None:
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 1 << 31 else 0)) & 0xFFFFFFFF

    assert ogg.checksum(data) == crc


@settings(deadline=None)
@given(st.binary(max_size=512), st.integers(0, 256).map(lambda half: 2 * half))
def test_flacs_checksum_may_be_summed_in_parts(data: bytes, cut: int) -> None:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x8005 if crc & 1 << 15 else 0)) & 0xFFFF

    assert flac.checksum(data[cut:], flac.checksum(data[:cut], 0)) == crc


def test_every_length_of_a_frame_that_mp3_knows_is_the_specifications() -> None:
    known = 0
    for first, second, third in itertools.product(range(0xE0, 0x100), range(256), (0x00, 0xC0)):
        header = mp3.header_of(bytes((0xFF, first, second, third)))
        if header is None:
            continue
        known += 1
        samples = 1152 if header.version == 3 else 576
        assert header.size == samples * header.bitrate * 125 // header.rate + (second >> 1 & 1)
    # Three versions with three rates and fourteen bit rates; padded, private, protected or not; one channel or two.
    assert known == 3 * 3 * 14 * 2 * 2 * 2 * 2


def test_a_picture_behind_an_mp3s_tag_is_no_mp3() -> None:
    report, _ = cleaned(b"ID3\3\0\0\0\0\0\0\x89PNG\r\n\x1a\n" + bytes(4000))

    assert report.verdict is Verdict.NOT_CLEANABLE


def test_many_false_pages_of_an_ogg_cost_little() -> None:
    first = original("Vorbis")[:58]

    report, _ = cleaned(first + b"OggS\0" + bytes(21) + b"\xff" * 256 + b"OggS\0\0" * 200_000)

    assert report.why is Why.DAMAGED


def test_many_false_frames_of_a_flac_cost_little() -> None:
    data = original("FLAC")
    frames = data.index(b"\xff\xf8", 4 + 38)
    false = data[frames : frames + 16]

    report, _ = cleaned(data[: frames + 100] + 100_000 * false)

    assert report.why is Why.DAMAGED


def test_a_header_among_vorbis_sound_may_hold_anything_and_is_refused() -> None:
    data = original("Vorbis")
    last = data.rindex(b"OggS")
    hidden = ogg.Page(ogg.LAST, 10**6, int.from_bytes(data[14:18], "little"), b"\x08", b"\x07secret!")

    report, _ = cleaned(data[:last] + hidden.written(hidden.serial, 99) + data[last:])

    assert report.why is Why.DAMAGED


def test_padding_of_an_opus_packet_becomes_zero_though_it_reaches_over_pages() -> None:
    data = original("Opus")
    serial = int.from_bytes(data[14:18], "little")
    last = data.rindex(b"OggS")
    # Code 3, one frame of nothing, 700 bytes of padding.
    packet = b"\x03\x41\xff\xff\xc0" + b"secret " * 100
    lacing = (b"\xff" * (len(packet) // 255), bytes((len(packet) % 255,)))
    split = 255 * len(lacing[0])
    one = ogg.Page(0, ogg.NOWHERE, serial, lacing[0], packet[:split]).written(serial, 5)
    two = ogg.Page(ogg.CONTINUED, 10**6, serial, lacing[1], packet[split:]).written(serial, 6)

    report, result = cleaned(data[:last] + one + two + data[last:])

    assert report.verdict is Verdict.CLEANED
    assert b"secret" not in result
    assert packet[:5] + bytes(split - 5) in result


def test_a_stream_beside_the_sound_goes() -> None:
    data = original("Opus")
    skeleton = ogg.Page(ogg.FIRST, 0, 77, b"\x0c", b"fishead\0Wren").written(77, 0)
    more = ogg.Page(0, 0, 77, b"\x04", b"Tarn").written(77, 1)
    second = data.index(b"OggS", 4)
    third = data.index(b"OggS", second + 4)

    report, result = cleaned(data[:second] + skeleton + data[second:third] + more + data[third:])

    assert result == cleaned(data)[1]
    assert "a stream beside the sound" in {each.name for each in report.removed}


def test_bytes_behind_the_setup_of_vorbis_go() -> None:
    data = original("Vorbis")
    begin = data.index(b"\5vorbis")
    end = data.index(b"OggS", begin)
    assert vorbis.setup(data[begin:end] + b"hidden", 2) == data[begin:end]


def test_a_piece_larger_than_any_real_one_is_not_held() -> None:
    with pytest.raises(NotCleanable):
        Reader(io.BytesIO(b"")).take(0, LONGEST_PIECE + 1)


@pytest.mark.parametrize(
    "broken",
    [
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1" + bytes(15) + b"data\0\0\0\0",
        b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcddata\4\0\0\0abcd",
        b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0" + b"\xff" * 28 + b"data\xff\xff\xff\xff",
        b"OggS" + bytes(60) + b"\1vorbis" + bytes(60),
        b"fLaC\x80\0\0\x22" + bytes(34) + b"\xff\xf8\x69\x18",
        b"fLaC\0\0\0\x22" + bytes(34) + b"\1\xff\xff\xff",
        b"\xff\xfb\x90\x00" + bytes(10),
    ],
)
def test_what_is_broken_from_the_beginning_is_damaged(broken: bytes) -> None:
    report, _ = cleaned(broken)

    assert report.why is Why.DAMAGED
