"""Addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name, which may be empty, and an address in its normal form (``check_address``)."""

    name: str
    address: str
