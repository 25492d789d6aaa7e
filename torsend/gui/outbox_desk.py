"""What stands behind the outbox page: the outbox, and what the person decides about an entry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.gui.outbox import OutboxPage
from torsend.gui.outbox_words import PASSWORDS
from torsend.gui.time_dialog import TimeDialog
from torsend.tor.status import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torsend.app import App
    from torsend.delivery.outbox import Changed, OutboxEntry
    from torsend.gui.feed import Feed
    from torsend.gui.workers import Workers
    from torsend.tor.status import TorStatus


class OutboxDesk(QObject):
    """Signals:
    count_changed: how many mails are not done with.
    edit_requested: a ``Draft`` that was taken back out of the outbox.
    route_requested: an ``OutboxEntry`` whose route the person wants to see.
    identities_changed: one of them accepts another certificate now.
    sender_requested: the id of an identity whose settings the person wants to see, and whether it is for the password.
    connect_requested: a mail is to go now, and nobody has said yet that Tor may be used; or Tor's own settings are wanted.
    failed: a ``TorsendError``.
    """

    identities_changed = Signal()
    count_changed = Signal(int)
    edit_requested = Signal(object)
    route_requested = Signal(object)
    sender_requested = Signal(str, bool)
    connect_requested = Signal()
    failed = Signal(object)

    def __init__(self, app: App, feed: Feed, workers: Workers) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self._entries: dict[str, OutboxEntry] = {}
        self.page = page = OutboxPage()
        outbox = app.outbox
        self._answer(page.send_now, outbox.retry)
        self._answer(page.retry, outbox.retry)
        self._answer(page.send_again, outbox.send_again)
        self._answer(page.count_as_sent, outbox.count_as_sent)
        self._answer(page.send_to_others, outbox.decide_partial)
        self._answer(page.remove, app.remove_entry)
        self._answer(page.new_circuit, self._retry_elsewhere)
        for signal in (page.send_now, page.retry, page.send_again, page.send_to_others, page.new_circuit):
            signal.connect(self._ask_to_connect)
        page.accept_certificate.connect(self._accept_certificate)
        page.cancel.connect(self._cancel)
        page.edit.connect(self._edit)
        page.sender_asked.connect(self._show_sender)
        page.connect_asked.connect(lambda _: self.connect_requested.emit())
        page.choose_time.connect(self._ask_for_time)
        page.show_route.connect(lambda entry_id: self.route_requested.emit(self._entries[entry_id]))
        feed.outbox_changed.connect(self._changed)
        feed.progressed.connect(page.set_progress)

    def set_tor(self, status: TorStatus) -> None:
        """How Tor stands now."""
        self.page.set_offline(status.phase is Phase.OFF)

    def entries(self) -> tuple[OutboxEntry, ...]:
        """All of them, as they are now."""
        return tuple(self._entries.values())

    def set_entries(self, entries: Iterable[OutboxEntry]) -> None:
        """All of them. What came by the feed meanwhile is newer than what was read."""
        known = {entry.id: entry for entry in entries}
        known.update({key: entry for key, entry in self._entries.items() if key in known})
        self._entries = known
        self.page.set_entries(known.values())
        for entry in {
            each.identity_id: each for each in known.values() if each.reason is Reason.EXIT_BLOCKED
        }.values():
            self._read_learnt(entry)
        self._count()

    def _answer(self, signal: Any, act: Callable[[str], object]) -> None:
        signal.connect(lambda entry_id: self._workers.disk.run(lambda: act(entry_id), None, self.failed.emit))

    def _ask_to_connect(self) -> None:
        if self._app.connection.status.phase is Phase.OFF:
            self.connect_requested.emit()

    def _retry_elsewhere(self, entry_id: str) -> None:
        self._app.connection.new_circuit(self._app.outbox.get(entry_id).identity_id)
        self._app.outbox.retry(entry_id)

    def _accept_certificate(self, entry_id: str) -> None:
        self._workers.disk.run(
            lambda: self._app.onions.accept_shown_certificate(entry_id),
            lambda _: self.identities_changed.emit(),
            self.failed.emit,
        )

    def _read_learnt(self, entry: OutboxEntry) -> None:
        """What is known of its server, where that has to do with the entry."""
        if entry.reason is Reason.EXIT_BLOCKED:
            self._workers.disk.run(
                lambda: self._app.exit_words(entry.identity_id),
                lambda words: self.page.set_learnt(entry.identity_id, words),
                self.failed.emit,
            )

    def _cancel(self, entry_id: str) -> None:
        # Not on the disk's thread: it waits for the lane.
        self._workers.cancelling.run(lambda: self._app.dispatcher.cancel(entry_id), None, self.failed.emit)

    def _show_sender(self, entry_id: str) -> None:
        entry = self._entries[entry_id]
        self.sender_requested.emit(entry.identity_id, entry.reason in PASSWORDS)

    def _ask_for_time(self, entry_id: str) -> None:
        dialog = TimeDialog(parent=self.page)
        dialog.picked.connect(
            lambda when: self._workers.disk.run(
                lambda: self._app.outbox.retry(entry_id, when.moment(datetime.now(UTC))),
                None,
                self.failed.emit,
            )
        )
        dialog.show()

    def _edit(self, entry_id: str) -> None:
        self._workers.disk.run(
            lambda: self._app.take_back(entry_id), self.edit_requested.emit, self.failed.emit
        )

    def _changed(self, change: Changed) -> None:
        if change.entry is None:
            self._entries.pop(change.entry_id, None)
            self.page.remove_entry(change.entry_id)
        else:
            self._entries[change.entry_id] = change.entry
            self.page.update_entry(change.entry)
            self._read_learnt(change.entry)
        self._count()

    def _count(self) -> None:
        self.count_changed.emit(sum(entry.state is not State.ACCEPTED for entry in self._entries.values()))
