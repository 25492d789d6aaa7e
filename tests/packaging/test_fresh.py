"""A step of ``packaging/fresh.py`` that hangs is named and ended with all that it started, and nothing of it is left."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path
from types import ModuleType

import pytest

import torsend

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
PATIENCE = 60.0


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    module = importlib.import_module("fresh")
    if os.geteuid() != 0:
        monkeypatch.setattr(module, "APART", (*module.APART, "--user", "--map-root-user"))
    return module


def _minimal(folder: Path, apt: str) -> None:
    """A system of a shell and what it needs, with this for apt-get."""
    shell = Path("/bin/sh").resolve()
    linked = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True).stdout
    with tarfile.open(folder / "bookworm.tar", "w") as archive:
        archive.add(shell, "bookworm/bin/sh")
        for library in re.findall(r"(/\S+) \(0x", linked):
            archive.add(Path(library).resolve(), f"bookworm{library}")
        for name in ("etc", "proc", "dev", "tmp", "var/log"):
            archive.add(folder, f"bookworm/{name}", recursive=False)
        script = folder / "apt-get"
        script.write_text(f"#!/bin/sh\n{apt}\n")
        script.chmod(0o755)
        archive.add(script, "bookworm/bin/apt-get")


def test_a_step_that_hangs_is_named_and_the_system_goes(
    fresh: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    deb = tmp_path / "torsend.deb"
    deb.touch()
    _minimal(tmp_path, "mkdir /tmp/left; echo so far >&2; while :; do read nothing </dev/tty || :; done")
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setattr(fresh, "_older", lambda *_: None)
    monkeypatch.setattr(fresh, "FETCHING_SECONDS", 1.0)
    assert not fresh._passes("bookworm", deb, tmp_path, [], None)
    told = capfd.readouterr().out
    assert "bookworm: prepare: not over after 1 s, so it was ended" in told
    assert list(place.iterdir()) == []


def test_whatever_a_step_started_ends_with_it(fresh: ModuleType, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reading = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)

    def ring() -> None:
        # Both of them have it open by then.
        assert os.read(reading, 1) == b"x"
        os.kill(os.getpid(), signal.SIGALRM)

    # The one in the background would survive its parent.
    script = f"exec 9>{held}; trap '' TERM HUP; (while :; do sleep 60; done) & echo x >&9; wait"
    began = threading.Thread(target=ring)
    writer = os.open(held, os.O_WRONLY)  # so that the reader waits for a first word
    began.start()
    try:
        with (
            os.fdopen(writer, "wb"),
            pytest.raises(fresh.Hung, match="a step"),
            fresh._limit("a step", PATIENCE),
        ):
            fresh._alone([], ["sh", "-c", script], dict(os.environ))
        began.join()
        os.set_blocking(reading, False)
        assert set(os.read(reading, 10)) <= set(b"\n")
        assert os.read(reading, 1) == b""  # nobody has it open any more
    finally:
        os.close(reading)


@pytest.mark.usefixtures("fresh")  # from then on its neighbours can be imported
def test_a_signal_ends_it_in_order_once() -> None:
    ending = importlib.import_module("ending")
    kinds = ending.TOLD_BY
    before = [signal.getsignal(each) for each in kinds]
    try:
        ending.heed_signals()
        with pytest.raises(SystemExit) as ended:
            os.kill(os.getpid(), signal.SIGTERM)
        assert ended.value.code == 143
        assert [signal.getsignal(each) for each in kinds] == [signal.SIG_IGN] * 3
    finally:
        for each, handler in zip(kinds, before, strict=True):
            signal.signal(each, handler)


def test_a_screen_that_does_not_end_by_itself_is_ended(
    fresh: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "FAREWELL_SECONDS", 0.1)
    deaf = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo x; while :; do sleep 60; done"], stdout=subprocess.PIPE
    )
    assert deaf.stdout is not None
    with deaf.stdout, fresh._ended(deaf):
        assert deaf.stdout.read(1) == b"x"
    assert deaf.returncode == -signal.SIGKILL


def test_it_takes_the_package_of_this_version_and_asks_for_what_it_needs_itself(
    fresh: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "argv", ["fresh.py", "bookworm"])
    monkeypatch.setattr(fresh, "ROOT", tmp_path)
    monkeypatch.setattr(fresh, "heed_signals", lambda: None)
    asked: list[str] = []
    tried: list[Path] = []
    monkeypatch.setattr(fresh, "system_packages", asked.extend)

    def passes(_suite: str, deb: Path, *_: object) -> bool:
        tried.append(deb)
        return True

    monkeypatch.setattr(fresh, "_passes", passes)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "torsend_0.0.1_amd64.deb").touch()
    with pytest.raises(SystemExit, match=f"no .deb of {re.escape(torsend.__version__)}"):
        fresh.main()
    this = tmp_path / "dist" / f"torsend_{torsend.__version__}_amd64.deb"
    this.touch()
    assert fresh.main() == 0
    assert tried == [this.resolve()]
    assert {"weston", "xvfb", "debootstrap", "iproute2"} <= set(asked)
