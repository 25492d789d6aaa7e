"""Makes every link of the private network slow, and lossy if that is wanted, in a network namespace of its own.

``netem`` would do it, but isn't in every kernel. A delay in user space would need a proxy before each relay, and could lose
no packet. So packets between tor processes, and between exits and the servers whose ports are named, are held in the
kernel (iptables, target NFQUEUE) and let go on time by a small process (``python -m torsend.demo.links QUEUE``) that speaks
the queue's netlink protocol (``linux/netfilter/nfnetlink_queue.h``): it sees a packet's number only, and all wait equally
long, so that one verdict lets go of all that are due. A packet that is lost is dropped there, and TCP sends it again, as on
a bad line. What goes between a program and the tor beside it is left alone: that is this machine.

A user who isn't root gets such a namespace where the system lets users have one (``unshare --user``).
"""

from __future__ import annotations

import collections
import contextlib
import os
import random
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

ENVIRONMENT = "TORSEND_NETWORK_NAMESPACE"
"""Set for the run inside the namespace: ``ready``, or why there is none."""
TO_EXIT, TO_SERVER = 3, 4
"""Client to guard, guard to middle, middle to exit, exit to server: each is crossed twice in a round trip."""
QUEUE = 7
MOST_HELD = 1_000_000
_AF_NETLINK, _NETLINK_NETFILTER = 16, 12
_SUBSYSTEM = 3 << 8
_PACKET, _VERDICT, _CONFIG, _VERDICT_BATCH = _SUBSYSTEM, _SUBSYSTEM | 1, _SUBSYSTEM | 2, _SUBSYSTEM | 3
_REQUEST = 1
_SOL_NETLINK, _NO_ENOBUFS = 270, 5
_DROP, _ACCEPT = 0, 1


def enter(command: Sequence[str]) -> None:
    """Starts this run anew inside a namespace of its own, where that can be had; else leaves word of why not.

    Args:
        command: what starts this run, without the interpreter.
    """
    if ENVIRONMENT in os.environ:
        if os.environ[ENVIRONMENT] == "ready":
            subprocess.run([_program("ip"), "link", "set", "lo", "up"], check=True)
        return
    missing = [name for name in ("unshare", "ip", "iptables") if _tool(name) is None]
    ways = (["--net"], ["--net", "--user", "--map-root-user"])
    why = f"{', '.join(missing)} is not installed" if missing else "the system lets nobody have one"
    for way in () if missing else ways:
        tried = f"{_tool('ip')} link set lo up && {_tool('iptables')} -L -n"
        done = subprocess.run(
            [_program("unshare"), *way, "sh", "-c", tried], capture_output=True, check=False
        )
        if done.returncode == 0:
            os.environ[ENVIRONMENT] = "ready"
            path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
            arguments = [_program("unshare"), *way, sys.executable, *command]
            os.execve(arguments[0], arguments, {**os.environ, "PATH": path})  # noqa: S606  # no shell is wanted
    os.environ[ENVIRONMENT] = why


def trouble() -> str:
    """Why links can't be delayed; empty where they can."""
    state = os.environ.get(ENVIRONMENT, "this run is in no namespace of its own")
    return "" if state == "ready" else state


class Links:
    """The links of this namespace. ``set`` says what becomes of each packet on them."""

    def __init__(self, process: subprocess.Popen[str] | None, count: int) -> None:
        self._process = process
        self._count = count

    def set(self, round_trip: float, loss: float = 0.0) -> None:
        """From now on.

        Args:
            round_trip: seconds that one through three relays takes at least, to the server where its port is held as well;
                to an onion service, with six relays, about twice as long.
            loss: which share of packets is dropped on each link, 0 to 1.
        """
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            return
        self._process.stdin.write(f"{round_trip / self._count / 2} {loss}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextlib.contextmanager
def links(ports: Sequence[int] = ()) -> Iterator[Links]:
    """Holds what goes to and from the relays.

    Args:
        ports: of servers at 127.0.0.1: what goes to and from them is held as well. An exit reaches them from that very
            address, as programs of this machine do, so nothing but the port tells them apart.
    """
    if trouble():
        yield Links(None, TO_EXIT)
        return
    queue = ["-j", "NFQUEUE", "--queue-num", str(QUEUE)]
    relays = f"{plan.PORTS.start}:{plan.PORTS.stop - 1}"
    # Servers of this machine stand in 127.0.0.0/16, relays anywhere else in 127.0.0.0/8.
    here = "127.0.0.0/16"
    rules = [["!", "-d", here, "--dport", relays], ["!", "-s", here, "--sport", relays]]
    rules += [[way, str(port)] for port in ports for way in ("--dport", "--sport")]
    added: list[list[str]] = []
    with subprocess.Popen(
        [sys.executable, "-m", "torsend.demo.links", str(QUEUE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            if process.stdout is not None:
                process.stdout.readline()  # it listens
            for rule in rules:
                whole = ["OUTPUT", "-o", "lo", "-p", "tcp", *rule, *queue]
                subprocess.run([_program("iptables"), "-A", *whole], check=True)
                added.append(whole)
            yield Links(process, TO_SERVER if ports else TO_EXIT)
        finally:
            # One by one: should this be the machine's own network after all, its rules are not ours to remove.
            for rule in reversed(added):
                subprocess.run([_program("iptables"), "-D", *rule], check=False)
            if process.stdin is not None:
                process.stdin.close()


def _tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def _program(name: str) -> str:
    return _tool(name) or name


# The process that holds the packets


def hold(queue: int, orders: IO[str]) -> None:
    """Lets each packet of the queue go when it has waited as long as was last ordered, or drops it; ends with its orders."""
    netlink = socket.socket(_AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
    netlink.bind((0, 0))
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    # What finds no room is told of by nobody, and goes with the next that is due: better late than all of it held for ever.
    netlink.setsockopt(_SOL_NETLINK, _NO_ENOBUFS, 1)
    netlink.send(_configure(queue, 1, struct.pack("!BBH", 1, 0, socket.AF_INET)))
    netlink.send(_configure(queue, 2, struct.pack("!IB", 0, 1)))
    netlink.send(_configure(queue, 3, struct.pack("!I", MOST_HELD)))
    # Large segments stay whole, as they are on loopback without a queue.
    netlink.send(_configure(queue, 4, struct.pack("!I", 4), 5, struct.pack("!I", 4)))
    wait, loss = 0.0, 0.0
    dice = random.Random()  # noqa: S311  # which packet is lost is no secret
    held: collections.deque[tuple[float, int]] = collections.deque()
    watched: list[socket.socket | IO[str]] = [netlink, orders]
    print("ready", flush=True)
    while True:
        due = held[0][0] - time.monotonic() if held else None
        readable, _, _ = select.select(watched, [], [], None if due is None else max(due, 0.0))
        if netlink in readable:
            now = time.monotonic()
            for number in _numbers(netlink.recv(65536)):
                if loss and dice.random() < loss:
                    netlink.send(_message(_VERDICT, queue, _attribute(2, struct.pack("!II", _DROP, number))))
                else:
                    held.append((now + wait, number))
        if orders in readable:
            order = orders.readline()
            if not order:
                return
            wait, loss = map(float, order.split())
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
