"""Where a Tor is: what is told to its SOCKS or control port goes there unencrypted.

On this computer nobody hears it. On a gateway beside it (Whonix's is 10.152.152.10) whoever shares that network does:
bearable for what is encrypted already, and for nothing else. Anywhere else it is never bearable.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.tor.guard import Address

_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        # RFC 1918; RFC 3927; RFC 4193; RFC 4291 section 2.5.6
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)


def plain_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; an IPv4 one in IPv6's clothes (RFC 4291 section 2.5.5.2) as what it is.

    Raises:
        ValueError: no IP address.
    """
    address = ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


def is_here(address: Address) -> bool:
    """Whether it is on this computer for certain: a unix socket or a loopback address."""
    return isinstance(address, str) or plain_ip(address[0]).is_loopback


def is_near(address: Address) -> bool:
    """Whether it is here, or in a network of addresses that are never routed through the internet."""
    if isinstance(address, str) or is_here(address):
        return True
    ip = plain_ip(address[0])
    return any(ip in network for network in _LOCAL if network.version == ip.version)
