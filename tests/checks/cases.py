"""Drafts, senders and a circuit for the tests of checks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from torsend.checks.files import FileStanding, FileState
from torsend.clean.report import Report
from torsend.identity.identity import Colour, Identity, Kind, OnlyOverTor, Server, Tls
from torsend.mail.draft import Attachment, Decision, Draft
from torsend.tor.circuits import Circuit, CircuitState, Relay, Role

ROWANMAIL = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)
GMAIL = Server("smtp.gmail.com", 465, Tls.IMPLICIT)
ONION = "5gdvpfoh6kb2iqbizb37lzk2ddzrwa47m6rpdueg2m656fovmbhoptqd.onion"


def identity(
    *,
    address: str = "wren@rowanmail.example",
    username: str = "",
    onion: bool = False,
    server: Server = ROWANMAIL,
    only_over_tor: OnlyOverTor = OnlyOverTor.YES,
) -> Identity:
    if onion:
        server = Server(ONION, 465, Tls.IMPLICIT)
        address = address.replace("@rowanmail.example", "@riseup.net")
    return Identity("0" * 32, "Wren", address, Kind.ADDRESS, Colour.TEAL, server, username, only_over_tor)


def draft(**fields: object) -> Draft:
    given = {
        "id": "draft-1",
        "to": "Marta Lindqvist <marta@nordpost.example>",
        "subject": "Test sheets",
        "text": "Dear Marta",
        **fields,
    }
    return Draft(**given)  # type: ignore[arg-type]


def file(name: str) -> Attachment:
    """One that goes as it is."""
    return Attachment(Path("/nowhere") / name, name, "application/msword", Decision.AS_IT_IS)


def standing(name: str, state: FileState, report: Report | None = None) -> FileStanding:
    as_it_is = state is FileState.AS_IT_IS
    return FileStanding(
        file(name) if as_it_is else file(name).cleaned(), state, name, report, problem="It failed."
    )


def circuit(*relays: tuple[str, Role], onion: bool = False) -> Circuit:
    hops = tuple(Relay("A" * 40, nickname, "DE", role) for nickname, role in relays)
    return Circuit("7", hops, datetime(2026, 4, 21, tzinfo=UTC), onion, CircuitState.BUILT)
