"""``torsend demo --send``: one message as each identity, what arrived, and over which circuits."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from torsend.delivery.dispatcher import status_of
from torsend.delivery.sentences import explain
from torsend.demo.scene import RECIPIENT, Arrived, Scene, circuits_differ
from torsend.errors import ExitStatus
from torsend.mail.draft import Draft
from torsend.words import t

if TYPE_CHECKING:
    from torsend.tor.circuits import Circuit


def show() -> int:
    """Runs it and prints it. 0 only if both messages arrived, over different circuits."""
    began = time.monotonic()
    _say(t("Starting a private Tor network on this computer. Nothing leaves it."))
    with Scene() as scene:
        _say(t("The network stands and Tor is connected to it, after {n:.1f} s.", n=time.monotonic() - began))
        ids = []
        for identity in scene.identities:
            draft = Draft(
                Draft.new().id, identity.id, to=RECIPIENT, subject=t("A first message from {name}", name=identity.name),
                text=t("Written by {name}, sent through a Tor network of three hops.", name=identity.name) + "\n",
            )  # fmt: skip
            ids.append(scene.app.queue(draft).id)
        entries = scene.app.dispatcher.run_once(ids)
        arrived = scene.arrived
        for each in arrived:
            _show(each)
        for entry in entries:
            sender = scene.app.book.get(entry.identity_id)
            _say(f"{sender.name}: {explain(entry, sender.provider).sentences}")
        status = status_of(entries)
        if status is not ExitStatus.OK or len(arrived) != len(scene.identities):
            _say(t("Not all of it arrived."))
            return status or ExitStatus.SOFTWARE
        if not circuits_differ(*arrived):
            _say(t("Both arrived, but not provably over different circuits."))
            return ExitStatus.SOFTWARE
    _say(t("Both arrived, over different circuits, {n:.1f} s after the start.", n=time.monotonic() - began))
    return ExitStatus.OK


def route(circuit: Circuit | None) -> str:
    """A circuit in one line, as Tor's control port told it."""
    if circuit is None:
        return t("not visible")
    relays = " → ".join(f"{relay.nickname} ({relay.role.value})" for relay in circuit.relays)
    return t("circuit {id}: {relays}", id=circuit.id, relays=relays)


def _show(arrived: Arrived) -> None:
    _say("")
    _say(t("── Arrived at the server, sent as {name} ──", name=arrived.identity.name))
    _say(t("Over: {route}", route=route(arrived.circuit)))
    _say(t("TLS: {tls}", tls=arrived.message.tls_version or t("none: inside an onion service")))
    _say(t("Greeted as: {ehlo}", ehlo=arrived.message.ehlo))
    _say("")
    _say(arrived.message.data.decode("ascii", "backslashreplace").replace("\r\n", "\n"))


def _say(text: str) -> None:
    print(text, flush=True)  # the command's answer
    sys.stdout.flush()
