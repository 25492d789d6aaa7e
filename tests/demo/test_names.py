"""The tiny DNS server, with questions as a resolver writes them."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.demo.names import (
    MAX_QUESTION,
    TYPE_A,
    TYPE_AAAA,
    MalformedQuestionError,
    NameServer,
    answer,
    read_question,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {"smtp.rowanmail.example": "127.0.0.7"}
HEADER = struct.Struct("!6H")


def ask(name: str, kind: int = TYPE_A, number: int = 4711) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return HEADER.pack(number, 0x0100, 1, 0, 0, 0) + labels + b"\x00" + struct.pack("!2H", kind, 1)


def test_known_name_is_answered_with_its_address() -> None:
    reply = answer(ask("smtp.rowanmail.example"), NAMES)
    number, flags, questions, answers, *_rest = HEADER.unpack_from(reply)
    assert (number, questions, answers) == (4711, 1, 1)
    assert flags & 0x800F == 0x8000
    assert reply.endswith(struct.pack("!H", 4) + bytes([127, 0, 0, 7]))


def test_question_comes_back_letter_for_letter() -> None:
    question = ask("sMtP.RowanMail.eXample")
    assert question[HEADER.size :] in answer(question, NAMES)
    assert HEADER.unpack_from(answer(question, NAMES))[3] == 1


def test_known_name_has_no_ipv6_address_yet_exists() -> None:
    _number, flags, _questions, answers, *_rest = HEADER.unpack_from(
        answer(ask("smtp.rowanmail.example", TYPE_AAAA), NAMES)
    )
    assert (flags & 0x000F, answers) == (0, 0)


def test_unknown_name_does_not_exist() -> None:
    _number, flags, _questions, answers, *_rest = HEADER.unpack_from(
        answer(ask("smtp.nowhere.example"), NAMES)
    )
    assert (flags & 0x000F, answers) == (3, 0)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        HEADER.pack(1, 0x8000, 1, 0, 0, 0) + b"\x00\x00\x01\x00\x01",
        HEADER.pack(1, 0, 2, 0, 0, 0) + b"\x00\x00\x01\x00\x01",
        HEADER.pack(1, 0, 1, 0, 0, 0) + b"\xc0\x0c\x00\x01\x00\x01",
        HEADER.pack(1, 0, 1, 0, 0, 0) + b"\x04smtp",
        HEADER.pack(1, 0, 1, 0, 0, 0) + b"\x04smtp\x00\x00",
        HEADER.pack(1, 0, 1, 0, 0, 0) + b"\x3f" + b"a" * 63 + b"\x3f" * 300,
    ],
)
def test_what_is_no_question_is_refused(datagram: bytes) -> None:
    with pytest.raises(MalformedQuestionError):
        read_question(datagram)


@given(st.binary(max_size=MAX_QUESTION))
def test_any_bytes_are_read_or_refused(datagram: bytes) -> None:
    try:
        reply = answer(datagram, NAMES)
    except MalformedQuestionError:
        return
    assert reply[:2] == datagram[:2]


@given(
    st.lists(
        st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=63), min_size=1, max_size=3
    )
)
def test_every_name_is_read_as_it_was_written(labels: list[str]) -> None:
    name, kind, _question = read_question(ask(".".join(labels)))
    assert (name, kind) == (".".join(labels), TYPE_A)


@pytest.fixture
def server() -> Iterator[tuple[NameServer, tuple[str, int]]]:
    made = NameServer(NAMES)
    at = made.start()
    yield made, at
    made.stop()
    made.stop()


def test_server_goes_on_after_rubbish_and_remembers_what_was_asked(
    server: tuple[NameServer, tuple[str, int]],
) -> None:
    names, at = server
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(10)
        asker.sendto(b"rubbish", at)
        asker.sendto(ask("Smtp.Rowanmail.Example"), at)
        assert asker.recv(512).endswith(bytes([127, 0, 0, 7]))
        asker.sendto(ask("nowhere.example"), at)
        asker.recv(512)
    assert names.asked == ("smtp.rowanmail.example", "nowhere.example")
