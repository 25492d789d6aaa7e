"""The way in by a unix socket in the profile's folder, which no other user can enter. What has the window locks the
folder, so a socket that a crash left behind deceives nobody, and two that start at once don't take it from each other.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from torsend.app.way_in import Listening
from torsend.tor import guard
from torsend.vault import is_still, lock_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

assert sys.platform != "win32"  # noqa: S101  # said to those who check types for other systems

LONGEST_PATH = 100
"""Bytes of ``sun_path`` that every system takes (unix(7): 108; macOS: 104)."""


def reaches(path: Path) -> bool:
    """Whether a socket of that path can be called: Linux has a way through the open folder, whatever its name's length."""
    return sys.platform == "linux" or len(os.fsencode(path)) <= LONGEST_PATH


class Open:
    """No envelope: the kernel lets nobody else read."""

    extra = 0

    def seal(self, said: bytes) -> bytes:
        return said

    def unseal(self, said: bytes) -> bytes:
        return said


class BySocket:
    """See `torsend.app.way_in.WayIn`."""

    hello = 0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = self._open()

    def take(self) -> bool:
        while True:
            try:
                lock_file(self._folder)
            except OSError:
                return False
            if is_still(self._folder, self._path.parent):
                return True
            # Who wiped the profile removed it, and then let go.
            gone, self._folder = self._folder, self._open()
            os.close(gone)

    def listen(self) -> Listening:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)  # by the lock it is ours: whoever made it is gone
            with self._address() as address:
                listener.bind(address)
            listener.listen()
            return Listening(listener, *socket.socketpair())
        except OSError:
            listener.close()
            raise

    def admit(self, stream: socket.socket, hello: bytes, until: float) -> Open:  # noqa: ARG002  # another way needs them
        if sys.platform == "linux":
            _, user, _ = struct.unpack(
                "3i", stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            )
            if user != os.geteuid():
                raise PermissionError("another user")
        # Elsewhere the folder's rights alone keep others out.
        return Open()

    def call(self, until: float) -> tuple[socket.socket, Open]:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.settimeout(max(0.01, until - time.monotonic()))
            with self._address() as address, guard.permitted(address):
                stream.connect(address)
        except BaseException:
            stream.close()
            raise
        return stream, Open()

    def leave(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()

    def release(self) -> None:
        os.close(self._folder)

    def _open(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def _address(self) -> Iterator[str]:
        """The socket's address: its path, or where that is too long for one, a way through the open folder."""
        if len(os.fsencode(self._path)) <= LONGEST_PATH or sys.platform != "linux":
            yield str(self._path)
        else:
            yield f"/proc/self/fd/{self._folder}/{self._path.name}"
