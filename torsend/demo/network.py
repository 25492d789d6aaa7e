"""A private Tor network on loopback: real tor processes, a usable circuit in under ten seconds.

Theory of operation. Nine relays start at once, three of them directory authorities, which are the only
guards. They keep their descriptors until all authorities listen, then publish. Votes are tied to the clock
(dir-spec, "Voting timeline": midnight + k × interval + offset), and the least interval is 5 s with two delays
of 2 s; so the first vote is held far away until every authority knows every relay, and then moved to the next
second. A client of the network's own then proves one circuit, and ``start`` returns; that client publishes
the onion service on a thread.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.demo import plan
from torsend.demo.failures import DemoFailed
from torsend.demo.names import NameServer
from torsend.demo.node import Node
from torsend.demo.onion import OnionKey
from torsend.demo.plan import Part, Site
from torsend.paths import bundled_program
from torsend.tor import guard
from torsend.tor.process import child_environment
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_log = logging.getLogger("torsend.demo")

START_SECONDS = 60.0
"""Six times what it takes on two cores; a busy machine is no reason to give up."""
ONION_SECONDS = 60.0
"""The onion service takes one or two seconds after that."""
BRIDGE_SECONDS = 60.0
"""A plain bridge takes two seconds, one with obfs4 four."""
OLDEST_TOR = (0, 4, 7)


def find_tor() -> Path:
    """The tor program that came with us, or else this system's; Debian keeps that where only root's PATH looks.

    Raises:
        DemoFailed: there is none.
    """
    if (ours := bundled_program("tor")) is not None:
        return ours
    found = shutil.which("tor") or shutil.which("tor", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/sbin")
    if found is None:
        raise DemoFailed(
            t("The program tor is not installed."), advice=t("Install it, for instance: apt install tor")
        )
    return Path(found)


class PrivateNetwork:
    """The network. ``start`` it, give ``client_torrc`` to a client, ``stop`` it.

    Args:
        folder: for its keys, settings and logs; made if it is not there, and must hold no network yet.
        names: host name → IPv4 address that its exits resolve; ``names`` may be added to while it runs.
        onion: port of the onion service → where its connections go on loopback; no service without it.
        tor: the program; looked for if not given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        names: Mapping[str, str] | None = None,
        onion: Mapping[int, tuple[str, int]] | None = None,
        tor: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.names: dict[str, str] = {name.lower(): address for name, address in (names or {}).items()}
        self._onion_ports = dict(onion or {})
        self._onion_key = OnionKey.new() if onion else None
        self._tor = tor
        self._sites: tuple[Site, ...] = ()
        self._nodes: dict[str, Node] = {}
        self._bridges: dict[str, Site] = {}
        self._name_server = NameServer(self.names)
        self._publisher: threading.Thread | None = None
        self._published = threading.Event()
        self._publishing_failed: DemoFailed | None = None

    def start(self, timeout_seconds: float = START_SECONDS) -> None:
        """Returns when a circuit of three relays was built; everything is stopped again if that fails.

        Raises:
            DemoFailed: says what was missing, or which relay failed and its last words.
        """
        began = time.monotonic()
        try:
            self._start(began + timeout_seconds)
        except BaseException:
            self.stop()
            raise
        _log.info("private network ready after %.1f s", time.monotonic() - began)
        if self._onion_key is not None:
            self._publisher = threading.Thread(
                target=self._publish_onion, args=(self._onion_key,), name="torsend-demo-onion", daemon=True
            )
            self._publisher.start()

    def stop(self) -> None:
        """Ends every process and thread and waits for them; harmless when called twice."""
        for node in self._nodes.values():
            node.interrupt()
        if self._publisher is not None:
            self._publisher.join()
        for node in self._nodes.values():
            node.stop()
        self._name_server.stop()

    @property
    def client_torrc(self) -> str:
        """The lines that make a tor a client of this network."""
        return plan.client_torrc(self._sites)

    @property
    def onion_host(self) -> str:
        """The onion service's host name; known from the beginning, reachable after ``wait_for_onion``.

        Raises:
            DemoFailed: no onion service was asked for.
        """
        if self._onion_key is None:
            raise DemoFailed(t("This network was started without an onion service."))
        return self._onion_key.host

    @property
    def asked_names(self) -> tuple[str, ...]:
        """Every name that an exit asked for, in order, in lower case."""
        return self._name_server.asked

    @property
    def relays(self) -> dict[str, str]:
        """Nickname → fingerprint of every relay."""
        return {site.name: site.fingerprint for site in self._sites}

    @property
    def pids(self) -> tuple[int, ...]:
        """Its tor processes."""
        return tuple(node.pid for node in self._nodes.values() if node.pid is not None)

    def wait_for_onion(self, timeout_seconds: float = ONION_SECONDS) -> str:
        """Returns the onion service's host name when clients can find it.

        Raises:
            DemoFailed: it was not asked for, its publishing failed, or took too long.
        """
        host = self.onion_host
        if not self._published.wait(timeout_seconds):
            raise DemoFailed(t("The private network's onion service took too long to come up."))
        if self._publishing_failed is not None:
            raise self._publishing_failed
        return host

    def lead_onion(
        self, ports: Mapping[int, tuple[str, int]], timeout_seconds: float = ONION_SECONDS
    ) -> None:
        """Gives the onion service further ports while it runs; its name stays, clients need not look it up again.

        Raises:
            DemoFailed: as ``wait_for_onion``.
        """
        deadline = time.monotonic() + timeout_seconds
        self.wait_for_onion(timeout_seconds)
        self._onion_ports |= ports
        self._nodes[plan.CLIENT].ask(self._onion_command(), deadline)

    def add_onion(
        self,
        ports: Mapping[int, tuple[str, int]],
        clients: Sequence[str] = (),
        *,
        puzzles: bool = False,
        timeout_seconds: float = ONION_SECONDS,
    ) -> str:
        """Adds an onion service to a network that runs (and was started with one); gives its host name when it is published.

        Args:
            ports: as ``onion``.
            clients: public x25519 keys (base32, without ``=``) of those whom it answers; everybody without any.
            puzzles: it may ask clients for a proof of work (proposal 327); a client solves it by itself.

        Raises:
            DemoFailed: as ``wait_for_onion``.
        """
        deadline = time.monotonic() + timeout_seconds
        self.wait_for_onion(timeout_seconds)
        node = self._nodes[plan.CLIENT]
        node.ask("SETEVENTS HS_DESC", deadline)
        flags = "DiscardPK,V3Auth" if clients else "DiscardPK"
        led = "".join(f" Port={port},{host}:{to}" for port, (host, to) in ports.items())
        let_in = "".join(f" ClientAuthV3={each}" for each in clients)
        work = " PoWDefensesEnabled=1" if puzzles else ""
        told = node.ask(f"ADD_ONION NEW:ED25519-V3 Flags={flags}{work}{led}{let_in}", deadline)
        service = told[0].removeprefix("ServiceID=")
        _await_uploads(node, deadline)
        node.ask("SETEVENTS", deadline)
        return f"{service}.onion"

    def start_bridge(self, program: Path | None = None, timeout_seconds: float = BRIDGE_SECONDS) -> str:
        """Adds a bridge to a network that runs; gives its line for clients when it serves them.

        Args:
            program: speaks obfs4 for it (obfs4proxy or lyrebird); without one it is a plain bridge.

        Raises:
            DemoFailed: it could not be started, or took too long.
        """
        deadline = time.monotonic() + timeout_seconds
        site = plan.bridge_site()
        name = f"{site.name}{len(self._bridges)}"
        folder = self.folder / name
        try:
            site.write_keys(folder, [each for each in self._sites if each.part is Part.AUTHORITY])
            torrc = plan.bridge_torrc(site, self._sites, str(program) if program else None)
            bridge = Node(self._tor or find_tor(), name, folder, torrc)
            self._nodes[name] = bridge
            self._bridges[name] = site
            bridge.launch()
            bridge.ask("GETINFO version", deadline)
            bridge.ask("SETEVENTS STATUS_CLIENT", deadline)
            status = bridge.ask("GETINFO status/circuit-established", deadline)[0]
            if not status.endswith("=1"):
                # It answers clients once it can build circuits itself.
                bridge.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
            bridge.ask("SETEVENTS", deadline)
            if program is None:
                return f"{site.address}:{site.or_port} {site.fingerprint}"
            written = (folder / "pt_state" / "obfs4_bridgeline.txt").read_text("ascii")
        except OSError as cause:
            raise _unwritable(cause) from cause
        arguments = re.findall(r"(?m)^Bridge obfs4 .*?(cert=\S+ iat-mode=\d)", written)[-1]
        return f"obfs4 {site.address}:{site.dir_port} {site.fingerprint} {arguments}"

    def _onion_command(self) -> str:
        ports = "".join(
            f' HiddenServicePort="{port} {host}:{to}"' for port, (host, to) in self._onion_ports.items()
        )
        return f'SETCONF HiddenServiceDir="{self.folder / "onion"}"{ports}'

    def _start(self, deadline: float) -> None:
        tor = self._tor or find_tor()
        check_version(tor)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sites = plan.choose_sites()
            host, port = self._name_server.start()
            resolv_conf = self.folder / "resolv.conf"
            resolv_conf.write_text(f"nameserver {host}:{port}\n", encoding="ascii")
            authorities = [site for site in self._sites if site.part is Part.AUTHORITY]
            for site in self._sites:
                folder = self.folder / site.name
                site.write_keys(folder, authorities)
                torrc = plan.relay_torrc(site, self._sites, resolv_conf)
                self._nodes[site.name] = Node(tor, site.name, folder, torrc)
            folder = self.folder / plan.CLIENT
            folder.mkdir(mode=0o700)
            torrc = self.client_torrc + "SocksPort 0\nDisableNetwork 1\nLog notice stdout\n"
            self._nodes[plan.CLIENT] = Node(tor, plan.CLIENT, folder, torrc)
        except OSError as cause:
            raise _unwritable(cause) from cause

        self._launch_relays(deadline)
        self._await_descriptors(deadline)
        self._vote(deadline)
        self._nodes[plan.CLIENT].launch()
        self._await_consensus(deadline)
        self._prove_circuit(deadline)

    def _launch_relays(self, deadline: float) -> None:
        relays = [self._nodes[site.name] for site in self._sites]
        for relay in relays:
            relay.launch()
        for relay in relays:
            relay.ask("GETINFO version", deadline)  # it answers once its ports are open
        _log.debug("relays listen")
        for name in plan.AUTHORITIES:
            self._nodes[name].ask("SETEVENTS NEWDESC NEWCONSENSUS", deadline)
        for relay in relays:
            relay.ask("SETCONF PublishServerDescriptor=1", deadline)

    def _await_descriptors(self, deadline: float) -> None:
        """Waits until every authority has every relay's descriptor."""
        for name in plan.AUTHORITIES:
            authority = self._nodes[name]
            known = "\n".join(authority.ask("GETINFO desc/all-recent", deadline))
            missing = set(self.relays) - set(re.findall(r"(?m)^router (\w+) ", known))
            while missing:
                event = authority.wait_for(lambda lines: lines[0].startswith("NEWDESC"), deadline)
                missing -= set(re.findall(r"~(\w+)", event[0]))
        _log.debug("every authority knows every relay")

    def _vote(self, deadline: float) -> None:
        """Moves the first vote to the next second."""
        due = int(time.time()) + 1
        begins = due + 2 * plan.DELAY_SECONDS
        offset = begins % plan.FIRST_INTERVAL_SECONDS
        for name in plan.AUTHORITIES:
            self._nodes[name].ask(
                f"SETCONF TestingV3AuthInitialVotingInterval={plan.FIRST_INTERVAL_SECONDS}"
                f" TestingV3AuthVotingStartOffset={offset}",
                deadline,
            )

    def _await_consensus(self, deadline: float) -> None:
        """Waits until every authority has a consensus with every relay in it."""
        wanted = set(self.relays)
        for name in plan.AUTHORITIES:
            self._nodes[name].wait_for(lambda lines: wanted <= _listed(lines), deadline)
            self._nodes[name].ask("SETEVENTS", deadline)
        _log.debug("consensus")

    def _prove_circuit(self, deadline: float) -> None:
        client = self._nodes[plan.CLIENT]
        client.ask("SETEVENTS STATUS_CLIENT", deadline)
        client.ask("SETCONF DisableNetwork=0", deadline)
        client.wait_for(lambda lines: "CIRCUIT_ESTABLISHED" in lines[0], deadline)
        client.ask("SETEVENTS", deadline)

    def _publish_onion(self, key: OnionKey) -> None:
        """The background's work."""
        began = time.monotonic()
        deadline = began + ONION_SECONDS
        client = self._nodes[plan.CLIENT]
        try:
            key.write(self.folder / "onion")
            client.ask("SETEVENTS HS_DESC", deadline)
            client.ask(self._onion_command(), deadline)
            _await_uploads(client, deadline)
            client.ask("SETEVENTS", deadline)
            _log.info("onion service published after another %.1f s", time.monotonic() - began)
        except DemoFailed as failure:
            self._publishing_failed = failure
        except OSError as cause:
            self._publishing_failed = _unwritable(cause)
        finally:
            self._published.set()


def _await_uploads(node: Node, deadline: float) -> None:
    """Waits until every directory that an onion service's descriptors are given to has answered: a client asks any of
    them, and one that has nothing yet says that there is no such service (control-spec, HS_DESC).
    """
    due: Counter[str] = Counter()
    arrived = False
    for lines in node.events(deadline):
        match lines[0].split():
            case ["HS_DESC", "UPLOAD", _, _, directory, *_]:
                due[directory] += 1
            case ["HS_DESC", "UPLOADED" | "FAILED" as what, _, _, directory, *_]:
                due[directory] -= 1
                arrived = arrived or what == "UPLOADED"
        if arrived and not +due:
            return


def _unwritable(cause: OSError) -> DemoFailed:
    failure = DemoFailed(
        t("The private network's files could not be written: {reason}.", reason=cause.strerror or cause)
    )
    failure.__cause__ = cause  # it is kept, not raised, where the background made it
    return failure


def check_version(tor: Path) -> None:
    """Sees that the program can serve as relay and authority.

    Raises:
        DemoFailed: it is not there, is not tor, is too old, or was built as a client only.
    """
    system: str = sys.platform
    if system != "linux":
        raise DemoFailed(
            t("The demo's private network runs on Linux only."),
            advice=t("Try Torsend itself: it runs here, too."),
        )
    try:
        with guard.starting(tor):
            said = subprocess.run(
                [tor, "--version"],
                executable=tor,
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
                stdin=subprocess.DEVNULL,
                env=child_environment(),
            ).stdout
            modules = subprocess.run(
                [tor, "--list-modules"],
                executable=tor,
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
                stdin=subprocess.DEVNULL,
                env=child_environment(),
            ).stdout
    except (OSError, subprocess.SubprocessError) as cause:
        raise DemoFailed(
            t("The program {tor} could not be run.", tor=tor),
            advice=t("Install it anew, for instance: apt install tor"),
        ) from cause
    found = re.search(r"^Tor version (\d+)\.(\d+)\.(\d+)", said)
    if found is None:
        raise DemoFailed(
            t("The program {tor} is not tor.", tor=tor),
            advice=t("Install it anew, for instance: apt install tor"),
        )
    if tuple(int(part) for part in found.groups()) < OLDEST_TOR:
        raise DemoFailed(
            t("This tor is too old: {version}.", version=found[0].removeprefix("Tor version ")),
            advice=t("The demo needs tor {oldest} or newer.", oldest=".".join(map(str, OLDEST_TOR))),
        )
    if "relay: yes" not in modules or "dirauth: yes" not in modules:
        raise DemoFailed(
            t("The program {tor} can only be a client.", tor=tor),
            advice=t("Install your system's tor, for instance: apt install tor"),
        )


def _listed(consensus: list[str]) -> set[str]:
    """The nicknames in a NEWCONSENSUS event; nothing for any other event."""
    if consensus[0] != "NEWCONSENSUS":
        return set()
    return {line.split(" ")[1] for line in consensus if line.startswith("r ")}
