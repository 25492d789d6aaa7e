"""Runs the program in a network namespace that has only loopback, and says of every connection and packet whose it was.

Started inside the namespace (``unshare --net --mount``, as an ordinary user with ``--user --map-root-user`` too):

    python -m tests.support.namespace REPORT SCENARIO

Three witnesses at once:

- ``strace -f`` of the program: each ``connect``, ``sendto`` and its kin, by process (`traced`).
- a packet socket on loopback that sees every packet, whoever sent it; each TCP connection and UDP packet is counted by
  where it goes, to be compared with where tor and the stage listen.
- a resolver on port 53, which ``/etc/resolv.conf`` of this mount namespace points to. A question there is a leak.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.whole_program import leaky, whole_program
from tests.support.witnesses import Resolver, Sniffer


def main(report: str, scenario: str) -> None:
    """Sets the namespace up, runs the scenario, writes the report as JSON."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        resolv = folder / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        target = Path("/etc/resolv.conf").resolve()
        subprocess.run(["mount", "--bind", str(resolv), str(target)], check=True)
        resolver, sniffer = Resolver(), Sniffer()
        result = {"whole": whole_program, "leaky": leaky}[scenario](folder)
        result["asked"] = resolver.asked
        result["packets"] = [[*key, count] for key, count in sorted(sniffer.seen.items())]
    Path(report).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
