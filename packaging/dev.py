"""One command for every habit: ``python3 packaging/dev.py demo | test | run | lint | types | bench | shots | words | lock |
build``.

Needs nothing but Python 3.11. It looks for the system packages that the habit needs (as root it installs them, as an
ordinary user it names the exact command), makes ``.venv`` from the locked, hash-checked requirements, and goes on in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PACKAGING = ROOT / "packaging"

#: Each line is one need: the first of its names that this system's package lists know is installed (the ``t64`` names
#: are those of Debian 13 and Ubuntu 24.04).
PYTHON = ["python3-venv"]
TOR = ["tor"]
QT = [
    "libglib2.0-0t64|libglib2.0-0", "libegl1", "libgl1", "libx11-6", "libdbus-1-3", "libfontconfig1",
    "libfreetype6", "libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1",
    "libxcb-shape0", "fonts-dejavu-core",
]  # fmt: skip
TESTS = [
    "xvfb", "dbus", "gnome-keyring", "obfs4proxy", "microsocks", "tinyproxy-bin",
    "faketime", "iptables", "dovecot-core", "dovecot-submissiond", "strace", "iproute2", "procps",
    "locales", "libemail-mime-perl", "gir1.2-gmime-3.0", "python3-gi",
    # What tests/clean makes files with, decodes them with, and measures cleaned ones by.
    "poppler-utils", "qpdf", "ghostscript", "librsvg2-bin",
    "desktop-file-utils", "appstream", "apparmor", "man-db", "nsis", "p7zip-full|7zip", "python3-yaml",
    "libimage-exiftool-perl", "libarchive-zip-perl", "mat2", "unzip", "bzip2", "xz-utils",
    "ffmpeg", "flac", "vorbis-tools", "opus-tools", "lame",
]  # fmt: skip
BENCH = ["msmtp", "swaks", "libnet-ssleay-perl", "curl", "ca-certificates"]

#: The AppImage, and the program that it begins with.
APPIMAGE = [
    "gcc", "libc6-dev", "binutils", "squashfs-tools", "libsquashfuse-dev", "libfuse3-dev", "fuse3", "zlib1g-dev",
    "libzstd-dev", "liblzma-dev", "liblz4-dev", "liblzo2-dev",
]  # fmt: skip
BUILD = [
    f"libpython3.{sys.version_info.minor}t64|libpython3.{sys.version_info.minor}",
    "patchelf", "make", "pkg-config", "libevent-dev", "libssl-dev",
    "libwayland-cursor0", "libxcb-image0", "libxcb-render-util0", "libxcb-xkb1", "libxcb-xinerama0", "libxcb-randr0",
    "desktop-file-utils", "appstream", "lintian", "xz-utils", "debootstrap",
]  # fmt: skip

#: What `fresh.py` makes systems and screens with.
FRESH = [*PYTHON, "debootstrap", "debian-archive-keyring", "xvfb", "weston", "iproute2"]

#: tor for Windows, by ``build --programs-for windows``.
CROSS = ["gcc-mingw-w64-x86-64-win32", "make", "perl", "bzip2", "xz-utils"]

NEEDS = {
    "build": PYTHON + QT + APPIMAGE + BUILD,
    "run": PYTHON + QT,
    "demo": PYTHON + QT + TOR,
    "test": PYTHON + QT + TOR + APPIMAGE + TESTS,
    "bench": PYTHON + QT + TOR + TESTS + BENCH,
    "shots": PYTHON + QT,
    "lint": PYTHON,
    "types": PYTHON,
    "lock": PYTHON,
    "words": PYTHON,
}
#: What a person who only runs the program needs, and what one who works on it needs.
REQUIREMENTS = {"run": "requirements.txt", "demo": "requirements.txt", "build": "requirements-bundle.txt"}
#: Nothing of the tests must find its way into an installer, so it is built from an environment of its own.
BUILD_VENV = ROOT / "build" / "venv"


def main(arguments: list[str]) -> int:
    """Prepares the machine and runs the habit; its exit status is ours."""
    if not arguments or arguments[0] not in NEEDS:
        print(__doc__)
        return 0 if arguments[:1] in (["--help"], ["-h"], []) else 64
    habit, rest = arguments[0], arguments[1:]
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is run by whatever Python the machine has
        stop(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.")
    if habit == "build":
        as_the_distribution_has_it()
    system_packages(NEEDS[habit] + (CROSS if "--programs-for" in rest else []))
    place = BUILD_VENV if habit == "build" else VENV
    python = environment(REQUIREMENTS.get(habit, "requirements-dev.txt"), place)
    return HABITS[habit](python, rest)


def as_the_distribution_has_it() -> None:
    """Starts this anew under the distribution's Python, if this is another and that one will do.

    What is built carries its Python. The distribution's is the same wherever it is built, and names no folder of a home.
    """
    theirs = Path("/usr/bin/python3")
    if str(sys.platform) != "linux" or sys.base_prefix == "/usr" or not theirs.exists():
        return
    asked = [str(theirs), "-c", "import sys; raise SystemExit(sys.version_info < (3, 11))"]
    if subprocess.run(asked, check=False).returncode == 0:
        os.execv(theirs, [str(theirs), *sys.argv])


def stop(sentence: str) -> NoReturn:
    """Ends with a sentence."""
    print(sentence, file=sys.stderr)
    raise SystemExit(69)


# --- the machine ----------------------------------------------------------------------------------------------------


def system_packages(needs: list[str]) -> None:
    """Installs what is missing (root), or names the command that does (anyone else)."""
    if shutil.which("dpkg-query") is None:
        missing = [name for name in ("tor",) if "tor" in needs and shutil.which(name) is None]
        if missing:
            stop("Please install tor with your system's package manager and start this again.")
        return
    missing = [need for need in needs if not any(installed(name) for name in need.split("|"))]
    if "python3-venv" in missing and venv_works():
        missing.remove("python3-venv")
    if not missing:
        return
    if getattr(os, "geteuid", lambda: 1)() != 0:
        stop(asked_for(missing))
    print("Installing system packages:", " ".join(need.split("|")[-1] for need in missing), flush=True)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if not all(known(need) for need in missing):
        run(["apt-get", "update", "-q"], env=quiet)
    if subprocess.run(
        [*command, *(known(need) or need.split("|")[-1] for need in missing)], env=quiet, check=False
    ).returncode:
        # The package lists may be old: fetch them and try once more.
        run(["apt-get", "update", "-q"], env=quiet)
        run([*command, *(known(need) or need.split("|")[-1] for need in missing)], env=quiet)


def asked_for(missing: list[str]) -> str:
    """What an ordinary user is told: the command, with the names that this very system has for the needs."""
    names = [known(need) for need in missing]
    # A machine on which the package lists were never fetched knows none of them.
    update = "" if all(names) else "    sudo apt-get update\n"
    chosen = " ".join(name or need.split("|")[-1] for name, need in zip(names, missing, strict=True))
    told = (
        "These system packages are missing. Install them with\n\n"
        f"{update}    sudo apt-get install --no-install-recommends {chosen}\n\n"
        "and start this again."
    )
    if "tor" not in missing:
        return told
    return (
        f"{told} (Installing the package tor also starts a Tor service of the system, which connects\n"
        "to the Tor network; Torsend does not need it: `sudo systemctl disable --now tor` turns it off.)"
    )


def installed(package: str) -> bool:
    """Whether dpkg has it."""
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() == "install ok installed"


def known(need: str) -> str:
    """The first name of the need that apt can install, or the empty string."""
    for name in need.split("|"):
        answer = subprocess.run(
            ["apt-cache", "policy", name], capture_output=True, text=True, check=False
        ).stdout
        if "Candidate:" in answer and "Candidate: (none)" not in answer:
            return name
    return ""


def venv_works() -> bool:
    """Whether this Python can make a virtual environment with pip (Debian splits that off)."""
    return (
        subprocess.run(
            [sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False
        ).returncode
        == 0
    )


# --- Python's packages ----------------------------------------------------------------------------------------------


def environment(requirements: str, place: Path = VENV) -> Path:
    """``.venv``, or another place, with exactly the locked packages; made again only when the lock or the Python changed."""
    lock = PACKAGING / requirements
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = place / "torsend-stamp"
    wanted = stamp_of(lock)
    held = stamp.read_text().split() if stamp.exists() and python.exists() else []
    if wanted in held:
        return python
    print(f"Setting up {place.name} from {lock.relative_to(ROOT)} …", flush=True)
    if not held:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(place)
    # The locks are whole, so nothing is resolved: pip's resolver looks for the newest of a package that another names
    # with an extra (coverage[toml]), and refuses it for having no hash as soon as a newer one than the lock's is out.
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
           "--require-hashes"]  # fmt: skip
    # stem comes as source only: it is built with the locked setuptools, so that nothing unchecked is fetched.
    run([*pip, "-r", str(PACKAGING / "requirements-build.txt")])
    run([*pip, "--no-build-isolation", "-r", str(lock)])
    run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", "-e", str(ROOT)])  # fmt: skip
    runtime = {stamp_of(PACKAGING / "requirements.txt")}  # the development lock holds all of it
    stamp.write_text("\n".join(sorted({wanted} | runtime)))
    return python


def threads_begin_one_by_one(python: Path) -> None:
    """Has each child of a test that coverage is to trace run ``tests/support/threads_begin.py`` first."""
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    copy = Path(packages) / "torsend_threads_begin.py"
    shutil.copy(ROOT / "tests" / "support" / "threads_begin.py", copy)
    # A test that watches what a child writes would find it compiling this.
    run([str(python), "-m", "py_compile", str(copy)])
    # Read in alphabetical order: before coverage's own file of this kind.
    (Path(packages) / "a0_threads_begin.pth").write_text(
        "import os; os.getenv('COVERAGE_PROCESS_CONFIG')"
        " and __import__('torsend_threads_begin').begin_one_by_one()\n"
    )


def stamp_of(lock: Path) -> str:
    """Stands for one lock, one Python and one pyproject.toml."""
    digest = hashlib.sha256()
    for part in (lock, PACKAGING / "requirements-build.txt", ROOT / "pyproject.toml"):
        digest.update(part.read_bytes())
    digest.update(f"{sys.version} {sysconfig.get_platform()} {ROOT}".encode())
    return digest.hexdigest()


# --- the habits -----------------------------------------------------------------------------------------------------


def habit_run(python: Path, rest: list[str]) -> int:
    """The program itself, from this tree."""
    return run_through([str(python), "-m", "torsend", *rest])


def habit_demo(python: Path, rest: list[str]) -> int:
    """The demo; without a screen, the one that prints."""
    if (
        not rest
        and sys.platform == "linux"
        and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    ):
        print("There is no screen here, so this is `torsend demo --send`: the same, printed.", flush=True)
        rest = ["--send"]
    return run_through([str(python), "-m", "torsend", "demo", *rest])


def habit_test(python: Path, rest: list[str]) -> int:
    """Lint, types, import walls, every test, and branch coverage; with arguments, those tests alone."""
    threads_begin_one_by_one(python)
    if rest:
        return run_through([str(python), "-m", "pytest", *rest])
    for check in (habit_lint, habit_types):
        if status := check(python, []):
            return status
    # Hundreds of tests start the program: where Python may not write what it compiles, each would compile it anew.
    run_through([str(python), "-m", "compileall", "-q", "torsend"])
    floor = (PACKAGING / "coverage-floor").read_text().strip()
    return run_through(
        # Two side by side: half of a run is waiting for Tor. Each has a private network of its own.
        [str(python), "-m", "pytest", "-q", "--numprocesses=2", "--dist=worksteal", "--durations=15",
         "--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={floor}"]
    )  # fmt: skip


def habit_lint(python: Path, _rest: list[str]) -> int:
    """ruff, and the walls of ARCHITECTURE.md."""
    tools = python.parent
    return (
        run_through([str(tools / "ruff"), "check", str(ROOT)])
        or run_through([str(tools / "ruff"), "format", "--check", str(ROOT)])
        or run_through([str(tools / "lint-imports"), "--no-cache"])
    )


def habit_types(python: Path, _rest: list[str]) -> int:
    """mypy, strict; what is installed on other systems also as they have it. At once: the further two cost no time, and
    each keeps a cache of its own.
    """
    mypy = [str(python), "-m", "mypy"]
    others = [
        [*mypy, f"--platform={system}", f"--cache-dir=.mypy_cache/{system}", *SHIPPED]
        for system in ("win32", "darwin")
    ]
    running = [subprocess.Popen(command, cwd=ROOT) for command in (mypy, *others)]
    return max([abs(each.wait()) for each in running])


def habit_bench(python: Path, rest: list[str]) -> int:
    """The benchmarks: ratios, side by side, in one run."""
    return run_through([str(python), "-m", "tests.benchmarks", *rest])


def habit_shots(python: Path, rest: list[str]) -> int:
    """Every screen as a picture, light and dark, at 100 % and 200 %, into shots/."""
    return run_through([str(python), str(PACKAGING / "shots.py"), *rest])


def habit_lock(python: Path, rest: list[str]) -> int:
    """Writes the locks anew from pyproject.toml; ``--upgrade`` takes newer versions."""
    compile_ = [str(python.parent / "uv"), "pip", "compile", "--universal", "--generate-hashes", "--no-header",
                "--no-annotate", "--python-version", "3.11", "--quiet", *rest]  # fmt: skip
    build = subprocess.run([*compile_, "-", "-o", str(PACKAGING / "requirements-build.txt")], cwd=ROOT, text=True,
                           input="setuptools>=77\nwheel\n", check=False).returncode  # fmt: skip
    return (
        build
        or run_through(
            [*compile_, "pyproject.toml", "--extra", "demo", "-o", str(PACKAGING / "requirements.txt")]
        )
        or run_through(
            # Exactly what people run from source, and what makes installers of it.
            [
                *compile_,
                "-c",
                str(PACKAGING / "requirements.txt"),
                "pyproject.toml",
                "--extra",
                "bundle",
                "-o",
                str(PACKAGING / "requirements-bundle.txt"),
            ]
        )
        or run_through(
            [*compile_, "pyproject.toml", "--extra", "dev", "-o", str(PACKAGING / "requirements-dev.txt")]
        )
    )


def habit_build(python: Path, rest: list[str]) -> int:
    """The installers for this platform, into dist/."""
    return run_through([str(python), str(PACKAGING / "build.py"), *rest])


def habit_words(python: Path, _rest: list[str]) -> int:
    """Collects every sentence for translators into resources/locale/torsend.pot."""
    return run_through(
        [str(python.parent / "pybabel"), "-q", "extract", "--no-default-keywords", "-k", "t", "-k", "mark", "-k", "tn:1,2",
         "--project=torsend", "--version=0", "--no-location", "--sort-output", "--omit-header",
         "-o", "resources/locale/torsend.pot", "torsend"]
    )  # fmt: skip


#: What other systems run: not the tests, which need this one's tools.
SHIPPED = ["torsend", "packaging"]

HABITS = {
    "run": habit_run,
    "demo": habit_demo,
    "test": habit_test,
    "lint": habit_lint,
    "types": habit_types,
    "bench": habit_bench,
    "shots": habit_shots,
    "lock": habit_lock,
    "words": habit_words,
    "build": habit_build,
}


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Runs it, or ends with what failed."""
    if subprocess.run(command, env=env, check=False, cwd=ROOT).returncode:
        stop(f"This failed: {' '.join(command)}")


def run_through(command: list[str]) -> int:
    """Runs it from the root of the tree and gives its status."""
    return subprocess.run(command, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
