"""``torsend selftest``: what holds is said, and what does not hold is said and ends with a status."""

from __future__ import annotations

import errno
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from torsend.clean.report import Trace
from torsend.cli import selftest
from torsend.demo import network, proof, window
from torsend.demo.failures import DemoFailed
from torsend.demo.proof import Check, checks, picture, tells
from torsend.tor import finder, guard

if TYPE_CHECKING:
    from pathlib import Path


def client_only(folder: Path) -> Path:
    tor = folder / "tor"
    tor.write_text(
        '#!/bin/sh\ncase "$1" in --version) echo "Tor version 0.4.9.1";; *) echo "relay: no\ndirauth: no";; esac\n'
    )
    tor.chmod(0o700)
    return tor


@pytest.mark.long
def test_the_whole_path_holds_and_every_check_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "torsend", "selftest"],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "All of it holds."
    said = [line.removeprefix("holds  ").partition(":")[0] for line in lines[1:-1]]
    assert said == [
        "Vault", "Keyring", "Tor", "Private network", "Sending", "Circuits", "Files", "Window", "Names", "Guard",
    ]  # fmt: skip
    assert "this computer’s" in done.stdout  # no bundle, so no tor of its own


def test_what_fails_is_said_and_ends_with_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = iter([Check("Vault", holds=True, seen="fine"), Check("Tor", holds=False, seen="not there")])
    monkeypatch.setattr(proof, "checks", lambda: tried)
    assert selftest.run() == 70
    out = capsys.readouterr().out
    assert "holds  Vault: fine\nFAILS  Tor: not there\nNot all of it holds.\n" in out


def test_a_tor_that_can_only_be_a_client_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(proof, "find_tor", lambda: client_only(tmp_path))
    found = {check.what: check for check in checks()}
    assert set(found) == {"Vault", "Keyring", "Tor", "Guard"}
    assert not found["Tor"].holds
    assert "can only be a client" in found["Tor"].seen


def test_a_network_that_does_not_come_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fails:
        def __enter__(self) -> None:
            raise DemoFailed("It did not stand.")

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(proof, "Scene", Fails)
    found = {check.what: check for check in checks()}
    assert not found["Private network"].holds
    assert "It did not stand." in found["Private network"].seen


def test_a_disk_that_takes_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")

    def no_room() -> None:
        raise full

    monkeypatch.setattr(proof, "Scene", no_room)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "nowhere")])
    monkeypatch.setattr(tempfile, "tempdir", None)
    found = {check.what: check for check in checks()}
    assert not found["Vault"].holds
    assert "refused it: No usable temporary directory" in found["Vault"].seen
    assert found["Private network"] == Check(
        "Private network", holds=False, seen="this computer refused it: No space left on device."
    )


def test_the_photo_tells_before_and_not_without_its_exif() -> None:
    data = picture()
    assert tells(data)
    assert proof.CAMERA.encode() in data
    at = data.index(b"\xff\xe1")
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    assert not tells(data[:at] + data[at + 2 + length :])


def test_a_photo_that_arrived_as_it_was_fails() -> None:
    check = proof._cleaned(picture(), set(Trace), ())
    assert not check.holds
    assert "may be in it" in check.seen


def test_what_the_guard_had_to_stop_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "holds", lambda: True)
    assert proof._nothing_leaked(0).holds
    assert proof._nothing_leaked(2).seen == "it had to stop 2 connections past Tor"
    monkeypatch.setattr(guard, "holds", lambda: False)
    assert not proof._nothing_leaked(0).holds


@pytest.mark.parametrize(
    ("said", "fails"),
    [
        ({"colours": 0}, "stayed empty"),
        ({"colours": 40, "connected": False}, "did not connect"),
        ({"colours": 40, "connected": True, "refused": 1}, "tried 1 time"),
    ],
)
def test_a_window_that_is_not_as_it_must_be_fails(
    said: dict[str, object], fails: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(window, "_run", lambda _arguments, _further: said)
    with pytest.raises(DemoFailed, match=fails):
        window.open_window(tmp_path / "torrc")


def test_a_window_on_a_screen_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = {"colours": 40, "connected": True, "refused": 0, "platform": "xcb"}
    monkeypatch.setattr(window, "_run", lambda _arguments, _further: said)
    assert window.open_window(tmp_path / "torrc") == "drawn and connected, on xcb"


@pytest.mark.parametrize("answer", ["", "echo []", "echo no; echo why >&2", "exit 3"])
def test_a_window_that_does_not_answer_fails(
    answer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "torsend"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(DemoFailed, match="window"):
        window.open_window(tmp_path / "torrc")
    program.unlink()
    with pytest.raises(DemoFailed, match="could not be opened"):
        window.open_window(tmp_path / "torrc")


def test_its_window_is_not_for_the_public_network() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "torsend", "selftest", "--window"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin"},
    )
    assert done.returncode == 64
    assert "Run torsend selftest." in done.stderr


def test_a_bundles_own_programs_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert finder.tor_binary().parent != programs
    for name in ("tor", "obfs4proxy"):
        (programs / name).touch(0o700)
    assert finder.tor_binary() == programs / "tor"
    assert network.find_tor() == programs / "tor"
    found = finder.transport_programs(["obfs4"], finder.tor_binary())
    assert found == {"obfs4": str(programs / "obfs4proxy")}
