"""How a second start finds the window of the first, and how both know that it is no other: differs from system to system.

Whoever calls is a process of the same user; what is said between the two nobody else reads, and nobody else can play the
window. What is said, and when, is the same everywhere (``door``, ``handed``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket

DOOR = "window"
"""What shows the way lies in the profile's folder under this name: a socket, or a file that names a port."""


class Envelope(Protocol):
    """What both put around what they say on one stream: one message each, whole.

    Attributes:
        extra: octets that it adds.
    """

    @property
    def extra(self) -> int: ...

    def seal(self, said: bytes) -> bytes: ...

    def unseal(self, said: bytes) -> bytes:
        """
        Raises:
            ValueError: it is not of the one who shares the profile with us.
        """


@dataclass(frozen=True, slots=True)
class Listening:
    """The window's side.

    Attributes:
        listener: where others call.
        waker: closing it has ``woken`` become readable.
    """

    listener: socket.socket
    waker: socket.socket
    woken: socket.socket

    def close(self) -> None:
        """All three."""
        for each in (self.waker, self.listener, self.woken):
            each.close()


class WayIn(Protocol):
    """One profile's.

    Attributes:
        hello: octets with which a caller begins, and shows that it is ours.
    """

    @property
    def hello(self) -> int: ...

    def take(self) -> bool:
        """Whether no other process has the window: then this one has, until ``release`` or its end."""

    def listen(self) -> Listening:
        """Begins to be found, as the one that has it.

        Raises:
            OSError: it can't be, here.
        """

    def admit(self, stream: socket.socket, hello: bytes, until: float) -> Envelope:
        """Looks at who called, who may be anybody; answers only one of ours.

        Args:
            until: by ``time.monotonic``.

        Raises:
            OSError, ValueError: not one of ours.
        """

    def call(self, until: float) -> tuple[socket.socket, Envelope]:
        """Calls the window of the one that has it.

        Raises:
            OSError: nobody listens, or it isn't that window.
        """

    def leave(self) -> None:
        """Is found no more; but still has the window."""

    def release(self) -> None:
        """Lets go. Only once."""
