"""Sending from a terminal: once, and then saying what became of each mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.cli.output import as_json, entry_json, entry_lines
from torsend.cli.streams import line, say
from torsend.delivery.dispatcher import status_of
from torsend.delivery.states import WAITING, Step
from torsend.errors import ExitStatus, Left, TorUnavailable, VaultError
from torsend.identity.book import NoSuchIdentity
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.app import App
    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity


def send_one(app: App, entry: OutboxEntry, *, json: bool) -> int:
    """Sends that entry, due or not, and shows what became of it. Gives the status."""
    return _send(app, (entry.id,), lambda entries: show_one(app, entries[0], json=json))


def work_off(app: App, *, json: bool) -> int:
    """Sends what is due, once, and shows what became of each. Gives the worst status."""
    due = [each for identity_id in app.outbox.due_identities() for each in app.outbox.due(identity_id)]
    if due:
        return _send(app, due, lambda entries: show(app, entries, json=json))
    # Not even Tor is started: a look into an empty outbox is nobody's business.
    show(app, (), json=json)
    later = sum(each.state in WAITING for each in app.outbox.list())
    say(tn("Nothing is due. One mail waits for its time.", "Nothing is due. {n} mails wait for their time.", later)
        if later else t("Nothing waits to be sent."))  # fmt: skip
    return ExitStatus.OK


def show(app: App, entries: tuple[OutboxEntry, ...], *, json: bool) -> None:
    """Entries on standard output."""
    if json:
        as_json([entry_json(each, identity_of(app, each)) for each in entries])
        return
    for each in entries:
        show_one(app, each, json=False)


def show_one(app: App, entry: OutboxEntry, *, json: bool) -> None:
    """An entry on standard output."""
    if json:
        as_json(entry_json(entry, identity_of(app, entry)))
        return
    for text in entry_lines(entry, identity_of(app, entry)):
        line(text)


def identity_of(app: App, entry: OutboxEntry) -> Identity | None:
    """The entry's identity, if it is still there."""
    try:
        return app.book.get(entry.identity_id)
    except NoSuchIdentity:
        return None


def _send(
    app: App, ids: tuple[str, ...] | list[str], shown: Callable[[tuple[OutboxEntry, ...]], None]
) -> int:
    failure: TorUnavailable | None = None
    try:
        app.connection.start()
        app.dispatcher.run_once(ids)
    except TorUnavailable as error:
        failure = error
    except KeyboardInterrupt:
        # What is on its way is brought to an end that can be told, then told.
        app.dispatcher.stop()
        _tell(_entries(app, ids), shown)
        raise
    except VaultError as error:
        # The journal is written ahead of each step: more than it says can't have left.
        entries = _entries(app, ids)
        step = max(each.step for each in entries)
        error.left = max((each.left for each in entries), key=list(Left).index)
        say(error.sentences())
        return ExitStatus.UNKNOWN if step >= Step.DOT_WRITTEN else error.status
    entries = _entries(app, ids)
    if failure is not None:
        say(failure.sentences())
    _tell(entries, shown)
    return failure.status if failure is not None else status_of(entries)


def _entries(app: App, ids: tuple[str, ...] | list[str]) -> tuple[OutboxEntry, ...]:
    return tuple(each for each in app.outbox.list() if each.id in ids)


def _tell(entries: tuple[OutboxEntry, ...], shown: Callable[[tuple[OutboxEntry, ...]], None]) -> None:
    shown(entries)
    if any(each.state in WAITING for each in entries):
        say(t("What waits in the outbox goes while the window is open, or by: torsend outbox send."))
