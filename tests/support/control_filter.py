"""A filter before a real Tor's control port, as Tails and Whonix have one: it lets through what a profile allows."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO


@dataclass
class Profile:
    """What may be asked. Patterns are regular expressions for the whole of the arguments.

    Attributes:
        commands: a command's name → patterns of its arguments.
        events: events that may be asked for.
        answers: patterns of lines from Tor → what becomes of them (``str.format`` with the groups).
    """

    commands: dict[str, list[str]] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)

    def rule(self, line: str) -> str | None:
        """The pattern that allows the line; None if none does."""
        command, _, arguments = line.partition(" ")
        patterns = self.commands.get(command.upper(), [])
        return next((each for each in patterns if re.fullmatch(each, arguments)), None)

    def allows(self, line: str) -> bool:
        command, *arguments = line.split()
        if command.upper() == "SETEVENTS":
            return {each.upper() for each in arguments} <= self.events
        return self.rule(line) is not None


EVERYTHING = Profile({name: [".*"] for name in ("GETINFO", "GETCONF", "ONION_CLIENT_AUTH_ADD", "ONION_CLIENT_AUTH_REMOVE")},
                     {"STATUS_CLIENT", "STATUS_GENERAL", "NETWORK_LIVENESS", "CIRC", "STREAM"})  # fmt: skip
NOTHING = Profile()


def whonix(socks: str) -> Profile:
    """Whonix's default: it also says that the SOCKS port is at the workstation's own address, ``socks``."""
    return Profile(
        {
            "SIGNAL": ["NEWNYM"],
            "GETINFO": [
                "status/circuit-established",
                "version",
                "net/listeners/socks",
                "consensus/valid-(after|until)",
            ],
            "GETCONF": ["__owningcontrollerprocess"],
        },
        {"SIGNAL", "CONF_CHANGED", "STATUS_SERVER"},
        {r'250-net/listeners/socks=".*"': f'250-net/listeners/socks="{socks}"'},
    )


def read_profile(path: Path) -> Profile:
    """A profile of onion-grater's, as far as ours uses its format: one filter; commands, confs and events."""
    (made,) = _yaml(path.read_text("utf-8"))
    profile = Profile({name: list(patterns) for name, patterns in made["commands"].items()})
    profile.commands["GETCONF"] = list(made["confs"])
    profile.events = set(made["events"])
    for options in made["events"].values():
        for each in (options or {}).get("response", []):
            profile.answers[each["pattern"]] = each["replacement"]
    return profile


class ControlFilter:
    """Listens on loopback until it is closed; use it in a ``with``. It has let itself in at Tor, and lets in anybody.

    Attributes:
        asked: every line that was sent, allowed or not, without its arguments' secrets where it authenticates.
    """

    def __init__(self, control: tuple[str, int], profile: Profile, host: str = "127.0.0.1") -> None:
        self._control, self._profile = control, profile
        self.asked: list[str] = []
        self._listening = socket.create_server((host, 0))
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listening.getsockname()
        return host, port

    def __enter__(self) -> ControlFilter:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end(self._listening)
        self._threads[0].join()
        for each in self._sockets:
            self._end(each)
        for thread in self._threads[1:]:
            thread.join()
        for each in (self._listening, *self._sockets):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            tor = socket.create_connection(self._control)
            version = self._let_in(tor)
            self._sockets += [client, tor]
            lock = threading.Lock()
            for target, arguments in (
                (self._questions, (client, tor, version, lock)),
                (self._answers, (client, tor, lock)),
            ):
                thread = threading.Thread(target=target, args=arguments)
                self._threads.append(thread)
                thread.start()

    def _let_in(self, tor: socket.socket) -> str:
        said = _asked(tor, b"PROTOCOLINFO 1")
        cookie = re.search(r'COOKIEFILE="([^"]+)"', said)
        word = Path(cookie[1]).read_bytes().hex() if cookie else ""
        assert _asked(tor, f"AUTHENTICATE {word}".encode()).startswith("250")
        version = re.search(r'VERSION Tor="([^"]+)"', said)
        assert version
        return version[1]

    def _questions(
        self, client: socket.socket, tor: socket.socket, version: str, lock: threading.Lock
    ) -> None:
        try:
            with client.makefile("rb") as heard:
                for line in heard:
                    asked = line.decode().strip()
                    command = asked.split()[0].upper()
                    self.asked.append("AUTHENTICATE" if command == "AUTHENTICATE" else asked)
                    match command:
                        case "PROTOCOLINFO":
                            answer = f'250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor="{version}"\r\n250 OK'
                        case "AUTHENTICATE":
                            answer = "250 OK"
                        case _ if self._profile.allows(asked):
                            tor.sendall(line)
                            continue
                        case _:
                            answer = "510 Command filtered"
                    with lock:
                        client.sendall(answer.encode() + b"\r\n")
        except OSError:
            pass
        finally:
            self._end(tor)

    def _answers(self, client: socket.socket, tor: socket.socket, lock: threading.Lock) -> None:
        try:
            with tor.makefile("rb") as heard:
                for message in _messages(heard):
                    with lock:
                        client.sendall("".join(self._changed(line) + "\r\n" for line in message).encode())
        except OSError:
            pass
        finally:
            self._end(client)

    def _changed(self, line: str) -> str:
        for pattern, replacement in self._profile.answers.items():
            if found := re.fullmatch(pattern, line):
                return replacement.format(*found.groups())
        return line

    @staticmethod
    def _end(each: socket.socket) -> None:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _asked(tor: socket.socket, question: bytes) -> str:
    tor.sendall(question + b"\r\n")
    said = b""
    while not re.search(rb"^\d\d\d .*\r\n", said, re.MULTILINE):
        said += tor.recv(4096)
    return said.decode()


def _messages(heard: BinaryIO) -> Iterator[list[str]]:
    """Whole replies and events (control-spec, section 2.3)."""
    message: list[str] = []
    data = False
    for raw in heard:
        line = raw.decode().rstrip("\r\n")
        message.append(line)
        if data:
            data = line != "."
        elif line[3:4] == "+":
            data = True
        elif line[3:4] == " ":
            yield message
            message = []


def _yaml(text: str) -> Any:
    """YAML's plain part: mappings and lists by indentation, scalars in single quotes or bare."""
    lines = [
        (len(line) - len(line.lstrip()), line.strip())
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#") and line.strip() != "---"
    ]
    value, rest = _block(lines)
    assert not rest
    return value


_Lines = list[tuple[int, str]]


def _block(lines: _Lines) -> tuple[Any, _Lines]:
    at = lines[0][0]
    if lines[0][1].startswith("- "):
        items: list[Any] = []
        while lines and lines[0][0] == at and lines[0][1].startswith("- "):
            inside = lines[0][1][2:]
            if re.match(r"[\w-]+:", inside):
                item, lines = _block([(at + 2, inside), *lines[1:]])
                items.append(item)
            else:
                items.append(_scalar(inside))
                lines = lines[1:]
        return items, lines
    made: dict[str, Any] = {}
    while lines and lines[0][0] == at and not lines[0][1].startswith("- "):
        key, _, value = lines[0][1].partition(":")
        lines = lines[1:]
        if value.strip():
            made[key] = _scalar(value.strip())
        elif lines and lines[0][0] > at:
            made[key], lines = _block(lines)
        else:
            made[key] = None
    return made, lines


def _scalar(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def used(profile: Profile, asked: list[str]) -> Mapping[str, set[str]]:
    """Which of the profile's rules the lines needed."""
    rules: dict[str, set[str]] = {}
    for line in asked:
        command, *arguments = line.split()
        if command == "SETEVENTS":
            rules.setdefault(command, set()).update(arguments)
        elif rule := profile.rule(line):
            rules.setdefault(command, set()).add(rule)
    return rules
