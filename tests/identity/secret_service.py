"""A real Secret Service (gnome-keyring) on a bus of its own, and services that misbehave on purpose.

Nothing of it touches the keyring of whoever runs the tests: bus, home and runtime folder are throw-away.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Self

import secretstorage
from jeepney import MessageType, new_error
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from jeepney import Message

# No folder of activatable services: what isn't started here doesn't exist, a prompter for one.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_DEADLINE_SECONDS = 20.0
SECRETS = "org.freedesktop.secrets"
PROMPTER = "org.gnome.keyring.SystemPrompter"


class Desktop:
    """The part of a desktop that keeps secrets: a session bus, and gnome-keyring once it is started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._home = folder / "home"
        self._home.mkdir(mode=0o700)
        configuration = folder / "bus.conf"
        configuration.write_text(_BUS.format(folder=folder))
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--print-address=1", f"--config-file={configuration}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._bus.stdout is not None
        self.address = self._bus.stdout.readline().strip()
        assert self.address, "dbus-daemon did not start"
        self._keyring: subprocess.Popen[bytes] | None = None
        self._services: list[Service] = []
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", self.address)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))

    def start_keyring(self, password: bytes = b"opens the keyring") -> None:
        """Starts gnome-keyring and unlocks its login keyring; the first password becomes the keyring's."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._home),
            "XDG_RUNTIME_DIR": str(self._folder),
            "XDG_DATA_HOME": str(self._home / "data"),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }
        self._keyring = subprocess.Popen(
            [
                "gnome-keyring-daemon",
                "--foreground",
                "--components=secrets",
                "--unlock",
                f"--control-directory={self._folder / 'control'}",
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._keyring.stdin is not None
        self._keyring.stdin.write(password)
        self._keyring.stdin.close()
        self._wait_for(SECRETS, there=True)

    def lock(self) -> None:
        """Locks the keyring as a person does."""
        with closing(secretstorage.dbus_init()) as bus:
            collection = secretstorage.get_default_collection(bus)
            collection.lock()
            assert collection.is_locked()

    def kill_keyring(self) -> None:
        """The keyring dies."""
        assert self._keyring is not None
        self._keyring.kill()
        self._keyring.wait(_DEADLINE_SECONDS)
        self._keyring = None
        self._wait_for(SECRETS, there=False)

    def kill_bus(self) -> None:
        """The whole bus dies, and the keyring with it."""
        self._bus.kill()
        self._bus.wait(_DEADLINE_SECONDS)

    def serve(self, name: str, answer: Callable[[Message], Message | None]) -> Service:
        """Puts a service of ours on the bus."""
        service = Service(name, answer)
        self._services.append(service)
        return service

    def stop(self) -> None:
        for service in self._services:
            service.stop()
        for process in (self._keyring, self._bus):
            if process is not None:
                process.kill()
                process.wait(_DEADLINE_SECONDS)
        if self._bus.stdout is not None:
            self._bus.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_for(self, name: str, *, there: bool) -> None:
        until = time.monotonic() + _DEADLINE_SECONDS
        with closing(open_dbus_connection(bus=self.address)) as bus:
            while bool(bus.send_and_get_reply(message_bus.NameHasOwner(name)).body[0]) is not there:
                assert time.monotonic() < until, f"{name} did not come or go"


class Service:
    """A name on the bus whose calls a function answers; None leaves the caller waiting."""

    def __init__(self, name: str, answer: Callable[[Message], Message | None]) -> None:
        self.called = threading.Event()
        self._answer = answer
        self._stopping = threading.Event()
        self._bus: DBusConnection = open_dbus_connection()
        self._bus.send_and_get_reply(message_bus.RequestName(name))
        self._thread = threading.Thread(target=self._serve, name=f"test-{name}")
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                message = self._bus.receive(timeout=0.05)
            except TimeoutError:
                continue
            except (OSError, EOFError):
                break
            if message.header.message_type is MessageType.method_call:
                reply = self._answer(message)
                if reply is not None:
                    self._bus.send(reply)
                self.called.set()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(_DEADLINE_SECONDS)
        self._bus.close()


def refuse(message: Message) -> Message:
    """Says no to everything."""
    return new_error(message, "org.freedesktop.DBus.Error.AccessDenied", "s", ("not you",))


def stay_silent(_message: Message) -> None:
    """Never answers: a prompt that nobody looks at."""
