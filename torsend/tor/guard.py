"""The second wall: whatever this process's Python code connects to, it is Tor's own port or it does not
happen.

Python tells its audit hooks of every ``connect``, ``sendto``, ``sendmsg`` and of every question to the
machine's resolver, whichever library asks (PEP 578; https://docs.python.org/3/library/audit_events.html). The
hook here refuses all but the addresses that were permitted; a refused call has done nothing yet. A hook
cannot be taken out again.

Unix sockets are refused as well (nscd and systemd-resolved answer name questions over them), but for the
desktop's session bus, which the keyring needs, and Tor's own. Where that bus is, is read once, when the guard
goes up: who changes the environment later gains nothing. Sockets of any other kind (netlink, vsock, Bluetooth)
are refused whatever they name.

Programs are refused, since what they connect to nobody here would see: all but tor and the cleaner's process, each for
the moment of its start (`starting`).

A name given to ``connect`` itself is resolved in C before any hook hears of it, so the methods of ``socket.socket``
that take an address are held to IP addresses as well.

What it does not see: code that opens sockets or starts programs in C by itself, or calls C from Python (ctypes,
cffi, ``_posixsubprocess``): it stands against mistakes and against libraries that mean well, not against code in
this process that wants out. Qt's modules that connect are never imported; its platform plugins connect to
screen and buses, and find in the environment only such of this machine (`torsend.surroundings`). The test that
runs the program in a network namespace counts what the kernel sees.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from torsend.errors import LeakRefused
from torsend.words import mark, t

Address = tuple[str, int] | str
"""``(IP address, port)``, or the path of a unix socket."""

UNIX: int = getattr(socket, "AF_UNIX", 1)
"""The family of unix sockets. Where Python has none (Windows), connecting one is an ``OSError`` as any other."""

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_PROGRAMS = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty.spawn"}
)
_MAY_START = frozenset({"subprocess.Popen", "os.posix_spawn"})
"""Of those, the ones of which the whole program is known: ``subprocess`` uses both."""
_WATCHED = _CONNECTS | _LOOKUPS | _PROGRAMS

_REPORT = mark("That is a fault of Torsend: report it.")

_NOWHERE = ("127.0.0.1", 1)
"""Nobody is ever permitted to connect there."""
_permitted: Counter[Address] = Counter()
_starting: Counter[tuple[str, tuple[str, ...] | None]] = Counter()
"""Programs that may be started now, with which arguments (the program's name among them); None: with any."""
_bus: frozenset[str] = frozenset()
_refused = 0
_lock = threading.Lock()
_installed = False


def install() -> None:
    """Puts the guard up, for the rest of this process's life. Once is enough; again does nothing."""
    global _installed, _bus  # one process, one guard: hooks cannot be removed
    with _lock:
        if _installed:
            return
        _installed = True
        _bus = _session_bus()
    _hold_to_addresses()
    sys.addaudithook(_hook)


def permit(address: Address) -> None:
    """Lets connections to this address through, until it was forgotten as often as it was permitted."""
    with _lock:
        _permitted[address] += 1


def forget(address: Address) -> None:
    """Takes one permission back. Connections that stand are not touched."""
    with _lock:
        _permitted[address] -= 1
        if _permitted[address] <= 0:
            del _permitted[address]


@contextlib.contextmanager
def permitted(address: Address) -> Iterator[None]:
    """Permits the address for the length of the block."""
    permit(address)
    try:
        yield
    finally:
        forget(address)


@contextlib.contextmanager
def starting(program: Path, command: Sequence[str] | None = None) -> Iterator[None]:
    """Lets this program be started during the block, and nothing else.

    Args:
        command: only with these arguments, the first of them the program's name. A Python that may be started with
            any is every program there is.
    """
    exact = (os.fspath(program), None if command is None else tuple(command))
    with _lock:
        _starting[exact] += 1
    try:
        yield
    finally:
        with _lock:
            _starting[exact] -= 1


def refused() -> int:
    """How often it had to say no in this process: in a Torsend without faults never."""
    return _refused


def holds() -> bool:
    """Whether it stands: asks what must be refused, by the event alone, so nothing leaves where nobody refuses."""
    try:
        sys.audit("socket.connect", SimpleNamespace(family=socket.AF_INET), _NOWHERE)
    except LeakRefused:
        return True
    return False


def permissions() -> frozenset[Address]:
    """What is let through now."""
    with _lock:
        return frozenset(_permitted)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    if event in _LOOKUPS:
        # A literal needs no resolver, but whoever passes one here would pass a name the next time.
        raise _lookup_refused()
    if event in _PROGRAMS:
        if not _may_start(event, arguments):
            raise _leak(
                t("Another program was about to be started, which could go past Tor. It was stopped.")
            )
        return
    connection, address = arguments[0], arguments[1]
    if address is None:
        return  # sendmsg on a connected socket: its connect was looked at
    family = getattr(connection, "family", None)
    if not _allowed(family, address):
        raise _leak(t("A connection past Tor was about to be opened. It was stopped."))


def _allowed(family: object, address: object) -> bool:
    if family in {socket.AF_INET, socket.AF_INET6}:
        match address:
            case (str(host), int(port), *_):
                with _lock:
                    return _permitted[host, port] > 0
            case _:
                return False
    if family == UNIX:
        match address:
            case str():
                path = address
            case bytes() | bytearray():
                path = os.fsdecode(bytes(address))
            case _:
                return False
        with _lock:
            if _permitted[path] > 0:
                return True
        return path in _bus
    return False


def _may_start(event: str, arguments: tuple[object, ...]) -> bool:
    if event not in _MAY_START:
        return False
    program, command = arguments[0], arguments[1]
    if not isinstance(program, str | bytes | os.PathLike):
        return False  # on Windows whoever starts a program has to name it apart (``executable``), or it isn't known
    with _lock:
        return any(
            count > 0 and name == os.fsdecode(program) and (exact is None or _same(exact, command))
            for (name, exact), count in _starting.items()
        )


def _same(exact: tuple[str, ...], command: object) -> bool:
    if isinstance(command, str):
        # As Windows has it: one line of all.
        return command == subprocess.list2cmdline(exact)
    return isinstance(command, list | tuple) and tuple(map(os.fsdecode, command)) == exact


def _session_bus() -> frozenset[str]:
    """Where the desktop's session bus listens (D-Bus specification, Server Addresses)."""
    paths = set()
    for server in os.environ.get("DBUS_SESSION_BUS_ADDRESS", "").split(";"):
        transport, _, pairs = server.partition(":")
        if transport != "unix":
            continue
        for pair in pairs.split(","):
            key, _, value = pair.partition("=")
            if key == "path":
                paths.add(unquote(value))
            elif key == "abstract":
                paths.add("\0" + unquote(value))
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        paths.add(f"{runtime}/bus")
    return frozenset(paths)


def _hold_to_addresses() -> None:
    """Puts a check before the methods of ``socket.socket`` that would resolve a name by themselves."""
    for name in ("connect", "connect_ex", "sendto", "sendmsg", "bind"):
        setattr(socket.socket, name, _checked(getattr(socket.socket, name)))


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checked(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1] if arguments else None
        if self.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple) and address:
            _refuse_a_name(address[0])
        return method(self, *arguments)

    return checked


def _refuse_a_name(host: object) -> None:
    text = host.decode("latin-1") if isinstance(host, bytes | bytearray) else str(host)
    if text:  # empty: any address, for who listens
        try:
            ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            raise _lookup_refused() from None


def _lookup_refused() -> LeakRefused:
    return _leak(t("A name was about to be looked up on this computer, past Tor. It was stopped."))


def _leak(sentence: str) -> LeakRefused:
    global _refused  # of the process, as the guard is
    with _lock:
        _refused += 1
    return LeakRefused(sentence, advice=t(_REPORT))
