"""One window a profile: who starts Torsend again, or follows a ``mailto:`` link, is let in by the window that is open.

The window listens on a socket in the profile's own folder, which no other user can enter; the kernel's word on who calls
is asked besides. Who comes second hands over what it was started with and ends once the window has taken it. The folder
itself is locked for as long as the window is there, so a socket that a crash left behind deceives nobody, and two that start
at once don't take it from each other. A window that is just being closed takes nothing any more; then the second waits until
it is gone and opens one itself: nothing that was asked for is lost.

Where a system has no such sockets (Windows, so far) nothing is handed over, and the second start says that one is running.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torsend.errors import TorsendError
from torsend.tor import guard
from torsend.vault import AlreadyRunning
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.paths import Profile

log = logging.getLogger("torsend.app")

DOOR = "window"
"""The socket's name in the profile's folder."""
_LONGEST_PATH = 100
"""Bytes of ``sun_path`` that every system takes (unix(7): 108; macOS: 104)."""
_MOST_BYTES = 256 * 1024
"""A ``mailto:`` link may hold a text; a browser passes on no more than this."""
_MOST_THINGS = 1000
_LONGEST_TOKEN = 256
_TALK_SECONDS = 2.0
"""For a caller to say what it wants: it was written before it called."""
ANSWER_SECONDS = 3.0
"""For the window to take it: its thread never waits for long."""
_PATIENCE_SECONDS = 15.0
"""For a window that is being closed to be gone."""
_BETWEEN_SECONDS = 0.01
_TAKEN, _CLOSING = b"taken\n", b"closing\n"


class NoAnswer(AlreadyRunning):
    """A window is there and doesn't answer."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What another start was asked for.

    Attributes:
        compose: a ``mailto:`` link and absolute file names, as in ``Start``; None: the window alone.
        token: lets the window come to the front (XDG Activation); empty where the desktop gave none.
    """

    compose: tuple[str, ...] | None
    token: str = ""


class Door:
    """This process's hold on the profile's window. ``answer`` lets others in; ``close`` ends it, in any case.

    Args:
        folder: the profile's, open and locked; None where there is no hold.
        listener: listens there already: who calls before ``answer`` waits.
    """

    def __init__(
        self, folder: int | None = None, path: Path | None = None, listener: socket.socket | None = None
    ) -> None:
        self._folder = folder
        self._path = path
        self._listener = listener
        self._thread: threading.Thread | None = None
        self._waiting: list[socket.socket] = []
        self._wake: socket.socket | None = None

    def answer(self, heard: Callable[[Handed], bool]) -> None:
        """Lets others in from now on.

        Args:
            heard: called on a thread of the door's; gives whether the window took it. False: it is being closed.
        """
        if self._listener is None:
            return
        self._wake, woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._serve, args=(self._listener, woken, heard), name="torsend-door", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Lets go; who waits for that goes on. A second call does nothing."""
        if self._wake is not None and self._thread is not None:
            self._wake.close()
            self._thread.join()
            self._wake = None
        if self._listener is not None and self._path is not None:
            self._listener.close()
            self._listener = None
            with contextlib.suppress(OSError):
                self._path.unlink()
        if self._folder is not None:
            folder, self._folder = self._folder, None
            os.close(folder)
        while self._waiting:
            self._waiting.pop().close()

    def _serve(self, listener: socket.socket, woken: socket.socket, heard: Callable[[Handed], bool]) -> None:
        with selectors.DefaultSelector() as selector, woken:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while woken not in (key.fileobj for key, _ in selector.select()):
                try:
                    caller, _ = listener.accept()
                except OSError:
                    continue  # gone before it was let in
                if not self._let_in(caller, heard):
                    caller.close()

    def _let_in(self, caller: socket.socket, heard: Callable[[Handed], bool]) -> bool:
        """Whether the caller is to be kept waiting until the door is closed."""
        try:
            if not _is_this_user(caller):
                return False
            handed = _read(caller)
            taken = heard(handed)
            caller.settimeout(_TALK_SECONDS)
            caller.sendall(_TAKEN if taken else _CLOSING)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            # It may hold an address: only the kind of error is told.
            log.info("a caller was not understood: %s", type(error).__name__)
            return False
        if not taken:
            self._waiting.append(caller)
        return not taken


def open_door(
    profile: Profile, compose: tuple[str, ...] | None = None, *, patience: float = _PATIENCE_SECONDS
) -> Door | None:
    """Gets hold of the profile's window, or hands over to the one that is open: then None.

    Args:
        compose: what this start was asked for.
        patience: seconds to wait for a window that is being closed.

    Raises:
        NoAnswer: a window is there and takes nothing.
    """
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return Door()
    try:
        profile.prepare()
        folder = os.open(profile.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, TorsendError):
        return Door()  # whoever opens the profile next says why it can't be used
    path = profile.folder / DOOR
    handed = Handed(_absolute(compose), _activation_token())
    deadline = time.monotonic() + patience
    try:
        while not _locked(folder):
            if _hand_over(folder, path, handed, deadline):
                os.close(folder)
                return None
            if time.monotonic() >= deadline:
                raise NoAnswer(
                    t("Torsend is open with this profile, but its window doesn’t answer."),
                    advice=t("Close it, and try again."),
                )
    except BaseException:
        os.close(folder)
        raise
    return _listening(folder, path)


def _listening(folder: int, path: Path) -> Door:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)  # by the lock it is ours: whoever made it is gone
        with _address(folder, path) as address:
            listener.bind(address)
        listener.listen()
    except OSError as error:
        # A folder on a file system without sockets, say. A window opens all the same.
        log.warning("nobody can be let in: %s", type(error).__name__)
        listener.close()
        os.close(folder)
        return Door()
    return Door(folder, path, listener)


def _hand_over(folder: int, path: Path, handed: Handed, deadline: float) -> bool:
    """Whether it was taken. If not, the window is gone by now, or the deadline is over."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        try:
            caller.settimeout(max(0.01, deadline - time.monotonic()))
            with _address(folder, path) as address, guard.permitted(address):
                caller.connect(address)
            said = json.dumps({"compose": handed.compose, "token": handed.token})
            caller.sendall(said.encode("utf-8", "surrogateescape"))
            caller.shutdown(socket.SHUT_WR)
            answer = b""
            while answer not in (_TAKEN, _CLOSING):
                more = caller.recv(len(_CLOSING))
                if not more:
                    break
                answer += more
            if answer == _CLOSING:
                caller.settimeout(max(0.01, deadline - time.monotonic()))
                caller.recv(1)  # the end of the stream is the end of the window
        except OSError:
            # Locked, and nobody listens: between lock and socket lie a few lines, at either end of a window's life.
            threading.Event().wait(min(_BETWEEN_SECONDS, max(0.0, deadline - time.monotonic())))
            return False
        return answer == _TAKEN


def _read(caller: socket.socket) -> Handed:
    until = time.monotonic() + _TALK_SECONDS
    said = b""
    while len(said) <= _MOST_BYTES:
        caller.settimeout(max(0.01, until - time.monotonic()))
        more = caller.recv(65536)
        if not more:
            break
        said += more
    if len(said) > _MOST_BYTES:
        raise ValueError("too long")
    value: Any = json.loads(said.decode("utf-8", "surrogateescape"))
    compose, token = value["compose"], value["token"]
    if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
        raise ValueError("no token")
    if compose is None:
        return Handed(None, token)
    if (
        not isinstance(compose, list)
        or len(compose) > _MOST_THINGS
        or not all(isinstance(each, str) for each in compose)
    ):
        raise ValueError("nothing to compose")
    return Handed(tuple(compose), token)


def _absolute(compose: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """File names as they are understood from any folder."""
    if compose is None:
        return None
    return tuple(
        each if each.lower().startswith("mailto:") else str(Path(each).absolute()) for each in compose
    )


def _activation_token() -> str:
    token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    return token if len(token) <= _LONGEST_TOKEN else ""


def _is_this_user(caller: socket.socket) -> bool:
    if sys.platform != "linux":
        return True  # the folder's rights are what keeps others out
    _, user, _ = struct.unpack(
        "3i", caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    )
    return bool(user == os.geteuid())


def _locked(folder: int) -> bool:
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _address(folder: int, path: Path) -> Iterator[str]:
    """The socket's address: its path, or where that is too long for one, a way through the open folder."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
    elif sys.platform == "linux":
        yield f"/proc/self/fd/{folder}/{path.name}"
    else:
        raise OSError("the path is too long for a socket")
