"""Installs the .deb in a machine on which nothing was ever installed, as a person would, and lets it prove itself.

``python3 packaging/fresh.py [--deb FILE] [--bases FOLDER] [SUITE]...`` as root; without a suite: bookworm and trixie
(Debian 12 and 13) and noble (Ubuntu 24.04). Bases are minimal systems that debootstrap made; they are kept as archives in
the folder (build/bases) and made where they are missing (half a minute), from a mirror whose signature is checked. A system
that can't be had from here counts as failed: nothing is known of it.

In each: an older version is installed, with a vault as the first version had it; then this one over it, which must find
everything in that vault; then the selftest as an ordinary user with an empty environment, without a screen, under X11
(Xvfb) and under Wayland (weston, headless), both of them outside, since in there they would bring libraries along that the
package must ask for; then it is removed: nothing but the vault may stay, and whoever removes it is told so. Each system
gets a mount and network namespace of its own: while the program runs there is only loopback, so what it needed beyond this
machine would fail. Each step has a time limit: one that hangs is named and ended with all that it started, and what was
mounted and unpacked goes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from dev import FRESH, environment, system_packages
from ending import heed_signals
from product import version

# Systems of its own are Linux's alone; Windows has no such signals either.
assert sys.platform != "win32"

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Distribution:
    """Where a minimal system comes from.

    Attributes:
        mirror: of its packages.
        keyring: the keys that its package lists are signed with.
        components: parts of the archive, by commas. Ubuntu has most of what Debian calls main in ``universe``.
        script: debootstrap's, for suites that are newer than debootstrap itself.
    """

    mirror: str
    keyring: Path
    components: str
    script: Path


_KEYRINGS, _SCRIPTS = Path("/usr/share/keyrings"), Path("/usr/share/debootstrap/scripts")
DEBIAN = Distribution(
    "http://deb.debian.org/debian", _KEYRINGS / "debian-archive-keyring.gpg", "main", _SCRIPTS / "sid"
)
UBUNTU = Distribution(
    "http://archive.ubuntu.com/ubuntu",
    _KEYRINGS / "ubuntu-archive-keyring.gpg",
    "main,universe",
    _SCRIPTS / "gutsy",
)
SUITES = {"bookworm": DEBIAN, "trixie": DEBIAN, "noble": UBUNTU}
USER = "wren"
USER_ID = 1000
PASSPHRASE = "correct horse"
SCREENS = ("none", "x11", "wayland")
FAREWELL = "torsend wipe"
"""Stands in what linux/postrm says."""
NOT_OURS = (
    "var/cache/",
    "var/lib/apt/",
    "var/lib/dpkg/",
    "var/log/",
    "etc/ld.so.cache",
    "tmp/",
    "dev/",
    "proc/",
    "run/",
)
"""What any installing leaves behind; packages that came along as dependencies are removed with their own."""


FETCHING_SECONDS = 1800.0
"""For what has packages fetched: half a minute where a mirror is near."""
STEP_SECONDS = 600.0
"""For any other step; a selftest takes half a minute."""
FAREWELL_SECONDS = 10.0
APART = ("unshare", "--pid", "--fork", "--kill-child")


class Hung(Exception):
    """A step took longer than it may."""


class _limit:  # noqa: N801  # read as a phrase
    """Ends what the block does, wherever it waits, after so many seconds. Not one within another.

    Raises:
        Hung: names the step.
    """

    def __init__(self, step: str, seconds: float) -> None:
        self._step, self._seconds = step, seconds

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        raise Hung(f"{self._step}: not over after {self._seconds:.0f} s, so it was ended")


def main() -> int:
    """0 only if every system passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--deb", type=Path, help="default: the one in dist/")
    parser.add_argument(
        "--bases", type=Path, default=ROOT / "build" / "bases", help="where minimal systems are kept"
    )
    parser.add_argument(
        "--mirror", metavar="URL", help="for the suites named, instead of the distribution's own"
    )
    parser.add_argument(
        "--screen", action="append", choices=SCREENS, help="on this alone; more than once for more"
    )
    given = parser.parse_args()
    if unknown := set(given.suites) - SUITES.keys():
        parser.error(f"{', '.join(sorted(unknown))}: not of {', '.join(SUITES)}")
    if getattr(os, "geteuid", lambda: 1)() != 0:
        raise SystemExit("Only root can set up a system of its own.")
    deb = given.deb or next((ROOT / "dist").glob(f"torsend_{version()}_*.deb"), None)
    if deb is None:
        raise SystemExit(f"There is no .deb of {version()}: python3 packaging/dev.py build")
    system_packages(FRESH)
    screens = given.screen or list(SCREENS)
    heed_signals()
    failed = [
        suite
        for suite in given.suites or SUITES
        if not _passes(suite, deb.resolve(), given.bases, screens, given.mirror)
    ]
    print("Passed." if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(suite: str, deb: Path, bases: Path, screens: list[str], mirror: str | None) -> bool:
    try:
        with tempfile.TemporaryDirectory(prefix="torsend-fresh-") as place:
            began = time.monotonic()
            with _limit("make a minimal system", FETCHING_SECONDS):
                if not _has_base(suite, bases, Path(place), mirror):
                    return False
            with _limit("unpack it", STEP_SECONDS):
                system = _minimal(suite, bases, Path(place))
            print(f"{suite}: a minimal system, {time.monotonic() - began:.0f} s", flush=True)
            shutil.copy(deb, system / "tmp" / "torsend.deb")
            with _limit("make an older package", STEP_SECONDS):
                _older(deb, system / "tmp" / "older.deb", Path(place))
            return _tried(suite, system, screens)
    except Hung as hung:
        print(f"{suite}: {hung}", flush=True)
        return False


def _has_base(suite: str, bases: Path, place: Path, mirror: str | None) -> bool:
    """Makes the archive of the minimal system, unless it is there; says why where that can't be done."""
    kept = bases / f"{suite}.tar"
    if kept.exists():
        return True
    source = SUITES[suite]
    if not source.keyring.exists():
        print(
            f"{suite}: NOT TRIED: {source.keyring}, which its signature is checked with, isn't on this computer"
        )
        return False
    script = _SCRIPTS / suite
    # In namespaces of its own, with which all goes that it started and mounted.
    made = _alone(
        ["--mount", "--mount-proc"],
        [
            "debootstrap", "--variant=minbase", "--force-check-gpg", f"--keyring={source.keyring}",
            f"--components={source.components}", suite, str(place / "made" / suite), mirror or source.mirror,
            str(script if script.exists() else source.script),
        ],
        dict(os.environ), place / "debootstrap.log",
    )  # fmt: skip
    if made:
        print(f"{suite}: NOT TRIED: no minimal system could be made:")
        told = (place / "debootstrap.log").read_text(errors="replace")
        print("".join(told.splitlines(keepends=True)[-3:]), flush=True)
        return False
    bases.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(".half")
    subprocess.run(["tar", "-C", str(place / "made"), "-cf", str(half), suite], check=True)
    half.replace(kept)
    shutil.rmtree(place / "made")
    return True


def _minimal(suite: str, bases: Path, place: Path) -> Path:
    subprocess.run(["tar", "-C", str(place), "-xf", str(bases / f"{suite}.tar")], check=True)
    system = place / suite
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", system / "etc" / name)
    return system


def _older(deb: Path, older: Path, place: Path) -> None:
    """The same program under an older number: what a package manager does to files is what is tried."""
    tree = place / "older"
    subprocess.run(["dpkg-deb", "-R", str(deb), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    told = control.read_text(encoding="utf-8").splitlines(keepends=True)
    control.write_text(
        "".join("Version: 0.0.1\n" if line.startswith("Version:") else line for line in told),
        encoding="utf-8",
    )
    (tree / "opt" / "torsend" / "of-an-older-version").write_text("")
    subprocess.run(
        ["dpkg-deb", "-Zgzip", "-z1", "--build", str(tree), str(older)], check=True, stdout=subprocess.DEVNULL
    )
    shutil.rmtree(tree)


def _tried(suite: str, system: Path, screens: list[str]) -> bool:
    apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o APT::Sandbox::User=root"
    before = f"apt-get -q update && useradd --create-home --uid {USER_ID} {USER}"
    if not _in(system, f"{before} >/dev/null 2>/var/log/before", "prepare", seconds=FETCHING_SECONDS):
        return False
    held = _files(system)
    install = f"{apt} install --no-install-recommends"
    older = f"{install} /tmp/older.deb >/var/log/install 2>&1"
    if not _in(system, older, "install an older version", seconds=FETCHING_SECONDS):
        return False
    profile = system / "home" / USER / ".local" / "share" / "torsend"
    with _limit("make a vault of an older version", FETCHING_SECONDS):
        _older_vault(profile)
    began = time.monotonic()
    newer = f"{install} /tmp/torsend.deb >>/var/log/install 2>&1"
    if not _in(system, newer, "install", seconds=FETCHING_SECONDS):
        return False
    print(f"{suite}: installed over the older version, {time.monotonic() - began:.0f} s", flush=True)
    if (system / "opt" / "torsend" / "of-an-older-version").exists():
        print(f"{suite}: a file of the older version is still there")
        return False
    holds = _upgraded(suite, system)
    homes = _home(system)
    for screen in screens:
        with _screen(screen) as (environment, binds):
            began = time.monotonic()
            script = _as_user(environment, "/usr/bin/torsend selftest")
            passed = _in(system, script, f"selftest ({screen})", network=False, binds=binds)
            holds = holds and passed
            print(
                f"{suite}: selftest on {screen}: {'holds' if passed else 'FAILS'}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
    left_by_selftest = sorted(_home(system) - homes)
    print(f"{suite}: the selftests left in the person's home: {', '.join(left_by_selftest) or 'nothing'}")
    holds = _opens_mailto(suite, system, apt) and holds
    remove = f"{apt} purge torsend >/var/log/purge 2>&1 && {apt} autoremove --purge >>/var/log/purge 2>&1"
    if not _in(system, remove, "remove"):
        return False
    told = FAREWELL in (system / "var" / "log" / "purge").read_text(errors="replace")
    print(f"{suite}: what stays {'was told' if told else 'was NOT TOLD'} at the removal", flush=True)
    left = sorted(each for each in _files(system) - held if not each.startswith(NOT_OURS))
    vault = profile.relative_to(system).as_posix()
    ours_left = [
        each for each in left
        if ("torsend" in each or each.startswith(("opt/", "home/"))) and not each.startswith(vault)
    ]  # fmt: skip
    print(f"{suite}: left after removing: {', '.join(left[:12]) or 'nothing'}", flush=True)
    return holds and told and not ours_left and not left_by_selftest and (profile / "vault.db").exists()


def _older_vault(profile: Path) -> None:
    # What the tests run in writes it: made here where nobody ran them before.
    python = environment("requirements-dev.txt")
    subprocess.run(
        [str(python), "-m", "tests.app.older_vault", str(profile), PASSPHRASE],
        check=True, cwd=ROOT,
    )  # fmt: skip
    (profile.parent / "passphrase").write_text(f"{PASSPHRASE}\n")
    home = next(each for each in profile.parents if each.name == USER)
    for path in (home / ".local", *(home / ".local").rglob("*")):
        shutil.chown(path, USER_ID, USER_ID)


def _upgraded(suite: str, system: Path) -> bool:
    """Whether this version finds what the older one left."""
    torsend = "/usr/bin/torsend --passphrase-file ~/.local/share/passphrase"
    script = f"{torsend} identity list | grep -q wren@rowanmail.example && test -f ~/.local/share/torsend/vault.db.before-2"
    found = _in(system, _as_user({}, f"/bin/sh -c '{script}'"), "upgrade", network=False)
    (system / "home" / USER / ".local" / "share" / "passphrase").unlink()
    print(
        f"{suite}: the older vault {'was brought up to date, with a backup' if found else 'is LOST'}",
        flush=True,
    )
    return found


def _opens_mailto(suite: str, system: Path, apt: str) -> bool:
    """Whether a desktop that comes onto the machine hands mailto: links to it. Its parts go again: they aren't ours."""
    desktop = "libglib2.0-bin desktop-file-utils"
    asked = "gio mime x-scheme-handler/mailto | grep -q torsend.desktop"
    script = f"{apt} install --no-install-recommends {desktop} >>/var/log/install 2>&1 && {asked}"
    opens = _in(system, script, "mailto:", seconds=FETCHING_SECONDS)
    opens = _in(system, f"{apt} purge {desktop} >/var/log/purge 2>&1", "a desktop's parts") and opens
    print(f"{suite}: mailto: links {'open it' if opens else 'do NOT open it'}", flush=True)
    return opens


def _as_user(environment: dict[str, str], command: str) -> str:
    """As an ordinary user, with nothing in the environment but what a desktop sets."""
    around = " ".join(f"{name}={value}" for name, value in environment.items())
    return (
        f"cd /home/{USER}; exec setpriv --reuid={USER} --regid={USER} --clear-groups "
        f"env -i HOME=/home/{USER} {around} {command}"
    )


@contextlib.contextmanager
def _screen(kind: str) -> Iterator[tuple[dict[str, str], dict[Path, str]]]:
    """A screen outside; gives what a desktop sets for it, and which sockets have to be brought in, and where to."""
    if kind == "none":
        yield {}, {}
        return
    with tempfile.TemporaryDirectory(prefix="torsend-screen-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if kind == "x11":
            ours, theirs = os.pipe()
            command = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
            with _ended(subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL)):
                os.close(theirs)
                with os.fdopen(ours) as told, _limit("start Xvfb", STEP_SECONDS):
                    number = told.readline().strip()
                yield (
                    {"DISPLAY": f":{number}"},
                    {Path(f"/tmp/.X11-unix/X{number}"): f"tmp/.X11-unix/X{number}"},
                )
            return
        runtime = f"run/user/{USER_ID}"
        folder.chmod(0o700)
        command = ["weston", "--backend=headless-backend.so", "--socket=wayland-7", "--idle-time=0"]
        environment = {**os.environ, "XDG_RUNTIME_DIR": name}
        with _ended(
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ):
            socket = folder / "wayland-7"
            with _limit("start weston", STEP_SECONDS):
                while not socket.exists():
                    time.sleep(0.1)
            socket.chmod(0o777)
            yield (
                {
                    "WAYLAND_DISPLAY": "wayland-0",
                    "XDG_RUNTIME_DIR": f"/{runtime}",
                    "XDG_SESSION_TYPE": "wayland",
                },
                {socket: f"{runtime}/wayland-0"},
            )


@contextlib.contextmanager
def _ended(server: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends it with the block, kindly or not."""
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _home(system: Path) -> set[str]:
    """What lies in the person's home, but for what a shell brings and the vault with its helpers."""
    home = system / "home" / USER
    return {
        str(each.relative_to(home)) for each in home.rglob("*")
        if not each.name.startswith((".bash", ".profile"))
    }  # fmt: skip


def _files(system: Path) -> set[str]:
    found = set()
    for folder, _, names in os.walk(system):
        found |= {str((Path(folder) / name).relative_to(system)) for name in names}
    return found


def _in(
    system: Path,
    script: str,
    what: str,
    *,
    network: bool = True,
    binds: dict[Path, str] | None = None,
    seconds: float = STEP_SECONDS,
) -> bool:
    """Runs the script in the system, within namespaces of its own; what was mounted goes with them.

    Raises:
        Hung: it took longer than ``seconds``; all of it has ended.
    """
    mounts = (
        f"set -e; mount --bind {system} {system}; cd {system}; "
        "mount -t proc proc proc; mount -t tmpfs tmpfs dev; "
        "for each in null zero full random urandom tty; do touch dev/$each; mount --bind /dev/$each dev/$each; done; "
        "mkdir -p dev/shm; mount -t tmpfs -o mode=1777 tmpfs dev/shm; ln -s /proc/self/fd dev/fd; "
    )
    if not network:
        mounts += "ip link set lo up; "
    for source, target in (binds or {}).items():
        folder = Path(target).parent
        mounts += f"mkdir -p {folder}; touch {target}; mount --bind {source} {target}; "
        if target.startswith("run/user/"):
            mounts += f"chown {USER_ID}:{USER_ID} {folder}; chmod 700 {folder}; "
    code: int | None = None
    try:
        with _limit(what, seconds):
            code = _alone(
                ["--mount", *([] if network else ["--net"])],
                ["sh", "-c", mounts + 'exec chroot . /bin/sh -c "$0"', script],
                {
                    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                    "http_proxy": os.environ.get("http_proxy", ""),
                },
            )  # fmt: skip
    finally:
        if code:
            print(f"{what} failed with {code}", flush=True)
        if code != 0:
            for log in ("before", "install", "purge"):
                if (path := system / "var" / "log" / log).exists():
                    print(path.read_text(errors="replace")[-1500:], flush=True)
    return code == 0


def _alone(kinds: list[str], command: list[str], environment: dict[str, str], log: Path | None = None) -> int:
    """Runs it as the first process of a namespace; gives how it ended. In any case nothing that it started is left then."""
    with contextlib.ExitStack() as stack:
        told = stack.enter_context(log.open("wb")) if log is not None else None
        running = subprocess.Popen(
            [*APART, *kinds, *command],
            env=environment, stdout=told, stderr=None if told is None else subprocess.STDOUT,
        )  # fmt: skip
        try:
            return running.wait()
        except BaseException:
            # With the first process the kernel ends all others of its namespace, and then unshare, which waits for it.
            for child in Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(FAREWELL_SECONDS)
            running.kill()
            running.wait()
            raise


if __name__ == "__main__":
    sys.exit(main())
