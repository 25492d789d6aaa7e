"""What goes over the pipe from the cleaner's process to ours: frames, each one octet of kind, four of length, and content.

The writing end belongs to a process that a hostile file may have taken over. So the reading end believes nothing: no
kind that is not known, no length beyond the kind's bound, no text that is not UTF-8.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.limits import FRAME_BOUNDS, MOST_PIECE, MOST_TEXT, WHOLE_TEXT
from torsend.clean.report import Why

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE, TEXT, REPORT = b"D", b"T", b"R"
_HEAD = struct.Struct(">cI")
_CHARACTERS = MOST_TEXT // 4
"""UTF-8 takes four octets a character at most."""


class BadFrame(Exception):
    """What came is no frame, or breaks off within one."""


def read_frame(pipe: BinaryIO) -> tuple[bytes, bytes] | None:
    """The next frame's kind and content; None at the end.

    Raises:
        BadFrame
        OSError
    """
    head = _exactly(pipe, _HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise BadFrame("head")
    kind, length = _HEAD.unpack(head)
    if length > FRAME_BOUNDS.get(kind, -1):
        raise BadFrame("kind or length")
    content = _exactly(pipe, length)
    if len(content) < length:
        raise BadFrame("cut off")
    return kind, content


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    """So many octets, fewer only at the end."""
    got = bytearray()
    while len(got) < size:
        some = pipe.read(size - len(got))
        if not some:
            break
        got += some
    return bytes(got)


class TooMuchText(Exception):
    """More text than any document has."""

    why = Why.TOO_LARGE


class FrameWriter:
    """The writing end: a `Writer` for the result, and the same for text and report.

    Args:
        send: takes all octets that it is given, in order.
    """

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send = send
        self._held = bytearray()
        self._text = 0

    def write(self, data: bytes, /) -> int:
        """Takes a piece of the result, of any size."""
        self._held += data
        if len(self._held) >= MOST_PIECE:
            with memoryview(self._held) as view:
                whole = len(view) - len(view) % MOST_PIECE
                for start in range(0, whole, MOST_PIECE):
                    self._frame(PIECE, bytes(view[start : start + MOST_PIECE]))
            del self._held[:whole]
        return len(data)

    def text(self, words: str) -> None:
        """Takes text that a reader of the result will see.

        Raises:
            TooMuchText
        """
        for start in range(0, len(words), _CHARACTERS):
            encoded = words[start : start + _CHARACTERS].encode("utf-8", "replace")
            self._text += len(encoded)
            if self._text > WHOLE_TEXT:
                raise TooMuchText
            self._frame(TEXT, encoded)

    def report(self, json: str) -> None:
        """The end of it: what is still held of the result, then the report."""
        if self._held:
            self._frame(PIECE, bytes(self._held))
            self._held.clear()
        self._frame(REPORT, json.encode("ascii"))

    def _frame(self, kind: bytes, content: bytes) -> None:
        self._send(_HEAD.pack(kind, len(content)) + content)
