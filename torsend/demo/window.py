"""Opens the program's window in a process of its own: who asks stays free of Qt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torsend
from torsend import signals
from torsend.demo.failures import DemoFailed
from torsend.surroundings import SCREENS
from torsend.tor import guard
from torsend.tor.process import child_environment
from torsend.words import t, tn

WINDOW_SECONDS = 90.0


def open_window(torrc: Path) -> str:
    """Opens it, lets it connect to the private network, closes it; says what was seen.

    Args:
        torrc: makes a tor a client of the private network.

    Raises:
        DemoFailed: it did not open, was not drawn, did not connect, or something in it tried to go past Tor.
    """
    with signals.temporary_folder("torsend-selftest-") as folder:
        arguments = [
            "--profile",
            str(folder / "profile"),
            "--torrc-include",
            str(torrc),
            "selftest",
            "--window",
        ]
        # What libraries keep for the next time (fontconfig its list of fonts) goes with the rest.
        said = _run(arguments, {"XDG_CACHE_HOME": str(folder)})
    if not said.get("colours"):
        raise DemoFailed(t("The window opened and stayed empty."))
    if not said.get("connected"):
        raise DemoFailed(t("The window opened, and did not connect to Tor."))
    if refused := said.get("refused"):
        raise DemoFailed(
            tn(
                "The window tried {n} time to go past Tor.",
                "The window tried {n} times to go past Tor.",
                refused,
            )
        )
    platform = said.get("platform", "")
    if platform == "offscreen":
        return t("drawn and connected; there is no screen here, so nobody saw it")
    return t("drawn and connected, on {platform}", platform=platform)


def _run(arguments: list[str], further: dict[str, str]) -> dict[str, Any]:
    program = Path(sys.executable)
    frozen = getattr(sys, "frozen", False)
    command = [str(program), *([] if frozen else ["-m", "torsend"]), *arguments]
    environment = child_environment() | further
    if frozen:
        # A bundle's starter takes a child that inherits its notes for a part of itself, and sets no libraries' path.
        environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    else:
        here = str(Path(torsend.__file__).resolve().parent.parent)
        environment["PYTHONPATH"] = os.pathsep.join(
            [here, *environment.get("PYTHONPATH", "").split(os.pathsep)]
        )
    if sys.platform == "linux" and not any(map(environment.get, SCREENS)):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        with guard.starting(program, command):
            running = subprocess.Popen(
                command, executable=program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment,
            )  # fmt: skip
        with running:
            try:
                out, err = running.communicate(timeout=WINDOW_SECONDS)
            except BaseException:
                with signals.shielded():
                    running.kill()
                    running.wait()
                raise
        said = json.loads(out.splitlines()[-1])
    except (OSError, subprocess.SubprocessError) as cause:
        raise DemoFailed(t("The window could not be opened.")) from cause
    except (IndexError, ValueError):
        # What Qt or the program said of it, if anything: of this computer's libraries, not of the person.
        words = err.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise DemoFailed(t("The window did not open. {words}", words=" ".join(words)).strip()) from None
    return said if isinstance(said, dict) else {}
