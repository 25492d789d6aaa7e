"""What goes over the pipe, read back; and whatever else may come over it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.clean import limits
from torsend.clean.frames import PIECE, REPORT, TEXT, BadFrame, FrameWriter, TooMuchText, read_frame


def read_all(sent: bytes) -> list[tuple[bytes, bytes]]:
    pipe = io.BytesIO(sent)
    frames = []
    while (frame := read_frame(pipe)) is not None:
        frames.append(frame)
    return frames


@given(st.lists(st.one_of(st.binary(max_size=2 * limits.MOST_PIECE), st.text()), max_size=8))
def test_what_was_written_is_read(written: list[bytes | str]) -> None:
    sent = bytearray()
    frames = FrameWriter(sent.extend)
    for each in written:
        if isinstance(each, bytes):
            frames.write(each)
        else:
            frames.text(each)
    frames.report("{}")
    read = read_all(bytes(sent))
    assert b"".join(content for kind, content in read if kind == PIECE) == b"".join(
        each for each in written if isinstance(each, bytes)
    )
    words = "".join(each for each in written if isinstance(each, str))
    assert b"".join(content for kind, content in read if kind == TEXT).decode() == words
    assert read[-1] == (REPORT, b"{}")


def test_long_texts_are_cut_between_characters() -> None:
    sent = bytearray()
    FrameWriter(sent.extend).text("\N{OLD ITALIC LETTER A}" * limits.MOST_TEXT)
    read = read_all(bytes(sent))
    assert len(read) == 4
    assert "".join(content.decode() for _, content in read) == "\N{OLD ITALIC LETTER A}" * limits.MOST_TEXT


def test_surrogates_are_no_reason_to_fail() -> None:
    sent = bytearray()
    FrameWriter(sent.extend).text("a\ud800b")
    assert read_all(bytes(sent)) == [(TEXT, b"a?b")]


def test_text_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torsend.clean.frames.WHOLE_TEXT", 10)
    frames = FrameWriter(lambda _frame: None)
    frames.text("0123456789")
    with pytest.raises(TooMuchText):
        frames.text("x")


@given(st.binary(max_size=200))
def test_whatever_comes_is_frames_or_refused(sent: bytes) -> None:
    try:
        frames = read_all(sent)
    except BadFrame:
        return
    assert all(kind in (PIECE, TEXT, REPORT) for kind, _ in frames)


@pytest.mark.parametrize("kind", [b"D", b"T", b"R"])
def test_no_frame_is_longer_than_its_kind_may_be(kind: bytes) -> None:
    bound = limits.FRAME_BOUNDS[kind]
    assert read_all(kind + bound.to_bytes(4) + bytes(bound)) == [(kind, bytes(bound))]
    with pytest.raises(BadFrame):
        read_all(kind + (bound + 1).to_bytes(4) + bytes(bound + 1))
