"""One mail leaves as one mail: nothing in it, or in an address, is ever an end of it or a command to any server."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import message
from tests.mail import parts
from torsend.delivery.actions import Action, Login, NextBlock, PeerGone, Read, Verdict, Write
from torsend.delivery.line_ends import LineEnds
from torsend.delivery.reasons import Reason
from torsend.delivery.smtp import Submission
from torsend.delivery.states import State
from torsend.errors import NotSendable
from torsend.mail.address import Mailbox, check_address
from torsend.mail.draft import Attachment
from torsend.mail.wire import Message

LINE_ENDS = (b"\r\n", b"\n", b"\r")
END = re.compile(rb"(?:\r\n|\r|\n)\0?\.\0?(?=\r|\n)")
"""What some server or other has taken for the end of a mail, as it was reported: by any line end before and behind."""
SEQUENCES = [b".".join((before, behind)) for before in LINE_ENDS for behind in LINE_ENDS]
OFFERS = {
    "data": ["PIPELINING", "SMTPUTF8", "AUTH PLAIN"],
    "data, one by one": ["SMTPUTF8", "AUTH PLAIN"],
    "bdat": ["PIPELINING", "CHUNKING", "SMTPUTF8", "AUTH PLAIN"],
}


def sent(mail: Message, blocks: Iterable[bytes], offers: list[str]) -> tuple[Verdict, bytes]:
    """All that is written to a server that takes everything, the mail's bytes coming in these blocks."""
    count = len(mail.envelope.recipients)
    hello = "".join(f"250-{offer}\r\n" for offer in ("mail.test", *offers[:-1])) + f"250 {offers[-1]}\r\n"
    replies = ["220 hi\r\n", hello, "235 in\r\n"]
    if "CHUNKING" in offers and count == 1:
        replies += ["250 ok\r\n" * 3]
    elif "CHUNKING" in offers:
        replies += ["250 ok\r\n" * (1 + count), "250 done\r\n"]
    elif "PIPELINING" in offers:
        replies += ["250 ok\r\n" * (1 + count) + "354 go\r\n", "250 done\r\n"]
    else:
        replies += ["250 ok\r\n"] * (1 + count) + ["354 go\r\n", "250 done\r\n"]
    left, rest = iter(replies), iter(blocks)
    dialogue = Submission(
        mail.envelope.mail_from,
        mail.envelope.recipients,
        mail.size,
        Login("u", "p"),
        starttls=False,
        utf8=mail.envelope.utf8,
    ).dialogue()
    written = b""
    action: Action = next(dialogue)
    try:
        while True:
            match action:
                case Write(data):
                    written += data
                    action = dialogue.send(b"")
                case Read():
                    answer = next(left, "")
                    action = dialogue.send(answer.encode()) if answer else dialogue.throw(PeerGone())
                case NextBlock():
                    action = dialogue.send(next(rest, b""))
                case _:
                    action = dialogue.send(b"")
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict, written


def cut(whole: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    edges = sorted({0, len(whole), *(each % (len(whole) + 1) for each in cuts)})
    return (whole[a:b] for a, b in itertools.pairwise(edges))


def commands_and_mail(written: bytes, offers: list[str]) -> tuple[list[bytes], bytes]:
    if "CHUNKING" in offers:
        head, _, mail = written.partition(b" LAST\r\n")
        *commands, last = head.split(b"\r\n")
        assert last == b"BDAT %d" % len(mail)
        return commands, mail
    head, _, mail = written.partition(b"\r\nDATA\r\n")
    return head.split(b"\r\n"), mail


def holds_together(mail: Message, blocks: Iterable[bytes], offers: list[str]) -> None:
    whole = b"".join(mail.chunks())
    verdict, written = sent(mail, blocks, offers)
    assert verdict.reason is Reason.ACCEPTED
    commands, body = commands_and_mail(written, offers)
    count = len(mail.envelope.recipients)
    assert [each.split(b" ")[0] for each in commands] == [b"EHLO", b"AUTH", b"MAIL", *[b"RCPT"] * count]
    ends = [found.end() for found in END.finditer(body)]
    if "CHUNKING" in offers:
        assert body == whole
        assert ends == []
    else:
        assert body == whole + b".\r\n"
        assert ends == [len(body) - 2]


TEXTS = st.lists(
    st.sampled_from(
        [
            ".",
            "\r",
            "\n",
            "\r\n",
            "\0",
            "x",
            " ",
            "=",
            "\x85",
            "\u2028",
            "é",
            "MAIL FROM:<x@y.example>",
            "\x0b",
            "\x0c",
        ]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("offers", OFFERS.values(), ids=list(OFFERS))
@given(text=TEXTS, content=st.lists(st.sampled_from([*LINE_ENDS, b".", b"\0", b"x"]), max_size=60).map(b"".join),
       subject=parts.one_line, cuts=st.lists(st.integers(0, 10_000), max_size=8))  # fmt: skip
@example(text="", content=b"", subject=".", cuts=[])
def test_no_end_but_one_leaves(
    tmp_path: Path, offers: list[str], text: str, content: bytes, subject: str, cuts: list[int]
) -> None:
    (tmp_path / "file").write_bytes(content)
    files = (Attachment(tmp_path / "file", "a.txt", "text/plain"),) if content else ()
    mail = parts.composed(
        parts.draft(to="a@x.example, b@x.example", subject=subject, text=text, attachments=files)
    )
    holds_together(mail, cut(b"".join(mail.chunks()), cuts), offers)


@pytest.mark.parametrize("offers", OFFERS.values(), ids=list(OFFERS))
def test_the_borders_of_pieces_hide_none(tmp_path: Path, offers: list[str]) -> None:
    """Every sequence, in text and file, cut at every single position, and byte by byte."""
    text = "MAIL FROM:<x@y.example>".join(["one", *(each.decode() for each in SEQUENCES), "\r\n."])
    (tmp_path / "file").write_bytes(text.encode())
    attached = (Attachment(tmp_path / "file", "a.txt", "text/plain"),)
    mail = parts.composed(parts.draft(text=text, attachments=attached))
    whole = b"".join(mail.chunks())
    for position in range(len(whole)):
        holds_together(mail, cut(whole, [position]), offers)
    holds_together(mail, cut(whole, range(len(whole))), offers)


@pytest.mark.parametrize("offers", OFFERS.values(), ids=list(OFFERS))
@pytest.mark.parametrize(
    "sequence", [*SEQUENCES[1:], b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"x\r", b"\r\r\n", b"x\0"], ids=repr
)
def test_a_mail_that_wire_did_not_write_is_stopped_before_its_end(sequence: bytes, offers: list[str]) -> None:
    """Whatever lies in the vault: half a line end leaves in no piece, and the mail is never ended."""
    whole = (
        b"Subject: x\r\n\r\none" + sequence + (b"" if sequence == b"x\r" else b"MAIL FROM:<x@y.example>\r\n")
    )
    mail = message(whole)
    for position in range(1, len(whole)):
        verdict, written = sent(mail, cut(whole, [position]), offers)
        assert verdict.reason is Reason.FAULT
        assert not verdict.polite
        assert not END.search(written)
        assert b"MAIL FROM:<x" not in written


@pytest.mark.parametrize("offers", [("PIPELINING", "AUTH PLAIN"), ("PIPELINING", "CHUNKING", "AUTH PLAIN")])
def test_it_is_held_and_said(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, offers: tuple[str, ...]
) -> None:
    broken = message(b"Subject: x\r\n\r\n\n.\nMAIL FROM:<x@y.example>\r\n")
    # The outbox takes no such mail: here it comes out of it all the same.
    with pytest.raises(ValueError, match="bare CR or LF"):
        office.send(office.serve(offers=offers), broken)
    monkeypatch.setattr(LineEnds, "broken_by", lambda *_: False)
    queued = office.outbox.queue(broken, office.person().id)
    monkeypatch.undo()
    office.dispatcher().run_once([queued.id])
    entry = office.outbox.get(queued.id)
    assert (entry.state, entry.reason) == (State.HELD, Reason.FAULT)
    assert office.server.mails == []
    assert len(office.server.seen) == 1


_PATH = re.compile(
    rb'RCPT TO:<(?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.\x80-\xff-]+|"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])+")@[a-z0-9.-]+>'
)
ODD_ADDRESSES = st.text(
    st.sampled_from(list('ab.@<>"\\ \r\n\0:;,()[]é語\u0301\u2028\x85\u202e=')) | st.characters(), max_size=30
) | st.builds(lambda local: f"{local}@x.example", st.text(max_size=20))


@settings(deadline=None)
@given(typed=ODD_ADDRESSES)
@example(typed='"a> SIZE=1\\" b"@x.example')
@example(typed='"\\>"@x.example')
@example(typed="a@x.example> NOTIFY=NEVER")
@example(typed='"é> SMTPUTF8"@x.example')
@example(typed="a" * 200 + "@x.example")
def test_an_address_is_one_path_in_one_command(typed: str) -> None:
    try:
        address = check_address(typed)
    except NotSendable:
        return
    mail = parts.composed(parts.draft(to="", bcc=parts.typed(Mailbox("", address))), Mailbox("", address))
    for offers in OFFERS.values():
        verdict, written = sent(mail, mail.chunks(), offers)
        assert verdict.reason is Reason.ACCEPTED
        commands, _ = commands_and_mail(written, offers)
        _, _, sender, recipient = commands
        assert _PATH.fullmatch(recipient)
        assert sender.replace(b"MAIL FROM", b"RCPT TO", 1).startswith(recipient)
        assert sender[len(recipient) + 2 :] in (b"", b" SMTPUTF8")
        # RFC 5321 section 4.5.3.1.4, and the ten bytes that RFC 6531 adds.
        assert len(sender) + 2 <= 522


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40), subject=st.text(max_size=40), file_name=st.text(max_size=40))
@example(name="x\r\n.\r\n", subject="x", file_name="x")
@example(name="x", subject=".\n.\n", file_name="x")
@example(name="x", subject="x", file_name="x\r.\r")
def test_nothing_typed_in_a_header_ends_it(tmp_path: Path, name: str, subject: str, file_name: str) -> None:
    (tmp_path / "file").write_bytes(b".\r\n")
    attached = (Attachment(tmp_path / "file", file_name, "text/plain"),)
    try:
        mail = parts.composed(
            parts.draft(subject=subject, text=".", attachments=attached), Mailbox(name, "a@x.example")
        )
    except NotSendable:
        return
    for offers in OFFERS.values():
        holds_together(mail, mail.chunks(), offers)
