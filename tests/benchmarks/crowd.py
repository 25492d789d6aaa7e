"""A full outbox and many senders: what listing and sending cost beside them, and senders side by side."""

from __future__ import annotations

import contextlib

from tests.benchmarks.senders import Failed, Lane, Way
from tests.benchmarks.sending import KB, ROUND_TRIP
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Column, Table

MESSAGES, IDENTITIES = 10_000, 1_000
SENDERS = (1, 8)


def run(stage: Stage, *, quick: bool) -> list[Table]:
    """Two tables."""
    return [_full(stage, 2 if quick else 7), _together(stage, 2 if quick else 5)]


def _full(stage: Stage, rounds: int) -> Table:
    table = Table(
        "Beside a full outbox",
        Column("send", "sending 1 KB", 3, ratio=True),
        Column("queue", "queueing it", 4, ratio=True),
        Column("recover", "on opening", 4),
        Column("outbox", "listing the outbox", 3),
        Column("identities", "listing identities", 4),
    )
    small, way = stage.mail(KB), Way(stage.socks)
    with contextlib.closing(Lane(stage, stage.socks, "crowd")) as lane:
        for words, messages, identities in (
            ("empty", 0, 0),
            (f"{MESSAGES:,} messages, {IDENTITIES:,} identities", MESSAGES, IDENTITIES),
        ):
            lane.ask(do="crowd", messages=messages, identities=identities)
            lane.send(small, way)
            for _ in range(rounds):
                row = table.row(words)
                row.add("send", lane.send(small, way))
                row.add("queue", lane.queued_seconds)
                for column, seconds in lane.ask(do="look").items():
                    row.add(column, seconds)
    return table


def _together(stage: Stage, rounds: int) -> Table:
    table = Table(
        "Senders side by side, 1 KB each, circuits ready, round trips of 200 ms",
        Column("seconds", "until all are accepted", 3, ratio=True, spread=True),
    )
    with contextlib.closing(Lane(stage, stage.socks, "together")) as lane:
        lane.send(stage.mail(KB), Way(stage.socks))
        lane.ask(do="crowd", messages=0, identities=max(SENDERS))
        for _ in range(rounds):
            for senders in SENDERS:
                stage.slow(ROUND_TRIP)
                stage.expect()
                told = lane.ask(do="together", senders=senders, draft=stage.mail(KB).draft.to_json())
                stage.slow(0.0)
                if set(told["states"]) != {"accepted"}:
                    raise Failed(f"{told['states']}")
                table.row(f"{senders} at once").add("seconds", told["seconds"])
    return table
