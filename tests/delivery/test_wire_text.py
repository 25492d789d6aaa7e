"""What leaves, cut into what belongs together and explained; nothing of it can do more than be read."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.parts import HOST, identity, message
from tests.gui import samples
from torsend.delivery.actions import Heard, Login
from torsend.delivery.answers import Answers, typical
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import Command, rehearse
from torsend.delivery.reply import Reply
from torsend.delivery.wire_text import (
    FILE_LINES,
    HIDDEN,
    MANY_LINES,
    Files,
    Who,
    WireText,
    mail_alone,
    wire_text,
)
from torsend.errors import NotSendable
from torsend.identity.identity import Tls
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft, Thread
from torsend.mail.read_back import Body, BoundaryLine, HeaderEnd, HeaderLine, read_back
from torsend.mail.wire import Message, compose

LOGIN = Login("wren", "the secret")
NOW = datetime(2026, 4, 21, 10, 20, tzinfo=UTC)
OFFERS = ("PIPELINING", "CHUNKING", "SIZE 99999999", "AUTH PLAIN", "AUTH LOGIN", "SMTPUTF8", "X-ODD")


def alone(*chunks: bytes) -> WireText:
    return wire_text(mail_alone(chunks), "rowanmail", strict=True)


def conversation(
    mail: Message, offers: Sequence[str] = ("PIPELINING", "AUTH PLAIN"), tls: Tls = Tls.IMPLICIT
) -> WireText:
    who = identity(tls)
    replies = {
        **typical(who.server).replies,
        Heard.GREETING: Reply(220, lines=("mail.test ESMTP",)),
        Heard.HELLO: Reply(250, lines=(HOST, *offers)),
    }
    return wire_text(rehearse(mail, who.server, LOGIN, Answers(replies, seen=True)), "rowanmail", strict=True)


def composed(draft: Draft) -> Message:
    return compose(
        draft, Mailbox("Wren", "wren@rowanmail.example"), now=NOW, random=lambda n: bytes(range(n))
    )


def shown(text: WireText, *whose: Who) -> list[str]:
    return [line.text for section in text.sections for line in section.lines if line.who in whose]


# ---- the mail alone


def test_lines_are_explained_together() -> None:
    text = alone(samples.WIRE)
    assert text.size == len(samples.WIRE)
    assert text.files == 1
    assert text.sections[0].lines[0].text.startswith("From: ")
    assert len(text.sections[0].lines) == 3
    assert [section.title for section in text.sections[:3]] == [
        "Readable on the way.",
        "Time and number.",
        "Form.",
    ]


def test_a_file_is_counted_not_shown() -> None:
    file = next(section for section in alone(samples.WIRE).sections if section.title == "A file.")
    assert file.more == 57 - FILE_LINES
    assert [line.text for line in file.lines[FILE_LINES:]] == ["55 more lines"]


def test_a_cleaned_file_and_a_neutral_name_are_explained_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    mail = composed(
        Draft("d", to="a@x.example", attachments=(Attachment.of(tmp_path / "a.txt").as_it_is(),) * 2)
    )
    text = wire_text(mail_alone(mail.chunks()), "rowanmail", Files(frozenset({2}), neutral=True), strict=True)
    codes = [section.code for section in text.sections]
    assert [code for code in codes if "file" in code] == ["file", "cleaned-file"]
    assert codes.count("neutral-name") == 2


def test_the_same_however_it_is_cut() -> None:
    whole = alone(samples.WIRE)
    for step in (1, 2, 7, 64):
        chunks = [samples.WIRE[at : at + step] for at in range(0, len(samples.WIRE), step)]
        assert alone(*chunks) == whole


def test_every_line_of_a_real_message_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "notes ä.txt"
    file.write_bytes(b"x" * 5000)
    draft = Draft(
        id="d",
        to="Marta <marta@nordpost.example>",
        cc="c@fjordby.example",
        bcc="hidden@fjordby.example",
        subject="Prüfbögen",
        text="Grüße\n\n--not a boundary\nFrom here on",
        attachments=(Attachment.of(file).as_it_is(), Attachment.of(file).as_it_is()),
    )
    mail = composed(draft)
    text = alone(*mail.chunks())
    assert text.size == mail.size
    assert text.files == 2
    assert all(section.title for section in text.sections)
    assert not any("hidden@" in line for line in shown(text, *Who))


def test_a_line_that_nothing_is_known_of_is_shown_but_never_passes_a_test() -> None:
    data = b"X-Mailer: torsend\r\n\r\nhello\r\n"
    with pytest.raises(KeyError):
        wire_text(mail_alone([data]), "rowanmail", strict=True)
    text = wire_text(mail_alone([data]), "rowanmail")
    assert text.sections[0].lines[0].text == "X-Mailer: torsend"
    assert (text.sections[0].code, text.sections[0].title) == ("", "")


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_shown_and_hold_nothing_that_acts(data: bytes) -> None:
    text = wire_text(mail_alone([data]), "rowanmail")
    assert text.size == len(data)
    assert all(line.isprintable() for line in shown(text, *Who))


def test_a_line_without_an_end_is_passed_on_in_pieces() -> None:
    pieces = [b"a" * 50_000] * 40
    tokens = list(read_back([b"To: x\r\n\r\n", *pieces]))
    assert len(tokens) > 10
    assert b"".join(token.data for token in tokens if isinstance(token, Body)) == b"".join(pieces)


LINES = st.sampled_from(
    [b"", b"--b", b"--b--", b"--bb", b"x", b" y", b'Content-Type: m/m; boundary="b"', b"A: b",
     b"Content-Disposition: attachment", b".", b"\r", b"\n"]
)  # fmt: skip


@given(st.lists(LINES, max_size=25), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_taken_apart_and_joined_a_message_is_as_it_was(
    lines: list[bytes], cuts: list[int], ended: bool
) -> None:
    data = b"\r\n".join(lines) + (b"\r\n" if ended else b"")
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    joined = b""
    for token in read_back(data[a:b] for a, b in itertools.pairwise(edges)):
        match token:
            case Body(part, _):
                joined += part
            case HeaderEnd():
                joined += b"\r\n"
            case HeaderLine(line) | BoundaryLine(line):
                joined += line + b"\r\n"
    # The last line's end is not told where a header or a boundary is the end.
    assert joined in (data, data + b"\r\n")


# ---- the conversation round it


def test_a_conversation_is_cut_as_it_is_understood() -> None:
    text = conversation(composed(Draft("d", to="a@x.example", text="hello")))
    assert [(section.code, [line.text for line in section.lines]) for section in text.sections[:3]] == [
        ("greeting", ["220 mail.test ESMTP", "EHLO [127.0.0.1]"]),
        (
            "password",
            ["250-mail.test", "250-PIPELINING", "250 AUTH PLAIN", f"AUTH PLAIN {HIDDEN}", "235"],
        ),
        (
            "envelope",
            ["MAIL FROM:<wren@rowanmail.example>", "RCPT TO:<a@x.example>", "DATA", "250", "250", "354"],
        ),
    ]
    assert [section.code for section in text.sections[-2:]] == ["last-byte", "goodbye"]
    assert [line.text for line in text.sections[-2].lines] == [".", "250"]
    assert text.ends is Reason.ACCEPTED


def test_before_tls_it_is_said_who_else_can_read() -> None:
    text = conversation(composed(Draft("d", to="a@x.example", text="hello")), tls=Tls.STARTTLS)
    assert [section.code for section in text.sections[:4]] == [
        "greeting-in-clear",
        "encryption",
        "greeting",
        "password",
    ]
    assert text.sections[1].lines[-1].who is Who.NOTE
    assert text.sections[2].lines[0].text == "EHLO [127.0.0.1]"


def test_where_bdat_told_the_length_the_last_byte_is_said_behind_the_mail() -> None:
    text = conversation(
        composed(Draft("d", to="a@x.example", text="hello")), ("PIPELINING", "CHUNKING", "AUTH PLAIN")
    )
    assert [section.code for section in text.sections[-2:]] == ["last-of-all", "goodbye"]
    assert [line.text for line in text.sections[-2].lines] == ["250", "250", "250"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_no_secret_is_shown_and_its_length_tells_nothing(mechanism: str) -> None:
    mail, who = message(), identity()
    replies = {
        **typical(who.server).replies,
        Heard.HELLO: Reply(250, lines=("x", f"AUTH {mechanism}")),
    }
    texts = [
        wire_text(rehearse(mail, who.server, login, Answers(replies, seen=True)), "r", strict=True)
        for login in (LOGIN, Login("w", "a much longer secret " * 20))
    ]
    assert texts[0] == texts[1]
    events = list(rehearse(mail, who.server, LOGIN, Answers(replies, seen=True)))
    for secret in (each.line for each in events if isinstance(each, Command) and each.secret):
        assert secret.split()[-1].decode() not in "\n".join(shown(texts[0], *Who))


def test_a_thousand_recipients_are_counted() -> None:
    many = ", ".join(f"someone.{n}@x.example" for n in range(1000))
    text = conversation(composed(Draft("d", to=many, text="hello")), ("PIPELINING", "AUTH PLAIN"))
    assert all(len(section.lines) < 60 for section in text.sections)
    envelope = next(section for section in text.sections if section.code == "envelope")
    assert shown(text, Who.NOTE)[:2] == ["988 more lines", "988 more lines"]
    assert sum(line.text.startswith("RCPT") for line in envelope.lines) == MANY_LINES


def test_a_conversation_that_would_end_says_why() -> None:
    text = conversation(composed(Draft("d", to="a@x.example", text="hello")), ("PIPELINING",))
    assert text.ends is Reason.SIGN_IN_NOT_OFFERED
    assert [section.code for section in text.sections] == ["greeting", "goodbye"]
    assert text.sections[-1].lines[-1].text == "QUIT"


ANY = st.text(max_size=40)
ADDRESSES = st.lists(
    st.sampled_from(["a@x.example", "Ünsal <u@x.example>", "пример@x.example", '"q, r" <q@x.example>']),
    min_size=1, max_size=5,
).map(", ".join)  # fmt: skip
DRAFTS = st.builds(
    Draft,
    id=st.just("d"),
    to=ADDRESSES,
    cc=st.just("") | ADDRESSES,
    subject=ANY,
    text=ANY,
    thread=st.sampled_from([None, Thread.read("<a@x.example>", "<b@x.example> <c@x.example>")]),
)


@given(
    DRAFTS, st.lists(st.sampled_from(OFFERS)), st.sampled_from([Tls.IMPLICIT, Tls.STARTTLS]), st.booleans()
)
def test_no_line_that_any_conversation_can_have_is_without_its_explanation(
    draft: Draft, offers: list[str], tls: Tls, file: bool
) -> None:
    if file:
        (odd := Path(samples._FOLDER.name) / "odd – name.txt").write_bytes(b".\r\nx")
        draft = replace(draft, attachments=(Attachment.of(odd).as_it_is(),))
    try:
        mail = composed(draft)
    except NotSendable:
        return
    text = conversation(mail, offers, tls)  # strict: raises where a line is not known
    assert all(section.title and section.sentence for section in text.sections)
    assert all(line.isprintable() for line in shown(text, *Who))
    if text.ends is Reason.ACCEPTED:
        told = alone(*mail.chunks())
        assert set(shown(told, Who.MAIL)) <= set(shown(text, Who.MAIL))
