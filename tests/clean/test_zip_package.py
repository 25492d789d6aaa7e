"""ZIP files as others write them, as we write them, and as nobody should."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.clean.formats import zip_package
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.zip_package import ZipReader, ZipWriter, safe_name
from torsend.clean.report import Why

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = {
    "mimetype": b"application/x",
    "word/document.xml": b"<a/>" * 999,
    "Grüße/ß.bin": bytes(range(256)),
    "empty/": b"",
}


def ours(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    writer = ZipWriter(out)
    for name, data in members.items():
        writer.add(name, data, stored=name == "mimetype")
    writer.finish()
    return out.getvalue()


def theirs(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, zip64: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=zip64) as member:
                member.write(data)
        archive.comment = b"made by R. Wren"
    return out.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    reader = ZipReader(io.BytesIO(data))
    return {each.name: reader.read(each) for each in reader.members}


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20),
        st.binary(max_size=500),
    )
)
def test_what_is_written_is_read_back_by_us_and_by_python(members: dict[str, bytes]) -> None:
    data = ours(members)
    assert members_of(data) == members
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert sorted(each.orig_filename for each in archive.infolist()) == sorted(members)


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_what_python_writes(method: int, zip64: bool) -> None:
    data = theirs(MEMBERS, method=method, zip64=zip64)
    assert members_of(data) == MEMBERS
    assert ZipReader(io.BytesIO(data)).comment == b"made by R. Wren"


def test_says_nothing_of_when_and_where() -> None:
    data = ours(MEMBERS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for each in archive.infolist():
            assert each.date_time == (1980, 1, 1, 0, 0, 0)
            assert (each.create_system, each.extra, each.comment) == (3, b"", b"")
            assert each.external_attr == (0o040755 << 16 | 0x10 if each.is_dir() else 0o100644 << 16)
        assert archive.comment == b""
    assert data == ours(MEMBERS)


def test_another_unpacker_takes_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(ours(MEMBERS))
    subprocess.run(["unzip", "-tq", "a.zip"], cwd=tmp_path, check=True, capture_output=True)


def test_dates_rights_and_links_are_told() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link", (2024, 2, 29, 23, 59, 58))
        link.create_system, link.external_attr, link.comment, link.extra = (
            3,
            0o120777 << 16,
            b"hm",
            b"ux\x00\x00",
        )
        archive.writestr(link, "/home/wren")
    (member,) = ZipReader(out).members
    assert member.is_link
    assert not member.is_directory
    assert (member.date, member.comment, member.extra) == ((2024, 2, 29, 23, 59, 58), "hm", True)


def why(data: bytes) -> Why:
    with pytest.raises(NotCleanable) as caught:
        members_of(data)
    return caught.value.why


def test_bomb_is_refused_by_what_it_claims() -> None:
    bomb = theirs({f"{each}": bytes(6 * 1024 * 1024) for each in range(5)})
    assert len(bomb) < 40_000
    with pytest.raises(NotCleanable) as caught:
        ZipReader(io.BytesIO(bomb), most_total=29 * 1024 * 1024)
    assert caught.value.why is Why.TOO_LARGE


def test_bomb_that_claims_little_is_held_to_it() -> None:
    bomb = theirs({"a": bytes(50 * 1024 * 1024)})
    size = struct.pack("<L", 50 * 1024 * 1024)
    assert why(bomb.replace(size, struct.pack("<L", 10))) is Why.DAMAGED


def test_one_member_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_package, "LARGEST_MEMBER", 100)
    assert why(theirs({"a": bytes(101)})) is Why.TOO_LARGE


def test_too_many_members() -> None:
    data = ours({str(each): b"" for each in range(30)})
    with pytest.raises(NotCleanable) as caught:
        ZipReader(io.BytesIO(data), most_members=29)
    assert caught.value.why is Why.TOO_LARGE


def test_members_that_share_their_octets_are_refused() -> None:
    data = theirs({"a": b"x" * 50, "b": b"x" * 50})
    second = data.index(b"PK\x03\x04", 4)
    assert why(data.replace(struct.pack("<L", second) + b"b", struct.pack("<L", 0) + b"b")) is Why.DAMAGED


def test_two_members_of_one_name_are_refused() -> None:
    assert why(theirs({"aaa": b"1", "aab": b"2"}).replace(b"aab", b"aaa")) is Why.DAMAGED


def test_encrypted_member() -> None:
    data = bytearray(theirs({"a": b"1"}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert why(bytes(data)) is Why.ENCRYPTED


def test_method_that_is_not_known_here() -> None:
    assert why(theirs({"a": b"1"}, method=zipfile.ZIP_LZMA)) is Why.HOLDS_UNCLEANABLE


@given(st.data())
def test_broken_files_end_in_a_refusal_or_in_members(data: st.DataObject) -> None:
    octets = bytearray(theirs(MEMBERS, zip64=data.draw(st.booleans())))
    for _each in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del octets[data.draw(st.integers(0, len(octets))) :]
    with suppress(NotCleanable):
        members_of(bytes(octets))


@pytest.mark.parametrize("name", ["a", "a/b.xml", "a/b/", "[Content_Types].xml", "ä"])
def test_safe_names(name: str) -> None:
    assert safe_name(name)


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a/../b", "a//b", "C:/a", "a\\b", "a\nb", "./a", "a/\u202eb"]
)
def test_unsafe_names(name: str) -> None:
    assert not safe_name(name)


def zip64(data: bytes, *, claims: int | None = None) -> bytes:
    """The same archive, with its directory's numbers where archives over 4 GiB have them."""
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<H2L", data, end + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, claims or start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return (
        data[:end]
        + record
        + locator
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, *[0xFFFFFFFF] * 2, 0)
    )


def test_reads_the_directory_of_large_archives() -> None:
    assert members_of(zip64(ours(MEMBERS))) == MEMBERS


def test_a_directory_that_claims_to_lie_elsewhere_is_refused() -> None:
    assert why(zip64(ours(MEMBERS), claims=1 << 60)) is Why.DAMAGED
    assert why(zip64(ours(MEMBERS)).replace(b"PK\x06\x06", b"PK\x00\x00")) is Why.DAMAGED


def with_large_numbers(numbers: bytes) -> bytes:
    """One stored member whose sizes stand in an extra field."""
    body = struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 0, 0, 33, 0, 3, 3, 1, 0) + b"aabc"
    extra = struct.pack("<2H", 1, len(numbers)) + numbers
    crc = zlib.crc32(b"abc")
    entry = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        45,
        45,
        0,
        0,
        0,
        33,
        crc,
        *[0xFFFFFFFF] * 2,
        1,
        len(extra),
        0,
        0,
        0,
        0,
        0,
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) + 1 + len(extra), len(body), 0)
    return body + entry + b"a" + extra + end


def test_reads_the_sizes_of_large_members() -> None:
    assert members_of(with_large_numbers(struct.pack("<2Q", 3, 3))) == {"a": b"abc"}
    assert why(with_large_numbers(struct.pack("<Q", 3))) is Why.DAMAGED
