"""What a newcomer meets first: the command that names what is missing, and what stays after the removal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
NEEDS = ["libglib2.0-0t64|libglib2.0-0", "libx11-6"]
DEBIAN_12 = {"libglib2.0-0", "libx11-6", "tor"}
DEBIAN_13 = {"libglib2.0-0t64", "libx11-6", "tor"}


def asked_for(needs: list[str], known: set[str]) -> str:
    """What an ordinary user is told on a machine whose package lists know these."""
    script = (
        f"import dev; known = {known!r}\n"
        "dev.known = lambda need: next((each for each in need.split('|') if each in known), '')\n"
        f"print(dev.asked_for({needs!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.mark.parametrize(
    ("known", "lines"),
    [
        (DEBIAN_12, ["apt-get install --no-install-recommends libglib2.0-0 libx11-6"]),
        (DEBIAN_13, ["apt-get install --no-install-recommends libglib2.0-0t64 libx11-6"]),
        (set(), ["apt-get update", "apt-get install --no-install-recommends libglib2.0-0 libx11-6"]),
    ],
)
def test_the_command_has_the_names_of_this_system(known: set[str], lines: list[str]) -> None:
    told = asked_for(NEEDS, known)
    assert [line for line in told.splitlines() if "sudo" in line] == [f"    sudo {line}" for line in lines]


def test_who_has_to_install_tor_is_told_that_a_service_starts_with_it() -> None:
    assert "disable --now tor" in asked_for([*NEEDS, "tor"], DEBIAN_12)


@pytest.mark.parametrize(
    ("step", "said"), [("remove", True), ("purge", False), ("upgrade", False), ("failed-upgrade", False)]
)
def test_a_removal_tells_what_stays_and_an_upgrade_is_silent(step: str, said: bool, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", str(PACKAGING / "linux" / "postrm"), step], env={**os.environ, "DPKG_ROOT": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ("~/.local/share/torsend" in done.stdout and "`torsend wipe`" in done.stdout) is said
    assert bool(done.stdout) is said
