"""Cleaning into the vault: what stops, fails or dies half-way leaves nothing, and what is whole is found again."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import torsend
from tests.app import files as made
from tests.app.dying import DRAFT, KEY
from torsend.app.cleaned import PIECE, CleanedFiles
from torsend.app.cleaning import AT_ONCE, TRIES, Cleaning, CleaningStopped, system_cleaner
from torsend.clean.report import Report, Verdict, Why
from torsend.mail.draft import Attachment, Draft
from torsend.mail.drafts import DraftBook
from torsend.mail.refusals import (
    AttachmentChanged,
    AttachmentMissing,
    AttachmentNotCleaned,
    AttachmentUnreadable,
)
from torsend.vault import DiskFull, Vault, VaultLocked, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.errors import VaultError

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 30
LARGE = b"0123456789abcdef" * (40 * PIECE // 16)


class Speaking:
    """A cleaner that tells some words."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        assert text is not None
        output(LARGE)
        for each in self._words:
            text(each)
        return Report(Verdict.NOTHING, "Text", "text/plain")


class Scripted:
    """A cleaner that does what a test says, in place of a process."""

    def __init__(self, *acts: Callable[[Callable[[bytes], None], threading.Event | None], Report]) -> None:
        self._acts = list(acts)
        self.calls = 0

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        act = self._acts[min(self.calls, len(self._acts) - 1)]
        self.calls += 1
        return act(output, cancelled)


def whole(output: Callable[[bytes], None], _cancelled: threading.Event | None) -> Report:
    output(LARGE)
    return Report(Verdict.NOTHING, "Text", "text/plain")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    Vault.create(tmp_path / "vault", KEY).close()
    with Vault.open(tmp_path / "vault", KEY) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Attachment:
    return Attachment.of(made.plain(tmp_path / "a.txt"))


def rows(vault: Vault) -> tuple[int, int, int]:
    with vault.reading() as db:
        counts = [
            db.rows(f"SELECT 1 FROM {table}") for table in ("cleaned", "cleaned_chunk", "cleaned_words")
        ]
    one, two, three = map(len, counts)
    return one, two, three


def test_what_was_cleaned_is_found_again_and_by_another_run_too(
    vault: Vault, file: Attachment, tmp_path: Path
) -> None:
    files, cleaner = CleanedFiles(vault), Scripted(whole)
    made_once = Cleaning(files, lambda: cleaner).ensure("d", file)
    assert Cleaning(files, lambda: cleaner).ensure("d", file) == made_once
    assert cleaner.calls == 1
    assert b"".join(files.pieces(made_once.id)) == LARGE
    assert made_once.size == len(LARGE)
    DraftBook(vault).save(Draft("d", attachments=(file,)))
    vault.close()
    with Vault.open(tmp_path / "vault", KEY) as again:
        later = CleanedFiles(again)
        later.sweep()
        assert later.find("d", file) == made_once
        assert b"".join(later.pieces(made_once.id)) == LARGE


def test_what_an_earlier_version_made_is_made_anew_while_the_file_is_there(
    vault: Vault, file: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, cleaner = CleanedFiles(vault), Scripted(whole)
    cleaning = Cleaning(files, lambda: cleaner)
    with monkeypatch.context() as before:
        before.setattr(torsend, "__version__", "0.0.9")
        earlier = cleaning.ensure("d", file)
    assert files.find("d", file) is None
    later = cleaning.ensure("d", file)
    assert later.id != earlier.id
    assert cleaner.calls == 2
    file.path.unlink()
    assert files.find("d", file) == later


@pytest.mark.parametrize(
    "words", [(), ("Kas", "par"), ("Grüße \U0001f642 " * PIECE, "x"), ("half a character: \ud83d",)]
)
def test_the_words_that_a_reader_will_see_are_kept_from_beginning_to_end(
    vault: Vault, file: Attachment, words: tuple[str, ...]
) -> None:
    files = CleanedFiles(vault)
    found = Cleaning(files, lambda: Speaking(*words)).ensure("d", file)
    assert "".join(files.words(found.id)) == "".join(words).replace("\ud83d", "?")


def test_no_more_words_are_kept_than_may_be(
    vault: Vault, file: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torsend.app.cleaned.MOST_WORDS", 5)
    files = CleanedFiles(vault)
    found = Cleaning(files, lambda: Speaking("abc", "def", "ghi")).ensure("d", file)
    assert "".join(files.words(found.id)) == "abcde"


def test_a_name_that_is_no_unicode_is_found_again(vault: Vault, tmp_path: Path) -> None:
    file = Attachment.of(made.plain(tmp_path / "n\udce4me.txt"))
    files = CleanedFiles(vault)
    found = Cleaning(files, lambda: Scripted(whole)).ensure("d", file)
    assert files.find("d", file) == found


def test_stopped_in_the_middle_nothing_of_it_stays(vault: Vault, file: Attachment) -> None:
    cancelled = threading.Event()

    def stopped(output: Callable[[bytes], None], event: threading.Event | None) -> Report:
        output(LARGE)
        assert event is cancelled
        cancelled.set()
        return Report(Verdict.NOTHING, "Text", "text/plain")

    cleaning = Cleaning(CleanedFiles(vault), lambda: Scripted(stopped))
    with pytest.raises(CleaningStopped):
        cleaning.ensure("d", file, cancelled)
    assert rows(vault) == (0, 0, 0)
    with pytest.raises(CleaningStopped):
        cleaning.ensure("d", file, cancelled)


def test_the_real_cleaner_stops_when_it_is_told_to(vault: Vault, tmp_path: Path) -> None:
    large = Attachment.of(made.plain(tmp_path / "a.wav", 4_000_000))
    cancelled = threading.Event()

    class Stopping:
        def clean(
            self,
            source: Path,
            output: Callable[[bytes], None],
            text: Callable[[str], None] | None = None,
            *,
            cancelled: threading.Event | None = None,
        ) -> Report:
            def take(data: bytes) -> None:
                assert cancelled is not None
                cancelled.set()
                output(data)

            return system_cleaner().clean(source, take, text, cancelled=cancelled)

    with pytest.raises(CleaningStopped):
        Cleaning(CleanedFiles(vault), Stopping).ensure("d", large, cancelled)
    assert rows(vault) == (0, 0, 0)


def test_a_draft_that_empties_and_fills_again_meanwhile_is_cleaned_for_once_more(
    vault: Vault, file: Attachment
) -> None:
    def vanishes(output: Callable[[bytes], None], cancelled: threading.Event | None) -> Report:
        DraftBook(vault).remove("d")
        return whole(output, cancelled)

    cleaner = Scripted(vanishes, whole)
    files = CleanedFiles(vault)
    found = Cleaning(files, lambda: cleaner).ensure("d", file)
    assert cleaner.calls == 2
    assert files.find("d", file) == found


def test_a_file_that_changes_meanwhile_is_cleaned_anew_and_not_for_ever(
    vault: Vault, file: Attachment
) -> None:
    def changes(output: Callable[[bytes], None], cancelled: threading.Event | None) -> Report:
        made.plain(file.path, file.path.stat().st_size + 2)
        return whole(output, cancelled)

    cleaner = Scripted(changes, whole)
    Cleaning(CleanedFiles(vault), lambda: cleaner).ensure("d", file)
    assert cleaner.calls == 2
    restless = Scripted(changes)
    with pytest.raises(AttachmentChanged):
        Cleaning(CleanedFiles(vault), lambda: restless).ensure("e", file)
    assert restless.calls == TRIES
    assert rows(vault)[0] == 1


def test_bytes_of_a_file_that_turns_out_not_to_be_cleanable_are_not_kept(
    vault: Vault, file: Attachment
) -> None:
    def not_after_all(output: Callable[[bytes], None], _cancelled: threading.Event | None) -> Report:
        output(LARGE)
        return Report(Verdict.NOT_CLEANABLE, "Text", why=Why.DAMAGED)

    found = Cleaning(CleanedFiles(vault), lambda: Scripted(not_after_all)).ensure("d", file)
    assert not found.is_sendable
    assert rows(vault) == (1, 0, 0)


@pytest.mark.parametrize("failure", [errors.disk_full, errors.locked], ids=["disk full", "locked"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_vault_that_fails_at_any_write_says_so_and_keeps_nothing_of_it(
    vault: Vault,
    file: Attachment,
    monkeypatch: pytest.MonkeyPatch,
    failure: Callable[[], VaultError],
    at: int,
) -> None:
    writing, writes = vault.writing, 0

    @contextlib.contextmanager
    def failing() -> Iterator[object]:
        nonlocal writes
        writes += 1
        with writing() as db:
            yield db
            if writes >= at:
                raise failure()

    DraftBook(vault).save(Draft("d", attachments=(file,)))
    files = CleanedFiles(vault)
    monkeypatch.setattr(vault, "writing", failing)
    with pytest.raises((DiskFull, VaultLocked)):
        Cleaning(files, lambda: Scripted(whole)).ensure("d", file)
    monkeypatch.undo()
    assert files.find("d", file) is None
    files.sweep()
    assert rows(vault) == (0, 0, 0)
    assert [each.draft.attachments for each in DraftBook(vault).list()] == [(file,)]
    # And then it works.
    assert Cleaning(files, lambda: Scripted(whole)).ensure("d", file).size == len(LARGE)


def test_without_room_for_as_much_as_the_file_nothing_is_begun(
    vault: Vault, file: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fuller(_folder: Path | None, wanted: int) -> bool:
        asked.append(wanted)
        return True

    monkeypatch.setattr(errors, "fuller_than", fuller)
    cleaner = Scripted(whole)
    with pytest.raises(DiskFull):
        Cleaning(CleanedFiles(vault), lambda: cleaner).ensure("d", file)
    assert cleaner.calls == 0
    assert asked[0] >= file.path.stat().st_size


def test_what_cannot_be_read_is_said_to_be_so(vault: Vault, file: Attachment, tmp_path: Path) -> None:
    def unreadable(_output: Callable[[bytes], None], _cancelled: threading.Event | None) -> Report:
        raise OSError("the drive was pulled out")

    with pytest.raises(AttachmentUnreadable):
        Cleaning(CleanedFiles(vault), lambda: Scripted(unreadable)).ensure("d", file)
    gone = Attachment.of(tmp_path / "gone.txt")
    with pytest.raises(AttachmentMissing):
        Cleaning(CleanedFiles(vault), lambda: Scripted(whole)).ensure("d", gone)
    assert rows(vault) == (0, 0, 0)


def test_no_more_than_two_are_cleaned_at_once(vault: Vault, tmp_path: Path) -> None:
    lock, go_on = threading.Lock(), threading.Event()
    at_once, most, begun = 0, 0, threading.Semaphore(0)

    def slow(output: Callable[[bytes], None], cancelled: threading.Event | None) -> Report:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        begun.release()
        assert go_on.wait(WAIT_SECONDS)
        with lock:
            at_once -= 1
        return whole(output, cancelled)

    cleaning = Cleaning(CleanedFiles(vault), lambda: Scripted(slow))
    wanted = [Attachment.of(made.plain(tmp_path / f"{n}.txt")) for n in range(5)]
    threads = [threading.Thread(target=cleaning.ensure, args=("d", each)) for each in wanted]
    for each in threads:
        each.start()
    for _ in range(AT_ONCE):
        assert begun.acquire(timeout=WAIT_SECONDS)
    go_on.set()
    for each in threads:
        each.join(WAIT_SECONDS)
    assert most == AT_ONCE
    assert rows(vault)[0] == len(wanted)


@pytest.mark.parametrize("dies_after", [0, 3_000_000])
def test_kill_9_while_a_file_is_cleaned_leaves_the_draft_and_nothing_else(
    tmp_path: Path, dies_after: int
) -> None:
    Vault.create(tmp_path / "vault", KEY).close()
    large = made.plain(tmp_path / "a.txt", 4_800_000)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.app.dying", str(tmp_path / "vault"), str(large), str(dies_after)],
        cwd=ROOT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    with Vault.open(tmp_path / "vault", KEY) as vault:
        half = rows(vault)
        assert half[0] == 1
        assert (half[1] > 0) is (dies_after > 0)
        files = CleanedFiles(vault)
        (saved,) = DraftBook(vault).list()
        assert files.find(DRAFT, saved.draft.attachments[0]) is None
        files.sweep()
        assert rows(vault) == (0, 0, 0)
        assert saved.draft.text == "Dear Marta,"
        found = Cleaning(files, system_cleaner).ensure(DRAFT, saved.draft.attachments[0])
        assert b"".join(files.pieces(found.id)) == large.read_bytes()
    assert {each.name for each in tmp_path.iterdir()} == {"vault", "vault.kdf", "a.txt"}


def test_what_belongs_to_no_draft_or_no_file_of_it_is_swept(vault: Vault, tmp_path: Path) -> None:
    kept, let_go = (Attachment.of(made.plain(tmp_path / name)) for name in ("a.txt", "b.txt"))
    files = CleanedFiles(vault)
    cleaning = Cleaning(files, lambda: Scripted(whole))
    drafts = DraftBook(vault)
    for draft_id, file in (("d", kept), ("d", let_go), ("never-saved", kept), ("unreadable", kept)):
        cleaning.ensure(draft_id, file)
    drafts.save(Draft("d", attachments=(kept,)))
    drafts.save(Draft("unreadable"))
    with vault.writing() as db:
        db.execute("UPDATE draft SET body = 'of a later program' WHERE id = 'unreadable'")
    files.sweep()
    assert files.find("d", kept) is not None
    assert files.find("d", let_go) is None
    assert files.find("never-saved", kept) is None
    # A draft that can't be read stays, and what belongs to it.
    assert files.find("unreadable", kept) is not None


def test_a_full_disk_keeps_no_program_from_starting(
    vault: Vault, file: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = CleanedFiles(vault)
    Cleaning(files, lambda: Scripted(whole)).ensure("never-saved", file)

    def full() -> object:
        raise errors.disk_full()

    monkeypatch.setattr(vault, "writing", full)
    files.sweep()
    monkeypatch.undo()
    files.sweep()
    assert rows(vault) == (0, 0, 0)


MEASURE = """
import resource, sys
from pathlib import Path
from tests.app.dying import KEY
from torsend.app.cleaned import CleanedFiles
from torsend.app.cleaning import Cleaning, system_cleaner
from torsend.mail.address import Mailbox
from torsend.mail.content import KeptContent
from torsend.mail.draft import Attachment
from torsend.vault import Vault

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def through(path):
    file = Attachment.of(Path(path))
    found = Cleaning(files, system_cleaner).ensure("d", file)
    content = KeptContent(file.name, found.size, lambda: files.pieces(found.id))
    assert sum(map(len, content.encoded())) == content.encoded_size
    return found.size

with Vault.open(Path(sys.argv[1]), KEY) as vault:
    files = CleanedFiles(vault)
    through(sys.argv[2])
    before = peak()
    assert through(sys.argv[3]) == 25_000_000
    print(peak() - before)
"""


def test_25_megabytes_are_cleaned_kept_and_encoded_in_less_than_16_mib(tmp_path: Path) -> None:
    Vault.create(tmp_path / "vault", KEY).close()
    small = made.plain(tmp_path / "small.wav")
    large = made.plain(tmp_path / "large.wav", 25_000_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "vault"), str(small), str(large)],
        cwd=ROOT, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) < 16 * 2**20


def test_what_is_not_whole_any_more_while_it_is_sent_is_an_error(vault: Vault, file: Attachment) -> None:
    from torsend.app.attached import going_along
    from torsend.identity.identity import FileNames

    files = CleanedFiles(vault)
    it = Draft("d", attachments=(file,))
    with pytest.raises(AttachmentNotCleaned):
        going_along(it, FileNames.KEPT, files)
    Cleaning(files, lambda: Scripted(whole)).ensure("d", file)
    _, contents = going_along(it, FileNames.KEPT, files)
    pieces = contents[file.path].encoded()
    next(pieces)
    files.forget("d")
    with pytest.raises(AttachmentChanged):
        list(pieces)
