"""JPEG: what goes, what stays, and that the picture looks as it did."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms, ImageOps

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
)  # fmt: skip
from torsend.clean.formats import jpeg, picture
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.jpeg import JPEG
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from pathlib import Path

CLOSE = 38.0
"""Pixels that are packed twice differ by a little."""


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return saved(drawing(), "JPEG", quality=85)


def test_nothing_of_the_person_stays(plain: bytes, tmp_path: Path) -> None:
    small = saved(drawing((40, 30)), "JPEG")
    (tmp_path / "small.jpg").write_bytes(small)
    data = stamped(
        plain, tmp_path / "original.jpg", **{"IPTC:By-line": "Wren Tarn", "IPTC:City": "Munich", "Comment": "hello",
        "ThumbnailImage<": str(tmp_path / "small.jpg"), "XPAuthor": "Wren"},
    )  # fmt: skip
    result, notes = cleaned(JPEG, data)
    tells_the_person(notes)
    assert notes.counts[Trace.THUMBNAIL] == 1
    assert value(notes, "comment") == "hello"
    assert value(notes, "XPAuthor") == "Wren"
    assert notes.kept == {Left.PIXELS}
    assert likeness(opened(plain), opened(result)) > CLOSE
    tells_nobody(result, tmp_path / "result.jpg")


def test_what_was_cleaned_is_clean(plain: bytes, tmp_path: Path) -> None:
    once, _ = cleaned(JPEG, stamped(plain, tmp_path / "original.jpg"))
    twice, notes = cleaned(JPEG, once)
    assert twice == once
    assert not notes.counts


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stays_upright(orientation: int, plain: bytes, tmp_path: Path) -> None:
    data = stamped(plain, tmp_path / "original.jpg", **{"Orientation#": str(orientation)})
    seen = ImageOps.exif_transpose(opened(data))
    result, _ = cleaned(JPEG, data)
    assert likeness(seen, opened(result)) > CLOSE


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_turned_picture_keeps_its_colours_whatever_their_sampling(sampling: str, tmp_path: Path) -> None:
    data = saved(drawing(), "JPEG", subsampling=sampling, quality=90)
    data = stamped(data, tmp_path / "original.jpg", **{"Orientation#": "6"})
    result, _ = cleaned(JPEG, data)
    assert likeness(drawing().transpose(Image.Transpose.ROTATE_270), opened(result)) > 33


@pytest.mark.parametrize(
    ("mode", "options"),
    [("L", {}), ("RGB", {"progressive": True}), ("RGB", {"subsampling": 0}), ("RGB", {"optimize": True}),
     ("RGB", {"dpi": (300, 300)}), ("RGB", {"restart_marker_blocks": 2}), ("RGB", {"keep_rgb": True}), ("CMYK", {})],
)  # fmt: skip
def test_every_kind_looks_the_same(mode: str, options: dict[str, object], tmp_path: Path) -> None:
    data = saved(drawing(mode=mode), "JPEG", quality=92, **options)
    result, _ = cleaned(JPEG, data)
    after = opened(result)
    assert after.mode == ("L" if mode == "L" else "RGB")
    assert likeness(opened(data).convert(after.mode), after) > CLOSE
    assert cleaned(JPEG, result)[0] == result


def test_the_tables_of_a_camera_go(plain: bytes) -> None:
    table = [3 + n // 3 for n in range(64)]
    data = saved(drawing(), "JPEG", qtables=[table, table])
    result, notes = cleaned(JPEG, data)
    assert value(notes, "quantization tables") == ""
    tables = jpeg._take_apart(result).tables
    assert any(tables == list(jpeg._standard(quality)) for quality in range(1, 101))
    assert likeness(opened(data), opened(result)) > CLOSE
    assert 0.5 < len(result) / len(data) < 1.5


def test_colours_of_another_profile_are_kept_and_the_profile_goes(tmp_path: Path) -> None:
    data = saved(drawing(), "JPEG", quality=95, subsampling=0, icc_profile=other_profile())
    result, notes = cleaned(JPEG, data)
    assert notes.counts[Trace.DEVICE] == 1
    assert likeness(as_seen(opened(data)), opened(result)) > CLOSE
    assert likeness(opened(data), opened(result)) < 25
    tells_nobody(result, tmp_path / "result.jpg")


def test_a_grey_picture_with_a_profile_stays_grey() -> None:
    grey = saved(drawing(mode="L"), "JPEG", icc_profile=other_profile())
    assert opened(cleaned(JPEG, grey)[0]).mode == "L"


def test_a_broken_profile_is_no_reason_to_refuse() -> None:
    data = saved(drawing(), "JPEG", icc_profile=b"no profile" * 20)
    result, notes = cleaned(JPEG, data)
    assert value(notes, "ICC profile") == "200 bytes"
    assert likeness(opened(data), opened(result)) > CLOSE


def test_the_profile_of_srgb_changes_no_colour() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(drawing(), "JPEG", icc_profile=profile)
    result, notes = cleaned(JPEG, data)
    assert "sRGB" in value(notes, "ICC profile")
    assert likeness(opened(data), opened(result)) > CLOSE


@pytest.mark.parametrize(
    ("more", "trace", "name"),
    [
        (segment(0xEB, b"JP\0\1\0\0\0\1" + b"jumb c2pa" * 9), Trace.PROVENANCE, "C2PA (JUMBF)"),
        (segment(0xE2, b"MPF\0II*\0"), Trace.EMBEDDED, "MPF (further pictures)"),
        (segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0x"), Trace.OTHER, "gain map"),
        (segment(0xE7, b"maker of it"), Trace.OTHER, "APP7"),
        (segment(0xF7, b"secret"), Trace.OTHER, "segment 0xf7"),
        (segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\1\1xyz"), Trace.THUMBNAIL, "JFIF thumbnail"),
        (segment(0xE0, b"JFXX\0\x10"), Trace.THUMBNAIL, "JFIF thumbnail"),
        (segment(0xED, b"Photoshop 3.0\x008BIM\x04\x0c\0\0\0\0\0\4abcd"), Trace.THUMBNAIL, "Photoshop thumbnail"),
        (segment(0xED, b"Photoshop 3.0\x008BIM\x0b\xb7\0\0\0\0\0\4abcd"), Trace.SOFTWARE, "Photoshop 0x0bb7"),
        (segment(0xED, b"Photoshop 3.0\0odd"), Trace.SOFTWARE, "Photoshop"),
        (segment(0xE1, b"Exif\0\0odd"), Trace.OTHER, "Exif"),
        (segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"), Trace.OTHER, "Exif"),
        (segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0odd"), Trace.OTHER, "XMP"),
        (segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + b'<x a:Make="RO"/>'), Trace.DEVICE, "Make"),
        (segment(0xE7, b"xy") + b"odd!", Trace.OTHER, "bytes between segments"),
        (segment(0xFE, b"by Wren"), Trace.COMMENT, "comment"),
    ],
)  # fmt: skip
def test_every_other_segment_goes_and_is_told(more: bytes, trace: Trace, name: str, plain: bytes) -> None:
    clean, _ = cleaned(JPEG, plain)
    result, notes = cleaned(JPEG, with_segments(clean, more))
    assert (trace, name) in {(each.trace, each.name) for each in notes.removed}
    assert more[6:] not in result
    assert likeness(opened(clean), opened(result)) > CLOSE


@pytest.mark.parametrize(
    ("behind", "name"),
    [
        (b"\0" * 64, "bytes behind the picture"),
        (b"\0\0\0\x18ftypmp42....", "video behind the picture"),
        (b"\xff\xd8\xff\xe1 another", "pictures behind the picture"),
        (b"PK\3\4", "data behind the picture"),
    ],
)
def test_what_lies_behind_the_picture_goes(behind: bytes, name: str, plain: bytes) -> None:
    clean, _ = cleaned(JPEG, plain)
    result, notes = cleaned(JPEG, clean + behind)
    assert [each.name for each in notes.removed] == [name]
    assert not result.endswith(behind)


def test_several_pictures_in_one_file_become_the_first() -> None:
    file = io.BytesIO()
    drawing().save(file, "MPO", save_all=True, append_images=[drawing((80, 60))], quality=90)
    result, notes = cleaned(JPEG, file.getvalue())
    assert value(notes, "MPF (further pictures)") == ""
    assert opened(result).size == drawing().size
    assert result.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("kind", [0xC3, 0xC9, 0xDE])
def test_kinds_that_no_camera_writes_are_refused(kind: int, plain: bytes) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(JPEG, plain.replace(b"\xff\xc0", bytes((0xFF, kind))))
    assert caught.value.why is Why.DAMAGED


def test_a_picture_too_large_to_unpack_is_refused(plain: bytes) -> None:
    frame = plain.index(b"\xff\xc0")
    huge = plain[: frame + 5] + b"\xff\xff\xff\xff" + plain[frame + 9 :]
    with pytest.raises(NotCleanable) as caught:
        cleaned(JPEG, huge)
    assert caught.value.why is Why.TOO_LARGE


def test_a_file_too_large_to_hold_is_refused(plain: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_OCTETS", 100)
    with pytest.raises(NotCleanable) as caught:
        cleaned(JPEG, plain)
    assert caught.value.why is Why.TOO_LARGE


@pytest.mark.parametrize(
    "broken",
    [b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe0\0\1", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\xff abc"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(broken: bytes) -> None:
    with pytest.raises((NotCleanable, struct.error)):
        cleaned(JPEG, broken)


def test_more_scans_than_any_picture_has_are_refused(plain: bytes) -> None:
    scan = segment(0xDA, b"\1\1\0\0\x3f\0")
    with pytest.raises(NotCleanable) as caught:
        cleaned(JPEG, plain[:-2] + scan * 300 + plain[-2:])
    assert caught.value.why is Why.DAMAGED


def test_more_segments_than_any_picture_has_are_refused(plain: bytes) -> None:
    with pytest.raises(NotCleanable) as caught:
        cleaned(JPEG, with_segments(plain, segment(0xFE, b"") * 30_000))
    assert caught.value.why is Why.DAMAGED


def test_two_frames_are_refused(plain: bytes) -> None:
    frame = plain.index(b"\xff\xc0")
    with pytest.raises(NotCleanable):
        cleaned(JPEG, plain[:frame] + plain[frame : frame + 19] + plain[frame:])
