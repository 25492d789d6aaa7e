"""What a file's part is made of: the file itself, or bytes that were made of it and lie elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from torsend.mail.encode import READ, base64_lines, base64_size
from torsend.mail.refusals import AttachmentChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Content(Protocol):
    """Bytes of a known size, encoded piece by piece; the same each time."""

    @property
    def encoded_size(self) -> int:
        """The bytes that ``encoded`` gives."""

    def encoded(self) -> Iterator[bytes]:
        """The content in base64 lines.

        Raises:
            AttachmentProblem: it is not what it was any more.
        """


@dataclass(frozen=True, slots=True)
class KeptContent:
    """Bytes that are kept in pieces.

    Attributes:
        name: what the recipient sees; for what goes wrong.
        size: of all pieces together, bytes.
        pieces: gives them, of any length, from the beginning each time it is called.
    """

    name: str
    size: int
    pieces: Callable[[], Iterator[bytes]]

    @property
    def encoded_size(self) -> int:
        """The bytes that ``encoded`` gives."""
        return base64_size(self.size)

    def encoded(self) -> Iterator[bytes]:
        """The content in base64 lines.

        Raises:
            AttachmentChanged: the pieces are fewer or more than they were.
        """
        held = bytearray()
        left = self.size
        for piece in self.pieces():
            left -= len(piece)
            if left < 0:
                break
            held += piece
            while len(held) >= READ:
                # Whole lines: padding stands at the end alone.
                yield base64_lines(bytes(held[:READ]))
                del held[:READ]
        if left:
            raise AttachmentChanged(self.name)
        if held:
            yield base64_lines(bytes(held))
