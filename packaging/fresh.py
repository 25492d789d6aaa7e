"""Installs the .deb in a machine on which nothing was ever installed, as a person would, and lets it prove itself.

``python3 packaging/fresh.py [--deb FILE] [--bases FOLDER] [SUITE]...`` as root; without a suite: bookworm and trixie. Bases
are minimal systems that debootstrap made; they are copied and not changed. Without them they are made (half a minute).

Each system gets a mount and network namespace of its own: while the selftest runs there is only loopback, so what it
needed beyond this machine would fail.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITES = ("bookworm", "trixie")
USER = "wren"
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

SELFTEST = f"""
set -e
ip link set lo up 2>/dev/null || true
# As an ordinary user, with nothing in the environment.
cd /home/{USER}
exec setpriv --reuid={USER} --regid={USER} --clear-groups env -i HOME=/home/{USER} /usr/bin/torsend selftest
"""


def main() -> int:
    """0 only if every system passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", default=list(SUITES))
    parser.add_argument("--deb", type=Path, help="default: the one in dist/")
    parser.add_argument("--bases", type=Path, help="a folder with minimal systems, each called as its suite")
    given = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("Only root can set up a system of its own.")
    deb = given.deb or next((ROOT / "dist").glob("torsend_*.deb"), None)
    if deb is None:
        raise SystemExit("There is no .deb: python3 packaging/dev.py build")
    failed = [suite for suite in given.suites or SUITES if not _passes(suite, deb.resolve(), given.bases)]
    print("Passed." if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(suite: str, deb: Path, bases: Path | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="torsend-fresh-") as place:
        system = Path(place) / suite
        began = time.monotonic()
        if bases is not None and (bases / suite).is_dir():
            subprocess.run(["cp", "-a", str(bases / suite), str(system)], check=True)
        else:
            subprocess.run(
                ["debootstrap", "--variant=minbase", suite, str(system)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", system / "etc" / name)
        print(f"{suite}: a minimal system, {time.monotonic() - began:.0f} s", flush=True)
        shutil.copy(deb, system / "tmp" / "torsend.deb")
        return _tried(suite, system)


def _tried(suite: str, system: Path) -> bool:
    apt = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o APT::Sandbox::User=root"
    before = "apt-get -q update && useradd --create-home wren"
    if not _in(system, f"{before} >/dev/null 2>/var/log/before", "prepare"):
        return False
    held = _files(system)
    began = time.monotonic()
    if not _in(
        system, f"{apt} install --no-install-recommends /tmp/torsend.deb >/var/log/install 2>&1", "install"
    ):
        return False
    print(f"{suite}: installed, {time.monotonic() - began:.0f} s", flush=True)
    ours = {each for each in _files(system) - held if each.startswith(("opt/", "usr/bin/torsend"))}
    if not ours:
        print(f"{suite}: nothing of it is there")
        return False
    began = time.monotonic()
    holds = _in(system, SELFTEST, "selftest", network=False)
    print(f"{suite}: selftest, {time.monotonic() - began:.0f} s", flush=True)
    homes = sorted(str(each.relative_to(system)) for each in (system / "home" / USER).rglob("*")
                   if not each.name.startswith(".bash") and each.name != ".profile")  # fmt: skip
    print(f"{suite}: the selftest left in the person's home: {', '.join(homes) or 'nothing'}")
    if not _in(
        system,
        f"{apt} purge torsend >/var/log/purge 2>&1 && {apt} autoremove --purge >>/var/log/purge 2>&1",
        "remove",
    ):
        return False
    left = sorted(each for each in _files(system) - held if not each.startswith(NOT_OURS))
    ours_left = [each for each in left if "torsend" in each or each.startswith(("opt/", "home/"))]
    print(f"{suite}: left after removing: {', '.join(left[:10]) or 'nothing'}", flush=True)
    return holds and not ours_left and not homes


def _files(system: Path) -> set[str]:
    found = set()
    for folder, _, names in os.walk(system):
        found |= {str((Path(folder) / name).relative_to(system)) for name in names}
    return found


def _in(system: Path, script: str, what: str, *, network: bool = True) -> bool:
    """Runs the script in the system, within namespaces of its own; what was mounted goes with them."""
    mounts = (
        f"set -e; mount --bind {system} {system}; cd {system}; "
        "mount -t proc proc proc; mount -t tmpfs tmpfs dev; "
        "for each in null zero full random urandom tty; do touch dev/$each; mount --bind /dev/$each dev/$each; done; "
        "mkdir -p dev/shm; mount -t tmpfs -o mode=1777 tmpfs dev/shm; ln -s /proc/self/fd dev/fd; "
    )
    if not network:
        mounts += "ip link set lo up; "
    kinds = ["--mount", "--pid", "--fork", *([] if network else ["--net"])]
    done = subprocess.run(
        ["unshare", *kinds, "sh", "-c", mounts + 'exec chroot . /bin/sh -c "$0"', script],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "http_proxy": os.environ.get("http_proxy", "")},
        check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"{what} failed with {done.returncode}", flush=True)
        for log in ("before", "install", "purge"):
            if (path := system / "var" / "log" / log).exists():
                print(path.read_text(errors="replace")[-1500:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
