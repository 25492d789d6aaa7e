"""What is too long for each change: ``python3 packaging/nightly.py`` as root, an hour or two.

Builds everything, once more from another path, installs it in fresh systems, kills the program by the thousand, and
measures. Each step is tried, whatever became of those before it; ends with 0 only if all of them passed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
WITHIN = str(ROOT / ".venv" / "bin" / "python")
STEPS: tuple[tuple[str, list[str]], ...] = (
    ("tests", [PYTHON, "packaging/dev.py", "test"]),
    ("build", [PYTHON, "packaging/dev.py", "build"]),
    ("tor for Windows", [PYTHON, "packaging/dev.py", "build", "--programs-for", "windows"]),
    (
        "its form",
        [
            "sh",
            "-c",
            "lintian --allow-root --display-info --pedantic --fail-on error,warning,info,pedantic dist/*.deb",
        ],
    ),
    ("the same from another path", [PYTHON, "packaging/reproducible.py"]),
    ("a fresh Debian 12", [PYTHON, "packaging/fresh.py", "bookworm"]),
    ("a fresh Debian 13", [PYTHON, "packaging/fresh.py", "trixie"]),
    ("a fresh Ubuntu 24.04", [PYTHON, "packaging/fresh.py", "noble"]),
    ("kills", [WITHIN, "-m", "tests.delivery.kills", "4000"]),
    ("benchmarks", [PYTHON, "packaging/dev.py", "bench"]),
)


def main() -> int:
    """0 only if every step passed."""
    told = []
    for name, command in STEPS:
        began = time.monotonic()
        print(f"\n== {name}", flush=True)
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        told.append((name, status, time.monotonic() - began))
    print()
    for name, status, seconds in told:
        print(f"{'passed' if status == 0 else f'FAILED ({status})'}  {name}, {seconds / 60:.0f} min")
    return 0 if all(status == 0 for _, status, _ in told) else 1


if __name__ == "__main__":
    raise SystemExit(main())
