"""ZIP and TAR: what is inside is clean, what the archive told of it is gone, and unpackers read the same."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.clean.papers import cleaned
from tests.clean.yardstick import PLAIN, identifying, mat2_says
from torsend.clean.formats import archive, tar_archive
from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLANT = "PLANTED"


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = f"{PLANT} camera"
    out = io.BytesIO()
    Image.effect_noise((20, 10), 50).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def zipped(*members: tuple[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = comment
        for name, data in members:
            info = zipfile.ZipInfo(name, (2021, 2, 3, 4, 5, 6))
            info.external_attr = 0o100640 << 16
            file.writestr(info, data)
    return out.getvalue()


def tarred(*members: tuple[str, bytes], **more: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as file:
        for name, data in members:
            file.addfile(entry(name, size=len(data), **more), io.BytesIO(data))
    return out.getvalue()


def entry(name: str, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mtime, info.uid, info.gid, info.uname, info.gname = 1_612_321_506, 1000, 100, PLANT, "users"
    for key, value in more.items():
        setattr(info, key, value)
    return info


def test_zip_keeps_names_and_cleans_what_is_inside(tmp_path: Path) -> None:
    original = zipped(
        ("b/photo.jpg", photo()), ("a.txt", b"words"), ("empty/", b""), ("b/", b""), ("nothing.txt", b""),
        ("__MACOSX/b/._photo.jpg", PLANT.encode()), (".DS_Store", b"\0"), ("b/Thumbs.db", b"\0"), comment=PLANT.encode(),
    )  # fmt: skip
    result = cleaned(original)
    with zipfile.ZipFile(io.BytesIO(result.data)) as file:
        assert file.namelist() == ["a.txt", "b/photo.jpg", "empty/", "nothing.txt"]
        assert file.testzip() is None
        assert file.read("a.txt") == b"words"
        assert PLANT.encode() not in file.read("b/photo.jpg")
        assert {each.date_time for each in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.extra + each.comment for each in file.infolist()} == {b""}
    assert PLANT.encode() not in result.data
    counts = result.notes.counts
    assert counts[Trace.DEVICE] == counts[Trace.DATE] == counts[Trace.COMMENT] == 1
    assert "b/photo.jpg: Model" in [each.name for each in result.notes.removed]
    assert "a.txt\nb/photo.jpg\n" in result.text
    assert Left.NAMES in result.notes.kept
    again = cleaned(result.data)
    assert again.notes.removed == []
    assert again.data == result.data
    after = tmp_path / "after.zip"
    after.write_bytes(result.data)
    assert subprocess.run(["unzip", "-tqq", after], env=PLAIN, check=False).returncode == 0
    assert {tag: value for tag, value in identifying(after).items() if not tag.startswith("ZIP:Zip")} == {}
    assert mat2_says(after) == {}


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "TAR": bytes,
    "TAR.GZ": gzip.compress,
    "TAR.BZ2": bz2.compress,
    "TAR.XZ": lzma.compress,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_tar_keeps_names_and_nobody_owns_them(kind: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(
        fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": PLANT}
    ) as file:
        file.addfile(entry("./b/run.sh", size=9, mode=0o750), io.BytesIO(b"#!/bin/sh"))
        picture = photo()
        file.addfile(entry("b/photo.jpg", size=len(picture)), io.BytesIO(picture))
        file.addfile(entry("b", type=tarfile.DIRTYPE))
        file.addfile(entry("z/empty", type=tarfile.DIRTYPE))
        file.addfile(entry("a" * 150 + ".txt", size=5), io.BytesIO(b"words"))
        file.addfile(entry("link", type=tarfile.SYMTYPE, linkname=f"/home/{PLANT}"))
        file.addfile(entry("same", type=tarfile.LNKTYPE, linkname="./b/run.sh"))
        file.addfile(entry("pipe", type=tarfile.FIFOTYPE))
        file.addfile(entry("b/._run.sh", size=1), io.BytesIO(b"\0"))
    result = cleaned(PACKERS[kind](out.getvalue()))
    assert result.format == kind
    with tarfile.open(fileobj=io.BytesIO(result.data)) as file:
        members = file.getmembers()
        assert [each.name for each in members] == [
            "a" * 150 + ".txt",
            "b/photo.jpg",
            "b/run.sh",
            "same",
            "z/empty",
        ]
        assert {(each.uid, each.gid, each.uname, each.gname, each.mtime) for each in members} == {
            (0, 0, "", "", 0)
        }
        assert [oct(each.mode) for each in members] == ["0o644", "0o644", "0o755", "0o644", "0o755"]
        same = file.extractfile("same")
        assert same is not None
        assert same.read() == b"#!/bin/sh"
        assert members[-1].isdir()
    removed = {each.name: each.value for each in result.notes.removed}
    assert removed["owners"] == f"100, 1000, {PLANT}, users"
    assert removed["link link"] == f"/home/{PLANT}"
    assert {"dates", "header comment", "device pipe", "b/._run.sh", "b/photo.jpg: Model"} <= removed.keys()
    again = cleaned(result.data)
    assert again.notes.removed == []
    assert again.data == result.data
    after = tmp_path / "after.tar"
    after.write_bytes(result.data)
    listed = subprocess.run(
        ["tar", "-tf", after], env=PLAIN, check=True, capture_output=True, text=True
    ).stdout
    assert listed.splitlines() == ["a" * 150 + ".txt", "b/photo.jpg", "b/run.sh", "same", "z/empty/"]


def test_what_gzip_says_of_the_file_is_told() -> None:
    out = io.BytesIO()
    with gzip.GzipFile(f"{PLANT}.tar", "wb", fileobj=out, mtime=1_612_321_506) as file:
        file.write(tarred(("a.txt", b"words")))
    data = out.getvalue()
    # An extra field and a comment, which Python does not write.
    head = data[:3] + bytes([8 | 4 | 16]) + data[4:10] + b"\2\0xx"
    end = data.index(b"\0", 10) + 1
    result = cleaned(head + data[10:end] + b"remark\0" + data[end:])
    removed = {each.name: each.value for each in result.notes.removed}
    assert removed["gzip name"] == f"{PLANT}.tar"
    assert removed["gzip comment"] == "remark"
    assert {"gzip date", "gzip extra field"} <= removed.keys()
    assert result.data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_are_brought_below_the_folder(pack: Callable[..., bytes]) -> None:
    result = cleaned(
        pack((f"/home/{PLANT}/../a.txt", b"one"), ("C:\\Users\\b.txt", b"two"), ("u\u0308.txt", b"three"))
    )
    names = result.text.splitlines()[-3:]
    assert names == ["Users/b.txt", f"home/{PLANT}/a.txt", "ü.txt"]
    assert result.notes.counts[Trace.PATH] == 2


def test_utf8_names_that_are_not_marked_are_read_as_such() -> None:
    data = zipped(("xx.txt", b"one")).replace(b"xx.txt", "ü.txt".encode())
    assert "ü.txt" in cleaned(data).text


def nested(times: int) -> bytes:
    data = b"words"
    for number in range(times):
        data = zipped((f"in{number}" if number else "a.txt", data))
    return data


def test_archives_within_archives_are_cleaned_to_a_depth() -> None:
    assert "a.txt" in cleaned(nested(3)).text
    with pytest.raises(NotCleanable) as refused:
        cleaned(nested(4))
    assert refused.value.why is Why.TOO_LARGE
    assert cleaned(nested(3)).notes.removed, "and the next one starts from the beginning"


def encrypted() -> bytes:
    data = bytearray(zipped(("a.txt", b"words")))
    data[6] |= 1
    data[data.rindex(b"PK\1\2") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "why", "inside"),
    [
        (lambda: zipped(("a/b.bin", b"\0\1\2")), Why.HOLDS_UNCLEANABLE, "a/b.bin"),
        (lambda: zipped(("in.tar", tarred(("b.bin", b"\0\1")))), Why.HOLDS_UNCLEANABLE, "in.tar/b.bin"),
        (lambda: tarred(("b.bin", b"\0\1\2")), Why.HOLDS_UNCLEANABLE, "b.bin"),
        (lambda: tarred(("broken.jpg", photo()[:60])), Why.HOLDS_UNCLEANABLE, "broken.jpg"),
        (lambda: zipped(("a\x01b.txt", b"x")), Why.DAMAGED, ""),
        (lambda: zipped(("a/b.txt", b"x"), ("a//b.txt", b"y")), Why.DAMAGED, ""),
        (lambda: zipped(("..", b"x")), Why.DAMAGED, ""),
        (lambda: tarred(("n" * 1025, b"x")), Why.DAMAGED, ""),
        (lambda: zipped(("a.txt", b"x"))[:-30], Why.DAMAGED, ""),
        (encrypted, Why.ENCRYPTED, ""),
        (lambda: gzip.compress(b"only words"), Why.UNKNOWN_FORMAT, ""),
        (lambda: gzip.compress(tarred(("a.txt", b"x")))[:-20], Why.DAMAGED, ""),
        (lambda: gzip.compress(b"x") + b"behind", Why.DAMAGED, ""),
        (lambda: gzip.compress(b"x") * 1001, Why.DAMAGED, ""),
        (lambda: tarred(("a.txt", b"x"))[:512].replace(b"ustar", b"ustar", 1)[:300], Why.DAMAGED, ""),
    ],
)
def test_what_cannot_be_cleaned_says_why(make: Callable[[], bytes], why: Why, inside: str) -> None:
    with pytest.raises(NotCleanable) as refused:
        cleaned(make())
    assert (refused.value.why, refused.value.inside) == (why, inside)


def test_archives_that_unpack_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 250_000)
    white = b" " * 100_000
    inner = [zipped((f"{number}.txt", white)) for number in range(3)]
    for made in (
        zipped(("1.txt", white), ("2.txt", white), ("3.txt", white)),
        tarred(("1.txt", white), ("2.txt", white), ("3.txt", white)),
        zipped(*((f"{number}.zip", data) for number, data in enumerate(inner))),
    ):
        with pytest.raises(NotCleanable) as refused:
            cleaned(made)
        assert refused.value.why is Why.TOO_LARGE


def test_more_members_than_may_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    for pack in (zipped, tarred):
        assert cleaned(pack(("1", b"x"), ("2", b"x"), ("3", b"x"))).data
        with pytest.raises(NotCleanable) as refused:
            cleaned(pack(("1", b"x"), ("2", b"x"), ("3", b"x"), ("4", b"x")))
        assert refused.value.why is Why.TOO_LARGE


def test_links_that_lead_nowhere_and_holes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        file.addfile(entry("same", type=tarfile.LNKTYPE, linkname="nothing"))
    with pytest.raises(NotCleanable):
        cleaned(out.getvalue())
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 3)
    with pytest.raises(NotCleanable) as refused:
        cleaned(tarred(("a.txt", b"four")))
    assert refused.value.why is Why.TOO_LARGE


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(
        [zipped(("a.txt", b"words"), ("b/c.txt", b"more")), tarred(("a.txt", b"words"), ("b/c.txt", b"more"))]
    ),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 10_000),
)
def test_broken_archives_end_in_a_reason(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    broken = bytearray(data)
    for at, octet in changes:
        broken[at % len(broken)] = octet
    try:
        result = cleaned(bytes(broken[: len(broken) - cut % len(broken)] if cut % 3 == 0 else broken))
    except NotCleanable:
        return
    assert cleaned(result.data).data == result.data


def test_unpacked_size_is_bounded_whatever_the_packer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_archive, "LARGEST", 20_000)
    for pack in PACKERS.values():
        with pytest.raises(NotCleanable) as refused:
            cleaned(pack(tarred(("a.txt", b"x" * 30_000))))
        assert refused.value.why is Why.TOO_LARGE
