"""WebP: what goes, what stays, and that the picture is the same to the last pixel."""

from __future__ import annotations

import io
import math
import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps, ImageSequence

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
from torsend.clean.formats import picture, webp
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.webp import WEBP
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


def with_chunks(data: bytes, more: bytes) -> bytes:
    return webp._file(data[12:] + more)


def kinds(data: bytes) -> list[bytes]:
    return [kind for kind, _ in webp._chunks(data[12:])]


def frames(data: bytes) -> list[tuple[bytes, object]]:
    moving = Image.open(io.BytesIO(data))
    return [
        (frame.convert("RGBA").tobytes(), frame.info.get("duration"))
        for frame in ImageSequence.Iterator(moving)
    ]


@pytest.fixture(scope="module")
def moving() -> bytes:
    others = [ImageOps.invert(drawing()), drawing().rotate(10), drawing(mode="RGBA")]
    return saved(drawing(), "WEBP", save_all=True, append_images=others, duration=[40, 80, 120, 160], loop=3)


@pytest.mark.parametrize("lossless", [False, True])
def test_nothing_of_the_person_stays(lossless: bool, tmp_path: Path) -> None:
    plain = saved(drawing(), "WEBP", lossless=lossless)
    data = stamped(plain, tmp_path / "original.webp")
    result, notes = cleaned(WEBP, data)
    tells_the_person(notes)
    assert notes.kept == {Left.PIXELS, Left.STREAMS}
    assert likeness(opened(plain), opened(result)) == math.inf
    assert result == plain
    tells_nobody(result, tmp_path / "result.webp")


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_stays_the_same(mode: str, lossless: bool) -> None:
    data = saved(drawing(mode=mode), "WEBP", lossless=lossless)
    result, notes = cleaned(WEBP, data)
    assert result == data
    assert not notes.counts


def test_an_animation_keeps_its_frames(moving: bytes, tmp_path: Path) -> None:
    result, notes = cleaned(WEBP, stamped(moving, tmp_path / "original.webp"))
    tells_the_person(notes)
    assert frames(result) == frames(moving)
    assert Image.open(io.BytesIO(result)).info["loop"] == 3
    assert cleaned(WEBP, result)[0] == result
    tells_nobody(result, tmp_path / "result.webp")


@pytest.mark.parametrize("orientation", [2, 6])
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_picture_stays_upright(orientation: int, lossless: bool, mode: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(drawing(mode=mode), "WEBP", lossless=lossless, exif=exif)
    result, _ = cleaned(WEBP, data)
    after = opened(result)
    alike = likeness(ImageOps.exif_transpose(opened(data)).convert("RGB"), after.convert("RGB"))
    assert alike > 35 if not lossless else alike > 20
    assert kinds(result) == (
        [b"VP8L"] if lossless else [b"VP8 "] if mode == "RGB" else [b"VP8X", b"ALPH", b"VP8 "]
    )
    assert cleaned(WEBP, result)[0] == result


def test_colours_of_another_profile_are_kept_and_the_profile_goes(tmp_path: Path) -> None:
    data = saved(drawing(), "WEBP", lossless=True, icc_profile=other_profile())
    result, notes = cleaned(WEBP, data)
    assert notes.counts[Trace.DEVICE] == 1
    assert likeness(as_seen(drawing()), opened(result)) > 45
    tells_nobody(result, tmp_path / "result.webp")


@pytest.mark.parametrize(
    ("more", "trace", "name"),
    [
        (webp._chunk(b"C2PA", b"jumb"), Trace.PROVENANCE, "C2PA"),
        (webp._chunk(b"XYZ ", b"odd"), Trace.OTHER, "XYZ "),
        (webp._chunk(b"XMP ", b"odd"), Trace.OTHER, "XMP"),
        (webp._chunk(b"ANIM", b"odd"), Trace.OTHER, "ANIM"),
    ],
)
def test_every_other_chunk_goes_and_is_told(more: bytes, trace: Trace, name: str) -> None:
    plain = saved(drawing(), "WEBP")
    result, notes = cleaned(WEBP, with_chunks(plain, more))
    assert [(each.trace, each.name) for each in notes.removed] == [(trace, name)]
    assert result == plain


def test_what_lies_within_a_frame_goes(moving: bytes) -> None:
    changed = b"".join(
        webp._chunk(kind, content + webp._chunk(b"ODD ", b"hidden") if kind == b"ANMF" else content)
        for kind, content in webp._chunks(moving[12:])
    )
    result, notes = cleaned(WEBP, webp._file(changed))
    assert b"hidden" not in result
    assert notes.counts[Trace.OTHER] == 4
    assert frames(result) == frames(moving)


def test_what_lies_behind_goes() -> None:
    plain = saved(drawing(), "WEBP")
    result, notes = cleaned(WEBP, plain + b"more of it")
    assert result == plain
    assert value(notes, "data behind the picture") == "10 bytes"


LOSSLESS = saved(drawing((8, 8)), "WEBP", lossless=True)[12:]
CANVAS = webp._canvas((9, 9), 0)
ANIM = webp._chunk(b"ANIM", bytes(6))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        webp._chunk(b"VP8L", b"odd"),
        webp._chunk(b"VP8 ", bytes(20)),
        LOSSLESS + LOSSLESS,
        CANVAS + LOSSLESS,
        CANVAS + CANVAS + LOSSLESS,
        LOSSLESS[:-9],
        webp._chunk(b"ANMF", bytes(16) + LOSSLESS),
        CANVAS + ANIM + webp._chunk(b"ANMF", bytes(16) + LOSSLESS),
        ANIM + webp._chunk(b"ANMF", bytes(6) + b"\7\0\0\7\0\0" + bytes(4) + LOSSLESS),
        CANVAS + ANIM + webp._chunk(b"ANMF", b"\2\0\0\0\0\0\7\0\0\7\0\0" + bytes(4) + LOSSLESS),
    ],
)
def test_what_is_no_picture_is_refused(broken: bytes) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(WEBP, webp._file(broken))
    assert caught.value.why is Why.DAMAGED


def test_a_file_that_breaks_off_is_refused() -> None:
    with pytest.raises(NotCleanable):
        cleaned(WEBP, saved(drawing(), "WEBP")[:-8])


def test_bombs_are_refused(moving: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = webp._chunk(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF))
    with pytest.raises(NotCleanable) as caught:
        cleaned(WEBP, webp._file(huge))
    assert caught.value.why is Why.TOO_LARGE
    monkeypatch.setattr(picture, "MOST_ANIMATED", 40_000)
    with pytest.raises(NotCleanable) as caught:
        cleaned(WEBP, moving)
    assert caught.value.why is Why.TOO_LARGE
