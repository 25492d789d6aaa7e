"""Codecs that the encoders here don't write, and tables as rarer programs write them: boxes made by hand."""

from __future__ import annotations

from array import array

import pytest

from torsend.clean.formats.film import streams
from torsend.clean.formats.film.boxes import Box, box, children, full_box, packed, u16, u32
from torsend.clean.formats.film.entries import Entry, entries
from torsend.clean.formats.film.samples import Samples
from torsend.clean.formats.film.told import note
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.report import Trace, Why


def _as_box(data: bytes) -> Box:
    (found,) = children(memoryview(data))
    return found


def _read(*written: bytes, pictures: bool, quicktime: bool = False) -> tuple[Entry, Notes]:
    notes = Notes()
    description = _as_box(full_box(b"stsd", 0, 0, u32(len(written)), *written))
    return entries(description, pictures=pictures, quicktime=quicktime, once=streams.Once(notes))[0], notes


def _picture(kind: bytes, *inner: bytes, vendor: bytes = bytes(4)) -> bytes:
    return box(kind, bytes(6), u16(1), bytes(4), vendor, bytes(8), u16(96), u16(64), u32(72 << 16), u32(72 << 16), bytes(4),
               u16(1), b"\4Wren".ljust(32, b"\0"), u16(24), u16(0xFFFF), *inner)  # fmt: skip


def _sound(kind: bytes, *inner: bytes, version: int = 0, extra: bytes = b"", bits: int = 16) -> bytes:
    return box(kind, bytes(6), u16(1), u16(version), bytes(2), b"Wren", u16(2), u16(bits), bytes(4), u32(8000 << 16), extra,
               *inner)  # fmt: skip


def _sized(*units: bytes) -> bytes:
    return b"".join(u16(len(each)) + each for each in units)


SPS, PPS, EXTENSION, USER = b"\x67sps", b"\x68pps", b"\x6dext", b"\x06\5\4name\x80"
AVC = b"\1\x64\0\x1f\xff\xe1" + _sized(SPS) + b"\1" + _sized(PPS) + b"\xfd\xf8\xf8\1" + _sized(EXTENSION)
HEVC_UNITS = {kind: bytes((kind << 1, 1)) + b"unit" for kind in (32, 33, 34)}
HEVC_HEAD = b"\1" + bytes(20) + b"\x0f"
HEVC = (
    HEVC_HEAD + b"\3" + b"".join(bytes((kind,)) + u16(1) + _sized(unit) for kind, unit in HEVC_UNITS.items())
)


@pytest.mark.parametrize(
    ("kind", "setup", "wanted", "name"),
    [
        (b"avc1", box(b"avcC", AVC + b"Wren"), box(b"avcC", AVC), "bytes behind avcC"),
        (
            b"avc1",
            box(b"avcC", b"\1\x42\0\x1f\xff\xe2" + _sized(SPS, USER) + b"\1" + _sized(PPS)),
            box(b"avcC", b"\1\x42\0\x1f\xff\xe1" + _sized(SPS) + b"\1" + _sized(PPS)),
            "H.264 unit 6",
        ),
        (b"hvc1", box(b"hvcC", HEVC + b"Wren"), box(b"hvcC", HEVC), "bytes behind hvcC"),
        (
            b"hvc1",
            box(b"hvcC", HEVC_HEAD + b"\4" + HEVC[23:] + b"\x27" + u16(1) + _sized(b"\x4e\1\5\4name\x80")),
            box(b"hvcC", HEVC),
            "user data in the pictures",
        ),
        (b"vp09", full_box(b"vpcC", 1, 0, bytes(6), u16(4), b"Wren"), full_box(b"vpcC", 1, 0, bytes(8)), "compressor"),
        (b"s263", box(b"d263", b"Wren\1\x0a\0"), box(b"d263", bytes(5), b"\x0a\0"), "compressor"),
        (b"h263", b"", b"", "compressor"),
        (b"h263", box(b"colr", b"nclx", bytes(7)), box(b"colr", b"nclx", bytes(7)), "compressor"),
        (b"h263", box(b"colr", b"nclc", bytes(6)), box(b"colr", b"nclc", bytes(6)), "compressor"),
        (b"h263", box(b"colr", b"prof", b"Wren's camera"), b"", "colour profile"),
        (b"h263", box(b"clap", bytes(32)), box(b"clap", bytes(32)), "compressor"),
        (b"h263", box(b"sv3d", b"Wren's program"), b"", "sv3d of the pictures"),
    ],
)  # fmt: skip
def test_of_a_picture_its_decoders_needs_stay(kind: bytes, setup: bytes, wanted: bytes, name: str) -> None:
    entry, notes = _read(_picture(kind, setup), pictures=True)

    assert entry.written == _picture(kind, wanted).replace(b"\4Wren", bytes(5))
    assert name in {each.name for each in notes.removed}


FLAC = b"\x80\0\0\x22" + bytes(34)
ALAC = full_box(b"alac", 0, 0, bytes(24))
SURROUND = b"\0\2" + bytes(8) + b"\1\1\1\0\1"
ITUNES = box(b"----", box(b"name", bytes(4), b"DEVICE"), box(b"data", u32(1), bytes(4), b"Cam"))


@pytest.mark.parametrize(
    ("kind", "setup", "wanted", "name"),
    [
        (b"ac-3", box(b"dac3", b"abcWren"), box(b"dac3", b"abc"), "vendor"),
        (b"ec-3", box(b"dec3", b"abcde"), box(b"dec3", b"abcde"), "vendor"),
        (b"Opus", box(b"dOps", b"\0\2" + bytes(9) + b"Wren"), box(b"dOps", b"\0\2" + bytes(9)), "vendor"),
        (b"Opus", box(b"dOps", SURROUND + b"Wren"), box(b"dOps", SURROUND), "vendor"),
        (b"fLaC", full_box(b"dfLa", 0, 0, FLAC + b"\x84\0\0\4Wren"), full_box(b"dfLa", 0, 0, FLAC), "metadata of FLAC"),
        (b"samr", box(b"damr", b"Wren\1\x81\xff\0\1"), box(b"damr", bytes(5), b"\x81\xff\0\1"), "vendor of AMR"),
        (b"alac", full_box(b"alac", 0, 0, bytes(range(24)) + b"Wren"), full_box(b"alac", 0, 0, bytes(range(24))), "vendor"),
        (b"alac", ALAC + box(b"Wren", b"Wren"), ALAC, "Wren of the sound"),
        (b"twos", full_box(b"chan", 0, 0, u32(1), u32(0), u32(1), u32(3), b"Wren".ljust(16)),
         full_box(b"chan", 0, 0, u32(1), u32(0), u32(1), u32(3), bytes(16)), "vendor"),
        (b"twos", full_box(b"chan", 0, 0, u32(1), u32(0), u32(999)), b"", "vendor"),
    ],
)  # fmt: skip
def test_of_a_sound_its_decoders_needs_stay(kind: bytes, setup: bytes, wanted: bytes, name: str) -> None:
    entry, notes = _read(_sound(kind, setup), pictures=False)

    assert entry.written == _sound(kind, wanted).replace(b"Wren", bytes(4))
    assert name in {each.name for each in notes.removed}


def test_sound_of_quicktimes_second_version_keeps_its_shape() -> None:
    second = u32(72) + bytes(8) + u32(2) + u32(0x7F000000) + u32(24) + u32(12) + u32(6) + u32(1)

    entry, _ = _read(_sound(b"lpcm", version=2, extra=second), pictures=False, quicktime=True)

    assert second in entry.written
    assert entry.unit == 6


UNKNOWN_SOUND = b"\3\x12\0\0\0\4\x0d\xfe" + bytes(12)
LONG_SETUP = b"\3\x62\0\0\0\4\x5d\x40" + bytes(12) + b"\5\x4e" + bytes(78)


def test_padding_of_opus_becomes_zero() -> None:
    packet = b"\x03\x41\x04" + b"sound" + b"name"

    assert streams.opus(packet, streams.Once(Notes())) == packet[:-4] + bytes(4)


@pytest.mark.parametrize(
    ("entry", "pictures", "why"),
    [
        (_picture(b"encv"), True, Why.ENCRYPTED),
        (_picture(b"jpeg"), True, Why.UNKNOWN_FORMAT),
        (_sound(b"QDM2"), False, Why.UNKNOWN_FORMAT),
        (box(b"avc1", bytes(70)), True, Why.DAMAGED),
        (box(b"alac", bytes(20)), False, Why.DAMAGED),
        (_picture(b"avc1"), True, Why.DAMAGED),
        (_picture(b"avc1", box(b"avcC", b"\2" + AVC[1:])), True, Why.DAMAGED),
        (_picture(b"avc1", box(b"avcC", AVC[:12])), True, Why.DAMAGED),
        (_picture(b"hvc1", box(b"hvcC", HEVC[:20])), True, Why.DAMAGED),
        (_picture(b"hvc1", box(b"hvcC", HEVC[:-2])), True, Why.DAMAGED),
        (_picture(b"av01", box(b"av1C", b"\x01abc")), True, Why.DAMAGED),
        (_picture(b"vp09", box(b"vpcC", b"short")), True, Why.DAMAGED),
        (_picture(b"h263", box(b"d263", b"short")), True, Why.DAMAGED),
        (_sound(b"alac", full_box(b"alac", 0, 0, b"short")), False, Why.DAMAGED),
        (_sound(b"ac-3", box(b"dac3", b"")), False, Why.DAMAGED),
        (_sound(b"ec-3", box(b"dec3", bytes(99))), False, Why.DAMAGED),
        (_sound(b"fLaC", full_box(b"dfLa", 0, 0, b"\4" + FLAC[1:])), False, Why.DAMAGED),
        (_sound(b"samr", box(b"damr", b"short")), False, Why.DAMAGED),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, b"\4\1\0")), False, Why.DAMAGED),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, b"\3\4\0\0\x80\0")), False, Why.DAMAGED),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, b"\3\3\0\0\0")), False, Why.DAMAGED),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, UNKNOWN_SOUND)), False, Why.UNKNOWN_FORMAT),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, LONG_SETUP)), False, Why.DAMAGED),
        (_sound(b"mp4a", full_box(b"esds", 0, 0, b"\3\x7f\0\0\0")), False, Why.DAMAGED),
    ],
)  # fmt: skip
def test_what_cannot_be_cleaned_says_why(entry: bytes, pictures: bool, why: Why) -> None:
    with pytest.raises(NotCleanable) as reason:
        _read(entry, pictures=pictures)

    assert reason.value.why is why


def _tables(*more: bytes, count: int = 4) -> list[Box]:
    shared = (
        full_box(b"stts", 0, 0, u32(1), u32(count), u32(10)),
        full_box(b"stsc", 0, 0, u32(1), u32(1), u32(count), u32(1)),
        full_box(b"stco", 0, 0, u32(1), u32(100)),
    )
    kinds = {each[4:8] for each in more}
    return children(memoryview(b"".join([each for each in shared if each[4:8] not in kinds] + list(more))))


@pytest.mark.parametrize(("width", "sizes"), [(4, b"\x12\x34"), (8, b"\1\2\3\4"), (16, b"\0\1\0\2\0\3\0\4")])
def test_sizes_may_be_written_short(width: int, sizes: bytes) -> None:
    found = Samples.read(_tables(full_box(b"stz2", 0, 0, u32(width), u32(4), sizes)), 1, 0)

    assert found.sizes == array("I", (1, 2, 3, 4))
    assert [found.size(each) for each in found.chunks] == [10]


def test_tables_that_are_too_short_go_on_as_they_ended_and_too_long_ones_end() -> None:
    sizes = full_box(b"stsz", 0, 0, u32(5), u32(4))
    late = full_box(b"ctts", 0, 0, u32(1), u32(1), u32(3))
    sync = full_box(b"stss", 0, 0, u32(3), packed((1, 3, 9)))

    short = Samples.read(_tables(sizes, late, sync, full_box(b"stts", 0, 0, u32(1), u32(1), u32(7))), 1, 0)
    long = Samples.read(_tables(sizes, full_box(b"stts", 0, 0, u32(2), packed((9, 7, 9, 8)))), 1, 0)

    assert short.times == [(1, 7), (3, 7)]
    assert short.offsets == [(1, 3), (3, 0)]
    assert short.sync == array("I", (1, 3))
    assert long.times == [(4, 7)]


@pytest.mark.parametrize(
    "tables",
    [
        _tables(),
        _tables(full_box(b"stsz", 0, 0, u32(0), u32(0xFFFFFFFF))),
        _tables(full_box(b"stsz", 0, 0, u32(0), u32(4), bytes(8))),
        _tables(full_box(b"stz2", 0, 0, u32(7), u32(4), bytes(8))),
        _tables(full_box(b"stsz", 0, 0, u32(1), u32(4)), full_box(b"stsc", 0, 0, u32(1), u32(2), u32(4), u32(1))),
        _tables(full_box(b"stsz", 0, 0, u32(1), u32(4)), full_box(b"stsc", 0, 0, u32(1), u32(1), u32(4), u32(2))),
        _tables(full_box(b"stsz", 0, 0, u32(1), u32(4)), full_box(b"stsc", 0, 0, u32(1), u32(1), u32(3), u32(1))),
        _tables(full_box(b"stsz", 0, 0, u32(1), u32(4)), full_box(b"stsz", 0, 0, u32(1), u32(4))),
    ],
)  # fmt: skip
def test_tables_that_contradict_each_other_are_damaged(tables: list[Box]) -> None:
    with pytest.raises(NotCleanable):
        Samples.read(tables, 1, 0)


@pytest.mark.parametrize(
    ("told", "trace", "name", "value"),
    [
        (box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), b"<x:xmpmeta/>"), Trace.OTHER, "XMP", ""),
        (box(b"uuid", bytes(16), b"GoPro"), Trace.OTHER, f"uuid {'00' * 16}", ""),
        (box(b"udta", box(b"loci", bytes(6), b"Heron Lane\0", bytes(16))), Trace.LOCATION, "loci", "Heron Lane"),
        (box(b"udta", box(b"auth", bytes(6), b"Wren\0")), Trace.AUTHOR, "auth", "Wren"),
        (box(b"udta", box(b"titl", bytes(6), b"Mill\0")), Trace.COMMENT, "titl", "Mill"),
        (box(b"udta", box(b"\xa9xyz", b"\0\x05\0\0+52.5")), Trace.LOCATION, "©xyz", "+52.5"),
        (box(b"udta", box(b"XMP_", b"<x:xmpmeta/>")), Trace.OTHER, "XMP", ""),
        (box(b"udta", box(b"GPMF", b"DEVC")), Trace.DEVICE, "GPMF", "DEVC"),
        (box(b"free", b"hidden"), Trace.OTHER, "bytes in free", "hidden"),
        (box(b"meta", b"broken"), Trace.OTHER, "meta", ""),
        (box(b"meta", bytes(4), box(b"ilst", ITUNES)), Trace.DEVICE, "DEVICE", "Cam"),
    ],
)  # fmt: skip
def test_what_goes_is_told_as_what_it_is(told: bytes, trace: Trace, name: str, value: str) -> None:
    notes = Notes()

    note(_as_box(told), notes)

    assert [(each.trace, each.name, each.value) for each in notes.removed] == [(trace, name, value)]


def test_boxes_of_zeros_and_boxes_too_deep_say_nothing() -> None:
    notes = Notes()
    deep = box(b"free", b"hidden")
    for _ in range(9):
        deep = box(b"udta", deep)

    note(_as_box(box(b"free", bytes(9))), notes)
    note(_as_box(deep), notes)

    assert not notes.removed
