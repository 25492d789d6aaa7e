"""What one cleaning may take, and what its two processes may tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from torsend.clean.report import LONGEST_REPORT

MIB = 1 << 20

MOST_PIECE = 256 * 1024
"""Octets of a result that are handed over at once."""
MOST_TEXT = 64 * 1024
"""Octets of text that are handed over at once."""
WHOLE_TEXT = 64 * MIB
"""Octets of all text of one file: a library of novels."""
MOST_OUTPUT = 1024 * MIB
"""Octets of a result, however large the original is. No mail server takes a tenth of it."""
MEMORY = 1536 * MIB
"""Octets of address space of the cleaner's process: a picture of 100 million pixels, twice, and its encoder's."""

FRAME_BOUNDS = {b"D": MOST_PIECE, b"T": MOST_TEXT, b"R": LONGEST_REPORT}
"""The kinds of frame (a piece of the result, of its text, the report at the end) and how long each may be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of the cleaner's process may take.

    Attributes:
        seconds: of this machine's clock, not counting what the taker of the result takes.
        cpu: seconds of processor time.
        memory: octets of address space.
    """

    seconds: float = 180.0
    cpu: int = 120
    memory: int = MEMORY

    def output(self, size: int) -> int:
        """The most octets that a result may have.

        A lossless rewrite may grow a little (a table written in full), a picture that is encoded anew some more.

        Args:
            size: of the original.
        """
        return min(4 * size + 16 * MIB, MOST_OUTPUT)


LARGEST_PICTURE = 64 * MIB
"""Octets of a picture that is looked through for a code."""
MOST_CODES = 8
"""Codes of one picture that are told; one is wanted."""
WHOLE_CODES = MOST_CODES * 32 * 1024
"""Octets of their texts: one holds 7089 characters at most (ISO/IEC 18004)."""
CODE_LIMITS = Limits(seconds=30.0, cpu=20)
