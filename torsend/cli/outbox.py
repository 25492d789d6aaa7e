"""``torsend outbox …``"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.cli.opening import opened
from torsend.cli.streams import line, say
from torsend.cli.working import show, show_one, work_off
from torsend.delivery.states import State
from torsend.errors import ExitStatus, UsageError
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import App, Start
    from torsend.delivery.outbox import OutboxEntry

_SHORTEST_PREFIX = 4


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    with opened(start) as app:
        app.sweep()
        match given.action:
            case "list":
                show(app, app.outbox.list(), json=given.json)
            case "send":
                return work_off(app, json=given.json)
            case _:
                _on_one(given, app, find(app, given.id))
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


def _on_one(given: argparse.Namespace, app: App, entry: OutboxEntry) -> None:
    done = ""
    match given.action:
        case "show":
            pass
        case "retry":
            entry = _again(app, entry, others=given.others)
            done = t("It waits for the next sending: torsend outbox send.")
        case "cancel":
            entry = app.outbox.cancel(entry.id)
            done = t("It is held back. It stays in the outbox.")
        case "remove":
            app.remove_entry(entry.id)
            done = t("Removed.")
    show_one(app, entry, json=given.json)
    if given.action == "show" and not given.json:
        for recipient in entry.recipients:
            words = f"    {recipient.address}: {recipient.state.value}"
            said = recipient.reply.words.replace("\n", "\n        ") if recipient.reply else ""
            line(f"{words}  {said}" if said else words)
    if done:
        say(done)


def _again(app: App, entry: OutboxEntry, *, others: bool) -> OutboxEntry:
    if others:
        return app.outbox.decide_partial(entry.id)
    if entry.state is State.UNKNOWN:
        return app.outbox.send_again(entry.id)
    return app.outbox.retry(entry.id)
