"""Names of hosts, as far as Tor's ways differ by them."""

from __future__ import annotations

import contextlib
import ipaddress


def onion_service(host: str) -> str:
    """The service that an onion host belongs to: 56 characters, whatever stands before them (rend-spec-v3, section 6)."""
    return host.lower().rstrip(".").removesuffix(".onion").rpartition(".")[2]


def has_an_address(host: str) -> bool:
    """Whether an exit relay could look an address up for it: not for an onion service, nor for what is one already."""
    if host.lower().rstrip(".").endswith(".onion"):
        return False
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return False
    return True
