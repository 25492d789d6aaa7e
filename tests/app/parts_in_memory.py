"""An app that lies in memory alone, with two senders; no Tor is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torsend.app import App, Start
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.paths import Profile


@contextmanager
def app_in_memory(folder: Path) -> Iterator[App]:
    """Wren and Tarn, both of rowanmail."""
    with App.open(Start(Profile(folder), in_memory=True)) as opened:
        for name in ("Wren", "Tarn"):
            server = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)
            address = f"{name.lower()}@rowanmail.example"
            opened.book.add(
                Identity(new_identity_id(), name, address, Kind.ADDRESS, Colour.TEAL, server, "sign-in")
            )
        yield opened
