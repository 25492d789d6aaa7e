"""Exactly what leaves, on real parts: the vault, the workers' threads, the page, the file that is saved."""

from __future__ import annotations

import stat
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.app import files as made
from tests.app.parts import Program
from tests.app.parts_in_memory import app_in_memory
from tests.app.troubles import TO_MARTA
from torsend.app import App
from torsend.app.exactly import Exactly, exactly_what_leaves
from torsend.checks.not_in_there import NotInThere, Spot
from torsend.checks.this_machine import HOST_NAME, USER_NAME, Fact, Kind, facts_of_this_machine
from torsend.delivery.actions import Heard
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.wire_text import Who
from torsend.errors import NotSendable, StorageError, TorsendError
from torsend.gui import wire_desk
from torsend.gui.compose import ComposePage
from torsend.gui.feed import Feed
from torsend.gui.wire_desk import WireDesk
from torsend.gui.workers import Workers
from torsend.gui.writer import Writer
from torsend.identity.identity import Kind as IdentityKind
from torsend.mail.draft import Attachment, Draft

KASPAR = Fact(Kind.USER, USER_NAME, "kaspar")
WAIT_MS = 20_000

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with app_in_memory(tmp_path) as opened:
        yield opened


def mail(app: App, text: str = "Dear Marta,\n", *files: Path) -> Draft:
    return Draft(
        Draft.new().id, app.book.list()[0].id, to="Marta <marta@nordpost.example>", bcc="kaspar@x.example",
        subject="Sheets", text=text, attachments=tuple(Attachment.of(file).as_it_is() for file in files),
    )  # fmt: skip


def lines(exactly: Exactly, who: Who) -> list[str]:
    return [
        line.text for section in exactly.conversation.sections for line in section.lines if line.who is who
    ]


def test_it_is_the_message_and_the_conversation_of_this_identitys_server(app: App) -> None:
    draft = mail(app)
    exactly = exactly_what_leaves(app, draft, [KASPAR])
    assert not exactly.seen
    assert exactly.conversation.ends is Reason.ACCEPTED
    assert "RCPT TO:<kaspar@x.example>" in lines(exactly, Who.OURS)
    # Hidden recipients stand in the conversation and nowhere in the mail.
    assert not any("kaspar" in line for line in lines(exactly, Who.MAIL))
    assert [(hit.fact, hit.spot) for hit in exactly.told.hits] == [(KASPAR, Spot.RECIPIENTS)]
    app.answers.remember(
        app.book.list()[0],
        {
            Heard.GREETING: Reply(220, lines=("its own words",)),
            Heard.HELLO: Reply(250, lines=("x", "AUTH PLAIN")),
        },
    )
    again = exactly_what_leaves(app, draft, [KASPAR])
    assert again.seen
    assert lines(again, Who.THEIRS)[0] == "220 its own words"
    assert again.message.message_id == exactly.message.message_id


def test_the_mail_is_there_to_be_read_even_if_the_server_would_not_take_it(app: App) -> None:
    app.answers.remember(app.book.list()[0], {Heard.HELLO: Reply(250, lines=("x",))})
    exactly = exactly_what_leaves(app, mail(app), [])
    assert exactly.conversation.ends is Reason.SIGN_IN_NOT_OFFERED
    assert lines(exactly, Who.MAIL) == []
    assert exactly.mail.sections[0].lines[0].text.startswith("From: Wren")


def test_real_facts_of_this_machine_are_in_no_ordinary_mail(app: App, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 500)
    told = exactly_what_leaves(
        app, mail(app, "Dear Marta,\n", tmp_path / "data.bin"), facts_of_this_machine()
    ).told
    assert told.hits == ()
    assert told.files == ("data.bin",)


def test_of_two_files_one_is_told_to_be_cleaned_and_of_the_other_nobody_vouches(
    app: App, tmp_path: Path
) -> None:
    """What the cleaner took out is not in there; what goes as it is is searched, and found under its own name."""
    recordings = [made.telling(tmp_path / f"by-hall4-{n}.wav") for n in range(2)]
    draft = replace(
        mail(app), bcc="",
        attachments=(Attachment.of(recordings[0]), Attachment.of(recordings[1]).as_it_is()),
    )  # fmt: skip
    app.cleaning.ensure(draft.id, draft.attachments[0])
    facts = [Fact(Kind.USER, USER_NAME, "Kaspar Meyer"), Fact(Kind.HOST, HOST_NAME, "hall4")]
    exactly = exactly_what_leaves(app, draft, facts)
    codes = [section.code for section in exactly.conversation.sections]
    assert [code for code in codes if "file" in code] == ["cleaned-file", "file"]
    # The names are neutral, so nothing of how they are called here leaves.
    assert codes.count("neutral-name") == 2
    assert [exactly.told.sentence(hit) for hit in exactly.told.hits] == [
        "Your user name ‘Kaspar Meyer’ stands in by-hall4-1.wav."
    ]
    assert exactly.as_it_is == ("by-hall4-1.wav",)


def test_a_large_file_needs_little_memory(app: App, tmp_path: Path) -> None:
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(12_000_000)
    tracemalloc.start()
    try:
        exactly = exactly_what_leaves(app, mail(app, "", tmp_path / "large.bin"), facts_of_this_machine())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert exactly.conversation.size > 16_000_000
    # A quarter of what leaves would be held if anything of it were.
    assert peak < 3_000_000


# ---- behind the page


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers()
    yield made
    made.stop()


@pytest.fixture
def desk(app: App, workers: Workers) -> Iterator[WireDesk]:
    page = ComposePage()
    page.set_identities(app.book.list())
    known = {each.id: each for each in app.book.list()}
    made = WireDesk(app, workers, page, known.get)
    yield made
    made.end()
    page.finish()
    page.deleteLater()


def test_it_is_made_elsewhere_and_shown_here(
    app: App, desk: WireDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def noted(*arguments: object) -> Exactly:
        threads.append(threading.current_thread().name)
        return exactly_what_leaves(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(wire_desk, "exactly_what_leaves", noted)
    page = desk._page
    page.set_draft(mail(app))
    page.header.wire.click()
    qtbot.waitUntil(page.header.wire.isChecked, timeout=WAIT_MS)
    assert threads == ["torsend-checks"]
    assert page.wire.text() is not None


def test_the_saved_file_has_the_bytes_that_are_shown_and_is_nobody_elses(
    app: App, desk: WireDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    page, where = desk._page, tmp_path / "mail.eml"
    desk.save(where)  # nothing is shown yet
    page.set_draft(mail(app))
    page.header.wire.click()
    qtbot.waitUntil(lambda: desk._exactly is not None, timeout=WAIT_MS)
    page.wire.save_requested.emit(where)
    qtbot.waitUntil(lambda: not page.wire.saved.isHidden() and bool(page.wire.saved.text()), timeout=WAIT_MS)
    assert desk._exactly is not None
    assert where.read_bytes() == b"".join(desk._exactly.message.chunks())
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mail.eml"]


def test_what_cannot_leave_or_be_saved_is_told(
    app: App, desk: WireDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    told: list[TorsendError] = []
    desk.failed.connect(told.append)
    desk.show(Draft("d"))  # nobody sends it: nothing to show
    desk.show(Draft("d", app.book.list()[0].id))
    qtbot.waitUntil(lambda: len(told) == 1, timeout=WAIT_MS)
    assert isinstance(told[0], NotSendable)
    desk.show(mail(app))
    qtbot.waitUntil(lambda: desk._exactly is not None, timeout=WAIT_MS)
    desk.save(tmp_path / "no such folder" / "mail.eml")
    qtbot.waitUntil(lambda: len(told) == 2, timeout=WAIT_MS)
    assert isinstance(told[1], StorageError)


@pytest.mark.parametrize("sender", ["remailer", ""])
def test_what_another_sender_cannot_send_is_not_shown_any_more(
    app: App, desk: WireDesk, qtbot: QtBot, sender: str, tmp_path: Path
) -> None:
    page, draft = desk._page, mail(app)
    page.set_draft(draft)
    page.header.wire.click()
    qtbot.waitUntil(page.header.wire.isChecked, timeout=WAIT_MS)
    other = replace(app.book.list()[0], id="ab" * 16, kind=IdentityKind.REMAILER)
    app.book.add(other)
    desk._identity_of = {other.id: other}.get
    desk.show(draft.sent_by(other.id if sender else ""))
    qtbot.waitUntil(lambda: not page.header.wire.isChecked(), timeout=WAIT_MS)
    desk.save(tmp_path / "mail.eml")
    assert list(tmp_path.glob("*.eml")) == []


def test_what_the_person_writes_of_this_machine_is_said_before_it_is_sent(
    app: App, workers: Workers, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = (KASPAR, Fact(Kind.HOST, HOST_NAME, "hall4"))
    monkeypatch.setattr(wire_desk, "facts_of_this_machine", lambda **_: facts)
    (tmp_path / "notes.txt").write_text("from hall4")
    feed = Feed(app)
    draft = mail(app, "Kaspar says hello.\n", tmp_path / "notes.txt")
    writer = Writer(app, feed, workers, app.book.list(), draft)
    try:
        sentences = {
            "Your user name ‘kaspar’ stands in the text.",
            "Your user name ‘kaspar’ stands in a recipient’s name or address.",
            "This computer’s name ‘hall4’ stands in notes.txt.",
        }
        said: set[str] = set()

        def all_said() -> bool:
            said.update(row.accessibleName() for row in writer.page.panel.findings.rows())
            return all(any(sentence in name for name in said) for sentence in sentences)

        qtbot.waitUntil(all_said, timeout=WAIT_MS)
    finally:
        writer.end()
        feed.stop()


def test_nothing_is_told_of_a_mail_that_holds_nothing(app: App, desk: WireDesk) -> None:
    told = desk.told(mail(app), app.book.list()[0])
    assert isinstance(told, NotInThere)
    assert told.hits == ()


# ---- on the command line


def test_the_command_line_prints_the_conversation(program: Program, tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_bytes(b"x" * 100_000)
    ran = program.run(
        "wire",
        *TO_MARTA,
        "--conversation",
        "--body",
        "-",
        "--attach-as-is",
        str(tmp_path / "big.txt"),
        stdin=b"hello\n",
    )
    assert ran.status == 0, ran.err
    out = ran.out.decode()
    assert out.startswith("< 220 smtp.rowanmail.example ESMTP\n> EHLO [127.0.0.1]\n  # Greeting.")
    for line in (
        "> AUTH PLAIN ••••••••••••••••••••\n",
        "> MAIL FROM:<wren@rowanmail.example> SIZE=",
        "> .\n",
        "> QUIT\n",
        "more lines\n",
        "Grey lines are what most servers answer",
        "\nNot in there: Internet address, Computer name, ",
        "big.txt isn’t cleaned, so torsend can’t vouch for it\n",
    ):
        assert line in out
    assert "secret" not in out
