"""``torsend identity …``"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

from torsend.app import App
from torsend.cli.output import as_json, identity_json, identity_line, line, say
from torsend.errors import ExitStatus, UsageError
from torsend.identity.book import free_colour
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start

_LONGEST_PASSWORD = 1024
"""Characters; a longer first line is not a password but the wrong file."""


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    # Asked for before anything is opened: a prompt should not hold the profile's lock.
    password = read_password(given.action) if given.action in ("add", "password") else None
    with App.open(start) as app:
        match given.action:
            case "add":
                _show(given, app.add_identity(_new(given, app), password), t("Added."))
            case "edit":
                _show(given, app.book.save(_edited(given, app.find_identity(given.id))), t("Saved."))
            case "list":
                identities = app.book.list()
                if given.json:
                    as_json([identity_json(each) for each in identities])
                else:
                    for each in identities:
                        line(identity_line(each))
            case "show":
                identity = app.find_identity(given.id)
                if given.json:
                    as_json(identity_json(identity) | {"has_password": app.has_password(identity.id)})
                else:
                    line(identity_line(identity))
            case "remove":
                identity = app.find_identity(given.id)
                app.remove_identity(identity.id)
                _show(given, identity, t("Removed, its password too."))
            case "password":
                if password is None:
                    raise UsageError(
                        t("No password was given."), advice=t("Type it, or pass it on standard input.")
                    )
                identity = app.find_identity(given.id)
                app.set_password(identity.id, password)
                _show(given, identity, t("The password is kept."))
    return ExitStatus.OK


def read_password(action: str) -> str | None:
    """The password from a prompt, or from the first line of standard input where no terminal is.

    None where standard input is closed or empty: an identity may be added without.

    Raises:
        UsageError: it cannot be a password.
    """
    if sys.stdin is None:
        return None
    if sys.stdin.isatty():
        import getpass

        prompt = t("Password (empty for none yet): ") if action == "add" else t("Password: ")
        text = getpass.getpass(prompt)
    else:
        try:
            text = sys.stdin.buffer.readline(_LONGEST_PASSWORD * 4 + 2).decode("utf-8")
        except UnicodeDecodeError:
            # `from None`: the decoder's error quotes the password.
            raise UsageError(t("The password is not UTF-8. Nothing was kept.")) from None
        text = text.removesuffix("\n").removesuffix("\r")
    if len(text) > _LONGEST_PASSWORD or "\0" in text or "\n" in text or "\r" in text:
        raise UsageError(
            t("That cannot be a password: it is too long or has a line break in it."),
            advice=t("The first line of standard input is taken."),
        )
    return text or None


def _new(given: argparse.Namespace, app: App) -> Identity:
    return Identity(
        id=new_identity_id(),
        name=given.name,
        address=given.address,
        kind=Kind(given.kind),
        colour=Colour(given.colour) if given.colour else free_colour(app.book.list()),
        server=Server(given.host, given.port, Tls(given.tls)),
        username=given.username,
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
        )
        if value is not None
    }
    changes["server"] = Server(
        given.host if given.host is not None else server.host,
        given.port if given.port is not None else server.port,
        Tls(given.tls) if given.tls is not None else server.tls,
    )
    return dataclasses.replace(identity, **changes)  # type: ignore[arg-type]  # the fields check themselves


def _show(given: argparse.Namespace, identity: Identity, done: str) -> None:
    if given.json:
        as_json(identity_json(identity))
    else:
        line(identity_line(identity))
        say(done)
