"""Films that are broken or made to harm: a report, always, and nothing hidden goes through."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clean.cleaning import cleaned
from tests.clean.films import FILMS
from tests.clean.mutations import MUTATIONS, Mutation, mutated
from tests.clean.sounds import tool
from torsend.clean.formats.film import streams
from torsend.clean.formats.film.boxes import box, full_box, packed, u16, u32
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.report import Verdict, Why

KINDS = ("MP4 with its header first", "MP4 in fragments", "MOV of six channels", "M4A")
FTYP = box(b"ftyp", b"isom", bytes(4), b"isom")


@functools.cache
def original(kind: str) -> bytes:
    """With the header first, so that accidents hit it."""
    with tempfile.TemporaryDirectory() as folder:
        made = FILMS[kind](Path(folder))
        if "fragments" in kind:
            return made.read_bytes()
        first = made.with_stem("first")
        tool(
            "ffmpeg",
            "-v",
            "error",
            "-i",
            made,
            "-c",
            "copy",
            "-strict",
            "-2",
            "-movflags",
            "+faststart",
            first,
        )
        return first.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, deadline=None)
@given(mutations=MUTATIONS)
def test_whatever_happened_to_a_film_there_is_a_report_and_a_result_is_clean(
    kind: str, mutations: list[Mutation]
) -> None:
    data = mutated(original(kind), mutations)

    report, result = cleaned(data)

    if report.verdict is Verdict.NOT_CLEANABLE:
        return
    again, same = cleaned(result)
    assert again.verdict is Verdict.NOTHING
    assert same == result


def _unit(kind: int, body: bytes) -> bytes:
    return bytes((0x60 | kind,)) + body


def _escaped(data: bytes) -> bytes:
    """As an encoder writes it: no three bytes that look like the beginning of a unit (H.264, section 7.4.1)."""
    out = bytearray()
    for each in data:
        if out[-2:] == b"\0\0" and each <= 3:
            out.append(3)
        out.append(each)
    return bytes(out)


def _message(kind: int, body: bytes) -> bytes:
    return (
        b"\xff" * (kind // 255)
        + bytes((kind % 255,))
        + b"\xff" * (len(body) // 255)
        + bytes((len(body) % 255,))
        + body
    )


@given(
    st.lists(
        st.tuples(st.sampled_from((0, 1, 4, 5, 6, 45, 137, 144, 255, 300)), st.binary(max_size=300)),
        max_size=6,
    ),
    st.integers(1, 4).filter(lambda width: width != 3),
)
def test_of_supplemental_information_only_what_changes_the_picture_stays(
    messages: list[tuple[int, bytes]], width: int
) -> None:
    kept = b"".join(
        _message(*each) for each in messages if each[0] in (6, 45, 137, 144) and len(each[1]) <= 32
    )
    information = _unit(6, _escaped(b"".join(_message(*each) for each in messages) + b"\x80"))
    slices = [_unit(5, b"picture"), _unit(1, b"more")]
    if width == 1 and len(information) > 255:
        return
    sample = b"".join(len(each).to_bytes(width, "big") + each for each in (slices[0], information, slices[1]))

    result = streams.h264(sample, width, streams.Once(Notes()))

    wanted = [slices[0], *([_unit(6, _escaped(kept + b"\x80"))] if kept else []), slices[1]]
    assert result == b"".join(len(each).to_bytes(width, "big") + each for each in wanted)
    assert streams.h264(result, width, streams.Once(Notes())) == result


def test_units_that_no_decoder_needs_go() -> None:
    notes = Notes()
    sample = b"".join(
        bytes((len(each),)) + each
        for each in (_unit(12, b"\xff" * 9), _unit(5, b"picture"), _unit(30, b"secret"))
    )

    assert streams.h264(sample, 1, streams.Once(notes)) == b"\x08" + _unit(5, b"picture")
    assert [each.name for each in notes.removed] == ["H.264 unit 12", "H.264 unit 30"]


def test_of_h265_other_layers_and_what_is_the_users_own_go() -> None:
    picture = bytes((19 << 1, 1)) + b"picture"
    others = [
        bytes((62 << 1, 1)) + b"RPU",
        bytes((1, 9)) + b"layer",
        bytes((39 << 1, 1)) + _message(5, b"secret") + b"\x80",
    ]
    sample = b"".join(u16(len(each)) + each for each in (picture, *others, b"x"))

    assert streams.h265(sample, 2, streams.Once(Notes())) == u16(len(picture)) + picture


def test_metadata_of_av1_goes_but_for_brightness() -> None:
    frame = b"\x32\x03abc"
    brightness = b"\x2a\x05\1abcd"
    secret = b"\x2a\x07\4secret"

    assert streams.av1(b"\x12\0" + secret + brightness + frame, streams.Once(Notes())) == brightness + frame


@pytest.mark.parametrize(
    ("sample", "wanted"),
    [
        # A filling of five bytes, then a sound that begins with a one.
        (int("110_0101" + "0000" + f"{int.from_bytes(b'name'):032b}" + "1010" + "1" * 9, 2), "0" * 40 + "1" * 9),
        # Data of two bytes, aligned, then the sound.
        (int("100_0000_1_00000010" + f"{int.from_bytes(b'ab'):016b}" + "001" + "1" * 21, 2), "0" * 16 + "001" + "1" * 21),
    ],
)  # fmt: skip
def test_what_stands_before_the_sound_of_aac_becomes_zero(sample: int, wanted: str) -> None:
    size = (sample.bit_length() + 7) // 8

    result = streams.aac(sample.to_bytes(size, "big"), streams.Once(Notes()))

    assert f"{int.from_bytes(result, 'big'):b}".endswith(wanted)
    assert streams.aac(result, streams.Once(Notes())) == result


@given(st.binary(max_size=64))
def test_no_sample_makes_the_scrubbers_stumble(sample: bytes) -> None:
    for scrub in (
        lambda data, once: streams.h264(data, 4, once),
        lambda data, once: streams.h265(data, 4, once),
        streams.av1,
        streams.mpeg4,
        streams.prores,
        streams.aac,
    ):
        try:
            first = scrub(sample, streams.Once(Notes()))
        except NotCleanable:
            continue
        assert len(first) <= len(sample)
        assert scrub(first, streams.Once(Notes())) == first


def _movie(*boxes: bytes) -> bytes:
    head = full_box(
        b"mvhd", 0, 0, bytes(8), u32(1000), u32(1000), u32(1 << 16), bytes(12), bytes(36), bytes(24), u32(2)
    )
    return box(b"moov", head, *boxes)


def _track(stbl: bytes) -> bytes:
    entry = box(b"sowt", bytes(6), u16(1), bytes(8), u16(1), u16(16), bytes(4), u32(8000 << 16))
    table = box(b"stbl", full_box(b"stsd", 0, 0, u32(1), entry), stbl)
    here = box(b"dinf", full_box(b"dref", 0, 0, u32(1), full_box(b"url ", 0, 1)))
    mdia = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, bytes(8), u32(8000), u32(8000), bytes(4)),
        full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(13)),
        box(b"minf", here, table),
    )
    return box(b"trak", full_box(b"tkhd", 0, 7, bytes(8), u32(1), bytes(8), bytes(60)), mdia)


def _tables(count: int, size: int, places: list[int], each: int) -> bytes:
    return (
        full_box(b"stts", 0, 0, u32(1), u32(count), u32(1))
        + full_box(b"stsc", 0, 0, u32(1), u32(1), u32(each), u32(1))
        + full_box(b"stsz", 0, 0, u32(size), u32(count))
        + full_box(b"stco", 0, 0, u32(len(places)), packed(places))
    )


def _film(count: int, places: list[int], each: int) -> bytes:
    data = box(b"mdat", b"sound of music, and more")
    return FTYP + data + _movie(_track(_tables(count, 2, places, each)))


def test_a_film_by_hand_is_as_it_should_be() -> None:
    begin = len(FTYP) + 8

    report, result = cleaned(_film(12, [begin, begin + 12], 6))

    assert report.verdict is Verdict.NOTHING
    assert result.endswith(box(b"mdat", b"sound of music, and more"))


def test_chunks_that_lie_in_another_order_than_they_are_played_in_are_played_in_theirs() -> None:
    begin = len(FTYP) + 8

    _, result = cleaned(_film(12, [begin + 12, begin], 6))

    at = result.index(b"stco") + 12
    first, second = (int.from_bytes(result[place : place + 4], "big") for place in (at, at + 4))
    assert result[first : first + 12] + result[second : second + 12] == b"ic, and moresound of mus"


@pytest.mark.parametrize(
    "film",
    [
        _film(
            12 * 9, [len(FTYP) + 8] * 9, 12
        ),  # the same bytes over and over: a small file that would become a large one
        _film(12, [4], 12),  # samples that are the header
        _film(12, [len(FTYP) + 10], 12),  # samples beyond the end
        _film(0xFFFFFFFF, [len(FTYP) + 8], 0xFFFFFFFF),
        _film(13, [len(FTYP) + 8], 12),  # fewer places than samples
        FTYP + _movie() + _movie(),
        FTYP + box(b"mdat"),
        FTYP + box(b"moov", b"\0\0\0\1mvhd" + b"\xff" * 8),
        FTYP + b"\0\0\0\4moov",
        FTYP + b"\xff\xff\xff\xffmoov",
        FTYP + _movie(*[box(b"trak", box(b"mdia", b""))] * 3),
        FTYP + box(b"moov", *[box(b"free")] * 20_000),
        FTYP + _movie(_track(b"")),
    ],
)
def test_what_contradicts_itself_is_damaged(film: bytes) -> None:
    assert cleaned(film)[0].why is Why.DAMAGED


def test_text_that_begins_like_a_film_is_text() -> None:
    assert cleaned(b"The moovement of the stars")[0].format == "TEXT"


FIRST = box(b"mdat", b"sound of music, and more")


def _fragment(
    head: bytes = u32(1),
    flags: int = 0,
    run: bytes = u32(12),
    run_flags: int = 0,
    *,
    more: bytes = b"",
    last: bytes = b"",
) -> bytes:
    traf = box(b"traf", full_box(b"tfhd", 0, flags, head), more, full_box(b"trun", 0, run_flags, run), last)
    return box(b"moof", full_box(b"mfhd", 0, 0, u32(1)), traf)


def _in_fragments(*fragments: bytes, track: bytes | None = None) -> bytes:
    empty = _tables(0, 0, [], 0)
    trex = full_box(b"trex", 0, 0, u32(1), u32(1), u32(1), u32(2), u32(0))
    return FTYP + _movie(track or _track(empty), box(b"mvex", trex)) + FIRST + b"".join(fragments)


PLACE = len(_in_fragments()) - len(FIRST) + 8
AT = u32(1) + PLACE.to_bytes(8, "big")


def test_fragments_become_one_table() -> None:
    half = PLACE + 12
    second = u32(1) + half.to_bytes(8, "big")
    late = full_box(b"tfdt", 1, 0, (20).to_bytes(8, "big"))
    first = full_box(b"tfdt", 0, 0, u32(8))

    report, result = cleaned(
        _in_fragments(
            _fragment(AT, 1, u32(6), more=first),
            _fragment(second, 1, u32(6) + u32(1 << 16), 4, more=late),
        )
    )

    assert report.verdict is Verdict.NOTHING
    assert result.endswith(FIRST)
    # Five samples of 1, one that lasts until the next fragment, six more.
    assert full_box(b"stts", 0, 0, u32(3), packed((5, 1, 1, 7, 6, 1))) in result
    assert full_box(b"stss", 0, 0, u32(11), packed((1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))) in result


@pytest.mark.parametrize(
    ("film", "why"),
    [
        (_in_fragments(_fragment(AT, 1, u32(12), last=full_box(b"senc", 0, 0))), Why.ENCRYPTED),
        (_in_fragments(box(b"moof", full_box(b"pssh", 0, 0))), Why.ENCRYPTED),
        (_in_fragments(_fragment(AT, 1), track=_track(_tables(12, 2, [PLACE], 12))), Why.UNKNOWN_FORMAT),
        (_in_fragments(_fragment(AT + u32(9), 3)), Why.DAMAGED),  # an entry that isn't there
        (_in_fragments(_fragment(AT, 1, u32(13))), Why.DAMAGED),  # samples beyond the data
        (_in_fragments(_fragment(AT, 1, u32(0xFFFFFFFF))), Why.DAMAGED),
        (_in_fragments(_fragment(AT, 1, u32(12), 0x200)), Why.DAMAGED),  # rows that aren't there
        (_in_fragments(_fragment(u32(1), 0, u32(12) + b"\xff" * 4, 1)), Why.DAMAGED),  # samples before the data
        (FTYP + _movie(_track(_tables(0, 0, [], 0))) + FIRST + _fragment(AT, 1), Why.DAMAGED),
        (FTYP + _movie(_track(_tables(0, 0, [], 0)), box(b"mvex")) + FIRST + _fragment(AT, 1), Why.DAMAGED),
    ],
)  # fmt: skip
def test_fragments_that_cannot_be_cleaned_say_why(film: bytes, why: Why) -> None:
    assert cleaned(film)[0].why is why


def test_a_box_in_a_box_in_a_box_ends_somewhere() -> None:
    data = b""
    for _ in range(10_000):
        data = box(b"udta", data)
    begin = len(FTYP) + 8
    film = _film(12, [begin], 12)
    moov = film.index(b"moov") - 4

    report, _ = cleaned(film[:moov] + _movie(data, film[film.index(b"trak") - 4 :]))

    assert report.verdict is Verdict.NOTHING
