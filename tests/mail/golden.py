"""Prints the golden messages' bytes, whatever the environment that it is started in; ``test_golden`` starts it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import compose

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 4, 1, 23, 59, 59, 999_999, tzinfo=UTC)
SENDER = Mailbox("Wren Ödegård", "wren@rowanmail.example")


def drafts(folder: Path) -> list[Draft]:
    """The files in the folder are attached under their names."""
    files = tuple(Attachment.of(path) for path in sorted(folder.iterdir()))
    text = "Grüße, 世界\r.\rFrom here on:\r\n\ttab \n" + "word " * 40 + "\n" + "é" * 60
    return [
        Draft("1", to="marta@nordpost.example", subject="Hello", text="Hello\n"),
        Draft(
            "2",
            to="Marta Lindqvist <marta@nordpost.example>, Ünsal <u@straße.example>, שלום <s@x.example>",
            cc='"Doe, J." <j@x.example>',
            bcc="hidden@example.net",
            subject="Test sheets from Hall 4, and then some more words so that it is folded 👩‍🔬",
            text=text,
            attachments=files,
        ),
        Draft("3", bcc="hidden@example.net", text=""),
    ]


def _counted() -> Callable[[int], bytes]:
    calls = iter(range(1, 256))
    return lambda size: bytes([next(calls)]) * size


def main(folder: Path) -> None:
    for draft in drafts(folder):
        message = compose(draft, SENDER, now=NOW, random=_counted())
        for chunk in message.chunks():
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.write(b"(the end)\r\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
