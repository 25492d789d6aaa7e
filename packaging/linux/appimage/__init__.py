"""The AppImage: the runtime of our own (runtime.c), and behind it the payload, squashed.

AppImage specification, type 2: an ELF file with ``AI`` and 2 in its padding, then a SquashFS with ``AppRun``, a desktop
file and an icon at its root.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from payload import traces
from pins import epoch

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent

#: squashfuse 0.5 (Debian 13, Ubuntu 24.04) includes libfuse's headers by their bare names.
HEADERS = ("-isystem", "/usr/include/fuse3")
#: Linked in whole, so that it starts where none of them is: in this order each finds what it needs in those after it.
LIBRARIES = ("squashfuse_ll", "squashfuse", "fuse3", "zstd", "lzma", "z", "lz4", "lzo2")
MAGIC = (8, b"AI\x02")
"""AppImage specification, "The ELF header": at which byte, what."""

BLOCK = 131072
"""Bytes of a file that are squashed, and unpacked, at once; runtime.h names it, too."""
EARLY = HERE / "early.txt"
"""What the start of a window reads, in its order: a digit for each block of a file, 1 where it is read, and its name in
the payload. `watch.py` writes it; where that is out of date a start is slower, and no more than that."""


def early(payload: Path) -> list[str]:
    """The lines of the image's own list, which ahead.c reads: digits, and the file's name in the payload."""
    lines = []
    for line in EARLY.read_text(encoding="utf-8").splitlines():
        digits, name = line.split(" ", 1)
        path = payload / name
        if path.is_file() and not path.is_symlink():
            blocks = -(-path.stat().st_size // BLOCK)
            # Another version of it: which of its blocks are read isn't known.
            lines.append(f"{digits if len(digits) == blocks else '1' * blocks} {name}")
    return lines


def build_runtime(work: Path, *options: str) -> Path:
    """Compiles it in ``work``, with further options for gcc; a second or two."""
    program = work / "appimage-runtime"
    compiled = subprocess.run(
        ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-g0", "-Wall", "-Wextra", "-Werror", "-static-pie",
         *HEADERS, "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", f"-ffile-prefix-map={HERE}=.", "-Wl,-z,relro,-z,now",
         "-Wl,--build-id=none", *options, "-o", str(program), *map(str, sorted(HERE.glob("*.c"))),
         *(f"-l{each}" for each in LIBRARIES)],
        check=False, stderr=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    # Silent where it went well: ld warns that libfuse could load modules, and ours names none.
    if compiled.returncode:
        raise SystemExit(f"The AppImage's runtime doesn't compile:\n{compiled.stderr}")
    subprocess.run(["strip", "--strip-all", str(program)], check=True)
    with program.open("r+b") as file:
        file.seek(MAGIC[0])
        file.write(MAGIC[1])
    traces.check_file(program, [HERE, work])
    return program


def app_folder(payload: Path, desktop_files: Mapping[Path, str], place: Path) -> None:
    """What is squashed, in ``place``, which is made anew.

    Args:
        desktop_files: what a desktop reads, and where it belongs below ``usr/share``.
    """
    program = place / "usr" / "lib" / "torsend"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(payload, program, symlinks=True)
    for source, target in desktop_files.items():
        (place / "usr" / "share" / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place / "usr" / "share" / target)
    # The specification wants these at the root. The program finds its folder by /proc/self/exe, not by this link.
    links = {
        "AppRun": "usr/lib/torsend/torsend",
        "torsend.desktop": "usr/share/applications/torsend.desktop",
        "torsend.svg": "usr/share/icons/hicolor/scalable/apps/torsend.svg",
        ".DirIcon": "usr/share/icons/hicolor/256x256/apps/torsend.png",
    }
    names = (line.replace(" ", f" {program.relative_to(place)}/", 1) for line in early(program))
    (place / "early").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    for link, to in links.items():
        (place / link).symlink_to(to)
        if not (place / link).exists():
            raise SystemExit(f"The AppImage would lack {link}.")


def squash(place: Path, squashed: Path, level: int = 19) -> None:
    """Squashes the folder into that file. zstd in blocks of 128 KiB: xz would save 7 MB, and cost each start seconds."""
    squashed.unlink(missing_ok=True)
    subprocess.run(
        ["mksquashfs", str(place), str(squashed), "-noappend", "-root-owned", "-no-xattrs", "-no-progress", "-quiet",
         "-comp", "zstd", "-Xcompression-level", str(level), "-b", str(BLOCK),
         "-mkfs-time", str(epoch()), "-all-time", str(epoch())],
        check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
    )  # fmt: skip


def appimage(payload: Path, desktop_files: Mapping[Path, str], work: Path, product: Path) -> Path:
    """Builds it."""
    place, squashed = work / "appimage", work / "appimage.squashfs"
    app_folder(payload, desktop_files, place)
    for path in place.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif path.name == "early" or "share" in path.relative_to(place).parts[:2]:
            path.chmod(0o644)
    place.chmod(0o755)
    squash(place, squashed)
    with product.open("wb") as out:
        for part in (build_runtime(work), squashed):
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
    product.chmod(0o755)
    squashed.unlink()
    return product


def machine() -> str:
    """As AppImages call it."""
    return platform.machine()
