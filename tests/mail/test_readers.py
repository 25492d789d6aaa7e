"""Whatever reads a message reads what was written: readers of other people's making, and a strict one of ours."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.golden.drafts import NOW, drafts, make_files
from tests.mail import parts, strict
from torsend.mail.address import Mailbox, check_address, parse_mailboxes
from torsend.mail.draft import Attachment, Draft
from torsend.mail.encode import canonical_text
from torsend.mail.wire import MAX_RECIPIENTS, compose

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
READERS = {
    "Perl": ("perl", str(HERE / "reader.pl")),
    # The system's own Python: GMime's binding is not to be had otherwise.
    "GMime": ("/usr/bin/python3", "-I", str(HERE / "gmime_reader.py")),
}


class Reader:
    """A program that reads one message after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(READERS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, written: bytes) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"%d\n" % len(written) + written)
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{self.name} died of it"
        return json.loads(answer)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module", params=READERS)
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    made = Reader(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("readers")
    make_files(made)
    return made


HOSTILE = st.text(
    st.sampled_from(
        list(
            "ab .,;:<>@()[]\"\\=?_'/%&é語שع😀\u0301\u200d\u200b\u200e\u200f\ufeff\u061c\u00a0\u3000\u00ad\ufffd\U000e0041ſİ"
        )
    ),
    max_size=60,
)
"""Where headers break: what means something to some reader, what joins, what can't be seen."""
SUBJECTS = parts.one_line | HOSTILE
NAMES = parts.names | HOSTILE.map(lambda name: " ".join(name.split()))
FILE_NAMES = (parts.words_of_names | HOSTILE).filter(
    lambda name: name.replace(".", "").strip() and "/" not in name
)
TEXTS = parts.any_text | st.text(
    st.sampled_from(list(".>From =\t \r\n\0\x0b\x0c\x1a\x85\u2028\u2029é😀\ufeff\u202e-")), max_size=200
)
ADDRESSES = parts.addresses | st.builds(
    lambda local, domain: f"{local}@{domain}", parts.quoted_locals, parts.domains
)
BOXES = st.builds(lambda name, address: Mailbox(name, check_address(address)), NAMES, ADDRESSES)


def sent_name(name: str) -> str:
    return unicodedata.ucd_3_2_0.normalize("NFC", name)


def pairs(boxes: tuple[Mailbox, ...] | list[Mailbox]) -> list[list[str]]:
    return [[box.name, box.address] for box in boxes]


def agrees_with_ours(written: bytes, draft: Draft, sender: Mailbox) -> None:
    found = strict.read(written)
    assert found.sender == (" ".join(sender.name.split()), check_address(sender.address))
    assert [*map(list, found.to)] == pairs(parse_mailboxes(draft.to))
    assert [*map(list, found.cc)] == pairs(parse_mailboxes(draft.cc))
    assert found.subject == draft.subject
    assert found.text == canonical_text(draft.text)
    assert [(each.name, each.content) for each in found.files] == [
        (sent_name(each.name), each.path.read_bytes()) for each in draft.attachments
    ]


def agrees(reader: Reader, written: bytes, draft: Draft, sender: Mailbox) -> None:
    found = reader.read(written)
    fields = {"from": [Mailbox(" ".join(sender.name.split()), check_address(sender.address))],
              "to": parse_mailboxes(draft.to), "cc": parse_mailboxes(draft.cc)}  # fmt: skip
    for field, boxes in fields.items():
        # GMime shows a domain in its own script; Perl's is made to quote every local part.
        read = [[name, check_address(address)] for name, address in found[field]]
        assert read == pairs(list(boxes)), (reader.name, field)
    assert found["subject"] == draft.subject
    text, *files = found["parts"]
    assert bytes.fromhex(text["content"]).decode().replace("\r\n", "\n") == canonical_text(draft.text)
    assert [(each["name"], bytes.fromhex(each["content"])) for each in files] == [
        (sent_name(each.name), each.path.read_bytes()) for each in draft.attachments
    ]


def test_the_golden_messages_are_read_as_they_were_written(folder: Path, reader: Reader) -> None:
    for draft, sender in drafts(folder):
        written = b"".join(compose(draft, sender, now=NOW, random=parts.counted()).chunks())
        agrees_with_ours(written, draft, sender)
        agrees(reader, written, draft, sender)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sender=BOXES, to=st.lists(BOXES, max_size=4), cc=st.lists(BOXES, max_size=2), subject=SUBJECTS, text=TEXTS,
    file_name=st.none() | FILE_NAMES, content=st.binary(max_size=200),
)  # fmt: skip
@example(
    sender=Mailbox("=?utf-8?q?x?=", "a@x.example"),
    to=[],
    cc=[],
    subject="=?",
    text="",
    file_name="=?utf-8?q?x?=",
    content=b"",
)
@example(
    sender=Mailbox('"', '"\\""@x.example'),
    to=[],
    cc=[],
    subject="a\u200db " * 30,
    text="\0",
    file_name="'",
    content=b"\n",
)
def test_others_read_what_was_written(
    folder: Path, reader: Reader, sender: Mailbox, to: list[Mailbox], cc: list[Mailbox], subject: str, text: str,
    file_name: str | None, content: bytes,
) -> None:  # fmt: skip
    files: tuple[Attachment, ...] = ()
    if file_name is not None:
        (folder / "content").write_bytes(content)
        files = (Attachment(folder / "content", file_name, "image/png"),)
    typed = [", ".join(map(parts.typed, boxes)) for boxes in (to, cc)]
    draft = parts.draft(
        to=typed[0], cc=typed[1], bcc="b@x.example", subject=subject, text=text, attachments=files
    )
    written = parts.wire(draft, sender)
    parts.assert_fit_to_leave(written)
    agrees_with_ours(written, draft, sender)
    agrees(reader, written, draft, sender)


@pytest.mark.parametrize("length", [998, 999, 20_000])
@pytest.mark.parametrize("letter", ["x", "é", "語", "👩🏽\u200d🔬", "x "])
def test_lengths_at_which_lines_break(folder: Path, reader: Reader, letter: str, length: int) -> None:
    words = (letter * length)[:length].strip()
    (folder / "content").write_bytes(b"x")
    draft = parts.draft(
        to=parts.typed(Mailbox(" ".join(words[:2000].split()), "a@x.example")), subject=words, text=words,
        attachments=(Attachment(folder / "content", words[:5000], "image/png"),),
    )  # fmt: skip
    written = parts.wire(draft)
    parts.assert_fit_to_leave(written)
    agrees_with_ours(written, draft, parts.WREN)
    agrees(reader, written, draft, parts.WREN)


def test_a_thousand_recipients(reader: Reader) -> None:
    many = [
        Mailbox(f"Læser {n}, den {n}." if n % 3 else "", f"reader{n}@list{n}.example")
        for n in range(MAX_RECIPIENTS)
    ]
    draft = parts.draft(to=", ".join(map(parts.typed, many)))
    written = parts.wire(draft)
    agrees_with_ours(written, draft, parts.WREN)
    agrees(reader, written, draft, parts.WREN)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"\r\nDate: ", b"\r\nBcc: x@y.example\r\nDate: "),
        (b"Subject: Hello", b"Subject: Hello\r\n \r\n there"),
        (b"charset=utf-8", b"charset=UTF-8"),
        (b":00 +0000", b":17 +0000"),
        (b"text\r\n", b"text \r\n"),
        (b"text\r\n", b"text"),
        (b"text\r\n", b"te\nxt\r\n"),
        (b"text\r\n", b"t=c3=a9\r\n"),
        (b"Message-ID: <", b"Message-ID: <x"),
    ],
)
def test_ours_takes_nothing_else(found: bytes, put: bytes) -> None:
    written = parts.wire(parts.draft(subject="Hello", text="text\n"))
    strict.read(written)
    assert found in written
    with pytest.raises(strict.Unexpected):
        strict.read(written.replace(found, put))
