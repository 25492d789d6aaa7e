"""The compose page: writes a draft, shows what is to be known before it leaves, and how it leaves.

It takes values and emits intentions. What it shows of Tor, of checks and of sending comes from outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from torsend.delivery.lane import Progress, SendPhase
from torsend.gui.compose_fields import ComposeFields
from torsend.gui.compose_focus import holds_keyboard, next_region, order_tabs
from torsend.gui.compose_header import ComposeHeader
from torsend.gui.compose_when import WhenChoice
from torsend.gui.panel import Panel
from torsend.gui.parts import file_dialog, local_files
from torsend.gui.parts.whole import Pages
from torsend.gui.places import Places
from torsend.gui.problem import ProblemBanner
from torsend.gui.route_strip import RouteStrip
from torsend.gui.sender_menu import sender_menu
from torsend.gui.theme import look
from torsend.gui.wire_view import WireView
from torsend.mail.draft import Draft
from torsend.mail.signature import swap
from torsend.tor.status import TorStatus
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QPaintEvent

    from torsend.app.exactly import Exactly
    from torsend.checks.files import FileStanding
    from torsend.checks.findings import Finding
    from torsend.checks.parties import Limit, Party
    from torsend.errors import TorsendError
    from torsend.gui.route_view import RouteView
    from torsend.identity.identity import Identity
    from torsend.mail.address import Mailbox

TYPING_PAUSE_MS = 250
"""Checks, panel and saving follow so long after the last letter."""

_PAST_CANCELLING = {SendPhase.WAITING, SendPhase.ACCEPTED, SendPhase.FAILED}


class ComposePage(QWidget):
    """The page on which a mail is written and sent.

    Signals:
        draft_changed: the draft as it stands, a moment after typing stopped; at once for sender and files.
        send_requested: the draft and when it shall go: the person pressed *Send* and nothing is left to decide.
        cancel_requested: the mail on its way shall not leave.
        close_requested: it was accepted, and the person is done with it.
        new_circuit_requested: for the identity with that id.
        sender_changed: the id of the identity that sends from now on.
        cleaning_requested: of the file with that path, once more.
        wire_requested: show exactly what would leave for this draft (answer with ``show_wire``).
        wire_save_requested: write those bytes to that path.
        words_requested: the word list is asked for.
        panel_toggled, route_folded: to be remembered.
    """

    draft_changed = Signal(object)
    send_requested = Signal(object, object)
    cancel_requested = Signal()
    close_requested = Signal()
    new_circuit_requested = Signal(str)
    sender_changed = Signal(str)
    cleaning_requested = Signal(object)
    wire_requested = Signal(object)
    wire_save_requested = Signal(object)
    words_requested = Signal()
    panel_toggled = Signal(bool)
    route_folded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._identities: tuple[Identity, ...] = ()
        self._draft = Draft.new()
        self._told = self._draft
        self._status = TorStatus()
        self._progress: Progress | None = None
        self.header = ComposeHeader()
        self.when = WhenChoice(self.header, self)
        self.fields = ComposeFields()
        self.places = Places(self.fields)
        self.problems = ProblemBanner()
        self.panel = Panel()
        self.wire = WireView()
        self.route = RouteStrip()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._build()
        self._connect()
        self._add_keys()
        self._order_tabs()
        self._tell()

    def _build(self) -> None:
        written = QVBoxLayout()
        written.setContentsMargins(0, 0, 0, 0)
        written.setSpacing(0)
        written.addWidget(self.problems)
        written.addWidget(self.fields, 1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(written, 1)
        row.addWidget(self.panel)
        self._pages = Pages()
        self._pages.addWidget(body)
        self._pages.addWidget(self.wire)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self._pages, 1)
        whole.addWidget(self.route)
        self.header.panel.setChecked(True)

    def _connect(self) -> None:
        self._pause.timeout.connect(self._tell_draft)
        self.fields.typed.connect(self._typed)
        self.fields.files_changed.connect(self._files_changed)
        self.fields.files_offered.connect(self.attach)
        self.fields.files.rows_changed.connect(self._order_tabs)
        self.fields.files.asked_again.connect(self.cleaning_requested)
        self.header.sender_asked.connect(self.choose_sender)
        self.header.attach_asked.connect(self.ask_for_files)
        self.header.when_asked.connect(self.when.open_menu)
        self.header.send_asked.connect(self.request_send)
        self.header.cancel_asked.connect(self.request_cancel)
        self.header.close_asked.connect(self.close_requested)
        self.header.panel_toggled.connect(self._toggle_panel)
        self.header.wire_toggled.connect(self._toggle_wire)
        self.wire.save_requested.connect(self.wire_save_requested)
        self.panel.action_requested.connect(self._act_on)
        self.route.folded.connect(self.route_folded)
        self.route.new_circuit_requested.connect(self._ask_new_circuit)

    # Values in

    def set_identities(self, identities: tuple[Identity, ...]) -> None:
        """All who can send. The draft's sender stays, if it is still one of them."""
        self._identities = identities
        self.header.set_identity(self._sender())
        self._tell()

    def set_draft(self, draft: Draft) -> None:
        """Shows another draft, telling nobody; what was typed last is told first."""
        self.flush()
        self._draft = self._told = draft
        self.fields.set_draft(draft)
        self.header.set_identity(self._sender())
        self.problems.clear_all()
        self.leave_wire()
        self._tell()

    def reseed(self) -> None:
        """What is written here was sealed once, and becomes another mail."""
        self._draft = self._draft.reseeded()

    def set_status(self, status: TorStatus) -> None:
        """Whether a mail can leave at once."""
        self._status = status
        self._tell()

    def set_route(self, route: RouteView) -> None:
        """What the ribbon draws."""
        self.route.set_route(route)

    def set_progress(self, progress: Progress | None) -> None:
        """How far this draft's mail has come; ``None``: it is not on its way, or no longer."""
        before = self._progress is not None
        self._progress = progress
        sending = progress is not None
        if sending != before:
            self.fields.set_locked(sending)
            self.panel.set_sending(sending)
            self.when.set_locked(sending)
            if sending:
                self.problems.clear_all()
        can_cancel = progress is not None and progress.phase not in _PAST_CANCELLING
        done = progress is not None and progress.phase is SendPhase.ACCEPTED
        self.header.set_sending(sending, can_cancel=can_cancel, done=done)
        sender = self._sender()
        note = t("You can cancel until the last byte. Until then nothing is delivered.") if can_cancel else ""
        self.route.set_progress(
            progress, sender.provider if sender else "", sender.colour if sender else "", note
        )
        self._tell()

    def set_standings(self, standings: tuple[FileStanding, ...]) -> None:
        """How its files stand."""
        self.fields.files.set_standings(standings)

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """What the checks say of the draft."""
        self.panel.set_findings(findings)
        self.places.set_findings(findings)

    def set_parties(self, parties: tuple[Party, ...]) -> None:
        """Who learns what of it."""
        self.panel.set_parties(parties)

    def set_limits(self, limits: tuple[Limit, ...]) -> None:
        """For whom it is untraceable and for whom not."""
        self.panel.set_limits(limits)

    def show_problem(
        self, key: str, error: TorsendError, actions: Sequence[tuple[str, str, bool]] = ()
    ) -> None:
        """Says above the text what went wrong; it goes with the next *Send* or when it is dismissed."""
        self.problems.show_problem(key, error, actions)

    def show_wire(self, exactly: Exactly) -> None:
        """Shows exactly what leaves, in the place of the text, until the button is pressed again or Esc."""
        sender = self._sender()
        self.wire.set_exactly(exactly, sender.colour if sender else "")
        self.header.wire.setChecked(True)
        inside = holds_keyboard(self.fields) or holds_keyboard(self.panel)
        self._pages.setCurrentWidget(self.wire)
        if inside:
            self.wire.focus_target().setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_wire(self) -> None:
        """Back to the text, if it isn't there."""
        self.header.wire.setChecked(False)
        self._pages.setCurrentIndex(0)

    def set_panel_shown(self, shown: bool) -> None:
        """As it was remembered."""
        self.panel.setVisible(shown)
        self.header.panel.setChecked(shown)

    def set_route_folded(self, folded: bool) -> None:
        """As it was remembered."""
        self.route.set_folded(folded)

    # What is asked of it

    def draft(self) -> Draft:
        """As it stands in the fields."""
        return self.fields.draft(self._draft)

    def recipients(self) -> tuple[Mailbox, ...]:
        """All that it goes to, as far as they can be read."""
        return self.fields.mailboxes()

    def flush(self) -> None:
        """Tells at once what was typed and not told yet: before another draft, before the end."""
        self._pause.stop()
        self._tell_draft()

    def attach(self, paths: list[Path]) -> None:
        """Files to go along: from the dialog, the clipboard, another window, the command line."""
        if self._progress is None:
            self.fields.files.add(paths)

    def set_sender(self, identity_id: str) -> None:
        """Another sender, as if the person had chosen it."""
        if identity_id == self._draft.identity_id or self._progress is not None:
            return
        before = self._sender()
        self._draft = self._draft.sent_by(identity_id)
        after = self._sender()
        signatures = (before.signature if before else "", after.signature if after else "")
        if (change := swap(self.fields.text.toPlainText(), *signatures)) is not None:
            self.fields.replace_end(*change)
        self.header.set_identity(self._sender())
        self._tell()
        self.sender_changed.emit(identity_id)
        self.flush()

    def finish(self) -> None:
        """Before it is thrown away: tells what was typed, waits for nothing that hangs on it."""
        self.flush()
        self.fields.files.finish()

    # Intentions

    def request_send(self) -> None:
        """Sends, unless something is to be decided: then the keyboard goes there."""
        if self._progress is not None or not self.header.send.isEnabled():
            return
        self.fields.commit()
        self.flush()
        if self.fields.go_to_undecided():
            return
        if self.panel.decisions():
            self.set_panel_shown(True)
            self.panel.go_to_decision()
            return
        self.problems.clear_all()
        self.send_requested.emit(self.draft(), self.when.chosen())

    def request_cancel(self) -> None:
        """Cancels what is on its way, as long as that can be."""
        if self._progress is not None and self.header.cancel.isEnabled():
            self.cancel_requested.emit()

    def choose_sender(self) -> None:
        """Opens the menu of senders under the chip."""
        if self.header.chip.locked() or not self._identities:
            return
        menu = sender_menu(self, self._identities, self._draft.identity_id, self.set_sender)
        menu.popup(self.header.chip.mapToGlobal(self.header.chip.rect().bottomLeft()))

    def ask_for_files(self) -> None:
        """Opens the dialog for files; not a native modal loop, so nothing stands still meanwhile."""
        if self._progress is not None:
            return
        dialog = file_dialog(self, t("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.attach([Path(name) for name in names]))
        dialog.open()

    def _ask_new_circuit(self) -> None:
        if self._sender() is not None:
            self.new_circuit_requested.emit(self._draft.identity_id)

    def _act_on(self, finding: Finding) -> None:
        """Leads to where it was found."""
        if finding.code == "no-word":
            self.words_requested.emit()
            return
        self.leave_wire()
        self.places.show(finding)

    def _toggle_panel(self, shown: bool) -> None:
        self.set_panel_shown(shown)
        self.panel_toggled.emit(shown)

    def _toggle_wire(self, wanted: bool) -> None:
        if not wanted:
            self.leave_wire()
            return
        # Checked when the bytes have come; they may turn out not to exist.
        self.header.wire.setChecked(False)
        self.flush()
        self.wire_requested.emit(self.draft())

    # Within

    def _sender(self) -> Identity | None:
        return next((one for one in self._identities if one.id == self._draft.identity_id), None)

    def _typed(self) -> None:
        self._pause.start()
        self._tell()

    def _files_changed(self) -> None:
        # What a file gives away shows at once.
        self.flush()

    def _tell_draft(self) -> None:
        now = self.draft()
        if now != self._told:
            self._told = self._draft = now
            self.draft_changed.emit(now)
            if self._pages.currentWidget() is self.wire:
                # Another sender: what is shown would no longer be what leaves.
                self.wire_requested.emit(now)

    def _tell(self) -> None:
        """Sets what follows from all of it: the words on *Send*, and whether it can be pressed."""
        self.header.send.setText(t("Send") if self._status.usable else t("Put in outbox"))
        sender, recipient = self._sender() is not None, self.fields.has_recipient()
        self.header.send.setEnabled(sender and recipient)
        lacks = {
            (False, False): t("Choose a sender and add a recipient first."),
            (False, True): t("Choose a sender first."),
            (True, False): t("Add a recipient first."),
        }.get((sender, recipient), "")
        self.header.send.setToolTip(lacks)
        self.header.send.setAccessibleDescription(lacks)
        self.panel.set_missing(sender=not sender, recipient=not recipient)

    # Keys

    def _add_keys(self) -> None:
        for keys, act in (
            ("Ctrl+Return", self.request_send),
            ("Ctrl+Enter", self.request_send),
            ("Ctrl+.", self.request_cancel),
            ("Ctrl+Shift+A", self.ask_for_files),
            ("Ctrl+U", lambda: self._toggle_wire(self._pages.currentWidget() is not self.wire)),
            ("Ctrl+I", lambda: self._toggle_panel(self.panel.isHidden())),
            ("Ctrl+Shift+L", self.route.request_new_circuit),
            ("Ctrl+Shift+F", self.choose_sender),
            ("Ctrl+Shift+W", self.words_requested.emit),
            ("F6", self.go_to_next_region),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _order_tabs(self) -> None:
        order_tabs(self.header, self.fields, self.panel, self.wire, self.route)

    def go_to_next_region(self) -> None:
        """Header, text, panel, route, and round again."""
        next_region(
            (
                (self.header, self.header.chip),
                (self.fields, self.fields.text),
                (self.wire, self.wire.focus_target()),
                (self.panel, self.panel.findings),
                (self.route, self.route.ribbon),
            )
        ).setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Esc closes what lies over the text, and never cancels a mail.
        if event.key() == Qt.Key.Key_Escape and self._pages.currentWidget() is self.wire:
            self.leave_wire()
            self.header.wire.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().keyPressEvent(event)

    # Files from other windows

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._progress is None and local_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._progress is None and local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files and self._progress is None:
            # Copying, whatever the other window proposes: a file must never be moved out of its place.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.attach(files)

    def closeEvent(self, event: QCloseEvent) -> None:
        # Nothing that was typed may be lost to a pause that never ends.
        self.flush()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)
