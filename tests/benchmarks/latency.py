"""Makes every link of the private network slow, in a network namespace of this run's own.

``netem`` would do it, but isn't in every kernel. So packets between tor processes, and between an exit and the
server, are held in the kernel (iptables, target NFQUEUE) and let go on time by a small process
(``python -m tests.benchmarks.latency PORT``) that speaks the queue's netlink protocol
(``linux/netfilter/nfnetlink_queue.h``): it sees a packet's number only, and all wait equally long, so that one verdict
lets go of all that are due. What goes between a program and the tor beside it isn't delayed: that is this machine.
"""

from __future__ import annotations

import collections
import contextlib
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import IO

from torsend.demo import plan

ENVIRONMENT = "TORSEND_BENCH_NAMESPACE"
"""Set for the run inside the namespace: ``ready``, or why there is none."""
LINKS = 4
"""Client to guard, guard to middle, middle to exit, exit to server: each is crossed twice in a round trip."""
QUEUE = 7
MOST_HELD = 1_000_000
_NETLINK_NETFILTER = 12
_SUBSYSTEM = 3 << 8
_PACKET, _VERDICT_BATCH, _CONFIG = _SUBSYSTEM, _SUBSYSTEM | 3, _SUBSYSTEM | 2
_REQUEST = 1
_ACCEPT = 1


def enter(arguments: Sequence[str]) -> None:
    """Starts this run anew inside a namespace of its own, where that can be had; else leaves word of why not."""
    if ENVIRONMENT in os.environ:
        if os.environ[ENVIRONMENT] == "ready":
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    missing = [name for name in ("unshare", "ip", "iptables") if _tool(name) is None]
    ways = (["--net"], ["--net", "--user", "--map-root-user"])
    trouble = f"{', '.join(missing)} is not installed" if missing else "the system lets nobody have one"
    for way in () if missing else ways:
        tried = f"{_tool('ip')} link set lo up && {_tool('iptables')} -L -n"
        if (
            subprocess.run(["unshare", *way, "sh", "-c", tried], capture_output=True, check=False).returncode
            == 0
        ):
            os.environ[ENVIRONMENT] = "ready"
            path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
            os.execvpe(
                "unshare",
                ["unshare", *way, sys.executable, "-m", "tests.benchmarks", *arguments],
                {**os.environ, "PATH": path},
            )
    os.environ[ENVIRONMENT] = trouble


def trouble() -> str:
    """Why links can't be delayed; empty where they can."""
    state = os.environ.get(ENVIRONMENT, "this run is in no namespace of its own")
    return "" if state == "ready" else state


class Links:
    """The links of this namespace. ``delay`` sets what every packet on them waits."""

    def __init__(self, process: subprocess.Popen[str] | None) -> None:
        self._process = process

    def delay(self, round_trip: float) -> None:
        """Makes a round trip through three relays and to the server take this many seconds more."""
        if self._process is None:
            return
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{round_trip / LINKS / 2}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextlib.contextmanager
def links(ports: Sequence[int]) -> Iterator[Links]:
    """Holds what goes to and from the relays, and to and from these ports of 127.0.0.1."""
    if trouble():
        yield Links(None)
        return
    queue = ["-j", "NFQUEUE", "--queue-num", str(QUEUE)]
    relays = f"{plan.PORTS.start}:{plan.PORTS.stop - 1}"
    not_ours = ["!", "-d", "127.0.0.0/16"], ["!", "-s", "127.0.0.0/16"]
    rules = [[*not_ours[0], "--dport", relays], [*not_ours[1], "--sport", relays]]
    rules += [[way, str(port)] for port in ports for way in ("--dport", "--sport")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.latency", str(QUEUE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        process.stdout.readline()
        for rule in rules:
            subprocess.run(["iptables", "-A", "OUTPUT", "-o", "lo", "-p", "tcp", *rule, *queue], check=True)
        yield Links(process)
    finally:
        subprocess.run(["iptables", "-F", "OUTPUT"], check=False)
        assert process.stdin
        process.stdin.close()
        process.wait(10)


def _tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


# The process that holds the packets


def hold(queue: int, orders: IO[str]) -> None:
    """Lets each packet of the queue go when it has waited as long as was last ordered; ends with its orders."""
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
    netlink.bind((0, 0))
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    netlink.send(_configure(queue, 1, struct.pack("!BBH", 1, 0, socket.AF_INET)))
    netlink.send(_configure(queue, 2, struct.pack("!IB", 0, 1)))
    netlink.send(_configure(queue, 3, struct.pack("!I", MOST_HELD)))
    # Large segments stay whole, as they are on loopback without a queue.
    netlink.send(_configure(queue, 4, struct.pack("!I", 4), 5, struct.pack("!I", 4)))
    wait = 0.0
    held: collections.deque[tuple[float, int]] = collections.deque()
    watched: list[socket.socket | IO[str]] = [netlink, orders]
    print("ready", flush=True)
    while True:
        due = held[0][0] - time.monotonic() if held else None
        readable, _, _ = select.select(watched, [], [], None if due is None else max(due, 0.0))
        if netlink in readable:
            now = time.monotonic()
            held.extend((now + wait, number) for number in _numbers(netlink.recv(65536)))
        if orders in readable:
            order = orders.readline()
            if not order:
                return
            wait = float(order)
            print("done", flush=True)
        now = time.monotonic()
        last = None
        while held and held[0][0] <= now:
            last = held.popleft()[1]
        if last is not None:
            netlink.send(_message(_VERDICT_BATCH, queue, _attribute(2, struct.pack("!II", _ACCEPT, last))))


def _configure(queue: int, *pairs: object) -> bytes:
    attributes = b"".join(
        _attribute(kind, value)
        for kind, value in zip(pairs[::2], pairs[1::2], strict=True)
        if isinstance(kind, int) and isinstance(value, bytes)
    )
    return _message(_CONFIG, queue, attributes)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _message(kind: int, queue: int, attributes: bytes) -> bytes:
    body = struct.pack("!BBH", socket.AF_UNSPEC, 0, queue) + attributes
    return struct.pack("=IHHII", 16 + len(body), kind, _REQUEST, 0, 0) + body


def _numbers(data: bytes) -> Iterator[int]:
    """The number of each packet that some netlink messages tell of."""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        if kind == _PACKET:
            # struct nfqnl_msg_packet_hdr is the first attribute behind the two headers.
            yield struct.unpack_from("!I", data, 16 + 4 + 4)[0]
        data = data[(length + 3) & ~3 :]


if __name__ == "__main__":
    hold(int(sys.argv[1]), sys.stdin)
