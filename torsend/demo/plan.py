"""Where the private network's nodes stand and what their settings say.

Each node has an address of its own, each in a /16 of its own: so clients keep tor's rule that no two relays
of a circuit are neighbours (``EnforceDistinctSubnets``), and several networks run at once on one machine.
"""

from __future__ import annotations

import enum
import errno
import random
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from torsend.demo.failures import DemoFailed
from torsend.demo.keys import AuthorityKeys, fingerprint, new_authority, new_key, private_pem
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

AUTHORITIES = ("larkspur", "tinmill", "ferrow")
"""Directory authorities, and the only guards."""
EXITS = ("osprey", "heron", "brindle")
MIDDLES = ("mossgate", "saltmarsh", "quayside")
"""With six relays a rendezvous often chose the guard itself and timed out; with nine it works."""
BRIDGE = "footbridge"
"""A relay that no directory lists; started where it is asked for."""
CLIENT = "lantern"
"""Not a relay: proves the first circuit, hosts the onion service."""

FIRST_INTERVAL_SECONDS = 5
"""The least that tor accepts until there is a consensus; it must divide half an hour."""
INTERVAL_SECONDS = 300
"""The least that a client without testing options accepts."""
INTERVALS_VALID = 12
DELAY_SECONDS = 2
"""For votes, and again for signatures, to travel; the least that tor accepts."""

PORTS = range(10_000, 30_000)
"""Below those that Linux gives to connections (32768 and above)."""
MAX_TRIED = 100
_RESERVED_SECOND_OCTETS = {0}
"""127.0.x.y is where everybody's local servers listen."""


class Part(enum.StrEnum):
    """What a node does."""

    AUTHORITY = "authority"
    EXIT = "exit"
    MIDDLE = "middle"
    BRIDGE = "bridge"


@dataclass(frozen=True, slots=True)
class Site:
    """One relay: who it is and where it listens. A bridge's second port is its transport's."""

    name: str
    part: Part
    address: str
    or_port: int
    dir_port: int
    identity: rsa.RSAPrivateKey
    authority: AuthorityKeys | None

    @property
    def fingerprint(self) -> str:
        """Of its identity, 40 hexadecimal digits."""
        return fingerprint(self.identity)

    def write_keys(self, folder: Path, authorities: Sequence[Site]) -> None:
        """Makes its DataDirectory with its identity, and what authorities have to know of each other."""
        keys = folder / "keys"
        folder.mkdir(mode=0o700)
        keys.mkdir(mode=0o700)
        (keys / "secret_id_key").write_bytes(private_pem(self.identity))
        if self.authority:
            (keys / "authority_certificate").write_text(self.authority.certificate, encoding="ascii")
            (keys / "authority_signing_key").write_bytes(self.authority.signing_key)
        certificates = "".join(site.authority.certificate for site in authorities if site.authority)
        # Saves everybody the download, without which a vote cannot be checked.
        (folder / "cached-certs").write_text(certificates, encoding="ascii")


def choose_sites() -> tuple[Site, ...]:
    """Nine relays on free ports of addresses picked at random.

    Raises:
        DemoFailed: this system has no such addresses (only Linux routes all of 127.0.0.0/8).
    """
    dice = random.SystemRandom()
    free = [n for n in range(1, 255) if n not in _RESERVED_SECOND_OCTETS]
    second = dice.sample(free, len(AUTHORITIES + EXITS + MIDDLES))
    sites = []
    for name in (*AUTHORITIES, *EXITS, *MIDDLES):
        address = f"127.{second.pop()}.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}"
        or_port, dir_port = _free_ports(address, 2)
        part = Part.AUTHORITY if name in AUTHORITIES else Part.EXIT if name in EXITS else Part.MIDDLE
        authority = new_authority(address, dir_port) if part is Part.AUTHORITY else None
        sites.append(Site(name, part, address, or_port, dir_port, new_key(), authority))
    return tuple(sites)


def _free_ports(address: str, count: int) -> list[int]:
    """TCP ports that are free there, and that the system does not hand out by itself in the meantime."""
    free: list[int] = []
    for port in random.SystemRandom().sample(PORTS, MAX_TRIED):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trying:
            try:
                trying.bind((address, port))
            except OSError as failure:
                if failure.errno == errno.EADDRINUSE:
                    continue
                raise DemoFailed(
                    t("This computer cannot use the address {address}.", address=address),
                    advice=t("The private network runs on Linux, where all of 127.0.0.0/8 is this computer."),
                ) from failure
        free.append(port)
        if len(free) == count:
            return free
    raise DemoFailed(t("No free port was found on {address}.", address=address))


def authority_lines(sites: Iterable[Site]) -> str:
    """The ``DirAuthority`` lines: what makes a tor belong to this network and to no other."""
    return "".join(
        f"DirAuthority {site.name} orport={site.or_port} no-v2 v3ident={site.authority.identity}"
        f" {site.address}:{site.dir_port} {site.fingerprint}\n"
        for site in sites
        if site.authority
    )


def client_torrc(sites: Iterable[Site]) -> str:
    """What a client of this network adds to its settings."""
    return (
        "# A private Tor network on this computer's loopback.\n"
        + authority_lines(sites)
        # Its relays and its servers have addresses that the public network never would.
        + "ExtendAllowPrivateAddresses 1\n"
        "ClientDNSRejectInternalAddresses 0\n"
        "ClientRejectInternalAddresses 0\n"
        # Whatever it may be told, it cannot reach beyond loopback.
        "OutboundBindAddress 127.0.0.1\n"
    )


def _common_torrc(site: Site, sites: Sequence[Site]) -> str:
    return (
        f"Nickname {site.name}\n"
        f"Address {site.address}\n"
        # To names outside loopback the system refuses this source: nothing gets out of the network.
        f"OutboundBindAddress {site.address}\n"
        f"ORPort {site.address}:{site.or_port} IPv4Only\n"
        "SocksPort 0\n"
        "Log notice stdout\n"
        "ContactInfo none\n"
        "NumCPUs 1\n"
        "GeoIPFile /dev/null\n"
        "GeoIPv6File /dev/null\n"
        "TestingTorNetwork 1\n"
        "AssumeReachable 1\n"
        "ExtendAllowPrivateAddresses 1\n"
        # Held back until all authorities listen: a descriptor that finds nobody is tried again much later.
        "PublishServerDescriptor 0\n" + authority_lines(sites)
    )


def relay_torrc(site: Site, sites: Sequence[Site], resolv_conf: Path) -> str:
    """The settings of one relay."""
    common = _common_torrc(site, sites)
    match site.part:
        case Part.AUTHORITY:
            return common + _authority_torrc(site, sites)
        case Part.EXIT:
            return common + (
                "ExitRelay 1\n"
                # A client sees only a summary of the policy, which counts a port only if accepted for all
                # addresses.
                "ExitPolicy accept *:*\n"
                "ExitPolicyRejectPrivate 0\n"
                "ExitPolicyRejectLocalInterfaces 0\n"
                "RefuseUnknownExits 0\n"
                f'ServerDNSResolvConfFile "{resolv_conf}"\n'
                "ServerDNSAllowBrokenConfig 1\n"
                "ServerDNSDetectHijacking 0\n"
                "ServerDNSSearchDomains 0\n"
            )
        case Part.MIDDLE:
            return common + "ExitRelay 0\n"
        case Part.BRIDGE:
            raise ValueError("a bridge is no listed relay")


def bridge_site() -> Site:
    """One more relay, which no directory lists.

    Raises:
        DemoFailed: as ``choose_sites``.
    """
    dice = random.SystemRandom()
    address = f"127.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}"
    or_port, door = _free_ports(address, 2)
    return Site(BRIDGE, Part.BRIDGE, address, or_port, door, new_key(), None)


def bridge_torrc(site: Site, sites: Sequence[Site], program: str | None) -> str:
    """The settings of a bridge.

    Args:
        program: speaks obfs4 on the site's second port; None for a plain bridge.
    """
    obfs4 = (
        f"ServerTransportPlugin obfs4 exec {program}\n"
        f"ServerTransportListenAddr obfs4 {site.address}:{site.dir_port}\n"
        "ExtORPort auto\n"
    )
    return (
        _common_torrc(site, sites)
        + "BridgeRelay 1\nBridgeDistribution none\nExitRelay 0\n"
        + (obfs4 if program else "")
    )


def _authority_torrc(site: Site, sites: Sequence[Site]) -> str:
    guards = ",".join(other.fingerprint for other in sites if other.part is Part.AUTHORITY)
    exits = ",".join(other.fingerprint for other in sites if other.part is Part.EXIT)
    return (
        f"DirPort {site.address}:{site.dir_port} IPv4Only\n"
        "ExitRelay 0\n"
        "AuthoritativeDirectory 1\n"
        "V3AuthoritativeDirectory 1\n"
        "AuthDirTestReachability 0\n"
        # Nothing is voted on before everybody is known: see ``network``.
        "TestingV3AuthInitialVotingInterval 1800\n"
        f"TestingV3AuthInitialVoteDelay {DELAY_SECONDS}\n"
        f"TestingV3AuthInitialDistDelay {DELAY_SECONDS}\n"
        f"V3AuthVoteDelay {DELAY_SECONDS}\n"
        f"V3AuthDistDelay {DELAY_SECONDS}\n"
        f"V3AuthVotingInterval {INTERVAL_SECONDS}\n"
        f"V3AuthNIntervalsValid {INTERVALS_VALID}\n"
        # An exit as guard lacked microdescriptors, which cost a client ten seconds.
        f"TestingDirAuthVoteGuard {guards}\n"
        "TestingDirAuthVoteGuardIsStrict 1\n"
        f"TestingDirAuthVoteExit {exits}\n"
        "TestingDirAuthVoteExitIsStrict 1\n"
        "TestingDirAuthVoteHSDir *\n"
        "MinUptimeHidServDirectoryV2 0 seconds\n"
    )
