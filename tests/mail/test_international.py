"""Addresses of other scripts: the form of the header (RFC 6532), and what parsers read in it."""

from __future__ import annotations

import email
import email.policy
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from tests.mail import parts
from torsend.mail import headers
from torsend.mail.address import Mailbox, check_address, parse_mailboxes
from torsend.mail.draft import Attachment

MARTA = "märta@nordpost.example"

# Letters, digits, punctuation and signs of any script that Python's oldest tables know and NFC leaves as they are.
_SEEN = st.characters(
    codec="utf-8", min_codepoint=0xA1, exclude_categories=("C", "Z", "M"), exclude_characters={"\u034f"}
).filter(lambda c: unicodedata.ucd_3_2_0.category(c) != "Cn" and unicodedata.normalize("NFC", c) == c)
_words = st.text(_SEEN | st.sampled_from("abcXYZ019!#+-_~"), min_size=1, max_size=12)
_locals = (
    st.lists(_words, min_size=1, max_size=3).map(".".join).filter(lambda local: len(local.encode()) <= 64)
)
_quoted = st.text(_SEEN | st.sampled_from(' .,;:<>@()[]"\\'), min_size=1, max_size=10)
addresses = st.builds(lambda local, domain: f"{local}@{domain}", _locals, parts.domains) | st.builds(
    lambda inside, domain: '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + f'"@{domain}',
    _quoted,
    parts.domains,
)


def test_only_the_addresses_are_utf_8() -> None:
    written = parts.wire(
        parts.draft(to=f"Märta <{MARTA}>, Ida <ida@example.org>", subject="Grüße", text="é\n"),
        Mailbox("Wren Ödegård", "wren@straße.example"),
    )
    parts.assert_fit_to_leave(written, ascii_only=False)
    assert parts.header_of(written).decode().splitlines()[:3] == [
        "From: =?utf-8?q?Wren_=C3=96deg=C3=A5rd?= <wren@xn--strae-oqa.example>",
        f"To: =?utf-8?q?M=C3=A4rta?= <{MARTA}>, Ida <ida@example.org>",
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
    ]
    assert written.replace("ä".encode(), b"").isascii()


def test_a_hidden_recipient_of_another_script_leaves_the_message_as_it_was() -> None:
    assert parts.wire(parts.draft(bcc=MARTA)) == parts.wire(parts.draft(bcc="marta@nordpost.example"))
    assert parts.composed(parts.draft(bcc=MARTA)).envelope.recipients[-1] == MARTA


def test_the_sender_may_have_one_too() -> None:
    message = parts.composed(parts.draft(), Mailbox("", MARTA))
    assert message.envelope.mail_from == MARTA
    assert message.message_id.endswith("@nordpost.example>")
    assert b"".join(message.chunks()).startswith(f"From: {MARTA}\r\n".encode())


def test_composed_and_decomposed_are_one_recipient() -> None:
    message = parts.composed(parts.draft(to=f"{MARTA}, ma\u0308rta@nordpost.example"))
    assert message.envelope.recipients == (MARTA,)


def test_lines_are_counted_in_octets() -> None:
    long = "語" * 20 + "@" + "b" * 60 + ".example"
    written = headers.mailbox_list(
        "To", [Mailbox("", long), Mailbox("", "用户用户用户@x.example"), Mailbox("", MARTA)]
    )
    assert [len(line.encode()) <= headers.LINE or " " not in line[1:] for line in written.split("\r\n")[1:]]
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 998


@given(addresses)
@example('"a\\"b ü"@x.example')
def test_an_address_keeps_its_meaning_and_has_one_form(typed: str) -> None:
    normal = check_address(typed)
    assert check_address(normal) == normal
    assert parse_mailboxes(f"Name <{normal}>") == (Mailbox("Name", normal),)
    assert [box.address for box in parse_mailboxes(f"{normal}; {normal}")] == [normal, normal]


@given(
    st.lists(st.builds(Mailbox, parts.names, addresses), min_size=1, max_size=5),
    parts.one_line,
    parts.any_text,
)
def test_a_reader_of_utf_8_headers_reads_back_what_was_written(
    boxes: list[Mailbox], subject: str, text: str
) -> None:
    boxes = [Mailbox(box.name, check_address(box.address)) for box in boxes]
    written = parts.wire(parts.draft(to=", ".join(map(parts.typed, boxes)), subject=subject, text=text))
    parts.assert_fit_to_leave(written, ascii_only=False)
    header, _, body = written.partition(b"\r\n\r\n")
    assert body.isascii()
    to = header.decode().partition("\r\nTo:")[2].partition("\r\nSubject:")[0]
    assert parts.old_mailboxes(to) == [(box.name, box.address) for box in boxes]
    read = email.message_from_bytes(written, policy=email.policy.SMTPUTF8)
    assert not read.defects
    assert read["Subject"] == subject


def test_a_file_s_name_stays_in_ascii_beside_such_an_address(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "file"
    file.write_bytes(b"abc")
    written = parts.wire(parts.draft(to=MARTA, attachments=(Attachment(file, "Grüße.txt", "text/plain"),)))
    assert b"filename*=utf-8''Gr%C3%BC%C3%9Fe.txt" in written
    assert written.partition(b"\r\n\r\n")[2].isascii()
