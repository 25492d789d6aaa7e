"""Quoted-printable and base64."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.mail import parts
from torsend.mail import encode


def written(text: str) -> bytes:
    whole = b"".join(encode.quoted_printable(encode.canonical_text(text)))
    assert len(whole) == encode.quoted_printable_size(encode.canonical_text(text))
    return whole


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", b""),
        ("\n", b"\r\n"),
        ("no end", b"no end\r\n"),
        ("a\rb\r\nc\n\nd", b"a\r\nb\r\nc\r\n\r\nd\r\n"),
        ("end \nend\t\n \n", b"end=20\r\nend=09\r\n=20\r\n"),
        (".", b"=2E\r\n"),
        ("..\n", b"=2E.\r\n"),
        ("From a\nfrom b\nFrom", b"=46rom a\r\nfrom b\r\nFrom\r\n"),
        (">From a\n>>From\n> From b\n>>>From c", b"=3EFrom a\r\n>>From\r\n> From b\r\n=3E>>From c\r\n"),
        (">" * 80 + "From x", b">" * 75 + b"=\r\n=3E>>>>From x\r\n"),
        ("a=b", b"a=3Db\r\n"),
        ("é\0", b"=C3=A9=00\r\n"),
        ("x" * 76, b"x" * 76 + b"\r\n"),
        ("x" * 77, b"x" * 75 + b"=\r\nxx\r\n"),
        ("x" * 75 + ".end", b"x" * 75 + b"=\r\n=2Eend\r\n"),
        ("x" * 75 + "From y", b"x" * 75 + b"=\r\n=46rom y\r\n"),
        ("x" * 75 + "From ", b"x" * 75 + b"=\r\nFrom=20\r\n"),
        ("x" * 74 + "éé", b"x" * 74 + b"=\r\n=C3=A9=C3=A9\r\n"),
        ("x" * 70 + "é", b"x" * 70 + b"=C3=A9\r\n"),
        ("x" * 71 + "é", b"x" * 71 + b"=\r\n=C3=A9\r\n"),
        ("x" * 66 + "😀y", b"x" * 66 + b"=\r\n=F0=9F=98=80y\r\n"),
        ("x" * 75 + " ", b"x" * 75 + b"=\r\n=20\r\n"),
    ],
)
def test_text_has_one_form(text: str, lines: bytes) -> None:
    assert written(text) == lines


@given(parts.any_text | st.text("ab .=\r\n\t>From é", max_size=400))
@example("From " * 60)
@example("." * 300)
@example("é" * 100)
def test_text_is_decoded_to_what_it_was(text: str) -> None:
    whole = written(text)
    assert quopri.decodestring(whole).decode("utf-8").replace("\r\n", "\n") == encode.canonical_text(text)
    if whole:
        parts.assert_fit_to_leave(whole)
    for line in whole.split(b"\r\n"):
        assert len(line) <= encode.LINE
        assert not line.endswith((b" ", b"\t"))
        quopri.decodestring(line).decode("utf-8")  # whole characters only


def test_pieces_are_bounded() -> None:
    for text in ("x" * 1_000_000, "é\n" * 300_000, " \n" * 300_000):
        assert max(map(len, encode.quoted_printable(encode.canonical_text(text)))) <= 2 * encode.CHUNK


@given(st.binary(max_size=2000))
@example(b"")
@example(b"x" * 57)
@example(b"x" * 58)
def test_base64_is_what_others_make_of_it(content: bytes) -> None:
    whole = encode.base64_lines(content)
    assert whole == base64.encodebytes(content).replace(b"\n", b"\r\n")
    assert len(whole) == encode.base64_size(len(content))


def test_pieces_of_a_file_join_without_padding() -> None:
    assert encode.READ % encode.BYTES_IN_LINE == 0
    assert len(encode.base64_lines(bytes(encode.READ))) <= 2 * encode.CHUNK
