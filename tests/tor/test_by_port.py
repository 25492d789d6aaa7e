"""A tor of our own where no connection can be inherited (Windows): by a port that is closed as soon as we are in."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tor.parts import NOWHERE, PATIENCE, Seen, threads, wait_gone
from torsend.tor import link as link_module
from torsend.tor import process as process_module
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Launch
from torsend.tor.control import Control
from torsend.tor.finder import tor_binary
from torsend.tor.link import Link, ProcessEnded, Told, open_link
from torsend.tor.process import TorProcess, hashed, no_console
from torsend.tor.stream_failures import StreamCancelled
from torsend.tor.troubles import TorTroubled, failed

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = """
import sys
from pathlib import Path
from torsend.tor import link
from torsend.tor.cancel import Cancel
from torsend.tor.choice import Launch

link.BY_PORT = True
opened = link.open_link(
    Launch(torrc_include=Path(sys.argv[1])), Path(sys.argv[2]), lambda: None, lambda told: None, lambda name: False, Cancel()
)
print(opened.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def include(tmp_path: Path) -> Path:
    path = tmp_path / "include"
    path.write_text(NOWHERE)
    return path


@pytest.fixture
def opened(include: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Link]:
    monkeypatch.setattr(link_module, "BY_PORT", True)

    def run(
        binary: Path | None = None,
        cancel: Cancel | None = None,
        tell: Callable[[Told], None] = lambda _: None,
        start_seconds: float = PATIENCE,
    ) -> Link:
        choice = Launch(binary=binary, torrc_include=include)
        return open_link(
            choice, tmp_path / "data", lambda: None, tell, lambda _: False, cancel or Cancel(), start_seconds
        )

    return run


def test_the_port_is_gone_when_we_are_in_and_the_password_is_nowhere(
    opened: Callable[..., Link], tmp_path: Path
) -> None:
    seen: Seen[Told] = Seen()
    link = opened(tell=seen)
    assert link.process
    assert link.control
    assert link.process.pid
    assert link.control.information("net/listeners/control") == ""
    assert link.control.sees_circuits
    password = link.process.password
    assert len(password) == 64
    told = [Path(f"/proc/{link.process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
    told += [each.read_bytes() for each in (tmp_path / "data").iterdir() if each.is_file()]
    assert not any(password.encode() in each for each in told)
    # As with an inherited connection: tor ends with it.
    link.control.close()
    seen.wait(lambda told: isinstance(told, ProcessEnded))
    link.close()
    assert not threads()


def test_no_orphan_survives_the_kill_of_the_app(tmp_path: Path, include: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, include, tmp_path / "data"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with owner:
        assert owner.stdout
        tor = int(owner.stdout.readline())
        owner.kill()
        owner.wait(PATIENCE)
        assert wait_gone(tor), "tor outlived its owner"


def test_no_port_of_the_extra_lines_stays_either(opened: Callable[..., Link], include: Path) -> None:
    include.write_text(NOWHERE + "ControlPort 127.0.0.1:auto\n")
    link = opened()
    assert link.control
    assert link.control.information("net/listeners/control") == ""
    link.close()


def test_nobody_comes_in_with_another_password(include: Path, tmp_path: Path) -> None:
    process = TorProcess(tor_binary(), tmp_path / "data", include, lambda: None)
    try:
        address = process.start_with_port(PATIENCE, Cancel())
        assert address
        with pytest.raises(TorTroubled) as raised:
            Control.attach(address, lambda: "guessed", lambda _: None, lambda _: False, Cancel())
        assert raised.value.trouble.code == "wrong-password"
    finally:
        process.stop()


def test_why_it_would_not_start_is_said(opened: Callable[..., Link], include: Path) -> None:
    include.write_text("Colour green\n")
    with pytest.raises(TorTroubled) as raised:
        opened()
    assert raised.value.trouble.code == "wont-start"
    assert "Colour" in raised.value.trouble.what + raised.value.trouble.advice
    assert not threads()


@pytest.fixture
def mute(tmp_path: Path) -> Path:
    """A program that never opens a port."""
    path = tmp_path / "mute"
    path.write_text("#!/bin/sh\nexec sleep 600\n")
    path.chmod(0o755)
    return path


def test_one_that_opens_no_port_is_ended(
    opened: Callable[..., Link], mute: Path, include: Path, tmp_path: Path
) -> None:
    with pytest.raises(TorTroubled) as raised:
        open_link(
            Launch(binary=mute, torrc_include=include), tmp_path / "data", lambda: None, lambda _: None,
            lambda _: False, Cancel(), 0.2,
        )  # fmt: skip
    assert raised.value.trouble.code == "start-slow"
    assert not threads()


def test_who_waits_for_the_port_can_be_cancelled(opened: Callable[..., Link], mute: Path) -> None:
    cancel = Cancel()
    timer = threading.Timer(0.05, cancel.cancel)
    timer.start()
    with pytest.raises(StreamCancelled):
        opened(mute, cancel)
    timer.join()
    assert not threads()


def test_a_tor_that_will_not_be_owned_is_ended(
    opened: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Control) -> None:
        raise failed("refused")

    monkeypatch.setattr(Control, "own", refuse)
    with pytest.raises(TorTroubled) as raised:
        opened()
    assert raised.value.trouble.code == "shut-out"
    assert not threads()


def test_a_tor_of_our_own_that_refuses_our_password_is_not_waited_for(
    opened: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "hashed", lambda _: hashed("another"))
    monkeypatch.setattr(TorProcess, "ended", lambda *_: pytest.fail("it runs, and would be waited for"))
    with pytest.raises(TorTroubled) as raised:
        opened()
    assert raised.value.trouble.code == "shut-out"
    assert "wrong-password" in raised.value.log_safe
    assert not threads()


def test_owning_says_when_tor_refuses(opened: Callable[..., Link]) -> None:
    link = opened()
    assert link.control
    with pytest.MonkeyPatch.context() as patch:
        wire = link.control._wire
        ask = wire.ask
        patch.setattr(wire, "ask", lambda command: ask("GETINFO no-such-thing"))
        with pytest.raises(TorTroubled) as raised:
            link.control.own()
    assert raised.value.trouble.code == "refused"
    link.close()


def test_the_hash_is_tors_own() -> None:
    first, second = hashed("word"), hashed("word")
    assert first != second  # salted
    assert len(first) == len("16:") + 2 * (8 + 1 + 20)
    assert first[3 + 16 : 3 + 18] == "60"


def test_only_windows_has_a_flag_for_no_console() -> None:
    assert no_console() == 0
