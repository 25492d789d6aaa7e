"""Two that see what leaves within a namespace of one's own, whoever sent it: every packet, every question for a name."""

from __future__ import annotations

import collections
import contextlib
import socket
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ETH_P_ALL = 0x0003
_OUTGOING = 4
_TCP, _UDP = 6, 17


class Resolver:
    """Answers nothing, remembers that it was asked."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._socket.recvfrom(4096)
            self.asked += 1


class Sniffer:
    """Counts what goes over loopback, by protocol and destination port."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024 * 1024)
        self._socket.bind(("lo", 0))
        self.seen: collections.Counter[tuple[str, str, int, int]] = collections.Counter()
        """Protocol, target, its port, and for UDP the port that it came from."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            packet, (_, ethertype, kind, *_rest) = self._socket.recvfrom(128)
            if kind != _OUTGOING:
                continue
            if ethertype != 0x0800:
                self.seen["not IPv4", "", ethertype, 0] += 1
                continue
            start = (packet[0] & 15) * 4
            target = socket.inet_ntoa(packet[16:20])
            if packet[9] == _TCP:
                # Only who opens a connection: its SYN without ACK.
                if packet[start + 13] & 0x12 == 0x02:
                    self.seen["tcp", target, struct.unpack_from("!H", packet, start + 2)[0], 0] += 1
            elif packet[9] == _UDP:
                source, port = struct.unpack_from("!HH", packet, start)
                self.seen["udp", target, port, source] += 1
            else:
                self.seen["other", target, packet[9], 0] += 1


def listeners(pids: Iterable[int]) -> set[tuple[str, int]]:
    """Where these processes listen now: TCP and UDP."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(link.readlink().name)
    found = set()
    for protocol, state in (("tcp", "0A"), ("udp", "07")):
        for row in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == state and f"socket:[{fields[9]}]" in inodes:
                host, port = fields[1].split(":")
                found.add((socket.inet_ntoa(bytes.fromhex(host)[::-1]), int(port, 16)))
    return found
