"""The outbox: every mail that waits, is on its way, was taken, was refused, or may have been sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.gui import outbox_words
from torsend.gui.lazy_rows import LazyRows
from torsend.gui.outbox_row import HEIGHT, OutboxRow
from torsend.gui.outbox_words import Action
from torsend.gui.parts.labels import Label, Paragraph
from torsend.gui.theme import STRONG
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torsend.delivery.lane import Progress
    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity

CARD_GUESS = 120
"""Pixels that an open card adds, before it was measured."""

OPEN = frozenset({State.UNKNOWN, State.HELD, State.REFUSED})


class OutboxPage(QWidget):
    """Shows entries in the order given. Every signal carries the entry's id.

    Signals:
        send_now: do not wait for its time.
        cancel: take it out of the queue, or stop sending it.
        retry: try again.
        new_circuit: try again over another circuit.
        send_again: send once more what may have been sent.
        count_as_sent: take what may have been sent as sent.
        remove: forget it.
        edit: open it as a draft.
        show_route: show the way it takes.
        send_to_others: send it to those whom the server didn't refuse.
        choose_time: ask at which other time it shall go.
        sender_asked: show the settings of the one who sends it.
        connect_asked: show how Tor is reached.
        accept_certificate: from now on its onion server may show the certificate that it showed.
    """

    send_now = Signal(str)
    cancel = Signal(str)
    retry = Signal(str)
    new_circuit = Signal(str)
    send_again = Signal(str)
    count_as_sent = Signal(str)
    remove = Signal(str)
    edit = Signal(str)
    show_route = Signal(str)
    send_to_others = Signal(str)
    choose_time = Signal(str)
    accept_certificate = Signal(str)
    sender_asked = Signal(str)
    connect_asked = Signal(str)

    def __init__(
        self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(t("Outbox"))
        self._now = now
        self._entries: dict[str, OutboxEntry] = {}
        self._identities: dict[str, Identity] = {}
        self._progress: dict[str, Progress] = {}
        self._learnt: dict[str, str] = {}
        self._open: dict[str, bool] = {}
        self._offline = False
        self._signals = {
            Action.SEND_NOW: self.send_now,
            Action.CANCEL: self.cancel,
            Action.RETRY: self.retry,
            Action.NEW_CIRCUIT: self.new_circuit,
            Action.SEND_AGAIN: self.send_again,
            Action.COUNT_AS_SENT: self.count_as_sent,
            Action.REMOVE: self.remove,
            Action.EDIT: self.edit,
            Action.SHOW_ROUTE: self.show_route,
            Action.SEND_TO_OTHERS: self.send_to_others,
            Action.CHOOSE_TIME: self.choose_time,
            Action.ACCEPT_CERTIFICATE: self.accept_certificate,
            Action.SENDER: self.sender_asked,
            Action.CONNECT: self.connect_asked,
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 26, 0, 20)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(32, 0, 32, 18)
        head.addWidget(Label(t("Outbox"), 20, STRONG))
        head.addStretch(1)
        self.summary = Label("", 13, colour="text2")
        head.addWidget(self.summary)
        column.addLayout(head)
        self.rows = LazyRows(self._make, self._guess, inset=(32, 32))
        self.rows.setAccessibleName(t("Outbox"))
        column.addWidget(self.rows, 1)
        self.empty = Label(t("Nothing waits. Mail stays here until a server accepts it."), 13, colour="text2")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # It takes the rows' room: the title stays where it is.
        self.empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        column.addWidget(self.empty, 1)
        self._foot = Paragraph(
            t(
                "Mail goes out only while torsend is open. What waits here is stored encrypted; accepted mail leaves this "
                "list after 1 hour."
            ),
            12,
        )
        self._foot.setContentsMargins(0, 0, 0, 0)
        foot = QHBoxLayout()
        foot.setContentsMargins(32, 12, 32, 0)
        foot.addWidget(self._foot, 1)
        column.addLayout(foot)
        self._settle()

    # What is shown

    def set_identities(self, identities: Iterable[Identity]) -> None:
        """Who sends: names, shapes and colours of the rows."""
        self._identities = {one.id: one for one in identities}
        for key in self._entries:
            if self.rows.row(key) is not None:
                self.rows.rebuild(key)

    def set_offline(self, offline: bool) -> None:
        """Whether nothing connects to Tor until the person says so."""
        if offline is not self._offline:
            self._offline = offline
            for key, entry in self._entries.items():
                if entry.state is State.QUEUED and self.rows.row(key) is not None:
                    self.rows.rebuild(key)

    def set_entries(self, entries: Iterable[OutboxEntry]) -> None:
        """All of them, in the order in which they are shown."""
        before = self._entries
        self._entries = {entry.id: entry for entry in entries}
        for key in [key for key in self._open if key not in self._entries]:
            del self._open[key]
        for key in [key for key in self._progress if not self._sending(key)]:
            del self._progress[key]
        self.rows.set_keys(tuple(self._entries))
        for key, entry in self._entries.items():
            if key in before and before[key] != entry:
                self._changed(before[key], entry)
        self._settle()

    def update_entry(self, entry: OutboxEntry) -> None:
        """One of them changed, or a new one came last."""
        before = self._entries.get(entry.id)
        self._entries[entry.id] = entry
        if before is None:
            self.rows.set_keys(tuple(self._entries))
        elif before != entry:
            self._changed(before, entry)
        self._settle()

    def remove_entry(self, entry_id: str) -> None:
        """It is gone."""
        if self._entries.pop(entry_id, None) is not None:
            self._open.pop(entry_id, None)
            self._progress.pop(entry_id, None)
            self.rows.set_keys(tuple(self._entries))
            self._settle()

    def set_progress(self, progress: Progress) -> None:
        """A sending went on."""
        key = progress.entry_id
        if not self._sending(key):
            return
        self._progress[key] = progress
        row = self.rows.row(key)
        if isinstance(row, OutboxRow):
            row.set_progress(self._words(key), self._share(key))

    def set_learnt(self, identity_id: str, words: str) -> None:
        """How that identity's server treats exit relays."""
        if self._learnt.get(identity_id, "") == words:
            return
        self._learnt[identity_id] = words
        for key, entry in self._entries.items():
            if entry.identity_id == identity_id and entry.reason is Reason.EXIT_BLOCKED:
                self.rows.rebuild(key)

    def show_entry(self, entry_id: str) -> None:
        """Brings it into view and gives it the focus."""
        self.rows.go_to(entry_id)

    def row(self, entry_id: str) -> OutboxRow | None:
        """The widget of an entry in view."""
        row = self.rows.row(entry_id)
        return row if isinstance(row, OutboxRow) else None

    # Inside

    def _sending(self, key: str) -> bool:
        return key in self._entries and self._entries[key].state is State.SENDING

    def _changed(self, before: OutboxEntry, after: OutboxEntry) -> None:
        if before.state is not after.state:
            self._open.pop(after.id, None)
        if after.state is not State.SENDING:
            self._progress.pop(after.id, None)
        self.rows.rebuild(after.id)

    def _settle(self) -> None:
        some = bool(self._entries)
        self.rows.setVisible(some)
        self.empty.setVisible(not some)
        self._foot.setVisible(some)
        self.summary.setText(outbox_words.summary(self._entries.values()))

    def _identity(self, key: str) -> Identity | None:
        return self._identities.get(self._entries[key].identity_id)

    def _words(self, key: str) -> outbox_words.RowWords:
        return outbox_words.row_words(
            self._entries[key],
            self._identity(key),
            self._progress.get(key),
            self._now(),
            self._learnt.get(self._entries[key].identity_id, ""),
            offline=self._offline,
        )

    def _share(self, key: str) -> float:
        progress = self._progress.get(key)
        return progress.sent / progress.total if progress is not None and progress.total else 0.0

    def _is_open(self, key: str) -> bool:
        return self._open.get(key, self._entries[key].state in OPEN)

    def _guess(self, key: str) -> int:
        return HEIGHT + (CARD_GUESS if self._is_open(key) else 0)

    def _make(self, key: str) -> QWidget:
        row = OutboxRow(
            self._entries[key],
            self._identity(key),
            self._words(key),
            card_open=self._is_open(key),
            share=self._share(key),
        )
        row.asked.connect(lambda action: self._asked(key, action))
        row.fold_requested.connect(lambda: self._toggle(key))
        return row

    def _asked(self, key: str, action: Action) -> None:
        if action is Action.LEAVE:
            self._toggle(key)
        else:
            self._signals[action].emit(key)

    def _toggle(self, key: str) -> None:
        self._open[key] = not self._is_open(key)
        self.rows.rebuild(key)
