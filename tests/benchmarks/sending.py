"""How long a message takes, and how many round trips, beside everybody else's."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.senders import Failed, Lane, Sender, Smtplib, TorsendSend, Way, peers
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Column, Table

KB, MB = 1000, 1_000_000
ROUND_TRIP = 0.2
"""Seconds that are added to each, where that is asked for: a usual one through Tor."""


@dataclass(frozen=True)
class Case:
    """One table."""

    title: str
    size: int
    rounds: int
    relayed: bool = False
    one_way: float = 0.0
    starttls: bool = False
    fresh: bool = False
    commands: bool = False


CASES = (
    Case("1 KB, circuit ready", KB, 9, commands=True),
    Case("1 KB, circuit ready, 200 ms more a round trip", KB, 5, relayed=True, one_way=ROUND_TRIP / 2),
    Case(
        "1 KB, STARTTLS, circuit ready, 200 ms more a round trip",
        KB, 5, relayed=True, one_way=ROUND_TRIP / 2, starttls=True,
    ),
    Case("1 KB, first on a new circuit", KB, 5, fresh=True),
    Case("10 MB, circuit ready", 10 * MB, 5, commands=True),
)  # fmt: skip


def run(stage: Stage, *, quick: bool) -> list[Table]:
    """All cases, one table each."""
    with contextlib.ExitStack() as stack:
        others, missing = peers(stage)
        direct, relayed = Lane(stage, stage.socks), Lane(stage, stage.relay.port)
        commands: list[Sender] = [TorsendSend(stage), TorsendSend(stage, own_tor=True)]
        for each in (*others, direct, relayed):
            stack.callback(each.close)
        tables = []
        for case in CASES:
            lane = relayed if case.relayed else direct
            senders: list[Sender] = [lane, *others, *(commands if case.commands else ())]
            if case.fresh:
                senders = [each for each in senders if each.can_renew]
            table = _run(stage, case, senders, 2 if quick else case.rounds)
            table.note = "\n".join(filter(None, [table.note, _verdict(table), *missing]))
            tables.append(table)
        return tables


def _run(stage: Stage, case: Case, senders: Sequence[Sender], rounds: int) -> Table:
    columns = [Column("done", "seconds", 3, ratio=True, spread=True), Column("wire", "accepted at", 3)]
    if case.relayed:
        columns.append(Column("trips", "round trips", 0))
    table = Table(case.title, *columns)
    small, mail = stage.mail(KB), stage.mail(case.size)
    way = Way(stage.relay.port if case.relayed else stage.socks, case.starttls)
    bare = next((each for each in senders if isinstance(each, Smtplib)), None)
    for number in range(rounds):
        for sender in senders:
            # Each round another circuit, so that a slow one is nobody's for the whole run.
            sender.renew()
            stage.relay.one_way = 0.0
            if not case.fresh and (number == 0 or not isinstance(sender, TorsendSend)):
                # Not on the clock: it builds the circuit. Who has a new one with each process warms up but once.
                _once(stage, sender, lambda sender=sender: sender.send(small, way))  # type: ignore[misc]
            stage.relay.one_way = case.one_way
            row = table.row(sender.name)
            began, seconds = _once(stage, sender, lambda sender=sender: sender.send(mail, way))  # type: ignore[misc]
            row.add("done", seconds)
            row.add("wire", stage.accepted().at - began)
            trips = stage.relay.round_trips()
            if case.relayed and trips is not None:
                row.add("trips", trips)
            if isinstance(sender, Lane):
                table.row("  composing and queueing before").add("done", sender.queued_seconds)
        if bare is not None and not case.fresh:
            table.row("a bare stream, as many bytes").add("done", bare.bare(mail, way))
    stage.relay.one_way = 0.0
    return table


def _once(stage: Stage, sender: Sender, send: Callable[[], float]) -> tuple[float, float]:
    """When it began, and how long it took."""
    try:
        began = time.monotonic()
        seconds = send()
        # The lane queues before its clock runs.
        began = max(began, time.monotonic() - seconds)
        stage.accepted()
    except Failed as failure:
        raise Failed(f"{sender.name}: {failure}") from failure
    return began, seconds


def _verdict(table: Table) -> str:
    """The two sentences that matter."""
    ours = {Lane.name, "torsend send", "torsend send, own tor"}
    others = (*ours, "  composing and queueing before", "a bare stream, as many bytes")
    best = table.best("done", *others)
    if best is None:
        return ""
    said = [f"{Lane.name}: {table.ratio('done', Lane.name, best.name):.2f} of the best peer ({best.name})"]
    if (whole := table.ratio("done", "torsend send", best.name)) is not None:
        said.append(f"torsend send: {whole:.2f} of it")
    if (bare := table.ratio("done", Lane.name, "a bare stream, as many bytes")) is not None:
        said.append(f"the lane: {bare:.2f} of a bare stream")
    return "; ".join(said) + "."
