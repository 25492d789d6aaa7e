"""Torsend: one message at a time, as one identity, over one Tor circuit that no other identity shares."""

__version__ = "0.1.0"
