"""``torsend identity …``"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from torsend.cli.opening import opened
from torsend.cli.output import as_json, identity_json, identity_line
from torsend.cli.passwords import need_password, read_password
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus
from torsend.identity.book import free_colour
from torsend.identity.identity import Colour, FileNames, Identity, Kind, Server, Tls, new_identity_id
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import App, Start


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    # Passwords are asked for before anything is opened: a prompt should not hold the profile's lock.
    match given.action:
        case "add":
            first = read_password(t("Password (empty for none yet): "))
            with opened(start) as app:
                _show(given, app.add_identity(_new(given, app), first), t("Added."))
        case "password":
            password = need_password(t("Password: "))
            with opened(start) as app:
                identity = app.find_identity(given.id)
                app.set_password(identity.id, password)
                _show(given, identity, t("The password is kept."))
        case "onion-key":
            key = read_password(t("Client key (empty forgets it): "))
            with opened(start) as app:
                identity = app.find_identity(given.id)
                if key:
                    app.onions.set_key(identity.id, key)
                else:
                    app.onions.forget_key(identity.id)
                _show(given, identity, t("The key is kept.") if key else t("The key is forgotten."))
        case "list":
            with opened(start) as app:
                _list(given, app.book.list())
        case _:
            with opened(start) as app:
                _on_one(given, app, app.find_identity(given.id))
    return ExitStatus.OK


def _list(given: argparse.Namespace, identities: tuple[Identity, ...]) -> None:
    if given.json:
        as_json([identity_json(each) for each in identities])
        return
    for each in identities:
        line(identity_line(each))


def _on_one(given: argparse.Namespace, app: App, identity: Identity) -> None:
    match given.action:
        case "edit":
            _show(given, app.book.save(_edited(given, identity)), t("Saved."))
        case "remove":
            app.remove_identity(identity.id)
            _show(given, identity, t("Removed, its password too."))
        case _ if given.json:
            known = app.exits.of(identity)
            more = {
                "has_password": app.has_password(identity.id),
                "has_onion_key": app.onions.has_key(identity.id),
                "exit_refusals": None if known is None else {
                    "times": known.times, "last": known.last.isoformat(), "their_words": known.their_words,
                    "let_in_since": known.let_in,
                },
            }  # fmt: skip
            as_json(identity_json(identity) | more)
        case _:
            line(identity_line(identity))
            if known := app.exits.of(identity):
                line(f"    {known.sentences}")


def _new(given: argparse.Namespace, app: App) -> Identity:
    return Identity(
        id=new_identity_id(),
        name=given.name,
        address=given.address,
        kind=Kind(given.kind),
        colour=Colour(given.colour) if given.colour else free_colour(app.book.list()),
        server=Server(given.host, given.port, Tls(given.tls), given.certificate),
        username=given.username,
        file_names=FileNames(given.file_names or FileNames.NEUTRAL),
    )


def _edited(given: argparse.Namespace, identity: Identity) -> Identity:
    server = identity.server
    changes: dict[str, object] = {
        name: value
        for name, value in (
            ("name", given.name),
            ("address", given.address),
            ("kind", Kind(given.kind) if given.kind else None),
            ("colour", Colour(given.colour) if given.colour else None),
            ("username", given.username),
            ("file_names", FileNames(given.file_names) if given.file_names else None),
        )
        if value is not None
    }
    changes["server"] = Server(
        given.host if given.host is not None else server.host,
        given.port if given.port is not None else server.port,
        Tls(given.tls) if given.tls is not None else server.tls,
        _certificate(given, server),
    )
    return dataclasses.replace(identity, **changes)  # type: ignore[arg-type]  # the fields check themselves


def _certificate(given: argparse.Namespace, server: Server) -> str:
    """The one that is accepted: what was accepted of one server says nothing of another."""
    if given.certificate is not None:
        return str(given.certificate)
    moved = given.host not in {None, server.host} or given.tls not in {None, server.tls}
    return "" if moved else server.certificate


def _show(given: argparse.Namespace, identity: Identity, done: str) -> None:
    if given.json:
        as_json(identity_json(identity))
    else:
        line(identity_line(identity))
        say(done)
