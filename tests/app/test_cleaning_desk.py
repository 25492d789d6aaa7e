"""Files in the window where a mail is written, through the real cleaner: cleaned, decided about, let go of."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.app import files as made
from tests.app.parts_in_memory import app_in_memory
from torsend.app.cleaning import Cleaning, system_cleaner
from torsend.checks.files import FileState
from torsend.errors import VaultError
from torsend.gui.cleaning_desk import MOST_DOUBTS
from torsend.gui.feed import Feed
from torsend.gui.workers import Workers
from torsend.gui.writer import Writer
from torsend.mail.draft import Attachment, Draft
from torsend.vault import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from torsend.app import App
    from torsend.clean.report import Report

WAIT_MS = 20_000

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with app_in_memory(tmp_path) as opened:
        yield opened


@pytest.fixture
def write(app: App) -> Iterator[Callable[..., Writer]]:
    feed, workers = Feed(app), Workers()
    writers: list[Writer] = []

    def make(draft: Draft | None = None) -> Writer:
        fresh = Draft(
            Draft.new().id, app.book.list()[0].id, to="Marta <marta@nordpost.example>", text="Dear Marta,"
        )
        writers.append(Writer(app, feed, workers, app.book.list(), draft or fresh))
        return writers[-1]

    try:
        yield make
    finally:
        for writer in writers:
            writer.end()
        workers.stop()
        feed.stop()


def states(writer: Writer) -> list[FileState]:
    return [row.state for row in writer.page.fields.files.rows()]


def said(writer: Writer) -> list[str]:
    return [row.accessibleName() for row in writer.page.panel.findings.rows()]


def kept(app: App) -> int:
    with app.vault.reading() as db:
        return len(db.rows("SELECT 1 FROM cleaned"))


def test_files_are_cleaned_when_they_are_attached_and_not_again_when_the_draft_is_opened(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    writer.page.attach(
        [
            made.telling(tmp_path / "a.wav"),
            made.plain(tmp_path / "b.wav"),
            made.old_office(tmp_path / "c.doc"),
        ]
    )
    assert states(writer) == [FileState.CLEANING] * 3
    expected = [FileState.CLEANED, FileState.NOTHING, FileState.DECIDE]
    qtbot.waitUntil(lambda: states(writer) == expected, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "To decide: c.doc can’t be cleaned" in said(writer), timeout=WAIT_MS)
    words = "Can’t be cleaned: it may hold its author’s name and earlier edits. Safer: attach a PDF of it."
    assert writer.page.fields.files.rows()[2].note() == words
    assert "Fine: a.wav is cleaned" in said(writer)
    assert "Fine: b.wav: nothing to clean was found" in said(writer)
    limits = writer.page.panel._limits.text()
    assert "once c.doc is settled" in limits
    with qtbot.assertNotEmitted(writer.page.send_requested):
        writer.page.request_send()
    # Opened again, by another run of the program: what is known is known.
    draft = writer.page.draft()
    qtbot.waitUntil(lambda: bool(app.open_drafts()), timeout=WAIT_MS)
    writer.end()

    def never() -> Cleaning:
        raise AssertionError("cleaned twice")

    app.cleaning = Cleaning(app.cleaned, never)
    again = write(draft)
    qtbot.waitUntil(lambda: states(again) == expected, timeout=WAIT_MS)


def test_a_decision_shows_at_once_everywhere_and_sends_the_file(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    writer.page.attach([made.old_office(tmp_path / "c.doc")])
    qtbot.waitUntil(lambda: states(writer) == [FileState.DECIDE], timeout=WAIT_MS)
    (row,) = writer.page.fields.files.rows()
    as_it_is = next(control for control in row.controls() if control.text() == "Send as it is")
    as_it_is.click()
    # Row, parties and limits in the same moment; what was composed follows.
    assert states(writer) == [FileState.AS_IT_IS]
    assert "unless c.doc gives you away" in writer.page.panel._limits.text()
    qtbot.waitUntil(lambda: any("c.doc is sent as it is" in each for each in said(writer)), timeout=WAIT_MS)
    assert writer.page.panel.decisions() == 0
    message = b"".join(app.compose(writer.page.draft()).chunks())
    assert b'filename="file-1.doc"' in message
    next(control for control in row.controls() if control.text() == "Undo").click()
    assert states(writer) == [FileState.DECIDE]
    qtbot.waitUntil(lambda: writer.page.panel.decisions() == 1, timeout=WAIT_MS)


def test_a_file_that_is_taken_out_leaves_nothing_and_a_draft_thrown_away_neither(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    writer.page.attach([made.telling(tmp_path / "a.wav"), made.plain(tmp_path / "b.wav")])
    qtbot.waitUntil(lambda: FileState.CLEANING not in states(writer), timeout=WAIT_MS)
    assert kept(app) == 2
    writer.page.fields.files.rows()[0].removed.emit()
    qtbot.waitUntil(lambda: kept(app) == 1, timeout=WAIT_MS)
    writer.end(keep=False)
    qtbot.waitUntil(lambda: kept(app) == 0, timeout=WAIT_MS)


def test_a_draft_thrown_away_while_its_file_is_cleaned_leaves_nothing(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow:
        def clean(
            self,
            source: Path,
            output: Callable[[bytes], None],
            text: Callable[[str], None] | None = None,
            *,
            cancelled: threading.Event | None = None,
        ) -> Report:
            begun.set()
            assert go_on.wait(WAIT_MS / 1000)
            return system_cleaner().clean(source, output, text, cancelled=cancelled)

    app.cleaning = Cleaning(app.cleaned, Slow)
    writer = write()
    writer.page.attach([made.telling(tmp_path / "a.wav")])
    qtbot.waitUntil(begun.is_set, timeout=WAIT_MS)
    writer.end(keep=False)
    go_on.set()
    qtbot.waitUntil(lambda: kept(app) == 0, timeout=WAIT_MS)
    writer._workers.stop()
    assert kept(app) == 0
    assert app.open_drafts() == ()


def test_a_file_that_changes_after_it_was_cleaned_is_cleaned_anew_by_itself(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    file = made.plain(tmp_path / "a.wav")
    writer.page.attach([file])
    qtbot.waitUntil(lambda: states(writer) == [FileState.NOTHING], timeout=WAIT_MS)
    made.telling(file)
    writer._check(writer.page.draft())
    qtbot.waitUntil(lambda: states(writer) == [FileState.CLEANED], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "Fine: a.wav is cleaned" in said(writer), timeout=WAIT_MS)


def test_a_file_that_never_keeps_still_is_not_looked_at_for_ever(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    file = made.plain(tmp_path / "a.wav")
    writer.page.attach([file])
    qtbot.waitUntil(lambda: states(writer) == [FileState.NOTHING], timeout=WAIT_MS)
    looked: list[object] = []
    desk = writer._desk
    desk.changed.connect(lambda: looked.append(None))
    for _ in range(MOST_DOUBTS + 2):
        desk.doubt(writer.page.draft(), ("a.wav",))
        qtbot.waitUntil(lambda: states(writer) == [FileState.NOTHING], timeout=WAIT_MS)
    # Twice each: that it is looked at, and what came of it.
    assert len(looked) == 2 * MOST_DOUBTS


def test_what_fails_is_said_in_the_row_and_can_be_tried_again(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> VaultError:
        raise errors.disk_full()

    monkeypatch.setattr(app.cleaned, "begin", full)
    writer = write()
    writer.page.attach([made.plain(tmp_path / "a.wav")])
    qtbot.waitUntil(lambda: states(writer) == [FileState.FAILED], timeout=WAIT_MS)
    (row,) = writer.page.fields.files.rows()
    assert "The disk is full." in row.note()
    qtbot.waitUntil(lambda: any("The disk is full." in each for each in said(writer)), timeout=WAIT_MS)
    with qtbot.assertNotEmitted(writer.page.send_requested):
        writer.page.request_send()
    monkeypatch.undo()
    next(control for control in row.controls() if control.text() == "Try again").click()
    qtbot.waitUntil(lambda: states(writer) == [FileState.NOTHING], timeout=WAIT_MS)


def test_a_file_that_is_gone_is_said_to_be_gone(
    app: App, write: Callable[..., Writer], qtbot: QtBot, tmp_path: Path
) -> None:
    writer = write()
    gone = Attachment.of(tmp_path / "gone.wav")
    writer.page.attach([gone.path])
    qtbot.waitUntil(lambda: states(writer) == [FileState.FAILED], timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: "moved, renamed or deleted" in writer.page.fields.files.rows()[0].note(), timeout=WAIT_MS
    )
