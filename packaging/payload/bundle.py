"""Makes the payload: a folder that holds all that Torsend needs. Every installer carries exactly this folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from pins import epoch, here
from product import product

from payload import foreign, icu, licences, programs, traces

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

OF_THE_SYSTEM = {
    # libc6
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2",
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
    # Of the graphics driver and the screen: those of the machine, or nothing is drawn.
    "libGL.so.1", "libEGL.so.1", "libGLX.so.0", "libOpenGL.so.0", "libX11.so.6", "libX11-xcb.so.1", "libxcb.so.1",
    "libfontconfig.so.1", "libfreetype.so.6", "libdrm.so.2", "libgbm.so.1", "libwayland-client.so.0",
    "libwayland-cursor.so.0",
    "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0", "libdbus-1.so.3",
}  # fmt: skip
"""What the payload may take from the machine; packaging/linux/products.py names the packages of it."""


def make(work: Path, ready: Path | None = None) -> Path:
    """Makes it in ``work``; gives the folder. Programs that were built before from the same pins are used again.

    Args:
        ready: a folder of programs that was made elsewhere, by ``--programs-for``.
    """
    along = programs.made(here(), work, ready)
    foreign.prepare(work)
    for name in ("bundle", "analysis"):
        shutil.rmtree(work / name, ignore_errors=True)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(epoch()),
        "TORSEND_PROGRAMS": str(along),
        "TORSEND_WORK": str(work),
        "TORSEND_IDENTITY": product().macos_identity,
        "QT_QPA_PLATFORM": "offscreen",
        "PYINSTALLER_CONFIG_DIR": str(work / "config"),
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--distpath", str(work / "bundle"),
         "--workpath", str(work / "analysis"), str(HERE / "torsend.spec")],
        env=environment, cwd=work, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (work / "pyinstaller.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"PyInstaller failed; see {work / 'pyinstaller.log'}")
    folder = work / "bundle" / "torsend"
    if here() == "linux":
        _slim(folder)
        for library in folder.rglob("libicudata.so.*"):
            if not library.is_symlink():
                icu.slim(library, work)
        _prune(folder)
        _check_whole(folder)
    else:
        foreign.check_whole(folder)
    licences.gather(folder, work)
    _settle(folder)
    read = traces.check(folder, [ROOT, work])
    print(f"payload: none of {read} files tells where it was built", flush=True)
    return folder


def _slim(folder: Path) -> None:
    """Takes out of Python's own libraries, and out of two wheels', what only a debugger reads; the others are without."""
    lib = folder / "lib"
    for library in lib.glob("PIL/*.so"):
        library.chmod(0o755)
        # Its maker has moved its parts about for it to find its libraries: no more than that is taken out.
        subprocess.run(["strip", "--strip-debug", str(library)], check=True)
    for library in (
        *lib.glob("libpython3*.so*"),
        *lib.glob("python3*/lib-dynload/*.so"),
        *lib.glob("sqlcipher3/*.so"),
    ):
        library.chmod(0o755)
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
        # Some builds of Python name their own place as where libraries are looked for: a path of the build machine.
        up = "/".join([".."] * (len(library.relative_to(lib).parts) - 1))
        subprocess.run(["patchelf", "--set-rpath", f"$ORIGIN/{up}".rstrip("/"), str(library)], check=True)


def _prune(folder: Path) -> None:
    """Takes out the libraries that only what was left out needed, and links that lead nowhere then."""
    while True:
        for path in folder.rglob("*"):
            if path.is_symlink() and not path.exists():
                path.unlink()
        wanted = set[str]()
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and _is_elf(path):
                wanted |= needed(path)
        links = {path.resolve(): path.name for path in folder.rglob("*") if path.is_symlink()}
        unwanted = [
            path
            for path in folder.rglob("lib*.so*")
            if not path.is_symlink() and not path.name.startswith("libpython3") and "plugins" not in path.parts
            and path.name not in wanted and links.get(path) not in wanted
        ]  # fmt: skip
        if not unwanted:
            return
        for path in unwanted:
            path.unlink()


def _check_whole(folder: Path) -> None:
    """Nothing that is needed is missing: PyInstaller only warns, and the user's machine would have to have it."""
    libraries = [path for path in folder.rglob("*") if path.is_file() and _is_elf(path)]
    here = {path.name for path in folder.rglob("*")}
    missing: dict[str, list[str]] = {}
    for library in libraries:
        for name in needed(library) - here - OF_THE_SYSTEM:
            missing.setdefault(name, []).append(library.name)
    if missing:
        raise SystemExit(f"The payload isn't whole: {missing}")


def needed(library: Path) -> set[str]:
    """The libraries that it names (DT_NEEDED)."""
    said = subprocess.run(["readelf", "-dW", str(library)], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", said))


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _settle(folder: Path) -> None:
    """One time stamp, and rights that don't depend on the builder's umask."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            os.utime(path, (epoch(), epoch()), follow_symlinks=False)
            continue
        runs = (
            path.is_dir()
            or path.name in {"torsend", "torsend.exe", "torsend-gui.exe"}
            or (path.parent.name == "programs" and path.suffix in {"", ".exe"})
        )
        path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch(), epoch()))
    folder.chmod(0o755)
    os.utime(folder, (epoch(), epoch()))
