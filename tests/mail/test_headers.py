"""Header lines: their exact form, their folding."""

from __future__ import annotations

import base64
import quopri
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.mail import parts
from torsend.mail import headers
from torsend.mail.address import Mailbox


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("", "Subject:\r\n"),
        ("Hello", "Subject: Hello\r\n"),
        ("Two  blanks.  Twice", "Subject: Two  blanks.  Twice\r\n"),
        (" leading", "Subject: =?utf-8?q?_leading?=\r\n"),
        ("trailing ", "Subject: =?utf-8?q?trailing_?=\r\n"),
        (" ", "Subject: =?utf-8?q?_?=\r\n"),
        ("=?utf-8?q?no?=", "Subject: =?utf-8?q?=3D=3Futf-8=3Fq=3Fno=3F=3D?=\r\n"),
        ("Grüße", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"),
        ("Привет", "Subject: =?utf-8?b?0J/RgNC40LLQtdGC?=\r\n"),
        ("x" * 61, "Subject: =?utf-8?q?" + "x" * 52 + "?=\r\n =?utf-8?q?" + "x" * 9 + "?=\r\n"),
    ],
)
def test_a_subject_has_one_form(subject: str, lines: str) -> None:
    assert headers.unstructured("Subject", subject) == lines


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "w@x.example"),
        ("Wren", "Wren <w@x.example>"),
        ("Marta Lindqvist", "Marta Lindqvist <w@x.example>"),
        ("J. Doe", '"J. Doe" <w@x.example>'),
        ('Say "hi", \\o/', '"Say \\"hi\\", \\\\o/" <w@x.example>'),
        ("w@y.example", '"w@y.example" <w@x.example>'),
        ("Märta", "=?utf-8?q?M=C3=A4rta?= <w@x.example>"),
        ("a =?b?= c", "=?utf-8?q?a_=3D=3Fb=3F=3D_c?= <w@x.example>"),
    ],
)
def test_a_name_has_one_form(name: str, written: str) -> None:
    assert headers.mailbox_list("To", [Mailbox(name, "w@x.example")]) == f"To: {written}\r\n"


@pytest.mark.parametrize(
    ("file_name", "lines"),
    [
        ("notes.doc", 'attachment; filename="notes.doc"'),
        ("my notes (2).doc", "attachment; filename*=utf-8''my%20notes%20%282%29.doc"),
        ("Grüße.pdf", "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf"),
        ('a"\\.txt', "attachment; filename*=utf-8''a%22%5C.txt"),
        (".hidden", "attachment; filename*=utf-8''.hidden"),
    ],
)
def test_a_file_name_has_one_form(file_name: str, lines: str) -> None:
    assert headers.disposition(file_name) == f"Content-Disposition: {lines}\r\n"


@pytest.mark.parametrize("length", [1, 40, 50, 51, 60, 70, 300, 20_000])
@pytest.mark.parametrize("letter", ["a", "ü", "語", "😀"])
def test_names_of_any_length_are_folded(letter: str, length: int) -> None:
    text = letter * length
    for lines in (
        headers.unstructured("Subject", text),
        headers.mailbox_list("From", [Mailbox(text, "w@x.example")]),
        headers.disposition(text),
    ):
        assert max(map(len, lines.split("\r\n"))) <= headers.LINE


def test_an_address_that_fits_no_line_stays_whole() -> None:
    long = Mailbox("", "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".exa")
    lines = headers.mailbox_list("To", [long, Mailbox("Ü", long.address), long])
    for line in lines.split("\r\n"):
        assert len(line) <= 998
        assert len(line) <= headers.LINE or "=?" not in line
    assert parts.old_mailboxes(lines[4:]) == [("", long.address), ("Ü", long.address), ("", long.address)]


@given(parts.one_line.filter(bool))
@example("a" + "語" * 60)
@example("語" * 12 + "a" + "語" * 60)
@example("😀" + "語" * 30)
@example("é" * 41)
def test_no_character_runs_over_two_encoded_words(text: str) -> None:
    whole = ""
    words = list(headers.encoded_words(text))
    # Padding in the middle is the end for those who join words before they decode them.
    assert not [word for word in words[:-1] if word.startswith("=?utf-8?b?") and word.endswith("=?=")]
    for word in words:
        assert len(word) <= headers.ENCODED_WORD
        form = re.fullmatch(r"=\?utf-8\?([qb])\?([!->@-~]+)\?=", word)
        assert form
        coded = form[2].encode("ascii")
        raw = base64.b64decode(coded) if form[1] == "b" else quopri.decodestring(coded, header=True)
        whole += raw.decode("utf-8")
    assert whole == text


@given(st.lists(parts.mailboxes, min_size=1, max_size=8), parts.one_line)
def test_lines_are_ascii_and_folded_before_a_word(boxes: list[Mailbox], subject: str) -> None:
    for lines in (headers.mailbox_list("To", boxes), headers.unstructured("Subject", subject)):
        assert lines.isascii()
        assert lines.endswith("\r\n")
        first, *rest = lines[:-2].split("\r\n")
        assert first.strip()
        for line in rest:
            assert re.match(r" [!-~]", line)
        assert all(
            len(line) <= headers.LINE or " " not in line[1:].split(": ")[-1] for line in (first, *rest)
        )


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001
def test_dates_are_as_in_rfc_5322(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    written = headers.date(minute)
    assert written == format_datetime(minute)
    assert parsedate_to_datetime(written) == minute
    assert parsedate_to_datetime(written).utcoffset() == timedelta(0)
