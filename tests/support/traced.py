"""Runs a program under ``strace -f``, and says what each of its processes reached for and wrote.

What a tor process does is Tor's; anything else may reach only Tor's own listeners, and unix sockets.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CALLS = "execve,connect,sendto,sendmsg,sendmmsg,getsockname,bind"
WRITES = ",open,openat,openat2,creat"
LONGEST = 120
"""Seconds that one program may take."""

_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
_UNFINISHED = " <unfinished ...>"
_SUCCEEDED = re.compile(r"\) += 0$")
_INET = re.compile(r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_INET6 = re.compile(r'sa_family=AF_INET6.*?sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"')
_UNIX = re.compile(r'sa_family=AF_UNIX, sun_path=(@?"[^"]*")')
_FAMILY = re.compile(r"sa_family=(\w+)")
_FD = re.compile(r"(\d+),")
_PATH = re.compile(r'"([^"]*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|creat")
_KNOWN_FAMILIES = {"AF_INET", "AF_INET6", "AF_UNIX"}


def traced(
    command: list[str], environment: dict[str, str], trace: Path, stdin: bytes = b"", *, also: str = ""
) -> int:
    """Runs it under strace; gives its status. What it prints lies beside the trace, as ``.out``.

    Args:
        also: further calls to be traced.
    """
    with trace.with_suffix(".out").open("wb") as printed:
        done = subprocess.run(
            ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "256", "-e", f"trace={CALLS}{also}", "-o", str(trace), *command],
            env=environment, input=stdin, check=False, timeout=LONGEST, cwd=ROOT, stdout=printed,
        )  # fmt: skip
    return done.returncode


def tally(trace: Path, tor: Iterable[int] = ()) -> dict[str, Any]:
    """What the traced processes reached for.

    Args:
        tor: ports of a tor that is not traced, which may be reached as well.

    Returns:
        ``violations`` (process name, call, address), ``allowed`` connects of the program itself, ``unix`` paths of it,
        ``tor`` connects of tor processes, ``tor_listens``: ports that a traced tor listens on, ``serves``: ports that the
        program itself does.
    """
    program: dict[int, str] = {}
    calls: list[tuple[int, str, str]] = []
    for pid, call, rest in _lines(trace):
        if call == "execve" and _SUCCEEDED.search(rest):
            program[pid] = Path(rest.split('"')[1]).name
        else:
            calls.append((pid, call, rest))
    listens, serves = _listened(calls, {pid for pid, name in program.items() if name == "tor"})
    reachable = listens | set(tor)
    report: dict[str, Any] = {
        "violations": [],
        "allowed": 0,
        "unix": [],
        "tor": 0,
        "tor_listens": sorted(listens),
        "serves": sorted(serves),
    }
    unix: set[str] = set()
    answering: set[str] = set()
    for pid, call, rest in calls:
        name = program.get(pid, "the program")
        inet = [(address, int(port)) for port, address in _INET.findall(rest) + _INET6.findall(rest)]
        fd = _FD.match(rest)
        if call == "bind" and name != "tor" and fd:
            # A socket with an address of its own is one of the demo's servers, which answer those who ask them.
            if all(address.startswith("127.") for address, _ in inet):
                answering.add(fd[1])
            else:
                report["violations"].append([name, call, rest[:80]])
            continue
        if call not in ("connect", "sendto", "sendmsg", "sendmmsg"):
            continue
        if name == "tor":
            report["tor"] += len(inet)
            continue
        unix.update(each.replace('"', "") for each in _UNIX.findall(rest))
        for family in _FAMILY.findall(rest):
            if family not in _KNOWN_FAMILIES:
                report["violations"].append([name, call, family])
        for address, port in inet:
            if address == "127.0.0.1" and port in reachable:
                report["allowed"] += 1
            elif not (call != "connect" and fd and fd[1] in answering and address == "127.0.0.1"):
                report["violations"].append([name, call, f"{address}:{port}"])
    report["unix"] = sorted(unix)
    return report


def written(trace: Path) -> dict[str, list[str]]:
    """Paths that each program opened for writing, or made, by the program's name; the cleaner's is ``cleaner``."""
    program: dict[int, str] = {}
    found: dict[str, set[str]] = {}
    for pid, call, rest in _lines(trace):
        if call == "execve" and _SUCCEEDED.search(rest):
            program[pid] = "cleaner" if "torsend.clean" in rest else Path(rest.split('"')[1]).name
        paths = _PATH.findall(rest)
        if (
            call in ("open", "openat", "openat2", "creat")
            and paths
            and _WRITING.search(rest)
            and " = -1" not in rest
        ):
            found.setdefault(program.get(pid, "the program"), set()).add(paths[0])
    for name in program.values():
        found.setdefault(name, set())
    return {name: sorted(paths) for name, paths in found.items()}


def _listened(calls: list[tuple[int, str, str]], tors: set[int]) -> tuple[set[int], set[int]]:
    """Ports that tor processes have bound, and those that the program itself has.

    A port that the system picks is known from the ``getsockname`` that follows.
    """
    bound: set[tuple[int, str]] = set()
    ports: tuple[set[int], set[int]] = (set(), set())
    for pid, call, rest in calls:
        fd = re.match(r"\d+", rest)
        if fd is None:
            continue
        # The program's threads share their sockets.
        key = (pid if pid in tors else 0, fd[0])
        if call == "connect":
            bound.discard(key)
        elif call == "bind" or (call == "getsockname" and key in bound):
            bound.add(key)
            ports[pid not in tors].update(int(port) for port, _ in _INET.findall(rest) if port != "0")
    return ports


def _lines(trace: Path) -> Iterator[tuple[int, str, str]]:
    """Each call; a thread counts as the process that it belongs to is not known from the trace, so by its own id.

    strace breaks a call's line in two when another process is heard of in between (strace(1), "<unfinished ...>"): what
    the kernel answers, such as the address of a ``getsockname``, is then on the second. Both are one call here, at the
    place where it began; one that never ended counts with what it was asked.
    """
    calls: list[tuple[int, str, str]] = []
    unfinished: dict[int, int] = {}
    for line in trace.read_text(errors="replace").splitlines():
        if found := _LINE.match(line):
            pid, call, rest = int(found["pid"]), found["call"], found["rest"]
            unfinished.pop(pid, None)
            if rest.endswith(_UNFINISHED):
                unfinished[pid] = len(calls)
                rest = rest.removesuffix(_UNFINISHED)
            calls.append((pid, call, rest))
        elif (found := _RESUMED.match(line)) and (at := unfinished.pop(int(found["pid"]), None)) is not None:
            pid, call, begun = calls[at]
            if call == found["call"]:
                calls[at] = (pid, call, begun + found["rest"])
    yield from calls
