"""Whether a mail, in pieces cut anywhere, has line ends and no halves of them.

A bare CR or LF ends a line for some servers and not for others; around a dot it ends the mail for some, and what follows
are commands to them (SMTP smuggling, CVE-2023-51764 and its kin). ``mail.wire`` writes none; none gets past here, into the
outbox or out of it.
"""

from __future__ import annotations


class LineEnds:
    """Looks at one mail, piece by piece, in order."""

    def __init__(self) -> None:
        self._half = False

    @property
    def half(self) -> bool:
        """Whether what came so far ends in a CR that waits for its LF."""
        return self._half

    def broken_by(self, block: bytes) -> bool:
        """Whether there is a bare CR or LF, or a NUL, in this piece or on its border with the one before."""
        joined = b"\r" + block if self._half else block
        self._half = joined.endswith(b"\r")
        if self._half:
            joined = joined[:-1]
        pairs = joined.count(b"\r\n")
        return not (joined.count(b"\r") == joined.count(b"\n") == pairs) or b"\0" in joined
