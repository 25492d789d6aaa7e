"""``torsend send …`` and ``torsend wire …``"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from torsend.app.exactly import exactly_what_leaves
from torsend.checks.this_machine import LABELS, Kind, facts_of_this_machine
from torsend.cli import times
from torsend.cli.clean import cleaned
from torsend.cli.looking import tell_findings
from torsend.cli.opening import opened
from torsend.cli.output import as_json, entry_json
from torsend.cli.streams import line, raw, say
from torsend.cli.working import send_one
from torsend.delivery.later import NOW
from torsend.delivery.sentences import minute
from torsend.delivery.wire_text import Who
from torsend.errors import ExitStatus, NotSendable, nothing_left
from torsend.mail.draft import Attachment, Draft
from torsend.mail.refusals import shown
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import App, Start

_LONGEST_TEXT = 16 * 1024 * 1024
"""Bytes of body text. A longer text belongs in a file of its own."""


def run(given: argparse.Namespace, start: Start) -> int:
    """Composes the message; then prints it, queues it, or queues and sends it."""
    with nothing_left():
        text = read_body(given.body)
        app = opened(start)
    with app:
        with nothing_left():
            draft = _draft(given, app.find_identity(given.identity).id, text)
            when = times.read(given.at, given.within) if given.command == "send" else NOW
            with cleaned(app, draft, keep=given.command == "send"):
                if given.command == "wire":
                    return _print_conversation(app, draft) if given.conversation else _print_bytes(app, draft)
                tell_findings(app, draft)
                entry = app.queue(draft, when)
        if given.queue_only or when is not NOW:
            if given.json:
                as_json(entry_json(entry, app.book.get(entry.identity_id)))
            else:
                line(entry.id)
            say(t("In the outbox. Nothing left this computer."))
            if entry.next_attempt is not None:
                say(
                    t(
                        "It goes at {time}, by torsend outbox send or the window, if one of them runs then.",
                        time=minute(entry.next_attempt),
                    )
                )
            return ExitStatus.OK
        return send_one(app, entry, json=given.json)


def read_body(source: str | None) -> str:
    """The text from a file, from standard input (``-``), or none.

    Raises:
        NotSendable: it cannot be read, is not UTF-8, or is too long.
    """
    if source is None:
        return ""
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LONGEST_TEXT + 1)
        else:
            with open(source, "rb") as file:  # noqa: PTH123  # a name as it came, "-" included
                data = file.read(_LONGEST_TEXT + 1)
    except OSError as error:
        raise NotSendable(
            t("The text cannot be read: {reason}.", reason=error.strerror or ""), advice=t("Look at --body.")
        ) from error
    if len(data) > _LONGEST_TEXT:
        raise NotSendable(
            t("The text is longer than {n} MiB.", n=_LONGEST_TEXT // 2**20),
            advice=t("Attach it as a file instead."),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # `from None`: the decoder's error quotes the text.
        raise NotSendable(t("The text is not UTF-8."), advice=t("Save it as UTF-8, or attach it.")) from None


def _draft(given: argparse.Namespace, identity_id: str, text: str) -> Draft:
    new = Draft.new(identity_id)
    return Draft(
        id=new.id,
        identity_id=identity_id,
        to=", ".join(given.to),
        cc=", ".join(given.cc),
        bcc=", ".join(given.bcc),
        subject=given.subject,
        text=text,
        attachments=(
            *(Attachment.of(path.absolute()) for path in given.attach),
            *(Attachment.of(path.absolute()).as_it_is() for path in given.attach_as_is),
        ),
    )


def _print_bytes(app: App, draft: Draft) -> int:
    message = app.compose(draft)
    for chunk in message.chunks():
        raw(chunk)
    return ExitStatus.OK


_MARKS = {Who.OURS: "> ", Who.THEIRS: "< ", Who.MAIL: "  ", Who.NOTE: "  … "}


def _print_conversation(app: App, draft: Draft) -> int:
    """What the window shows under "Exactly what leaves"."""
    exactly = exactly_what_leaves(app, draft, facts_of_this_machine())
    for section in exactly.conversation.sections:
        for each in section.lines:
            line(f"{_MARKS[each.who]}{each.text}")
        line(f"  # {section.title} {section.sentence}")
        line()
    line(exactly.sentence)
    absent = [t(LABELS[kind]) for kind in Kind if not exactly.told.of(kind)]
    line(t("Not in there: {what}.", what=", ".join(absent)))
    for finding in exactly.told.findings():
        line(finding.sentence)
    for name in exactly.as_it_is:
        line(t("{file} isn’t cleaned, so torsend can’t vouch for it", file=shown(name)))
    return ExitStatus.OK
