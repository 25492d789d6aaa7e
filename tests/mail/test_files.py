"""Attached files that are missing, that change, that are none; and how little memory a large one takes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mail import parts
from torsend.errors import ExitStatus
from torsend.mail.draft import Attachment
from torsend.mail.media import UNKNOWN, media_type_of
from torsend.mail.refusals import (
    AttachmentChanged,
    AttachmentIsDirectory,
    AttachmentMissing,
    AttachmentUnnamed,
    AttachmentUnreadable,
    BadField,
)
from torsend.mail.wire import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = 25 * 1024 * 1024
GROWTH = 8 * 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.bin"
    path.write_bytes(bytes(range(256)) * 1024)
    return path


def with_file(path: Path, name: str = "notes.bin", media_type: str = UNKNOWN) -> Message:
    return parts.composed(parts.draft(attachments=(Attachment(path, name, media_type),)))


def drain(chunks: Iterator[bytes], *, into: list[bytes]) -> None:
    into.extend(chunks)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path / "gone" / "too"):
        with pytest.raises(AttachmentMissing, match="isn’t there any more") as refused:
            with_file(path)
        assert refused.value.status is ExitStatus.NOT_SENDABLE
        assert str(tmp_path) not in refused.value.sentences()


def test_a_file_below_a_file_is_missing(file: Path) -> None:
    with pytest.raises(AttachmentMissing):
        with_file(file / "below")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AttachmentIsDirectory, match="is a folder"):
        with_file(tmp_path)


def test_a_path_that_cannot_be_is_unreadable() -> None:
    with pytest.raises(AttachmentUnreadable):
        with_file(Path("a\0b"))
    with pytest.raises(AttachmentUnreadable):
        with_file(Path("x" * 5000))


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other ones there")
def test_a_file_without_the_right_to_read_it_is_told(file: Path) -> None:
    file.chmod(0)
    if os.access(file, os.R_OK):
        # Root may read all but this, whose first read fails (and that as late as possible: while sending).
        if not Path("/proc/self/mem").exists():
            pytest.skip("root reads everything here")
        message = with_file(Path("/proc/self/mem"))
        with pytest.raises((AttachmentUnreadable, AttachmentChanged)):
            b"".join(message.chunks())
        return
    with pytest.raises(AttachmentUnreadable, match="can’t be read"):
        with_file(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AttachmentUnreadable):
        with_file(tmp_path / "pipe")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_a_device_is_refused() -> None:
    with pytest.raises(AttachmentUnreadable):
        with_file(Path("/dev/zero"))


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "/etc/passwd"])
def test_a_name_that_is_none_or_a_path_is_refused(file: Path, name: str) -> None:
    with pytest.raises(AttachmentUnnamed):
        with_file(file, name)


@pytest.mark.parametrize("name", ["a\r\nX: y", "a\0b", "exe\u202efdp.exe"])
def test_a_name_with_hidden_characters_is_refused(file: Path, name: str) -> None:
    with pytest.raises(BadField, match="file’s name"):
        with_file(file, name)


@pytest.mark.parametrize("name", ["a\r\nX: y", "a/b\0"])
def test_a_media_type_with_hidden_characters_is_refused(file: Path, name: str) -> None:
    with pytest.raises(BadField, match="file’s type"):
        with_file(file, media_type=name)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Image/PNG", "image/png"),
        ("", UNKNOWN),
        ("text", UNKNOWN),
        ("text/plain; charset=utf-8", UNKNOWN),
        ("message/rfc822", UNKNOWN),
        ("multipart/mixed", UNKNOWN),
    ],
)
def test_media_types_are_written_in_one_form(file: Path, given: str, written: str) -> None:
    message = parts.modern(b"".join(with_file(file, media_type=given).chunks()))
    assert [part.get_content_type() for part in message.iter_attachments()] == [written]


def test_a_file_that_grows_before_it_is_read_is_an_error(file: Path) -> None:
    message = with_file(file)
    with file.open("ab") as opened:
        opened.write(b"x")
    with pytest.raises(AttachmentChanged):
        b"".join(message.chunks())


def test_a_file_that_is_replaced_before_it_is_read_is_an_error(file: Path) -> None:
    message = with_file(file)
    content = file.read_bytes()
    other = file.with_name("other")
    other.write_bytes(content[::-1])
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    with pytest.raises(AttachmentChanged):
        b"".join(message.chunks())


def test_a_file_that_is_removed_before_it_is_read_is_an_error(file: Path) -> None:
    message = with_file(file)
    file.unlink()
    with pytest.raises(AttachmentMissing):
        b"".join(message.chunks())


@pytest.mark.parametrize("size", [0, 100_000, 262_143, 262_145, 400_000])
def test_a_file_whose_size_changes_while_it_is_read_is_an_error(file: Path, size: int) -> None:
    message = with_file(file)
    chunks = message.chunks()
    got = [next(chunks), next(chunks), next(chunks)]
    os.truncate(file, size)
    with pytest.raises(AttachmentChanged):
        drain(chunks, into=got)
    assert sum(map(len, got)) < message.size


def test_a_file_rewritten_with_the_same_size_while_it_is_read_is_an_error(file: Path) -> None:
    message = with_file(file)
    chunks = message.chunks()
    drain(itertools.islice(chunks, 3), into=[])
    before = file.stat().st_mtime_ns
    with file.open("r+b") as opened:
        opened.write(b"other")
    os.utime(file, ns=(before, before + 1))
    with pytest.raises(AttachmentChanged):
        drain(chunks, into=[])


def test_a_stream_that_is_given_up_closes_its_file(file: Path) -> None:
    message = with_file(file)
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("open files can't be counted here")
    before = len(list(descriptors.iterdir()))
    chunks = message.chunks()
    drain(itertools.islice(chunks, 3), into=[])
    assert len(list(descriptors.iterdir())) > before
    del chunks
    assert len(list(descriptors.iterdir())) == before


def test_the_name_of_a_file_is_composed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    composed, decomposed = (b"".join(with_file(path, name).chunks()) for name in ("é.txt", "e\u0301.txt"))
    assert composed == decomposed


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.tar.gz", "application/gzip"),
        ("jpg", UNKNOWN),
        ("a.", UNKNOWN),
        ("a.xyz", UNKNOWN),
    ],
)
def test_the_type_is_guessed_from_the_name_alone(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type
    assert Attachment.of(Path("/nowhere") / name) == Attachment(Path("/nowhere") / name, name, media_type)


def test_a_name_that_is_not_unicode_can_be_attached() -> None:
    assert Attachment.of(Path("/nowhere/a\udcff.txt")).name == "a\N{REPLACEMENT CHARACTER}.txt"


_MEASURE = """
import resource, sys
from pathlib import Path
from datetime import UTC, datetime
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import compose

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def send(path):
    draft = Draft("1", to="marta@nordpost.example", text="Dear Marta", attachments=(Attachment.of(path).as_it_is(),))
    message = compose(draft, Mailbox("", "w@x.example"), now=datetime.now(UTC), random=bytes)
    assert sum(map(len, message.chunks())) == message.size
    return message.size

send(Path(sys.argv[1]))
before = peak()
assert send(Path(sys.argv[2])) > 30_000_000
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is not told there")
def test_a_file_of_25_mb_is_not_held_in_memory(tmp_path: Path) -> None:
    small, large = tmp_path / "small.bin", tmp_path / "large.bin"
    small.write_bytes(b"x")
    with large.open("wb") as opened:
        for _ in range(LARGE // 65536):
            opened.write(os.urandom(65536))
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(small), str(large)], capture_output=True, text=True, check=True
    )
    assert int(measured.stdout) < GROWTH


@pytest.mark.skipif(os.name != "posix", reason="names are no bytes there")
@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"PYTHONUTF8": "1"}])
def test_a_name_is_read_as_utf_8_whatever_the_locale(locale: dict[str, str]) -> None:
    code = (
        "import os; from pathlib import Path; from torsend.mail.draft import Attachment\n"
        # As the command line gives it, and as a dialog does, whatever the locale can write.
        "for name in (os.fsdecode('Gr\\xfc\\xdfe.txt'.encode()), 'Gr\\xfc\\xdfe.txt', os.fsdecode(b'caf\\xe9')):\n"
        "    print(ascii(Attachment.of(Path(name)).name))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.defpath, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **locale},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [ascii("Grüße.txt"), ascii("Grüße.txt"), ascii("caf\ufffd")]
