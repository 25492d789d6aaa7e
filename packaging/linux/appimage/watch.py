"""Takes the list of what a window's start reads (early.txt) anew: ``python3 packaging/linux/appimage/watch.py``.

After a build. Squashes the payload, lightly, behind a runtime that writes down each page that it is asked for, and starts
that with a new profile on an X server, and on a Wayland one where weston is installed. Wanted where Qt, Python or a library
that a start loads is another one: what is not listed is still found, only later.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "packaging"))

from linux import appimage, products  # noqa: E402  # after the place they lie in

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET, LONGEST = 3, 120
"""Seconds in which nothing is read, once it has begun: then the window stands; and how long that may take."""
PREFIX = "usr/lib/torsend/"


def main() -> int:
    """Writes the list; says how much it is."""
    payload = ROOT / "build" / "payload" / "bundle" / "torsend"
    blocks: dict[str, set[int]] = {}
    with tempfile.TemporaryDirectory(prefix="torsend-watch-") as name:
        folder = Path(name)
        squashed, log, program = folder / "squashed", folder / "log", folder / "watched.AppImage"
        appimage.app_folder(payload, products.desktop_files(folder), folder / "app")
        (folder / "app" / "early").unlink()  # what was stored before is not asked for
        appimage.squash(folder / "app", squashed, level=1)
        (work := folder / "runtime").mkdir()
        runtime = appimage.build_runtime(work, f'-DWATCH="{log}"')
        program.write_bytes(runtime.read_bytes() + squashed.read_bytes())
        program.chmod(0o755)
        for screen in (_x11, _wayland):
            with screen(folder) as environment:
                if environment:
                    for file, read in _started(program, log, folder, environment):
                        blocks.setdefault(file, set()).update(read)
    lines = []
    for file, read in blocks.items():
        count = -(-(payload / file).stat().st_size // appimage.BLOCK)
        lines.append(f"{''.join('1' if each in read else '0' for each in range(count))} {file}\n")
    appimage.EARLY.write_text("".join(lines), encoding="utf-8")
    print(f"{appimage.EARLY}: {len(lines)} files, {sum(map(len, blocks.values()))} blocks")
    return 0


def _started(
    program: Path, log: Path, folder: Path, environment: dict[str, str]
) -> Iterator[tuple[str, set[int]]]:
    """Starts it once; gives each file of the payload and which of its blocks it read, in order of their first use."""
    home = Path(tempfile.mkdtemp(dir=folder))
    log.unlink(missing_ok=True)
    around = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(folder),
        **environment,
    }
    with subprocess.Popen([program], env=around) as running:
        try:
            until = time.monotonic() + LONGEST
            sizes = [-1, 0]
            while time.monotonic() < until and (sizes[-1] == 0 or sizes[-1] != sizes[-2]):
                time.sleep(QUIET)
                sizes.append(log.stat().st_size if log.exists() else 0)
            # The cleaner's process, which waits in reserve, is not the window.
            others = {tid for child in _children(running.pid) for tid in _threads(child)}
        finally:
            running.terminate()
    names: dict[str, str] = {}
    found: dict[str, set[int]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        kind, number, rest = line.split(" ", 2)
        if kind == "file":
            names[number] = rest
            continue
        first, length, asker = map(int, rest.split(" "))
        if asker not in others and names[number].startswith(PREFIX):
            file = names[number].removeprefix(PREFIX)
            found.setdefault(file, set()).update(
                range(first // appimage.BLOCK, -(-(first + length) // appimage.BLOCK))
            )
    yield from found.items()


def _children(process: int) -> list[int]:
    told = [
        Path(f"/proc/{process}/task/{each}/children").read_text(encoding="ascii")
        for each in _threads(process)
    ]
    return [int(each) for line in told for each in line.split()]


def _threads(process: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError):
        return [int(each.name) for each in Path(f"/proc/{process}/task").iterdir()]
    return []


@contextlib.contextmanager
def _x11(_folder: Path) -> Iterator[dict[str, str]]:
    ours, theirs = os.pipe()
    command = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL) as server:
        os.close(theirs)
        with os.fdopen(ours) as told:
            number = told.readline().strip()
        yield {"DISPLAY": f":{number}"}
        server.terminate()


@contextlib.contextmanager
def _wayland(folder: Path) -> Iterator[dict[str, str]]:
    """Nothing where there is no weston."""
    command = ["weston", "--backend=headless-backend.so", "--socket=watched", "--idle-time=0"]
    try:
        server = subprocess.Popen(
            command, env={**os.environ, "XDG_RUNTIME_DIR": str(folder)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        yield {}
        return
    with server:
        while not (folder / "watched").exists() and server.poll() is None:
            time.sleep(0.1)
        yield {"WAYLAND_DISPLAY": "watched", "XDG_SESSION_TYPE": "wayland"}
        server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
