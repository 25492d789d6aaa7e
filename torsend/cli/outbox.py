"""``torsend outbox …``"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.app import App
from torsend.cli.output import as_json, entry_json, line, say
from torsend.cli.working import identity_of, show, work_off
from torsend.delivery.states import State
from torsend.errors import ExitStatus, UsageError
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start
    from torsend.delivery.outbox import OutboxEntry

_SHORTEST_PREFIX = 4


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    with App.open(start) as app:
        app.sweep()
        if given.action == "list":
            show(app, app.outbox.list(), json=given.json)
            return ExitStatus.OK
        if given.action == "send":
            return work_off(app, None, json=given.json)
        entry = find(app, given.id)
        match given.action:
            case "show":
                _show_one(app, entry, json=given.json)
                return ExitStatus.OK
            case "retry":
                again = app.outbox.send_again if entry.state is State.UNKNOWN else app.outbox.retry
                _done(
                    app,
                    again(entry.id),
                    t("It waits for the next sending: torsend outbox send."),
                    json=given.json,
                )
            case "cancel":
                _done(
                    app,
                    app.outbox.cancel(entry.id),
                    t("It is held back. It stays in the outbox."),
                    json=given.json,
                )
            case "remove":
                app.remove_entry(entry.id)
                say(t("Removed."))
    return ExitStatus.OK


def find(app: App, wanted: str) -> OutboxEntry:
    """The entry with that id, or whose id begins so.

    Raises:
        UsageError: none, or several.
    """
    fitting = [
        each
        for each in app.outbox.list()
        if each.id == wanted or (len(wanted) >= _SHORTEST_PREFIX and each.id.startswith(wanted))
    ]
    if len(fitting) != 1:
        raise UsageError(
            t("There is no such mail in the outbox.")
            if not fitting
            else t("Several have ids that begin so."),
            advice=t("See which there are: torsend outbox list."),
        )
    return fitting[0]


def _done(app: App, entry: OutboxEntry, sentence: str, *, json: bool) -> None:
    if json:
        as_json(entry_json(entry, identity_of(app, entry)))
    say(sentence)


def _show_one(app: App, entry: OutboxEntry, *, json: bool) -> None:
    identity = identity_of(app, entry)
    if json:
        as_json(entry_json(entry, identity))
        return
    show(app, (entry,), json=False)
    for recipient in entry.recipients:
        words = f"    {recipient.address}: {recipient.state.value}"
        line(f"{words}  {recipient.reply.words}" if recipient.reply else words)
