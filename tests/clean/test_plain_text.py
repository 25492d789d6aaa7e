"""Text: all of it is seen, so all of it stays; what only looks like text is not known."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clean.papers import cleaned
from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.plain_text import TEXT
from torsend.clean.report import Left, Why


@pytest.mark.parametrize(
    "data",
    [
        b"Plain words.\r\nAnother line\x0c\n",
        "Grüße, 東京, نامه‌ای 👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿".encode(),
        "\ufeffwith a mark".encode(),
        "wide".encode("utf-16"),
        "\ufeffother way".encode("utf-16-be"),
        b"name,street\nWren,High Street 1\n",
        b'{"key": "value"}',
        b"# A title\n\nwith <b>tags</b> within\n",
        b"#!/bin/sh\necho hello\n",
        b"To: Tarn\nSubject: a note that looks like a letter\n\nHello\n",
        b"0\nSECTION of a list\n2\n",
        b"----- BEGIN -----\nwords\n",
        b"Note: one thing\nAnd another\nReceived: later\n",
    ],
)
def test_text_stays_as_it_is(data: bytes) -> None:
    result = cleaned(data)
    assert result.data == data
    assert result.format == "TEXT"
    assert result.notes.removed == []
    assert result.notes.kept == {Left.WORDS}
    assert result.text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"binary \x00 zero",
        b"a colour \x1b[31m of a terminal",
        "latin: é".encode("latin-1"),
        b"<!DOCTYPE html><meta name=author content=Wren>",
        b"  <html><!-- comment --></html>",
        b"<?xml version='1.0'?><a/>",
        rb"{\rtf1{\info{\author Wren}}}",
        b"%!PS-Adobe-3.0\n%%Creator: Wren\n",
        b"BEGIN:VCARD\r\nPRODID:x\r\nEND:VCARD\r\n",
        b"begin:vcalendar\nUID:1\n",
        b"From wren@rowanmail.example Mon Feb  3 04:05:06 2021\nSubject: x\n",
        b"Subject: x\nReceived: from home.example\n by mx.example\n\nText\n",
        b"X-Folded: a\n b\nMessage-ID: <1@x>\n\n",
        b"begin 644 picture.jpg\nM_]C_X\n",
        b"P3\n# made by a program\n1 1 255 0 0 0\n",
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n",
        b"ISO-10303-21;\nHEADER;\nFILE_NAME('x','2024-03-05',('Wren'),('Tarn'),'','','');\n",
        b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n  9\r\n$LASTSAVEDBY\r\n  1\r\nWren\r\n",
        b"999\nmade by Wren\n0\nSECTION\n2\nENTITIES\n",
        b"ID;PWXL;N;E\nC;Y1;X1;K1\n",
        b"[InternetShortcut]\nURL=file:///C:/Users/Wren\n",
        b'{"nbformat": 4, "metadata": {}, "cells": []}',
        "seen\U000e0048\U000e0049 unseen".encode(),
        "a\ufe01\ufe02b".encode(),
        "a\u200b\u200c\u200b\u200cb".encode(),
        b"fine at first\n" * 400 + b"\xff",
        b"fine at first\n" * 400 + b"\x00",
    ],
)
def test_what_is_no_plain_text_is_not_known(data: bytes) -> None:
    with pytest.raises(NotCleanable) as refused:
        cleaned(data)
    assert refused.value.why is Why.UNKNOWN_FORMAT


def test_a_picture_within_text_is_pointed_out() -> None:
    with pytest.raises(NotCleanable) as refused:
        cleaned(b"![x](data:image/jpeg;base64,/9j/4AAQ)")
    assert (refused.value.why, refused.value.inside) == (Why.HOLDS_UNCLEANABLE, "data:image/jpeg;base64,")


@pytest.mark.parametrize(
    "piece", [" ", "\n", "#", "data:", "data:a/b;", "a:", "a: b\n ", '{"nbformat"', "begin"]
)
def test_long_lines_of_one_sign_take_no_time(piece: str) -> None:
    TEXT.recognises(piece.encode() * 1000)
    with contextlib.suppress(NotCleanable):
        TEXT.clean(io.BytesIO(piece.encode() * 100_000), io.BytesIO(), Notes())


def test_larger_than_may_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torsend.clean.formats.plain_text.LARGEST", 10)
    with pytest.raises(NotCleanable) as refused:
        cleaned(b"more than ten letters")
    assert refused.value.why is Why.TOO_LARGE


@given(st.binary(max_size=300))
def test_any_octets_are_text_or_not_known(data: bytes) -> None:
    if not TEXT.recognises(data):
        return
    out = io.BytesIO()
    try:
        TEXT.clean(io.BytesIO(data), out, Notes())
    except NotCleanable:
        return
    assert out.getvalue() == data


@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_stays_or_is_not_known(words: str, encoding: str) -> None:
    said: list[str] = []
    data = words.encode(encoding, "ignore")
    if not TEXT.recognises(data):
        return
    try:
        TEXT.clean(io.BytesIO(data), io.BytesIO(), Notes(said.append))
    except NotCleanable:
        return
    assert "".join(said) == data.decode(encoding)
