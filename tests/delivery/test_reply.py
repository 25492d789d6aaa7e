"""Replies: the pieces in which they come make no difference, and what they hold can do no harm."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.delivery import reply
from torsend.delivery.reply import BadReply, Reply, ReplyReader, safe_text


def read_all(pieces: list[bytes]) -> list[Reply | str]:
    """What a reader gives of these pieces: replies, then what ends it."""
    reader = ReplyReader()
    found: list[Reply | str] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (got := reader.next()) is not None:
                found.append(got)
    except BadReply:
        return [*found, "bad"]
    return [*found, "waiting" if reader.waiting else "nothing"]


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"250 ok\r\n", b"250-more\r\n", b"354 go\n", b"421 4.3.2 bye\r\n", b"99 no\r\n", b"250\r\n"]
        ),
        st.binary(max_size=30),
    ),
    max_size=12,
).map(b"".join)


@given(LINES, st.lists(st.integers(0, 200), max_size=8))
def test_any_cutting_gives_the_same_replies(data: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert read_all(pieces) == read_all([data]) == read_all([bytes([byte]) for byte in data])


@given(st.integers(200, 599), st.lists(st.text("abc .-", max_size=20), min_size=1, max_size=reply.MAX_LINES))
def test_what_was_written_is_read(code: int, texts: list[str]) -> None:
    raw = "".join(f"{code}{'-' if n < len(texts) - 1 else ' '}{text}\r\n" for n, text in enumerate(texts))
    found = read_all([raw.encode()])
    assert found == [Reply(code, "", tuple(text.strip() for text in texts)), "nothing"]


@pytest.mark.parametrize(
    "raw",
    [
        b"150 below\r\n",
        b"600 above\r\n",
        b"2 50 no\r\n",
        b"\r\n",
        b"abc def\r\n",
        b"250_ok\r\n",
        b"250-a\r\n251 b\r\n",
        b"\xb2\xb250 digits of another script\r\n",
    ],
)
def test_what_is_no_reply_is_said_to_be_none(raw: bytes) -> None:
    assert read_all([raw]) == ["bad"]


def test_longest_line_is_read_and_a_longer_one_is_not() -> None:
    fits = b"250 " + b"x" * (reply.MAX_LINE - 6) + b"\r\n"
    assert isinstance(read_all([fits])[0], Reply)
    assert read_all([b"250 x" + fits[4:]]) == ["bad"]
    assert read_all([fits[:-1], b"", b"x"]) == ["bad"]


def test_reply_has_an_end() -> None:
    assert read_all([b"250-x\r\n" * reply.MAX_LINES]) == ["waiting"]
    assert read_all([b"250-x\r\n" * (reply.MAX_LINES + 1)]) == ["bad"]
    long_lines = (b"250-" + b"x" * 4000 + b"\r\n") * (reply.MAX_REPLY // 4006 + 1)
    assert read_all([long_lines]) == ["bad"]


def test_enhanced_code_is_taken_only_if_it_fits() -> None:
    assert read_all([b"550-5.1.1 no\r\n550 5.1.1 such user\r\n"])[0] == Reply(
        550, "5.1.1", ("no", "such user")
    )
    assert read_all([b"250 5.1.1 odd\r\n"])[0] == Reply(250, "", ("5.1.1 odd",))
    assert read_all([b"250 2.1.1000 odd\r\n"])[0] == Reply(250, "", ("2.1.1000 odd",))


@given(st.binary(max_size=300))
def test_shown_text_holds_nothing_that_plays_tricks(raw: bytes) -> None:
    shown = safe_text(raw)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)


def test_long_text_is_cut() -> None:
    assert len(Reply(550, "", ("x" * 5000,)).text) == reply.MAX_TEXT
