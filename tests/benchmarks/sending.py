"""How long a message takes, and how many round trips, beside everybody else's."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.senders import Failed, Lane, Sender, Smtplib, TorsendSend, Way, peers
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Column, Table

KB, MB = 1000, 1_000_000
ROUND_TRIP = 0.2
"""Seconds that are added to each, where that is asked for: a usual one through Tor."""


@dataclass(frozen=True)
class Case:
    """One table.

    Attributes:
        slow: with ``ROUND_TRIP`` added, and round trips counted.
        fresh: the first message of a circuit, which Tor builds meanwhile.
        commands: with ``torsend send``, process and all.
    """

    title: str
    size: int
    rounds: int
    slow: bool = False
    starttls: bool = False
    fresh: bool = False
    commands: bool = False


CASES = (
    Case("1 KB, circuit ready", KB, 9, commands=True),
    Case("1 KB, first on a new circuit", KB, 5, fresh=True),
    Case("10 MB, circuit ready", 10 * MB, 5, commands=True),
    Case("1 KB, circuit ready, round trips of 200 ms", KB, 9, slow=True),
    Case("1 KB, STARTTLS, circuit ready, round trips of 200 ms", KB, 9, slow=True, starttls=True),
    Case("1 KB, first on a new circuit, round trips of 200 ms", KB, 5, slow=True, fresh=True),
    Case("10 MB, circuit ready, round trips of 200 ms", 10 * MB, 3, slow=True),
    Case("10 MB, first on a new circuit, round trips of 200 ms", 10 * MB, 3, slow=True, fresh=True),
    Case("25 MB, circuit ready, round trips of 200 ms", 25 * MB, 3, slow=True),
    Case("25 MB, first on a new circuit, round trips of 200 ms", 25 * MB, 2, slow=True, fresh=True),
)


def run(stage: Stage, *, quick: bool) -> Iterator[Table]:
    """All cases, one table each, as they come; quick ones alone where asked."""
    with contextlib.ExitStack() as stack:
        others, missing = peers(stage)
        direct, relayed = Lane(stage, stage.socks), Lane(stage, stage.relay.port)
        commands: list[Sender] = [TorsendSend(stage), TorsendSend(stage, own_tor=True)]
        for each in (*others, direct, relayed):
            stack.callback(each.close)
        for case in CASES:
            if quick and case.slow and case.size > KB:
                continue
            lane = relayed if case.slow else direct
            senders: list[Sender] = [lane, *others, *(commands if case.commands else ())]
            if case.fresh:
                senders = [each for each in senders if each.can_renew]
            table = _run(stage, case, senders, 2 if quick else case.rounds)
            table.note = "\n".join(filter(None, [table.note, _verdict(table), *missing]))
            yield table


def _run(stage: Stage, case: Case, senders: Sequence[Sender], rounds: int) -> Table:
    columns = [Column("done", "seconds", 3, ratio=True, spread=True), Column("wire", "accepted at", 3)]
    if case.slow:
        columns.append(Column("trips", "round trips", 0))
    table = Table(case.title, *columns)
    small, mail = stage.mail(KB), stage.mail(case.size)
    way = Way(stage.relay.port if case.slow else stage.socks, case.starttls)
    bare = next((each for each in senders if isinstance(each, Smtplib)), None)
    for number in range(rounds):
        for sender in senders:
            # Each round another circuit, so that a slow one is nobody's for the whole run.
            sender.renew()
            stage.slow(0.0)
            if not case.fresh and (number == 0 or not isinstance(sender, TorsendSend)):
                # Not on the clock: it builds the circuit. Who has a new one with each process warms up but once.
                _once(stage, sender, lambda sender=sender: sender.send(small, way))  # type: ignore[misc]
            stage.slow(ROUND_TRIP if case.slow else 0.0)
            row = table.row(sender.name)
            began, seconds = _once(stage, sender, lambda sender=sender: sender.send(mail, way))  # type: ignore[misc]
            row.add("done", seconds)
            row.add("wire", stage.accepted().at - began)
            trips = stage.relay.round_trips()
            if case.slow and trips is not None:
                row.add("trips", trips)
            if isinstance(sender, Lane):
                table.row("  composing and queueing before").add("done", sender.queued_seconds)
        if bare is not None and not case.fresh:
            table.row("a bare stream, as many bytes").add("done", bare.bare(mail, way))
    stage.slow(0.0)
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
