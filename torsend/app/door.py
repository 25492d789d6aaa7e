"""One window a profile: who starts Torsend again, or follows a ``mailto:`` link, is let in by the window that is open.

Who comes second hands over what it was started with (``handed``) and ends once the window has taken it. How it finds the
window, and how both know each other, differs from system to system (``way_in``). A window that is just being closed takes
nothing any more; then the second waits until it is gone and opens one itself: nothing that was asked for is lost.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, cast

from torsend.app.door_by_port import ByPort
from torsend.app.handed import ANSWER_BYTES, MOST_BYTES, Answer, Handed, wishes
from torsend.app.threshold import Threshold
from torsend.app.way_in import DOOR
from torsend.errors import TorsendError
from torsend.vault import AlreadyRunning
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torsend.app.way_in import Envelope, Listening, WayIn
    from torsend.paths import Profile

log = logging.getLogger("torsend.app")

_TALK_SECONDS = 2.0
"""For a caller to say what it wants: it was written before it called."""
ANSWER_SECONDS = 3.0
"""For the window to take it: its thread never waits for long."""
_PATIENCE_SECONDS = 15.0
"""For a window that is being closed to be gone."""
_BETWEEN_SECONDS = 0.01


class NoAnswer(AlreadyRunning):
    """A window is there and doesn't answer."""


class Door:
    """This process's hold on the profile's window. ``answer`` lets others in; ``close`` ends it, in any case.

    Args:
        way: how we are found, and taken; None where there is no hold.
        listening: who calls before ``answer`` waits there.
    """

    def __init__(self, way: WayIn | None = None, listening: Listening | None = None) -> None:
        self._way = way
        self._listening = listening
        self._thread: threading.Thread | None = None
        self._waiting: list[socket.socket] = []

    def answer(self, heard: Callable[[Handed], bool]) -> None:
        """Lets others in from now on.

        Args:
            heard: called on a thread of the door's; gives whether the window took it. False: it is being closed.
        """
        if self._way is None or self._listening is None:
            return
        self._thread = threading.Thread(
            target=self._serve, args=(self._way, self._listening, heard), name="torsend-door", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Lets go; who waits for that goes on. A second call does nothing."""
        if self._listening is not None:
            self._listening.waker.close()
            if self._thread is not None:
                self._thread.join()
            self._listening.close()
            self._listening = None
        if self._way is not None:
            way, self._way = self._way, None
            way.leave()
            way.release()
        while self._waiting:
            self._waiting.pop().close()

    def _serve(self, way: WayIn, listening: Listening, heard: Callable[[Handed], bool]) -> None:
        listener, woken = listening.listener, listening.woken
        with (
            selectors.DefaultSelector() as selector,
            contextlib.closing(Threshold(way.hello, selector)) as threshold,
        ):
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                ready = [
                    cast("socket.socket", key.fileobj) for key, _ in selector.select(threshold.patience())
                ]
                if woken in ready:
                    return
                for stream in ready:
                    caller = stream
                    if stream is listener:
                        try:
                            caller, _ = listener.accept()
                        except OSError:
                            continue  # gone before it was let in
                    hello = threshold.enter(caller) if stream is listener else threshold.hear(caller)
                    if hello is not None and not self._let_in(way, caller, hello, heard):
                        caller.close()

    def _let_in(
        self, way: WayIn, caller: socket.socket, hello: bytes, heard: Callable[[Handed], bool]
    ) -> bool:
        """Whether the caller is to be kept waiting until the door is closed."""
        try:
            answer = _answer(way, caller, hello, heard)
        except (OSError, ValueError) as error:
            # It may hold an address: only the kind of error is told.
            log.info("a caller was not let in: %s", type(error).__name__)
            return False
        if answer is Answer.CLOSING:
            self._waiting.append(caller)
        return answer is Answer.CLOSING


def _answer(way: WayIn, caller: socket.socket, hello: bytes, heard: Callable[[Handed], bool]) -> Answer:
    """Hears one caller out and answers.

    Raises:
        OSError, ValueError: it is none of ours, or gone.
    """
    until = time.monotonic() + _TALK_SECONDS
    envelope = way.admit(caller, hello, until)
    said = envelope.unseal(_all_of(caller, until, envelope.extra))
    try:
        handed = Handed.from_bytes(said)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        log.info("a caller was not understood: %s", type(error).__name__)
        answer = Answer.UNCLEAR
    else:
        answer = Answer.TAKEN if heard(handed) else Answer.CLOSING
    caller.settimeout(_TALK_SECONDS)
    caller.sendall(envelope.seal(answer.value))
    return answer


def _all_of(caller: socket.socket, until: float, extra: int) -> bytes:
    most = MOST_BYTES + extra
    said = bytearray()
    while len(said) <= most:
        caller.settimeout(max(0.01, until - time.monotonic()))
        more = caller.recv(65536)
        if not more:
            return bytes(said)
        said += more
    raise ValueError("too long")


def open_door(
    profile: Profile,
    compose: tuple[str, ...] | None = None,
    *,
    patience: float | None = None,
    way_in: Callable[[Path], WayIn] | None = None,
) -> Door | None:
    """Gets hold of the profile's window, or hands over to the one that is open: then None.

    Args:
        compose: what this start was asked for.
        patience: seconds to wait for a window that is being closed; None: as long as that may take.
        way_in: for this path in the profile; None: this system's.

    Raises:
        NoAnswer: a window is there and takes nothing.
        TooMuch: one is there, and what was asked for is too much to hand over.
    """
    try:
        profile.prepare()
        way = (way_in or _way_in)(profile.folder / DOOR)
    except (OSError, TorsendError):
        return Door()  # whoever opens the profile next says why it can't be used
    until = time.monotonic() + (_PATIENCE_SECONDS if patience is None else patience)
    try:
        while not way.take():
            if _hand_over(way, wishes(compose, os.environ.get("XDG_ACTIVATION_TOKEN", "")).to_bytes(), until):
                way.release()
                return None
            if time.monotonic() >= until:
                raise NoAnswer(
                    t("Torsend is open with this profile, but its window doesn’t answer."),
                    advice=t("Close it, and try again."),
                )
    except OSError:
        way.release()
        return Door()  # the folder went meanwhile, and can't be made again
    except BaseException:
        way.release()
        raise
    try:
        return Door(way, way.listen())
    except OSError as error:
        # A folder on a file system without sockets, say. A window opens all the same.
        log.warning("nobody can be let in: %s", type(error).__name__)
        way.release()
        return Door()


def _way_in(path: Path) -> WayIn:
    if sys.platform == "win32":
        return ByPort(path)  # Python has no unix sockets there
    else:  # noqa: RET505  # so that a check for another system sees which lines are its own
        from torsend.app.door_by_socket import BySocket, reaches

        return BySocket(path) if reaches(path) else ByPort(path)


def _hand_over(way: WayIn, said: bytes, until: float) -> bool:
    """Whether it was taken. If not, the window is gone by now, or the time is over.

    Raises:
        NoAnswer: it was not understood.
    """
    try:
        caller, envelope = way.call(until)
        with caller:
            _let_it_come_forward()
            caller.settimeout(max(0.01, until - time.monotonic()))
            caller.sendall(envelope.seal(said))
            caller.shutdown(socket.SHUT_WR)
            answer = _answer_of(caller, envelope)
            if answer is Answer.CLOSING:
                caller.settimeout(max(0.01, until - time.monotonic()))
                caller.recv(1)  # the end of the stream is the end of the window
    except (OSError, ValueError):
        # Locked, and nobody listens: between lock and socket lie a few lines, at either end of a window's life.
        threading.Event().wait(min(_BETWEEN_SECONDS, max(0.0, until - time.monotonic())))
        return False
    if answer is Answer.UNCLEAR:
        raise NoAnswer(
            t("Torsend is open with this profile, in another version, and didn’t understand what to open."),
            advice=t("Close it, and try again."),
        )
    return answer is Answer.TAKEN


def _answer_of(caller: socket.socket, envelope: Envelope) -> Answer:
    left = ANSWER_BYTES + envelope.extra
    said = b""
    while len(said) < left:
        more = caller.recv(left - len(said))
        if not more:
            raise ConnectionError("no answer")
        said += more
    return Answer(envelope.unseal(said))


def _let_it_come_forward() -> None:
    """Windows lets a window come before others only if the one in front, as we are just now, says so."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(ctypes.c_uint32(0xFFFFFFFF))  # ASFW_ANY
