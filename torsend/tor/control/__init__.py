"""Tor's control connection; the only room that knows stem.

Of stem it takes the lower half: the wire's format, the ways to authenticate, the parsing of events. Its Controller stays
out: its ``msg`` has no time-out and hangs on a stopped tor, it answers from a cache when tor is dead, wakes up twenty times
a second, and runs its listeners where they delay each other.
"""

from __future__ import annotations

import logging

from torsend.tor.control.commands import Control

__all__ = ["Control"]

# What stem logs holds passwords, and hosts and credentials of every program on that Tor.
logging.getLogger("stem").disabled = True
