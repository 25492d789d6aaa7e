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

EARLY = (
    "libpython3*", "base_library.zip", "libstdc++*", "libgcc_s*", "shiboken6/*.so*", "PySide6/QtCore*",
    "PySide6/libpyside6*",
    "PySide6/Qt/lib/libQt6Core*", "libglib-2.0*", "PySide6/QtGui*", "PySide6/Qt/lib/libQt6Gui*", "libfontconfig*", "libX11*",
    "PySide6/Qt/lib/libQt6DBus*", "libxkbcommon*", "libfreetype*", "PySide6/QtWidgets*", "PySide6/Qt/lib/libQt6Widgets*",
    "PySide6/Qt/plugins/platforms/libqxcb*", "PySide6/Qt/lib/libQt6XcbQpa*", "libxcb-*", "PySide6/Qt/plugins/iconengines/*",
    "PySide6/Qt/lib/libQt6Svg*",
)  # fmt: skip
"""What the start of a window reads, in its order (as strace tells it), without what it reads little of; see runtime.c."""


def early(lib: Path) -> list[Path]:
    """Which files these are in the payload's ``lib``; each once, links left out."""
    found = (path for pattern in EARLY for path in sorted(lib.glob(pattern)) if not path.is_symlink())
    return list(dict.fromkeys(found))


def build_runtime(work: Path) -> Path:
    """Compiles it in ``work``; a second or two."""
    program = work / "appimage-runtime"
    compiled = subprocess.run(
        ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-g0", "-Wall", "-Wextra", "-Werror", "-static-pie",
         *HEADERS, "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", f"-ffile-prefix-map={HERE}=.", "-Wl,-z,relro,-z,now",
         "-Wl,--build-id=none", "-o", str(program), str(HERE / "runtime.c"), *(f"-l{each}" for each in LIBRARIES)],
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
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(payload, place / "usr" / "lib" / "torsend", symlinks=True)
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
    names = (path.relative_to(place) for path in early(place / "usr" / "lib" / "torsend" / "lib"))
    (place / "early").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    for link, to in links.items():
        (place / link).symlink_to(to)
        if not (place / link).exists():
            raise SystemExit(f"The AppImage would lack {link}.")


def appimage(payload: Path, desktop_files: Mapping[Path, str], work: Path, product: Path) -> Path:
    """Builds it. zstd in blocks of 128 KiB: xz would save 7 MB, and cost each start 9 seconds and more."""
    place, squashed = work / "appimage", work / "appimage.squashfs"
    app_folder(payload, desktop_files, place)
    for path in place.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif path.name == "early" or "share" in path.relative_to(place).parts[:2]:
            path.chmod(0o644)
    place.chmod(0o755)
    squashed.unlink(missing_ok=True)
    subprocess.run(
        ["mksquashfs", str(place), str(squashed), "-noappend", "-root-owned", "-no-xattrs", "-no-progress", "-quiet",
         "-comp", "zstd", "-Xcompression-level", "19", "-b", "128K",
         "-mkfs-time", str(epoch()), "-all-time", str(epoch())],
        check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
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
