"""PNG and APNG: what goes, what stays, and that the picture is the same to the last pixel."""

from __future__ import annotations

import io
import math
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps, PngImagePlugin

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
from torsend.clean.formats import colours, picture, png
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.png import PNG
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """The file with more chunks before its pixels."""
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def kinds(data: bytes) -> list[bytes]:
    return [kind for kind, _, _ in png._chunks(data)]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return saved(drawing(), "PNG")


def test_nothing_of_the_person_stays(plain: bytes, tmp_path: Path) -> None:
    data = stamped(
        plain,
        tmp_path / "original.png",
        **{"PNG:Author": "Wren Tarn", "PNG:ModifyDate": "2024:01:02 03:04:05"},
    )
    result, notes = cleaned(PNG, data)
    tells_the_person(notes)
    assert notes.kept == {Left.PIXELS, Left.STREAMS}
    assert likeness(opened(plain), opened(result)) == math.inf
    tells_nobody(result, tmp_path / "result.png")
    assert set(kinds(result)) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_stays_the_same(mode: str, tmp_path: Path) -> None:
    before = Image.frombytes("I;16", (64, 8), bytes(range(256)) * 4) if mode == "I;16" else drawing(mode=mode)
    result, notes = cleaned(PNG, saved(before, "PNG"))
    after = opened(result)
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()
    assert not notes.counts
    assert cleaned(PNG, result)[0] == result


def test_an_interlaced_picture_stays_the_same() -> None:
    """Of 3 by 2 pixels, in passes of one pixel each but the last (Adam7)."""
    head = struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 1)
    rows = b"\0\x10" + b"\0\x20" + b"\0\x30" + b"\0\x40\x50\x60"
    data = png._SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    before = opened(data)
    result, _ = cleaned(PNG, data)
    assert opened(result).tobytes() == before.tobytes()
    for wrong in (rows + b"\0", rows[:-1], rows[:4] + b"\7" + rows[5:]):
        broken = (
            png._SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(wrong)) + chunk(b"IEND", b"")
        )
        with pytest.raises(NotCleanable):
            cleaned(PNG, broken)


def animation(**options: object) -> bytes:
    frames = [ImageOps.invert(drawing()), drawing().rotate(10), drawing((160, 120)).rotate(20)]
    return saved(
        drawing(), "PNG", save_all=True, append_images=frames, duration=[40, 80, 120, 160], **options
    )


@pytest.mark.parametrize("options", [{"loop": 3}, {"default_image": True}])
def test_an_animation_keeps_its_frames(options: dict[str, object]) -> None:
    data = animation(**options)
    result, notes = cleaned(PNG, with_chunks(data, chunk(b"tEXt", b"Author\0Wren")))
    assert [each.value for each in notes.removed] == ["Wren"]
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(result))
    assert isinstance(before, PngImagePlugin.PngImageFile)
    assert isinstance(after, PngImagePlugin.PngImageFile)
    assert after.n_frames == before.n_frames
    assert after.info.get("loop") == before.info.get("loop")
    for number in range(before.n_frames):
        before.seek(number)
        after.seek(number)
        assert likeness(before, after) == math.inf
        assert before.info.get("duration") == after.info.get("duration")
    assert cleaned(PNG, result)[0] == result


@pytest.mark.parametrize(
    ("more", "trace", "name", "said"),
    [
        (chunk(b"tEXt", b"Author\0Wren"), Trace.AUTHOR, "Author", "Wren"),
        (chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hello")), Trace.COMMENT, "Comment", "hello"),
        (chunk(b"zTXt", b"Comment\0\0odd"), Trace.COMMENT, "Comment", ""),
        (chunk(b"iTXt", b"Title\0\0\0de\0Titel\0" + "Mühle".encode()), Trace.COMMENT, "Title", "Mühle"),
        (chunk(b"iTXt", b"Software\0\1\0\0\0" + zlib.compress(b"Darkroom")), Trace.SOFTWARE, "Software", "Darkroom"),
        (chunk(b"tEXt", b"Raw profile type exif\0..."), Trace.OTHER, "Raw profile type exif", "3 bytes"),
        (chunk(b"tIME", b"\x07\xe8\1\2\3\4\5"), Trace.DATE, "tIME", "2024-01-02 03:04:05"),
        (chunk(b"caBX", b"jumb"), Trace.PROVENANCE, "C2PA (caBX)", "4 bytes"),
        (chunk(b"prVt", b"secret"), Trace.OTHER, "prVt", "6 bytes"),
        (chunk(b"eXIf", b"odd"), Trace.OTHER, "Exif", "3 bytes"),
        (chunk(b"cHRM", struct.pack(">8I", *range(8))), Trace.DEVICE, "cHRM", "0 1 2 3 4 5 6 7"),
    ],
)  # fmt: skip
def test_every_other_chunk_goes_and_is_told(
    more: bytes, trace: Trace, name: str, said: str, plain: bytes
) -> None:
    clean, _ = cleaned(PNG, plain)
    result, notes = cleaned(PNG, with_chunks(plain, more))
    assert [(each.trace, each.name, each.value) for each in notes.removed] == [(trace, name, said)]
    assert result == clean


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (chunk(b"sRGB", b"\1"), [b"sRGB"]),
        (chunk(b"sRGB", b"\1") + chunk(b"gAMA", struct.pack(">I", 45455)), [b"sRGB"]),
        (chunk(b"gAMA", struct.pack(">I", 45455)), []),
        (chunk(b"gAMA", struct.pack(">I", 99871)), [b"gAMA"]),
        (chunk(b"cHRM", struct.pack(">8I", *png._PRIMARIES["sRGB"])), []),
        (chunk(b"cHRM", struct.pack(">8I", *png._PRIMARIES["P3"])), [b"cHRM"]),
        (chunk(b"cICP", b"\x0c\x0d\0\1"), [b"cICP"]),
        (chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), []),
        (chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)), [b"pHYs"]),
    ],
)
def test_what_the_eye_needs_stays_in_its_usual_values(given: bytes, kept: list[bytes], plain: bytes) -> None:
    result, notes = cleaned(PNG, with_chunks(plain, given))
    assert [kind for kind in kinds(result) if kind not in (b"IHDR", b"IDAT", b"IEND")] == kept
    assert not notes.counts
    assert cleaned(PNG, result)[0] == result


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_colours_of_another_profile_are_kept_and_the_profile_goes(mode: str, tmp_path: Path) -> None:
    before = drawing(mode=mode)
    result, notes = cleaned(PNG, saved(before, "PNG", icc_profile=other_profile()))
    assert notes.counts[Trace.DEVICE] == 1
    assert likeness(as_seen(before.convert("RGB")), opened(result).convert("RGB")) > 45
    assert b"iCCP" not in kinds(result)
    tells_nobody(result, tmp_path / "result.png")
    assert cleaned(PNG, result)[0] == result


def test_display_p3_stays_by_a_profile_of_ours(tmp_path: Path) -> None:
    longer = bytearray(colours.display_p3() + b"Copyright Rowan Optics")
    longer[:4] = struct.pack(">I", len(longer))
    data = saved(drawing(), "PNG", icc_profile=bytes(longer))
    result, notes = cleaned(PNG, data)
    assert value(notes, "ICC profile") == "P3"
    assert opened(result).info["icc_profile"] == colours.display_p3()
    assert opened(result).tobytes() == drawing().tobytes()
    again, notes = cleaned(PNG, result)
    assert again == result
    assert not notes.counts


def test_noisy_pixels_are_packed_anew_without_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_SMALL", 0)
    exif = Image.Exif()
    exif[0x0112] = 6
    for before in (Image.effect_noise((90, 70), 90).convert("RGB"), Image.new("RGB", (90, 70), "red")):
        result, _ = cleaned(PNG, saved(before, "PNG", exif=exif))
        assert likeness(before.transpose(Image.Transpose.ROTATE_270), opened(result)) == math.inf


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "I;16"])
def test_the_picture_stays_upright(mode: str, tmp_path: Path) -> None:
    before = Image.frombytes("I;16", (64, 8), bytes(range(256)) * 4) if mode == "I;16" else drawing(mode=mode)
    exif = Image.Exif()
    exif[0x0112] = 6
    result, _ = cleaned(PNG, saved(before, "PNG", exif=exif))
    after = opened(result)
    assert after.size == (before.height, before.width)
    turned = before.transpose(Image.Transpose.ROTATE_270)
    if mode == "I;16":
        assert after.tobytes() == turned.tobytes()
    else:
        assert likeness(turned, after) == math.inf


def test_a_transparent_colour_survives_turning() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    data = saved(drawing(mode="P"), "PNG", exif=exif, transparency=3)
    before = opened(data).convert("RGBA").transpose(Image.Transpose.ROTATE_180)
    assert likeness(before, opened(cleaned(PNG, data)[0])) == math.inf


def test_what_lies_behind_goes(plain: bytes) -> None:
    clean, _ = cleaned(PNG, plain)
    result, notes = cleaned(PNG, plain + b"more of it")
    assert result == clean
    assert value(notes, "data behind the picture") == "10 bytes"


def test_what_lies_behind_the_pixels_goes() -> None:
    head = struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\0ab")
    data = png._SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", packed + b"hidden") + chunk(b"IEND", b"")
    result, notes = cleaned(PNG, data)
    assert b"hidden" not in result
    assert notes.removed[0].trace is Trace.OTHER
    assert opened(result).tobytes() == b"ab"


def test_a_bomb_is_refused_before_it_is_unpacked(plain: bytes) -> None:
    huge = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    with pytest.raises(NotCleanable) as caught:
        cleaned(PNG, plain[:8] + chunk(b"IHDR", huge) + plain[33:])
    assert caught.value.why is Why.TOO_LARGE
    # Much more packed into it than its head says.
    small = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    bomb = (
        png._SIGNATURE
        + chunk(b"IHDR", small)
        + chunk(b"IDAT", zlib.compress(bytes(50 << 20)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(NotCleanable) as caught:
        cleaned(PNG, bomb)
    assert caught.value.why is Why.DAMAGED


def test_an_animation_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_ANIMATED", 40_000)
    with pytest.raises(NotCleanable) as caught:
        cleaned(PNG, animation())
    assert caught.value.why is Why.TOO_LARGE


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
DATA, END = chunk(b"IDAT", zlib.compress(b"\0a")), chunk(b"IEND", b"")
CONTROL = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 1, 0, 0)


@pytest.mark.parametrize(
    "broken",
    [
        END,
        HEAD + END,
        DATA + HEAD + END,
        HEAD + HEAD + DATA + END,
        HEAD + DATA,
        HEAD + chunk(b"IDAT", b"odd") + END,
        HEAD + chunk(b"IDAT", zlib.compress(b"\0a")[:-3]) + END,
        HEAD + chunk(b"NEWS", b"") + DATA + END,
        HEAD + chunk(b"!!!!", b"") + DATA + END,
        HEAD[:-1] + b"x" + DATA + END,
        chunk(b"IHDR", b"short") + DATA + END,
        chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 4, 2, 0, 0, 0)) + DATA + END,
        chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 1, 8, 0, 0, 0, 0)) + DATA + END,
        HEAD + chunk(b"fcTL", CONTROL) + DATA + END,
        HEAD + chunk(b"fdAT", b"1234") + DATA + END,
        HEAD + chunk(b"acTL", bytes(8)) + chunk(b"fcTL", CONTROL[:4] + b"\0\0\0\2" + CONTROL[8:]) + DATA + END,
        HEAD + chunk(b"acTL", bytes(8)) + DATA + chunk(b"fcTL", CONTROL) + DATA + END,
        HEAD + chunk(b"acTL", bytes(8)) + DATA + chunk(b"fcTL", CONTROL) + END,
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_no_picture_is_refused(broken: bytes) -> None:
    with pytest.raises((NotCleanable, struct.error)):
        cleaned(PNG, png._SIGNATURE + broken)


def test_an_animation_of_no_frames_is_a_picture() -> None:
    result, _ = cleaned(PNG, png._SIGNATURE + HEAD + chunk(b"acTL", bytes(8)) + DATA + END)
    assert kinds(result) == [b"IHDR", b"IDAT", b"IEND"]


def test_packing_anew_needs_nothing_of_what_there_was() -> None:
    """The bytes follow from the pixels alone, however they were packed before."""
    results = set()
    for level in (1, 9):
        parts = png._take_apart(saved(drawing(), "PNG", compress_level=level), Notes())
        parts.orientation = 8
        png._pack_anew(parts)
        results.add(bytes(parts.frames[0].data))
    assert len(results) == 1


@pytest.mark.parametrize(
    ("mode", "clear", "kept"), [("RGB", 6, 6), ("L", 2, 2), ("RGBA", 0, 0), ("LA", 0, 0), ("P", 0, 256)]
)
def test_what_these_pixels_have_no_use_for_goes(mode: str, clear: int, kept: int) -> None:
    told = b"\0" * clear + b"Wren Tarn"
    data = with_chunks(saved(drawing(mode=mode), "PNG"), chunk(b"tRNS", told))
    if mode != "P":
        data = with_chunks(data, chunk(b"PLTE", b"Wren Tarn"))
    result, notes = cleaned(PNG, data)
    found = {kind: content for kind, content, _ in png._chunks(result)}
    if mode != "P":
        assert b"Wren" not in result
        assert b"PLTE" not in found
        assert {each.name for each in notes.removed} == {"PLTE", "tRNS"}
    assert len(found.get(b"tRNS", b"")) <= kept
    again, second = cleaned(PNG, result)
    assert again == result
    assert not second.counts
