"""GIF: what goes, what stays, and that each frame is the same to the last pixel."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, ImageSequence

from tests.clean.pictures import cleaned, drawing, saved, stamped, tells_nobody, value
from torsend.clean.formats import gif, picture
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.gif import GIF
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


def extension(label: int, *blocks: bytes) -> bytes:
    return bytes((0x21, label)) + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def with_extension(data: bytes, more: bytes) -> bytes:
    """The file with one more block before its first picture, past the tables."""
    at = 13 + gif._table_size(data[10])
    return data[:at] + more + data[at:]


def frames(data: bytes) -> list[tuple[bytes, object]]:
    """Each frame as it is seen, and how long."""
    moving = Image.open(io.BytesIO(data))
    return [
        (frame.convert("RGBA").tobytes(), frame.info.get("duration"))
        for frame in ImageSequence.Iterator(moving)
    ]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return saved(drawing(mode="P"), "GIF")


@pytest.fixture(scope="module")
def moving() -> bytes:
    others = [ImageOps.invert(drawing()), drawing().rotate(10), drawing().rotate(20)]
    return saved(
        drawing(), "GIF", save_all=True, append_images=others, duration=[40, 80, 120, 160], loop=3, disposal=2
    )


def test_nothing_of_the_person_stays(moving: bytes, tmp_path: Path) -> None:
    data = stamped(moving, tmp_path / "original.gif", Comment="by Wren")
    result, notes = cleaned(GIF, data)
    assert value(notes, "comment") == "by Wren"
    assert value(notes, "creator") == "Wren Tarn"
    assert value(notes, "DocumentID") == "xmp.did:77aa"
    assert notes.kept == {Left.PIXELS, Left.STREAMS}
    assert frames(result) == frames(moving)
    assert Image.open(io.BytesIO(result)).info["loop"] == 3
    tells_nobody(result, tmp_path / "result.gif")


def test_what_was_cleaned_is_clean(moving: bytes, tmp_path: Path) -> None:
    once, _ = cleaned(GIF, stamped(moving, tmp_path / "original.gif"))
    twice, notes = cleaned(GIF, once)
    assert twice == once
    assert not notes.counts


@pytest.mark.parametrize(
    "options", [{"interlace": 1}, {"interlace": 0}, {"transparency": 3}, {"optimize": True}]
)
@pytest.mark.parametrize("colours", [2, 3, 17, 256])
def test_every_kind_stays_the_same(options: dict[str, object], colours: int) -> None:
    data = saved(drawing().quantize(colours), "GIF", **options)
    result, _ = cleaned(GIF, data)
    assert frames(result) == frames(data)


@given(st.binary(min_size=1, max_size=3000), st.integers(1, 40))
def test_the_codes_end_where_the_picture_does(pixels: bytes, width: int) -> None:
    height = -(-len(pixels) // width)
    before = Image.frombytes("L", (width, height), pixels.ljust(width * height, b"\0"))
    data = saved(before, "GIF")
    result, notes = cleaned(GIF, data)
    assert Image.open(io.BytesIO(result)).convert("L").tobytes() == before.tobytes()
    assert not notes.counts
    assert cleaned(GIF, result)[0] == result


SCREEN = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + bytes(6)
PLACE = b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 2, 0)


def codes(*given: int) -> bytes:
    """Codes of three bits each."""
    value = sum(code << 3 * number for number, code in enumerate(given))
    return value.to_bytes((3 * len(given) + 7) // 8, "little")


def of_codes(content: bytes) -> bytes:
    blocks = b"".join(
        bytes((len(content[at : at + 255]),)) + content[at : at + 255] for at in range(0, len(content), 255)
    )
    return SCREEN + PLACE + b"\2" + blocks + b"\0\x3b"


def test_what_lies_behind_the_codes_goes() -> None:
    whole = codes(4, 0, 1, 4, 1, 0, 5)
    result, notes = cleaned(GIF, of_codes(whole + b"hidden in there"))
    assert result == of_codes(whole)
    assert value(notes, "data behind the pixels") == "15 bytes"


def test_a_missing_end_is_added() -> None:
    result, notes = cleaned(GIF, of_codes(codes(4, 0, 1, 4, 1, 0)))
    assert result == of_codes(codes(4, 0, 1, 4, 1, 0, 5))
    assert not notes.counts


@pytest.mark.parametrize("content", [codes(4, 0), codes(4, 7), codes(7), b""])
def test_codes_that_make_no_picture_are_refused(content: bytes) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(GIF, of_codes(content))
    assert caught.value.why is Why.DAMAGED


@pytest.mark.parametrize(
    ("more", "trace", "name"),
    [
        (extension(0xFE, b"by Wren"), Trace.COMMENT, "comment"),
        (extension(0x01, bytes(12), b"hello"), Trace.COMMENT, "plain text"),
        (extension(0xFF, b"C2PA_GIF\1\0\0", b"jumb"), Trace.PROVENANCE, "C2PA"),
        (extension(0xFF, b"ICCRGBG1012", b"profile"), Trace.DEVICE, "ICC profile"),
        (extension(0xFF, b"MGK8BIM0000", b"x"), Trace.OTHER, "application MGK8BIM0000"),
        (extension(0xFF, b"XMP DataXMP", b"odd"), Trace.OTHER, "XMP"),
        (extension(0x77, b"odd"), Trace.OTHER, "extension 0x77"),
        (extension(0xF9, b"longer than four"), Trace.OTHER, "extension 0xf9"),
    ],
)
def test_every_other_block_goes_and_is_told(more: bytes, trace: Trace, name: str, plain: bytes) -> None:
    clean, _ = cleaned(GIF, plain)
    result, notes = cleaned(GIF, with_extension(plain, more))
    assert [(each.trace, each.name) for each in notes.removed] == [(trace, name)]
    assert result == clean


def test_what_lies_behind_goes(plain: bytes) -> None:
    clean, _ = cleaned(GIF, plain)
    result, notes = cleaned(GIF, plain + b"more of it")
    assert result == clean
    assert value(notes, "data behind the picture") == "10 bytes"


@pytest.mark.parametrize(
    "broken",
    [
        b"GIF89a",
        SCREEN + b"\x3b",
        SCREEN + PLACE,
        SCREEN + PLACE + b"\x0c\0\x3b",
        SCREEN + b"\x00",
        SCREEN + b"\x2c" + struct.pack("<HHHHB", 0, 0, 0, 2, 0) + b"\2\0\x3b",
        of_codes(codes(4, 0, 1, 4, 1, 0, 5))[:-1],
    ],
)
def test_what_is_no_picture_is_refused(broken: bytes) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(GIF, broken)
    assert caught.value.why is Why.DAMAGED


def test_bombs_are_refused(moving: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = SCREEN[:6] + b"\xff\xff\xff\xff" + SCREEN[10:] + PLACE
    with pytest.raises(NotCleanable) as caught:
        cleaned(GIF, huge)
    assert caught.value.why is Why.TOO_LARGE
    monkeypatch.setattr(picture, "MOST_ANIMATED", 40_000)
    with pytest.raises(NotCleanable) as caught:
        cleaned(GIF, moving)
    assert caught.value.why is Why.TOO_LARGE
