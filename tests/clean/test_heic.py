"""HEIC: what goes, what stays, and that the picture is the same to the last pixel."""

from __future__ import annotations

import io
import math
import struct
from functools import cache
from typing import TYPE_CHECKING

import pillow_heif
import pytest
from PIL import Image

from tests.clean.pictures import (
    cleaned,
    drawing,
    likeness,
    other_profile,
    stamped,
    tells_nobody,
    tells_the_person,
    value,
)
from torsend.clean.formats import colours, heif_boxes, picture
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.heic import HEIC
from torsend.clean.formats.heif_boxes import Fresh
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


@cache
def packed(size: tuple[int, int] = (128, 96), mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(drawing(size, mode)).save(file, quality=80, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return pillow_heif.open_heif(io.BytesIO(data)).to_pillow()


def parts(data: bytes) -> tuple[heif_boxes.Meta, list[Fresh]]:
    """The file's items as new ones."""
    meta = heif_boxes.read_meta(dict(heif_boxes.boxes(data))[b"meta"])
    return meta, [
        Fresh(
            item.kind,
            meta.content(number, data),
            [(*meta.properties[at], need) for at, need in item.properties],
        )
        for number, item in meta.items.items()
    ]


def picture_of(data: bytes) -> Fresh:
    return parts(data)[1][0]


def made(*items: Fresh) -> bytes:
    return b"".join(heif_boxes.written(b"heic", list(items)))


def with_property(item: Fresh, kind: bytes, content: bytes, *, essential: bool = False) -> Fresh:
    kept = [each for each in item.properties if each[0] != kind]
    return Fresh(item.kind, item.content, [*kept, (kind, content, essential)], item.references)


def grid(rows: int = 2, columns: int = 2, wide: int = 0) -> list[Fresh]:
    """A picture of tiles, as telephones write it: a corner of the last ones is not shown."""
    tile = picture_of(packed((64, 64)))
    width, height = columns * 64 - 10, rows * 64 - 20
    head = bytes((0, wide, rows - 1, columns - 1)) + struct.pack(">II" if wide else ">HH", width, height)
    shape = [(b"ispe", bytes(4) + struct.pack(">II", width, height), False), (b"irot", b"\3", True)]
    tiles = [Fresh(tile.kind, tile.content, tile.properties) for _ in range(rows * columns)]
    return [Fresh(b"grid", head, shape, [(b"dimg", tuple(range(2, 2 + len(tiles))))]), *tiles]


def test_nothing_of_the_person_stays(tmp_path: Path) -> None:
    plain = packed(thumbnails=(32,))
    data = stamped(plain, tmp_path / "original.heic")
    result, notes = cleaned(HEIC, data)
    tells_the_person(notes)
    assert value(notes, "thumbnail") == ""
    assert notes.kept == {Left.PIXELS, Left.STREAMS}
    assert likeness(opened(plain), opened(result)) == math.inf
    again, notes = cleaned(HEIC, result)
    assert again == result
    assert not notes.counts
    tells_nobody(result, tmp_path / "result.heic")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_every_kind_stays_the_same(mode: str) -> None:
    data = packed(mode=mode)
    result, notes = cleaned(HEIC, data)
    before, after = opened(data), opened(result)
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()
    assert not notes.counts
    assert cleaned(HEIC, result)[0] == result


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stays_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = packed(exif=exif.tobytes())
    result, _ = cleaned(HEIC, data)
    assert opened(result).size == opened(data).size
    assert likeness(opened(result), opened(data)) == math.inf


@pytest.mark.parametrize("wide", [0, 1])
def test_a_picture_of_tiles_stays_the_same(wide: int, tmp_path: Path) -> None:
    data = made(*grid(wide=wide))
    assert opened(data).size == (108, 118)
    result, notes = cleaned(HEIC, data)
    assert likeness(opened(result), opened(data)) == math.inf
    assert not notes.counts
    assert cleaned(HEIC, result)[0] == result
    tells_nobody(result, tmp_path / "result.heic")


def test_deep_colours_stay() -> None:
    wide = Image.frombytes("I;16", (64, 64), bytes(range(256)) * 32)
    file = io.BytesIO()
    heif = pillow_heif.from_bytes("RGB;16", (64, 64), wide.tobytes() * 3)
    heif.save(file, quality=80)
    result, _ = cleaned(HEIC, file.getvalue())
    assert result[8:12] == b"heix"
    before = pillow_heif.open_heif(io.BytesIO(file.getvalue()), convert_hdr_to_8bit=False)
    after = pillow_heif.open_heif(io.BytesIO(result), convert_hdr_to_8bit=False)
    assert bytes(before.data) == bytes(after.data)


def test_the_first_of_many_pictures_stays() -> None:
    file = io.BytesIO()
    many = pillow_heif.from_pillow(drawing((128, 96)))
    many.add_from_pillow(drawing((64, 64)))
    many.save(file, quality=80)
    result, notes = cleaned(HEIC, file.getvalue())
    assert value(notes, "item hvc1") == ""
    assert len(pillow_heif.open_heif(io.BytesIO(result))) == 1


def test_depth_and_gain_maps_go() -> None:
    main = picture_of(packed())
    gain = with_property(
        picture_of(packed((64, 64))), b"auxC", bytes(4) + b"urn:com:apple:photo:2020:aux:hdrgainmap\0"
    )
    gain.references.append((b"auxl", (1,)))
    result, notes = cleaned(HEIC, made(main, gain))
    assert value(notes, "auxiliary picture") == "urn:com:apple:photo:2020:aux:hdrgainmap"
    assert len(parts(result)[1]) == 1


def test_what_encoders_say_between_the_pixels_goes() -> None:
    main = picture_of(packed())
    said = b"\x4e\x01\x05\x30" + bytes(16) + b"encoder 1.0 of Rowan Optics"
    unit = struct.pack(">I", len(said)) + said
    delimiter = struct.pack(">I", 3) + b"\x46\x01\x50"
    other = struct.pack(">I", 3) + b"\x60\x01\x50"
    changed = Fresh(main.kind, delimiter + unit + main.content + other, main.properties)
    result, notes = cleaned(HEIC, made(changed))
    assert value(notes, "SEI") == "encoder 1.0 of Rowan Optics"
    assert value(notes, "HEVC unit 48") == "3 bytes"
    assert result == cleaned(HEIC, made(main))[0]


def test_what_encoders_say_in_the_configuration_goes() -> None:
    main = picture_of(packed())
    configuration = next(content for kind, content, _ in main.properties if kind == b"hvcC")
    said = b"\x4e\x01\x81\x30"
    more = configuration[:22] + bytes((configuration[22] + 1,)) + configuration[23:]
    more += struct.pack(">BHH", 39, 1, len(said)) + said
    result, notes = cleaned(HEIC, made(with_property(main, b"hvcC", more)))
    assert value(notes, "SEI") == "4 bytes"
    assert said not in result


def test_colours_of_display_p3_are_kept_by_a_profile_of_ours() -> None:
    longer = bytearray(colours.display_p3() + b"Copyright Rowan Optics")
    longer[:4] = struct.pack(">I", len(longer))
    main = with_property(picture_of(packed()), b"colr", b"prof" + bytes(longer))
    result, notes = cleaned(HEIC, made(main))
    assert value(notes, "ICC profile") == "P3"
    assert b"Rowan" not in result
    assert colours.display_p3() in result
    assert opened(result).info["icc_profile"] == colours.display_p3()
    assert not cleaned(HEIC, result)[1].counts


def test_the_profile_of_srgb_goes() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    result, notes = cleaned(HEIC, made(with_property(picture_of(packed()), b"colr", b"prof" + profile)))
    assert notes.counts[Trace.DEVICE] == 1
    assert b"prof" not in result


def test_colours_of_another_profile_are_refused() -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(HEIC, made(with_property(picture_of(packed()), b"colr", b"prof" + other_profile())))
    assert (caught.value.why, caught.value.inside) == (Why.HOLDS_UNCLEANABLE, "ICC profile")


def test_other_properties_go() -> None:
    main = with_property(picture_of(packed()), b"crtm", bytes(12))
    main = with_property(main, b"clli", bytes(4))
    result, notes = cleaned(HEIC, made(main))
    assert [(each.trace, each.name) for each in notes.removed] == [
        (Trace.DATE, "crtm"),
        (Trace.OTHER, "clli"),
    ]
    assert result == cleaned(HEIC, packed())[0]
    with pytest.raises(NotCleanable) as caught:
        cleaned(HEIC, made(with_property(main, b"lsel", bytes(2), essential=True)))
    assert caught.value.why is Why.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    ("more", "trace", "name"),
    [
        (heif_boxes.box(b"uuid", b"\xd8\xfe\xc3\xd6" + bytes(12) + b"jumb"), Trace.PROVENANCE, "C2PA"),
        (heif_boxes.box(b"moov", b"film"), Trace.EMBEDDED, "moov (a film)"),
        (heif_boxes.box(b"mpvd", b"film"), Trace.OTHER, "mpvd"),
        (struct.pack(">I4sQ", 1, b"odd ", 20) + b"more", Trace.OTHER, "odd "),
        (struct.pack(">I4s", 0, b"last") + b"to the end", Trace.OTHER, "last"),
    ],
)
def test_what_lies_beside_the_picture_goes(more: bytes, trace: Trace, name: str) -> None:
    plain, _ = cleaned(HEIC, packed())
    result, notes = cleaned(HEIC, plain + more)
    assert result == plain
    assert [(each.trace, each.name) for each in notes.removed] == [(trace, name)]


def test_wider_numbers_are_read_as_well() -> None:
    """Version 1 and 2 of the boxes, which larger files have, and items that lie in ``idat``."""
    head = bytes((0, 0, 0, 0)) + struct.pack(">HH", 64, 64)
    tile = picture_of(packed((64, 64)))
    file = made(
        Fresh(b"grid", head, [(b"ispe", bytes(4) + struct.pack(">II", 64, 64), False)], [(b"dimg", (2,))]),
        tile,
    )
    outer = dict(heif_boxes.boxes(file))
    inner = dict(heif_boxes.boxes(outer[b"meta"][4:]))
    content = outer[b"mdat"][len(head) :]
    box, full = heif_boxes.box, heif_boxes._full
    ftyp = box(b"ftyp", outer[b"ftyp"])
    entries = full(b"infe", struct.pack(">IH4sB", 1, 0, b"grid", 0), version=3)
    entries += full(b"infe", struct.pack(">IH4sB", 2, 0, b"hvc1", 0), version=3)
    properties = [(kind, content) for kind, content, _ in tile.properties]
    ipco = box(b"ipco", b"".join(box(*each) for each in [*properties][:3]))
    kinds = [kind for kind, _ in properties[:3]]
    shape = 1 + kinds.index(b"ispe")
    ipma = struct.pack(">IIBB", 2, 1, 1, shape) + struct.pack(">IB3B", 2, 3, 1, 2, 3)

    def meta(at: int) -> bytes:
        iloc = struct.pack(">BBI", 0x44, 0x40, 2)
        iloc += struct.pack(">IHHIHII", 1, 1, 0, 0, 1, 0, len(head))
        iloc += struct.pack(">IHHIHII", 2, 0, 0, 4, 1, max(at - 4, 0), len(content))
        return full(
            b"meta",
            box(b"hdlr", inner[b"hdlr"])
            + full(b"pitm", struct.pack(">I", 1), version=1)
            + full(b"iinf", struct.pack(">I", 2) + entries, version=1)
            + full(b"iloc", iloc, version=2)
            + box(b"iprp", ipco + full(b"ipma", ipma, version=1))
            + full(b"iref", box(b"dimg", struct.pack(">IHI", 1, 1, 2)), version=1)
            + box(b"idat", head),
        )

    data = ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", content)
    result, notes = cleaned(HEIC, data)
    assert likeness(opened(result), opened(packed((64, 64)))) == math.inf
    assert not notes.counts


def broken_files() -> list[tuple[bytes, Why]]:
    main = picture_of(packed())
    whole = made(main)
    size = [(b"ispe", bytes(4) + struct.pack(">II", 64, 64), False)]
    shape = bytes((0, 0, 0, 0)) + struct.pack(">HH", 64, 64)
    huge = (b"ispe", bytes(4) + struct.pack(">II", 1 << 20, 1 << 20), False)
    ftyp = heif_boxes.box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return [
        (ftyp, Why.UNKNOWN_FORMAT),
        (ftyp + heif_boxes.box(b"meta", bytes(4)), Why.DAMAGED),
        (ftyp + struct.pack(">I4s", 4, b"meta"), Why.DAMAGED),
        (whole[:-10], Why.DAMAGED),
        (made(Fresh(b"av01", b"x", main.properties)), Why.UNKNOWN_FORMAT),
        (made(Fresh(b"iovl", b"x", size)), Why.UNKNOWN_FORMAT),
        (made(Fresh(b"hvc1", main.content, size)), Why.DAMAGED),
        (made(Fresh(b"hvc1", main.content, [])), Why.DAMAGED),
        (made(Fresh(b"hvc1", main.content, [*main.properties, huge])), Why.TOO_LARGE),
        (made(Fresh(b"hvc1", main.content[:-1], main.properties)), Why.DAMAGED),
        (made(Fresh(b"hvc1", b"", main.properties)), Why.DAMAGED),
        (made(with_property(main, b"hvcC", b"short")), Why.DAMAGED),
        (made(with_property(main, b"hvcC", bytes(22) + b"\1\x20\0\1\xff\xff")), Why.DAMAGED),
        (made(Fresh(b"grid", shape, size)), Why.DAMAGED),
        (made(Fresh(b"grid", shape, size, [(b"dimg", (1,))])), Why.DAMAGED),
        (made(Fresh(b"grid", shape, size, [(b"dimg", (7,))])), Why.DAMAGED),
        (made(Fresh(b"grid", shape[:2] + b"\1" + shape[3:], size, [(b"dimg", (2, 2))]), main), Why.DAMAGED),
        (made(Fresh(b"grid", b"\1" + shape[1:], size, [(b"dimg", (2,))]), main), Why.DAMAGED),
    ]


@pytest.mark.parametrize("number", range(18))
def test_what_is_no_picture_is_refused(number: int) -> None:
    data, why = broken_files()[number]
    with pytest.raises(NotCleanable) as caught:
        cleaned(HEIC, data)
    assert caught.value.why is why


def test_other_formats_in_the_same_boxes_are_not_taken() -> None:
    assert not HEIC.recognises(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif")
    assert not HEIC.recognises(b"\0\0\0\x18ftypisom\0\0\0\0mp42heic")
    assert HEIC.recognises(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic")


def test_a_file_too_large_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_OCTETS", 10)
    with pytest.raises(NotCleanable):
        cleaned(HEIC, packed())
