"""TIFF: what goes, what stays, and that each page is the same to the last pixel."""

from __future__ import annotations

import io
import math
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageSequence, TiffImagePlugin

from tests.clean.pictures import (
    as_seen,
    cleaned,
    drawing,
    likeness,
    opened,
    other_profile,
    saved,
    stamped,
    tells_nobody,
    tells_the_person,
    value,
)
from torsend.clean.formats import ifd, picture, tiff
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.tiff import TIFF
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


def pages(data: bytes) -> list[tuple[str, bytes]]:
    return [(page.mode, page.tobytes()) for page in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def tags(data: bytes) -> dict[int, ifd.Entry]:
    order = ifd.byte_order(data)
    return {entry.tag: entry for entry in ifd.read(data, ifd.first_offset(data, order), order)[0]}


def written(
    order: str, values: dict[int, tuple[int, tuple[int, ...]]], pixels: bytes = b"", following: int = 0
) -> bytes:
    """A file of one page, whose values all fit into its directory but the pixels."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    end = 8 + 2 + 12 * len(values) + 4
    directory = [struct.pack(f"{order}H", len(values))]
    for tag, (kind, numbers) in sorted(values.items()):
        code = {3: "H", 4: "I", 7: "B"}[kind]
        packed = struct.pack(
            f"{order}{len(numbers)}{code}", *(end if each == -1 else each for each in numbers)
        )
        directory.append(struct.pack(f"{order}HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0"))
    return head + b"".join(directory) + struct.pack(f"{order}I", following) + pixels


def grey(
    pixels: bytes = b"abcd", **more: tuple[int, tuple[int, ...]]
) -> dict[int, tuple[int, tuple[int, ...]]]:
    """The tags of a picture of 2 by 2 pixels in eight bits, ``more`` by ``t`` and the tag's number."""
    usual = {
        256: (3, (2,)), 257: (3, (2,)), 258: (3, (8,)), 259: (3, (1,)), 262: (3, (1,)), 273: (4, (-1,)), 277: (3, (1,)),
        278: (3, (2,)), 279: (4, (len(pixels),)),
    }  # fmt: skip
    return usual | {int(name[1:]): entry for name, entry in more.items()}


def test_nothing_of_the_person_stays(tmp_path: Path) -> None:
    plain = saved(drawing(), "TIFF", compression="tiff_lzw")
    data = stamped(
        plain,
        tmp_path / "original.tif",
        HostComputer="wrens-desk",
        ImageDescription="a mill",
        **{"IPTC:City": "Munich"},
    )
    result, notes = cleaned(TIFF, data)
    tells_the_person(notes)
    assert value(notes, "HostComputer") == "wrens-desk"
    assert notes.kept == {Left.PIXELS, Left.STREAMS}
    assert pages(result) == pages(plain)
    tells_nobody(result, tmp_path / "result.tif")


KINDS = [
    ("1", {"compression": "group4"}), ("1", {"compression": "group3"}), ("1", {}), ("L", {}), ("LA", {}), ("P", {}),
    ("RGB", {"compression": "tiff_lzw"}), ("RGB", {"compression": "tiff_adobe_deflate"}),
    ("RGBA", {"compression": "packbits"}),
    ("CMYK", {}), ("LAB", {}), ("RGB", {"compression": "jpeg"}), ("L", {"compression": "jpeg"}), ("I;16", {}), ("F", {}),
    ("RGB", {"compression": "tiff_adobe_deflate", "tiffinfo": {317: 2}}), ("RGB", {"tiffinfo": {322: 64, 323: 64}}),
    ("YCbCr", {"compression": "jpeg"}), ("RGB", {"big_endian": True}), ("I;16B", {}), ("RGB", {"strip_size": 4096}),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "options"), KINDS)
def test_every_kind_stays_the_same(mode: str, options: dict[str, object]) -> None:
    if mode.startswith("I;16"):
        before = Image.frombytes(mode, (64, 8), bytes(range(256)) * 4)
    else:
        before = drawing(mode="RGB" if mode == "LAB" else mode)
        before = before.convert("L").convert("F") if mode == "F" else before
    data = saved(before, "TIFF", **options)
    result, notes = cleaned(TIFF, data)
    assert pages(result) == pages(data)
    assert not notes.counts
    assert cleaned(TIFF, result)[0] == result


def test_many_pages_stay_and_small_pictures_of_them_go(tmp_path: Path) -> None:
    others = [drawing().rotate(10), drawing().rotate(20)]
    data = saved(drawing(), "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    result, _ = cleaned(TIFF, data)
    assert pages(result) == pages(data)
    assert len(pages(result)) == 3
    small = drawing((40, 30)).copy()
    small.encoderinfo = {"tiffinfo": {254: 1}}
    data = saved(drawing(), "TIFF", save_all=True, append_images=[small])
    result, notes = cleaned(TIFF, data)
    assert len(pages(result)) == 1
    assert value(notes, "reduced page") == "40 × 30"


def test_the_way_up_and_the_size_on_paper_stay() -> None:
    data = saved(drawing(mode="1"), "TIFF", compression="group4", tiffinfo={274: 6}, dpi=(204, 98))
    result, _ = cleaned(TIFF, data)
    found = tags(result)
    assert found[274].integers() == (6,)
    assert found[282].numbers() == (204,)
    assert found[283].numbers() == (98,)
    assert pages(result) == pages(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_of_another_profile_are_kept_and_the_profile_goes(mode: str, tmp_path: Path) -> None:
    before = drawing(mode=mode)
    data = saved(before, "TIFF", icc_profile=other_profile(), tiffinfo={274: 3}, dpi=(300, 300))
    result, notes = cleaned(TIFF, data)
    assert notes.counts[Trace.DEVICE] == 1
    seen = as_seen(before.convert("RGB")).transpose(Image.Transpose.ROTATE_180)
    assert likeness(seen, opened(result).convert("RGB")) > 45  # Pillow turns it
    assert 282 not in tags(result)
    assert cleaned(TIFF, result)[0] == result
    tells_nobody(result, tmp_path / "result.tif")


def test_colours_that_cannot_be_worked_in_are_refused() -> None:
    for mode, info in (("RGB", {258: (16, 16, 16)}), ("LAB", {})):
        data = saved(drawing(mode="RGB" if mode == "RGB" else "LAB"), "TIFF", icc_profile=other_profile())
        if info:
            # Sixteen bits a sample: twice the octets, and half the height.
            pixels = drawing().tobytes()
            head = io.BytesIO()
            page = tiff._Page(
                {256: (3, (160,)), 257: (3, (60,)), 258: (3, (16, 16, 16)), 259: (3, (1,)), 262: (3, (2,)),
                 277: (3, (3,)), 278: (3, (60,)), 34675: (7, tuple(other_profile()))},
                [pixels], tiled=False,
            )  # fmt: skip
            tiff._write([page], "<", head)
            data = head.getvalue()
        with pytest.raises(NotCleanable) as caught:
            cleaned(TIFF, data)
        assert caught.value.why is Why.UNKNOWN_FORMAT


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_lies_behind_the_pixels_goes(order: str) -> None:
    result, notes = cleaned(TIFF, written(order, grey(b"abcdhidden in there"), b"abcdhidden in there"))
    assert b"hidden" not in result
    assert opened(result).tobytes() == b"abcd"
    packed = zlib.compress(b"abcd")
    result, notes = cleaned(
        TIFF, written(order, grey(packed + b"hidden", t259=(3, (8,))), packed + b"hidden")
    )
    assert b"hidden" not in result
    assert value(notes, "data behind the pixels") == "6 bytes"
    assert opened(result).tobytes() == b"abcd"


def test_segments_within_jpeg_go() -> None:
    data = saved(drawing(), "TIFF", compression="jpeg", quality=90)
    found = tags(data)
    place, size = found[273].integers()[0], found[279].integers()[0]
    strip = data[place : place + size]
    more = strip[:2] + b"\xff\xfe\0\x08secret" + strip[2:]
    page = tiff._Page(
        {tag: tiff._usual(found[tag]) for tag in sorted(tiff._SHORTS) if tag in found} | {347: (7, tuple(found[347].raw))},
        [more, *(data[at : at + of] for at, of in zip(found[273].integers()[1:], found[279].integers()[1:], strict=True))],
        tiled=False,
    )  # fmt: skip
    file = io.BytesIO()
    tiff._write([page], "<", file)
    assert b"secret" in file.getvalue()
    result, notes = cleaned(TIFF, file.getvalue())
    assert b"secret" not in result
    assert notes.counts[Trace.OTHER] == 1
    assert pages(result) == pages(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(20), Why.UNKNOWN_FORMAT),
        (written("<", grey(t50706=(4, (1,))), b"abcd"), Why.UNKNOWN_FORMAT),
        (written("<", grey(t254=(4, (1,))), b"abcd"), Why.UNKNOWN_FORMAT),
        (written("<", grey(t259=(3, (34712,))), b"abcd"), Why.UNKNOWN_FORMAT),
        (written("<", grey(t259=(3, (6,))), b"abcd"), Why.DAMAGED),
        (written("<", grey(t259=(3, (8,))), b"abcd"), Why.DAMAGED),
        (written("<", grey(), b"abc"), Why.DAMAGED),
        (written("<", grey(b"abc"), b"abcd"), Why.DAMAGED),
        (written("<", grey(), b"abcd", following=8), Why.DAMAGED),
        (written("<", grey(t256=(3, (0,))), b"abcd"), Why.DAMAGED),
        (written("<", grey(t256=(4, (1 << 20,)), t257=(4, (1 << 20,))), b"abcd"), Why.TOO_LARGE),
        (written("<", grey(t282=(4, (72,))), b"abcd"), Why.DAMAGED),
        (written("<", {256: (3, (2,))}), Why.DAMAGED),
        (written("<", grey(t257=(4, (50_000_000,)), t278=(3, (1,))), b"abcd"), Why.DAMAGED),
        (written("<", grey(t262=(3, (6,)), t530=(3, (0, 0))), b"abcd"), Why.DAMAGED),
        (
            written("<", grey(t322=(3, (0,)), t323=(3, (16,)), t324=(4, (-1,)), t325=(4, (4,))), b"abcd"),
            Why.DAMAGED,
        ),
        (
            written("<", grey(t322=(3, (1,)), t323=(3, (1,)), t324=(4, (-1,)), t325=(4, (4,))), b"abcd"),
            Why.DAMAGED,
        ),
        (written("<", grey(t277=(3, (3,)), t258=(3, (8, 8))), b"abcd"), Why.DAMAGED),
    ],
    ids=range(18),
)
def test_what_is_no_document_is_refused(data: bytes, why: Why) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(TIFF, data)
    assert caught.value.why is why


def test_pages_that_share_their_pixels_cannot_multiply_them() -> None:
    pixels = bytes(1 << 16)
    values: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (3, (256,)), 257: (3, (256,)), 258: (3, (8,)), 259: (3, (1,)), 262: (3, (1,)), 273: (4, (8,)), 277: (3, (1,)),
        278: (3, (256,)), 279: (4, (1 << 16,)),
    }  # fmt: skip
    one = written("<", values)[8:]
    directories = b""
    for number in range(1, 11):
        directories += one[:-4] + struct.pack("<I", 8 + (1 << 16) + number * len(one) if number < 10 else 0)
    data = b"II*\0" + struct.pack("<I", 8 + (1 << 16)) + pixels + directories
    with pytest.raises(NotCleanable) as caught:
        cleaned(TIFF, data)
    assert caught.value.why is Why.TOO_LARGE


def test_a_file_too_large_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_OCTETS", 10)
    with pytest.raises(NotCleanable):
        cleaned(TIFF, written("<", grey(), b"abcd"))


def test_the_same_pixels_are_packed_to_the_same_bytes() -> None:
    assert TiffImagePlugin.COMPRESSION_INFO[5] == "tiff_lzw"
    results = {
        cleaned(TIFF, saved(drawing(), "TIFF", compression=packing, icc_profile=other_profile()))[0]
        for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate")
    }
    assert len(results) == 1
    assert math.isinf(
        likeness(
            opened(results.pop()),
            opened(cleaned(TIFF, saved(drawing(), "TIFF", icc_profile=other_profile()))[0]),
        )
    )
