"""What happens on other threads, brought to the window: one object, queued signals, each carrying one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.app import App
    from torsend.tor.circuits import Circuit
    from torsend.tor.isolation import Token


@dataclass(frozen=True, slots=True)
class CircuitNews:
    """A circuit of a token changed."""

    token: Token
    circuit: Circuit


class Feed(QObject):
    """Signals, all on the window's thread:

    tor_changed: a ``TorStatus``.
    outbox_changed: a ``Changed``.
    progressed: a ``Progress``.
    circuit_changed: a ``CircuitNews``.
    troubled: a ``TorsendError`` that keeps the queue from working.
    """

    tor_changed = Signal(object)
    outbox_changed = Signal(object)
    progressed = Signal(object)
    circuit_changed = Signal(object)
    troubled = Signal(object)

    # A slot of an object of the window's thread, connected as queued: a lambda would run on the thread that emits.
    _came = Signal(object, object)

    def __init__(self, app: App, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stopped = False
        self._came.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

        def into(signal: str) -> Callable[[Any], None]:
            return lambda value: self._came.emit(signal, value)

        circuits = into("circuit_changed")
        self._unsubscribe = [
            app.connection.subscribe(into("tor_changed")),
            app.outbox.subscribe(into("outbox_changed")),
            app.dispatcher.subscribe(into("progressed")),
            app.dispatcher.subscribe_troubles(into("troubled")),
            app.connection.circuits.subscribe(lambda token, circuit: circuits(CircuitNews(token, circuit))),
        ]

    def stop(self) -> None:
        """Nothing comes any more. A second call does nothing."""
        self._stopped = True
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []

    @Slot(object, object)
    def _pass_on(self, signal: str, value: object) -> None:
        if not self._stopped:
            getattr(self, signal).emit(value)
