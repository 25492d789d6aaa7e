"""QR codes of pictures, read by real children: clean ones, photographed ones, none, and hostile pictures."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import sys
import threading
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from PIL import Image

from tests.clean.imports import as_in_the_child
from tests.clean.mutations import MUTATIONS, Mutation, mutated
from tests.support.qr_codes import LISTED, encoded, photographed, qr_code
from torsend.clean import CHILD, CODES, child, codes, is_child
from torsend.clean.cleaner import Child, CleaningCancelled, command, freely
from torsend.clean.code_reader import CodeReader, Codes
from torsend.clean.limits import LARGEST_PICTURE, MOST_CODES, Limits
from torsend.clean.report import Verdict, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CLEAN = encoded(qr_code(LISTED))


def read(picture: Path | bytes) -> Codes:
    return CodeReader().read(picture)


def test_a_code_is_read_from_a_file_and_from_octets(tmp_path: Path) -> None:
    file = tmp_path / "code.png"
    file.write_bytes(CLEAN)
    assert read(file) == read(CLEAN) == Codes((LISTED,))
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("kind", codes.KINDS)
def test_every_kind_of_picture_is_read(kind: str) -> None:
    assert read(encoded(qr_code(LISTED), kind)).texts == (LISTED,)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_photograph_is_read_whichever_way_the_camera_was_held(turn: int) -> None:
    picture = photographed(qr_code(LISTED)).rotate(turn, expand=True)
    assert read(encoded(picture, "JPEG", quality=60)).texts == (LISTED,)


def test_dark_screens_and_transparent_paper_are_read() -> None:
    code = qr_code(LISTED)
    assert read(encoded(code.point(lambda light: 255 - light))).texts == (LISTED,)
    ink = Image.new("RGBA", code.size, (0, 0, 0, 0))
    ink.paste((0, 0, 0, 255), mask=code.point(lambda light: 255 - light))
    assert read(encoded(ink)).texts == (LISTED,)
    assert read(encoded(code.convert("1"))).texts == (LISTED,)


def test_a_large_picture_is_read_within_its_limits() -> None:
    assert read(encoded(qr_code(LISTED).resize((6000, 8000)), "BMP")).texts == (LISTED,)


def test_lines_within_a_code_stay_lines() -> None:
    assert read(encoded(qr_code("one\ntwo\r\nthree"))).texts == ("one\ntwo\r\nthree",)


def test_several_codes_are_told_each_once() -> None:
    sheet = Image.new("L", (900, 300), 255)
    for at, text in enumerate(("the first", "the second", "the first")):
        sheet.paste(qr_code(text), (300 * at + 20, 40))
    assert set(read(encoded(sheet)).texts) == {"the first", "the second"}


def test_a_picture_without_a_code_has_none() -> None:
    assert read(encoded(Image.linear_gradient("L"))) == Codes()


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (b"", Why.UNKNOWN_FORMAT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Why.UNKNOWN_FORMAT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Why.UNKNOWN_FORMAT),
        (CLEAN[: len(CLEAN) // 2], Why.DAMAGED),
    ],
)
def test_what_is_no_picture_is_said(picture: bytes, why: Why) -> None:
    assert read(picture) == Codes(why=why)


def test_a_bomb_is_not_unpacked() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    packed = zlib.compress(bytes(1 << 24))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    assert read(bomb) == Codes(why=Why.TOO_LARGE)


def test_too_large_a_file_reaches_no_child(tmp_path: Path) -> None:
    def never(_program: Path, _arguments: Sequence[str]) -> contextlib.AbstractContextManager[None]:
        raise AssertionError

    sparse = tmp_path / "picture.png"
    with sparse.open("wb") as file:
        file.truncate(LARGEST_PICTURE + 1)
    assert CodeReader(never).read(sparse) == Codes(why=Why.TOO_LARGE)
    assert CodeReader(never).read(bytes(LARGEST_PICTURE + 1)) == Codes(why=Why.TOO_LARGE)
    with pytest.raises(NotImplementedError):
        CodeReader(refuse).read(CLEAN)


def refuse(_program: Path, _arguments: Sequence[str]) -> contextlib.AbstractContextManager[None]:
    raise NotImplementedError


def test_a_cancelled_reading_ends() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CleaningCancelled):
        CodeReader().read(CLEAN, cancelled=cancelled)


def test_no_folder_is_read(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read(tmp_path)


# A child that a picture took over


class Misdoer(CodeReader):
    """Its child does this instead, an expression of ``tests.clean.misdeeds``."""

    def __init__(self, misdeed: str) -> None:
        script = (
            "import dataclasses\n"
            "from tests.clean import misdeeds\n"
            "from torsend.clean import child, codes\n"
            f"codes.READER = dataclasses.replace(codes.READER, clean=misdeeds.{misdeed})\n"
            "child.main(child.CODES)\n"
        )
        self._child = Child([*command(CODES)[:-1], script], freely, Limits(cpu=5))


def test_it_is_shut_off_before_it_parses() -> None:
    tried = ["socket.socket()", "read('/etc/passwd')", "os.fork()", "open('/tmp/x', 'w')"]
    misdeed = f"attempts({tried!r})"
    told: list[str] = []
    with pipe_of(b"given") as original:
        report = Misdoer(misdeed)._child.run(original, lambda _: None, told.append, (0, 0), None)
    assert [each.name for each in report.removed] == tried
    assert all(each.value.startswith("refused: ") for each in report.removed)


@contextlib.contextmanager
def pipe_of(data: bytes) -> Iterator[int]:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    yield reading
    os.close(reading)


@pytest.mark.parametrize(
    "misdeed", ["untouched", "tells_without_end", "tells_too_much", "tells_no_text", "dies", "sends_garbage"]
)
def test_a_misbehaving_child_is_not_believed(misdeed: str) -> None:
    assert Misdoer(misdeed).read(b"anything") == Codes(why=Why.FAILED)


def test_a_child_that_does_not_take_the_picture_leaves_nobody_waiting() -> None:
    before = set(threading.enumerate())
    assert Misdoer("nothing_of_the_kind").read(bytes(1 << 22)) == Codes(why=Why.FAILED)
    assert set(threading.enumerate()) <= before


def test_without_a_sandbox_nothing_is_parsed() -> None:
    report = child.work(lambda _: codes.READER, io.BytesIO(CLEAN), io.BytesIO(), pytest.fail, lambda: False)
    assert report.why is Why.NO_SANDBOX


# The reader itself


def parsed(data: bytes) -> tuple[list[str], Why | None]:
    """In this process, so that what it covers is seen, and what it imports."""
    texts: list[str] = []
    with as_in_the_child(codes.NEEDS):
        report = child.work(
            lambda _: codes.READER, io.BytesIO(data), io.BytesIO(), texts.append, lambda: True
        )
    assert report.verdict in {Verdict.NOTHING, Verdict.NOT_CLEANABLE}
    return texts, report.why


@pytest.mark.parametrize("kind", codes.KINDS)
def test_all_that_it_imports_is_there(kind: str) -> None:
    assert parsed(encoded(qr_code(LISTED), kind)) == ([LISTED], None)


def test_it_takes_no_more_than_it_may() -> None:
    assert parsed(bytes(LARGEST_PICTURE + 1)) == ([], Why.TOO_LARGE)
    assert parsed(encoded(Image.new("1", (60_001, 1_000)), "BMP")) == ([], Why.TOO_LARGE)
    assert parsed(b"no picture") == ([], Why.UNKNOWN_FORMAT)
    sheet = Image.new("L", (1400, 1400), 255)
    for number in range(16):
        sheet.paste(qr_code(f"number {number}"), (340 * (number % 4) + 20, 340 * (number // 4) + 20))
    assert len(parsed(encoded(sheet))[0]) == MOST_CODES


def test_paper_that_is_seen_through() -> None:
    ink = Image.new("LA", (40, 40), (0, 0))
    assert parsed(encoded(ink)) == ([], None)
    indexed = qr_code(LISTED).convert("P")
    assert parsed(encoded(indexed, "PNG", transparency=255)) == ([LISTED], None)


SMALL = {kind: encoded(qr_code("bridge", 1), kind) for kind in codes.KINDS}


@settings(max_examples=60)
@given(MUTATIONS)
def test_damaged_pictures_end_in_a_report(mutations: list[Mutation]) -> None:
    for data in SMALL.values():
        texts, _ = parsed(mutated(data, mutations))
        assert set(texts) <= {"bridge"}


def test_a_frozen_program_is_its_own_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for job in (CHILD, CODES):
        assert command(job) == [sys.executable, job]
        assert is_child([job])
    assert not is_child([CHILD, CODES])
