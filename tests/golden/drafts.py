"""The drafts of the golden set, and the files that are attached to them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft, Thread

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 4, 1, 23, 59, 59, 999_999, tzinfo=UTC)
SENDER = Mailbox("Wren Ödegård", "wren@rowanmail.example")

_FILES: dict[bytes, bytes] = {
    b"a picture.JPG": bytes(range(256)),
    b"notes.txt": b".\r\nFrom me\n",
    b"empty.bin": b"",
}
_ODD_FILES: dict[bytes, bytes] = {
    name.encode(): content
    for name, content in {
        "INDEX.HTML": b"<p>I\n</p>",
        "no ending": b"\r\n.\r\n",
        ".hidden": b"\0" * 100,
        "Gru\u0308ße, 100%.pdf": b"%PDF-1.7\n",
        'quo"ted\\;name.doc': b"x" * 57,
        "עברית עם exe.txt": b"y" * 58,
        "語" * 80 + ".png": bytes(200),
        "👩🏽\u200d🔬 notes.md": "é\n".encode() * 40,
        "two  blanks .zip": b"PK\5\6" + bytes(18),
    }.items()
} | {b"caf\xe9.txt": b"not UTF-8"}


def make_files(folder: Path) -> None:
    """Two folders of them. The names are bytes: not every environment could write them otherwise."""
    for name, files in (("files", _FILES), ("odd", _ODD_FILES)):
        (folder / name).mkdir()
        for each, content in files.items():
            path = os.fsencode(folder / name) + b"/" + each
            with open(path, "wb") as opened:  # noqa: PTH123  # Path takes no bytes
                opened.write(content)
            os.utime(path, (86_400, 86_400))
            os.chmod(path, 0o640)  # noqa: PTH101


def _attached(folder: Path) -> tuple[Attachment, ...]:
    paths = sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name))
    return tuple(Attachment.of(path).as_it_is() for path in paths)


def drafts(folder: Path) -> list[tuple[Draft, Mailbox]]:
    """Each with its sender. The files are those of ``make_files``."""
    text = "Grüße, 世界\r.\rFrom here on:\r\n\ttab \n" + "word " * 40 + "\n" + "é" * 60
    plain = [
        Draft("1", to="marta@nordpost.example", subject="Hello", text="Hello\n"),
        Draft(
            "2",
            to="Marta Lindqvist <marta@nordpost.example>, Ünsal <u@straße.example>, שלום <s@x.example>",
            cc='"Doe, J." <j@x.example>',
            bcc="hidden@example.net",
            subject="Test sheets from Hall 4, and then some more words so that it is folded 👩‍🔬",
            text=text,
            attachments=_attached(folder / "files"),
        ),
        Draft("3", bcc="hidden@example.net", text=""),
        Draft(
            "4",
            to="marta@nordpost.example",
            subject="A subject that goes on and on, from word to word, " * 12 + "ı İ ſ ß ﬁ K Å " * 12,
            text="no end",
        ),
        Draft("5", to="x@EXAMPLE.ORG", subject="x" * 900, text="x" * 3000 + "\n" + "From " * 700),
        Draft(
            "6",
            to="עִבְרִית <a@x.example>; العربية <b@x.example>, 👨‍👩‍👧‍👦 <c@x.example>, e\u0301 <d@x.example>",
            cc='"İSTANBUL I ı" <TITLE@ISTANBUL.example>, ' + "ÅÄÖ " * 40 + "<e@x.example>",
            subject="مرحبا بالعالم, שלום עולם, e\u0301 👩🏽‍🚀🏳️‍🌈",
            text="\u200fשלום\u200e e\u0301\n\u0627\u064e\n",
        ),
        Draft(
            "7",
            to=", ".join(f"Reader {n} <reader{n}@list{n % 7}.example>" for n in range(300)),
            bcc=", ".join(f"hidden{n}@example.net" for n in range(50)),
            subject="To many",
            text="All\n",
        ),
        Draft(
            "8",
            to="marta@nordpost.example",
            subject="Files",
            text="x\n",
            attachments=_attached(folder / "odd"),
        ),
        Draft(
            "9",
            to='"a b"@x.example, "q\\"\\\\"@x.example, ".."@x.example, "wren"@x.example, <"a;b,c"@d.example>',
            subject=' =?utf-8?q?no?=  "quoted" \\ ',
            text=".\r\n..\r\n.\n. \nFrom me\n>From you\nFrom ",
        ),
        Draft(
            "10",
            to="a@bücher.example, b@例え。テスト, c@βόλος.example, d@ΒΌΛΟΣ.example, e@faß.example, f@الأردن.example",
            subject="K\u00e4se\u00a0und\u3000mehr",
            text="\ufeffBOM\0\a\x0b\x0c\x1a\x1b[0m\x7f\x85\u2028\u2029\u200b\u2066x\u2069\u202e\n \n\t\n"
            + "\n" * 3,
        ),
        Draft("11", to="märta@nordpost.example, 用户 <用户@例子.example>", subject="Grüße", text="é\n"),
    ]
    return [
        *((draft, SENDER) for draft in plain),
        (Draft("12", to="ida@x.example", subject="12", text="12"), Mailbox("", "δοκιμή@Straße.example")),
        (
            Draft("13", to="ida@x.example", subject="13", text="=\r==\r\n"),
            Mailbox('W. "K" <x>', '"w k"@x.example'),
        ),
        (
            Draft(
                "14",
                to="marta@nordpost.example",
                subject="Re: Prüfbögen",
                text="> On it\n",
                thread=Thread(
                    f"<{'a' * 150}@{'b' * 150}>", ("<first@nordpost.example>", "<CA+x=/y@mail.gmail.com>")
                ),
            ),
            SENDER,
        ),
    ]
