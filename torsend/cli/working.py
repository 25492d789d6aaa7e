"""Working the outbox off once, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.cli.output import as_json, entry_json, entry_lines, line, say
from torsend.delivery.dispatcher import status_of
from torsend.errors import ExitStatus, StreamFailed, TorUnavailable
from torsend.identity.book import NoSuchIdentity
from torsend.words import t

if TYPE_CHECKING:
    from torsend.app import App
    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity


def work_off(app: App, entry_ids: tuple[str, ...] | None, *, json: bool) -> int:
    """Starts Tor, sends what is due (or the given entries), shows what became of each. Gives the worst status."""
    try:
        app.connection.start()
        ended = app.dispatcher.run_once(entry_ids)
    except TorUnavailable as error:
        if isinstance(error, StreamFailed):
            raise
        say(error.sentences())
        say(t("The mail waits in the outbox: torsend outbox send tries again."))
        if json:
            show(app, tuple(map(app.outbox.get, entry_ids)) if entry_ids else app.outbox.list(), json=True)
        return ExitStatus.NO_TOR
    show(app, ended, json=json)
    return status_of(ended)


def show(app: App, entries: tuple[OutboxEntry, ...], *, json: bool) -> None:
    """Entries on standard output."""
    if json:
        as_json([entry_json(each, identity_of(app, each)) for each in entries])
        return
    for each in entries:
        for text in entry_lines(each, identity_of(app, each)):
            line(text)


def identity_of(app: App, entry: OutboxEntry) -> Identity | None:
    """The entry's identity, if it is still there."""
    try:
        return app.book.get(entry.identity_id)
    except NoSuchIdentity:
        return None
