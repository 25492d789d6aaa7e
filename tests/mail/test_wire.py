"""The bytes that leave: their form, and what others read in them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.mail import parts
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment
from torsend.mail.encode import canonical_text
from torsend.mail.refusals import (
    BadAddress,
    BadField,
    Field,
    NoRecipient,
    TooLarge,
    TooManyRecipients,
)
from torsend.mail.wire import MAX_RECIPIENTS

if TYPE_CHECKING:
    from pathlib import Path


def field_names(written: bytes) -> list[str]:
    return [
        line.split(":", 1)[0]
        for line in parts.header_of(written).decode("ascii").split("\r\n")
        if line and not line.startswith(" ")
    ]


def blanks_out(name: str) -> str:
    """For Python's newer reader, which keeps the blank between two encoded words of one name, although it is no part
    of it (RFC 2047 section 6.2; cpython issue 128110). The older one reads such names right."""
    return name.replace(" ", "")


ALWAYS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]


def test_header_has_the_fixed_lines_in_the_fixed_order(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    with_files = parts.draft(attachments=(Attachment.of(file),))
    assert field_names(parts.wire(parts.draft())) == ALWAYS
    assert field_names(parts.wire(with_files)) == ALWAYS
    with_cc = [*ALWAYS[:2], "Cc", *ALWAYS[2:]]
    assert field_names(parts.wire(parts.draft(cc="c@example.net", bcc="b@example.net"))) == with_cc


def test_hidden_recipients_stand_in_the_envelope_and_nowhere_else() -> None:
    draft = parts.draft(to="a@example.org", bcc="Hidden Name <hidden@example.net>, b@example.com")
    message = parts.composed(draft)
    assert message.envelope.recipients == ("a@example.org", "hidden@example.net", "b@example.com")
    written = b"".join(message.chunks()).lower()
    assert b"hidden" not in written
    assert b"bcc" not in written
    assert b"example.com" not in written


@pytest.mark.parametrize("cc", ["", "c@example.net"])
def test_only_hidden_recipients_are_undisclosed(cc: str) -> None:
    written = parts.wire(parts.draft(to="", cc=cc, bcc="b@example.net"))
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in written
    assert not parts.modern(written)["To"].defects


def test_envelope_holds_no_address_twice() -> None:
    draft = parts.draft(
        to='a@example.org, Ann <a@EXAMPLE.org>, "a"@example.org',
        cc="b@straße.example, a@example.org",
        bcc="b@xn--strae-oqa.example, A@example.org",
    )
    assert parts.composed(draft).envelope.recipients == (
        "a@example.org",
        "b@xn--strae-oqa.example",
        "A@example.org",
    )


def test_date_is_utc_to_the_minute_whatever_zone_now_has() -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    here = datetime(2026, 3, 1, 1, 44, 59, 999999, tzinfo=east)
    message = parts.composed(parts.draft(), now=here)
    assert message.date == datetime(2026, 2, 28, 19, 59, tzinfo=UTC)
    assert b"\r\nDate: Sat, 28 Feb 2026 19:59:00 +0000\r\n" in b"".join(message.chunks())


def test_now_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        parts.composed(parts.draft(), now=datetime(2026, 3, 1))  # noqa: DTZ001


def test_message_id_is_128_random_bits_at_the_domain_of_from() -> None:
    message = parts.composed(parts.draft(), Mailbox("", "w@Straße.example"))
    assert re.fullmatch(r"<[a-z2-7]{26}@xn--strae-oqa\.example>", message.message_id)
    assert parts.modern(b"".join(message.chunks()))["Message-ID"] == message.message_id


def test_message_id_does_not_depend_on_the_files(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    assert (
        parts.composed(parts.draft()).message_id
        == parts.composed(parts.draft(attachments=(Attachment.of(file),))).message_id
    )


def test_nothing_of_the_draft_but_its_words_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "Secret Folder"
    folder.mkdir()
    file = folder / "notes.txt"
    file.write_bytes(b"abc")
    draft = parts.draft(id="draft-id-7", identity_id="identity-id-7", attachments=(Attachment.of(file),))
    written = parts.wire(draft)
    for word in (b"draft-id-7", b"identity-id-7", b"Secret", str(tmp_path).encode(), b"python", b"torsend"):
        assert word.lower() not in written.lower()


def test_bytes_are_the_same_each_time_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(range(256)) * 1000)
    message = parts.composed(parts.draft(text="x\n" * 100_000, attachments=(Attachment.of(file),)))
    assert b"".join(message.chunks()) == b"".join(message.chunks())


def test_a_thousand_recipients() -> None:
    many = ", ".join(f"Reader {n} <reader{n}@list{n}.example>" for n in range(MAX_RECIPIENTS))
    message = parts.composed(parts.draft(to=many))
    written = b"".join(message.chunks())
    parts.assert_fit_to_leave(written)
    assert len(message.envelope.recipients) == MAX_RECIPIENTS
    assert max(map(len, parts.header_of(written).split(b"\r\n"))) <= 76
    with pytest.raises(TooManyRecipients):
        parts.composed(parts.draft(to=many, cc="one@more.example"))


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "subject"])
@pytest.mark.parametrize(
    "end",
    ["\r\n", "\r", "\n", "\r\n ", "\0", "\x0b", "\x85", "\u2028", "\ud800", "\t", "\ufffe", "\U0010ffff"],
)
def test_no_field_can_break_its_line(field: str, end: str) -> None:
    injected = {"subject": "Hello", "to": "a@b.example", "cc": "a@b.example", "bcc": "a@b.example"}
    injected[field] += f"{end}Bcc: victim@example.net"
    with pytest.raises(BadField) as refused:
        parts.composed(parts.draft(**injected))
    assert refused.value.field == Field(field)
    assert "victim" not in refused.value.what


@pytest.mark.parametrize("name", ["Wren\r\nBcc: x@example.net", "Wren\0", "\u202eWren"])
def test_no_senders_name_can_break_its_line(name: str) -> None:
    with pytest.raises(BadField):
        parts.composed(parts.draft(), Mailbox(name, "wren@rowanmail.example"))


def test_a_senders_address_is_checked_too() -> None:
    with pytest.raises(BadAddress) as refused:
        parts.composed(parts.draft(), Mailbox("Wren", "wren@rowanmail.example\r\nX: y"))
    assert refused.value.field is Field.FROM


def test_half_a_character_in_the_text_is_refused() -> None:
    with pytest.raises(BadField) as refused:
        parts.composed(parts.draft(text="ab\ud83dc"))
    assert refused.value.position == 2


def test_no_recipient_at_all() -> None:
    with pytest.raises(NoRecipient):
        parts.composed(parts.draft(to=" , ;"))


def test_a_sparse_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.bin"
    with file.open("wb") as opened:
        opened.truncate(10**12)
    with pytest.raises(TooLarge, match="150 MB is the most"):
        parts.composed(parts.draft(attachments=(Attachment.of(file),)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "no end",
        ".\r\n.\r\n..\n. \n",
        "From me\n>From you\nFrom ",
        "a\rb\nc\r\nd\n\re",
        "nul \0 and bell \a and \x1a\x7f\x85\u2028",
        "trailing blank \ntrailing tab\t\n \n\t",
        "=\n==\n=3D\n=\r\n",
        "x" * 76 + "\n" + "y" * 77 + "\n" + "." * 500,
        "From " * 100,
        "e\u0301👩\u200d👩\u200d👧\u05e9\u05dc\u05d5\u05dd" * 30,
        "\r\n.\r\nMAIL FROM:<x@example.net>\r\n",
        "\n.\n\r.\r\n.\r\r\n",
    ],
)
def test_odd_texts_are_read_back_as_they_were_written(text: str) -> None:
    written = parts.wire(parts.draft(text=text))
    parts.assert_fit_to_leave(written)
    assert max(map(len, written.split(b"\r\n"))) <= 78
    assert parts.text_of(parts.old(written)) == canonical_text(text)


def test_a_line_of_a_megabyte(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    text = "été.From " * 120_000
    for draft in (parts.draft(text=text), parts.draft(text=text, attachments=(Attachment.of(file),))):
        written = parts.wire(draft)
        parts.assert_fit_to_leave(written)
        message = parts.old(written)
        part = parts.children_of(message)[0] if message.is_multipart() else message
        assert parts.text_of(part) == text + "\n"


def test_a_boundary_in_the_text_is_not_one(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"abc")
    plain = parts.wire(parts.draft(attachments=(Attachment.of(file),)))
    boundary = parts.modern(plain).get_boundary()
    text = f"--{boundary}\n--{boundary}--\n"
    message = parts.modern(parts.wire(parts.draft(text=text, attachments=(Attachment.of(file),))))
    assert message.get_boundary() == boundary
    body, kept = message.iter_parts()
    assert parts.text_of(body) == text
    assert parts.content_of(kept) == b"abc"


@settings(deadline=None)
@given(
    sender_name=parts.names,
    to=st.lists(parts.mailboxes, max_size=4),
    cc=st.lists(parts.mailboxes, max_size=3),
    subject=parts.one_line,
    text=parts.any_text,
)
def test_two_parsers_read_back_what_was_written(
    sender_name: str, to: list[Mailbox], cc: list[Mailbox], subject: str, text: str
) -> None:
    draft = parts.draft(
        to=", ".join(map(parts.typed, to)),
        cc="; ".join(map(parts.typed, cc)),
        bcc="hidden@example.net",
        subject=subject,
        text=text,
    )
    written = parts.wire(draft, Mailbox(sender_name, "wren@rowanmail.example"))
    parts.assert_fit_to_leave(written)
    canonical = canonical_text(text)

    before = parts.old(written)
    assert not before.defects
    assert parts.old_words(before["Subject"]) == subject
    assert parts.old_mailboxes(before["From"]) == [(sender_name, "wren@rowanmail.example")]
    for field, boxes in (("To", to), ("Cc", cc)):
        if boxes:
            assert parts.old_mailboxes(before[field]) == [(box.name, box.address) for box in boxes]
    assert parts.text_of(before) == canonical

    after = parts.modern(written)
    assert not after.defects
    assert after["Subject"] == subject
    for field, boxes in (("From", [Mailbox(sender_name, "wren@rowanmail.example")]), ("To", to), ("Cc", cc)):
        if boxes:
            read = [
                (blanks_out(address.display_name), address.addr_spec) for address in after[field].addresses
            ]
            assert read == [(blanks_out(box.name), box.address) for box in boxes]
    assert after.get_content().replace("\r\n", "\n") == canonical


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file_name=parts.words_of_names.filter(lambda name: name.replace(".", "").strip() and "/" not in name),
    content=st.binary(max_size=300),
    text=parts.any_text,
)
@example(file_name="\\", content=b"", text="")
@example(file_name='a"b\\c;d.txt', content=b"\r\n.\r\n", text="no end")
@example(file_name="e\u0301" * 200, content=b"x" * 57, text="")
def test_parsers_read_back_files(tmp_path: Path, file_name: str, content: bytes, text: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    attachment = Attachment(file, file_name, "image/png")
    written = parts.wire(parts.draft(text=text, attachments=(attachment, attachment)))
    parts.assert_fit_to_leave(written)
    for message in (parts.old(written), parts.modern(written)):
        assert not message.defects
        first, *files = parts.children_of(message)
        assert parts.text_of(first) == canonical_text(text)
        assert len(files) == 2
        for part in files:
            assert part.get_content_type() == "image/png"
            assert part.get_content_disposition() == "attachment"
            # This reader takes blanks off the ends.
            assert part.get_filename() == unicodedata.ucd_3_2_0.normalize("NFC", file_name).strip()
            assert parts.content_of(part) == content
