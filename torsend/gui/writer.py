"""One window in which a mail is written and sent: the compose page, and what stands behind it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from torsend.checks.files import as_named
from torsend.checks.not_in_there import among
from torsend.checks.parties import limits, who_learns_what
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.errors import TorsendError
from torsend.gui.cleaning_desk import CleaningDesk
from torsend.gui.compose import ComposePage
from torsend.gui.front import bring_to_front
from torsend.gui.geometry import geometry_of
from torsend.gui.route_view import route_view
from torsend.gui.wire_desk import WireDesk
from torsend.gui.writer_window import WriterWindow, ask_to_keep
from torsend.identity.identity import FileNames
from torsend.mail.draft import Draft
from torsend.mail.refusals import AttachmentNotCleaned
from torsend.mail.signature import is_only
from torsend.tor.cancel import Cancel
from torsend.tor.circuits import Circuit, CircuitState
from torsend.tor.isolation import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.app import App
    from torsend.checks.finding import Finding
    from torsend.delivery.later import When
    from torsend.delivery.outbox import Changed, OutboxEntry
    from torsend.gui.feed import CircuitNews, Feed
    from torsend.gui.workers import Workers
    from torsend.identity.identity import Identity
    from torsend.tor.status import TorStatus

PREPARE_SECONDS = 60.0
"""How long Tor may take to build a circuit ahead of sending; nobody waits for it."""
AGE_MS = 30_000
"""The circuit's age is said in minutes."""


class Writer(QObject):
    """Signals:
    closed: this writer; its window is gone.
    outbox_asked: the id of an entry that the person should see in the outbox.
    write_asked: another mail.
    words_asked: the word list, of the identity that sends, over that window.
    settings_changed: a name and a value to remember.
    failed: a ``TorsendError`` that came when the window was gone.
    unkept_changed: ``unkept`` is another now.
    """

    closed = Signal(object)
    outbox_asked = Signal(str)
    write_asked = Signal()
    words_asked = Signal(object, object)
    settings_changed = Signal(str, object)
    failed = Signal(object)
    unkept_changed = Signal()

    def __init__(
        self,
        app: App,
        feed: Feed,
        workers: Workers,
        identities: tuple[Identity, ...],
        draft: Draft,
        entry: OutboxEntry | None = None,
    ) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self._identities = {each.id: each for each in identities}
        self._entry_id = entry.id if entry else ""
        self._sending = entry is not None
        self._taking_back = False
        self._cancel_wanted = False
        self._ended = False
        self._unkept: TorsendError | None = None
        self._check_number = 0
        self._sender_id = draft.identity_id
        self._prepared: set[str] = set()
        self._preparing = Cancel()
        self._progress: Progress | None = None
        self.page = ComposePage()
        self.window = WriterWindow(self, self.page, app.settings.writer)
        self._desk = CleaningDesk(app, workers)
        page = self.page
        page.set_panel_shown(app.settings.panel_shown)
        page.set_route_folded(app.settings.route_folded)
        page.set_identities(identities)
        page.set_status(app.connection.status)
        page.set_draft(draft)
        page.draft_changed.connect(self._draft_changed)
        page.cleaning_requested.connect(lambda path: self._desk.look_again(self.page.draft(), path))
        self._desk.changed.connect(lambda: self._check(self.page.draft()))
        self._desk.failed.connect(self.tell)
        page.send_requested.connect(self._send)
        page.cancel_requested.connect(self._cancel)
        page.close_requested.connect(self.window.close)
        page.new_circuit_requested.connect(self._new_circuit)
        page.sender_changed.connect(self._sender_changed)
        self._wire = WireDesk(app, workers, page, lambda identity_id: self._identities.get(identity_id))
        self._wire.failed.connect(self.tell)
        page.panel_toggled.connect(lambda shown: self.settings_changed.emit("panel_shown", shown))
        page.route_folded.connect(lambda folded: self.settings_changed.emit("route_folded", folded))
        feed.tor_changed.connect(self._tor_changed)
        feed.circuit_changed.connect(self._circuit_changed)
        feed.progressed.connect(self._progressed)
        feed.outbox_changed.connect(self._outbox_changed)
        self._feed = feed
        self._age = QTimer(self)
        self._age.setInterval(AGE_MS)
        self._age.timeout.connect(self._draw_route)
        self._age.start()
        QShortcut(QKeySequence("Ctrl+N"), self.window).activated.connect(self.write_asked)
        page.words_requested.connect(
            lambda: self.words_asked.emit(self._identities.get(self._sender_id), self.window)
        )
        if entry is not None:
            self._show_progress(Progress(entry.id, entry.identity_id, SendPhase.BUILDING, 0, entry.size))
            self._look_again(entry.id)
        elif not self._nothing_in(draft):
            # It may come from a link or with files, and was kept nowhere yet.
            self._keep(draft)
        self._check(draft)
        self._prepare()
        self._draw_route()

    # The window

    def show(self, token: str = "") -> None:
        """Brings the window to the front; ``token`` as in ``bring_to_front``."""
        bring_to_front(self.window, token)

    def set_identities(self, identities: tuple[Identity, ...]) -> None:
        """All who can send, as they are now."""
        self._identities = {each.id: each for each in identities}
        self.page.set_identities(identities)
        self._check(self.page.draft())
        self._prepare()
        self._draw_route()

    def look_again(self) -> None:
        """What is looked for is another now."""
        self._check(self.page.draft())

    @property
    def draft_id(self) -> str:
        """The draft that is written here."""
        return self.page.draft().id

    @property
    def entry_id(self) -> str:
        """The entry in the outbox that it became; empty until then."""
        return self._entry_id

    def may_close(self) -> bool:
        """Asks what to do with a mail that was begun; True where there is nothing to ask."""
        draft = self.page.draft()
        if self._sending or self._nothing_in(draft):
            return True
        ask_to_keep(self.window, self._keep_and_end, lambda: self.end(keep=False))
        return False

    @property
    def unkept(self) -> TorsendError | None:
        """Why what was written last is in no vault; None where it is."""
        return self._unkept

    def _keep_and_end(self) -> None:
        """Closes the window once the draft is kept. Where it can't be, the window stays, and says why."""
        self.page.flush()
        self._keep(self.page.draft(), self.end)

    def end(self, *, keep: bool = True) -> None:
        """Closes the window; what was typed is kept as a draft, or thrown away."""
        if self._ended:
            return
        self.page.finish()
        draft = self.page.draft()
        if keep and not self._sending and not self._nothing_in(draft):
            self._keep(draft)
        self._ended = True
        if self.window.isVisible():
            self.settings_changed.emit("writer", geometry_of(self.window))
        self._age.stop()
        self._wire.end()
        self._desk.end()
        self._preparing.cancel()
        for signal, slot in (
            (self._feed.tor_changed, self._tor_changed),
            (self._feed.circuit_changed, self._circuit_changed),
            (self._feed.progressed, self._progressed),
            (self._feed.outbox_changed, self._outbox_changed),
        ):
            signal.disconnect(slot)
        if not keep:
            self._workers.disk.run(lambda: self._app.drafts.remove(draft.id), None, self.tell)
        self.window.hide()
        self.window.deleteLater()
        self.closed.emit(self)

    # The draft

    def _draft_changed(self, draft: Draft) -> None:
        if self._sending:
            return
        self._keep(draft)
        self._check(draft)
        self._draw_route()

    def _nothing_in(self, draft: Draft) -> bool:
        """Whether there is nothing to lose: a signature alone was not written by hand."""
        sender = self._identities.get(draft.identity_id)
        only = is_only(draft.text, sender.signature if sender else "")
        return only and replace(draft, text="").is_empty

    def _keep(self, draft: Draft, then: Callable[[], None] | None = None) -> None:
        drafts = self._app.drafts
        keep = (lambda: drafts.remove(draft.id)) if self._nothing_in(draft) else (lambda: drafts.save(draft))

        def done(_: object) -> None:
            self._set_unkept(None)
            if then is not None:
                then()

        def failed(error: TorsendError) -> None:
            self._set_unkept(error)
            self.tell(error)

        self._workers.disk.run(keep, done, failed)

    def _set_unkept(self, error: TorsendError | None) -> None:
        if not self._ended and error is not self._unkept:
            self._unkept = error
            self.unkept_changed.emit()

    def _check(self, draft: Draft) -> None:
        """Findings, parties and limits; the newest answer alone is shown."""
        identity = self._identities.get(draft.identity_id)
        self._desk.follow(draft)
        files = self._desk.standings(draft, identity.file_names if identity else FileNames.KEPT)
        self.page.set_standings(files)
        self._check_number += 1
        number = self._check_number
        self._show_parties(draft, identity)
        if identity is None:
            self.page.set_findings(())
            return

        def look() -> tuple[Finding, ...]:
            # What was typed meanwhile makes it out of date before it begins.
            if number != self._check_number:
                return ()
            told = self._wire.told(draft, identity, as_named(draft, files))
            return among(self._app.findings(draft, files), told, draft)

        def done(findings: tuple[Finding, ...]) -> None:
            if number == self._check_number and not self._ended:
                self.page.set_findings(findings)
                self._desk.doubt(draft, (one.about for one in findings if one.code == "not-sendable"))

        self._workers.checks.run(look, done, self.tell)

    def _show_parties(self, draft: Draft, identity: Identity | None) -> None:
        if identity is None:
            self.page.set_parties(())
            self.page.set_limits(())
        else:
            files = self._desk.standings(draft, identity.file_names)
            circuit, elsewhere = self._circuit(identity), self._app.connection.status.elsewhere
            self.page.set_parties(who_learns_what(draft, identity, circuit, files, elsewhere=elsewhere))
            self.page.set_limits(limits(draft, identity, files))

    def _sender_changed(self, identity_id: str) -> None:
        self._sender_id = identity_id
        self._prepare()
        self._draw_route()

    # The route

    def _circuit(self, identity: Identity | None) -> Circuit | None:
        if identity is None:
            return None
        token = self._app.connection.isolation.token(identity.id, Purpose.SENDING)
        circuit = self._app.connection.circuits.for_token(token)
        if not self._app.connection.status.usable and self._progress is None:
            return None  # a Tor that went left nobody to say that it is closed
        # A circuit that is closed is nobody's route any more, except while its mail is on the way.
        if circuit is None or (circuit.state is CircuitState.CLOSED and self._progress is None):
            return None
        return circuit

    def _draw_route(self) -> None:
        if self._ended:
            return
        identity = self._identities.get(self._sender_id)
        status = self._app.connection.status
        self.page.set_route(
            route_view(
                identity,
                self._circuit(identity),
                self.page.recipients(),
                status,
                self._progress,
                now=datetime.now(UTC),
            )
        )

    def _prepare(self) -> None:
        """Has Tor build the sender's circuit while the person writes, so that it can be shown and is ready."""
        identity = self._identities.get(self._sender_id)
        connection = self._app.connection
        if identity is None or not connection.status.usable or identity.id in self._prepared:
            return
        if self._circuit(identity) is not None:
            return
        self._prepared.add(identity.id)
        token, cancel = connection.isolation.token(identity.id, Purpose.SENDING), self._preparing

        def prepare() -> None:
            connection.prepare(token, identity.server.host, time.monotonic() + PREPARE_SECONDS, cancel)

        # That it failed shows in the ribbon: no circuit. Sending builds its own.
        self._workers.tor.run(prepare, lambda _: self._draw_route(), lambda _: self._draw_route())

    def _new_circuit(self, identity_id: str) -> None:
        self._app.connection.new_circuit(identity_id)
        self._prepared.discard(identity_id)
        self._prepare()
        self._draw_route()

    def _tor_changed(self, status: TorStatus) -> None:
        self.page.set_status(status)
        if not status.usable:
            self._prepared.clear()
        self._prepare()
        self._draw_route()
        self._show_parties(self.page.draft(), self._identities.get(self._sender_id))

    def _circuit_changed(self, news: CircuitNews) -> None:
        identity = self._identities.get(self._sender_id)
        if (
            identity is None
            or self._app.connection.isolation.token(identity.id, Purpose.SENDING) != news.token
        ):
            return
        self._draw_route()
        self._show_parties(self.page.draft(), identity)

    # Sending

    def _send(self, draft: Draft, when: When) -> None:
        if self._sending:
            return
        self._sending = True
        self._show_progress(Progress("", draft.identity_id, SendPhase.BUILDING))

        def seal() -> OutboxEntry:
            entry = self._app.queue(draft, when)
            # Here and not only in ``_queued``: the window, or the program, may be closed by then.
            if self._cancel_wanted:
                self._app.dispatcher.cancel(entry.id)
            return entry

        self._workers.disk.run(seal, self._queued, self._not_queued)

    def _queued(self, entry: OutboxEntry) -> None:
        self._entry_id = entry.id
        if self._ended:
            return
        if self._cancel_wanted:
            self._cancel()
        elif entry.next_attempt is not None or not self._app.connection.status.usable:
            self._go_to_outbox()
        else:
            # It may be over already: what came before its id was known went unheard.
            self._look_again(entry.id)

    def _look_again(self, entry_id: str) -> None:
        def done(entry: OutboxEntry) -> None:
            if not self._ended:
                self._settle(entry)

        self._workers.disk.run(lambda: self._app.outbox.get(entry_id), done, lambda _: None)

    def _not_queued(self, error: TorsendError) -> None:
        self._sending = self._cancel_wanted = False
        self._show_progress(None)
        self.tell(error)
        if not self._ended and isinstance(error, AttachmentNotCleaned):
            self._desk.doubt(self.page.draft(), (error.file,))

    def _progressed(self, progress: Progress) -> None:
        if self._entry_id and progress.entry_id == self._entry_id and progress.phase is not SendPhase.FAILED:
            self._show_progress(progress)

    def _show_progress(self, progress: Progress | None) -> None:
        if self._ended:
            return
        self._progress = progress
        self.page.set_progress(progress)
        self._draw_route()

    def _outbox_changed(self, change: Changed) -> None:
        if not self._entry_id or change.entry_id != self._entry_id:
            return
        if change.entry is not None:
            self._settle(change.entry)
        elif self._progress is not None and self._progress.phase is not SendPhase.ACCEPTED:
            # Taken out of the outbox, here or there: a draft again, that can be changed.
            self._unlock()
            self._keep(self.page.draft())

    def _unlock(self) -> None:
        self._entry_id, self._sending, self._cancel_wanted, self._taking_back = "", False, False, False
        self.page.reseed()
        self._show_progress(None)

    def _settle(self, entry: OutboxEntry) -> None:
        match entry.state:
            case State.ACCEPTED:
                self._show_progress(
                    Progress(entry.id, entry.identity_id, SendPhase.ACCEPTED, entry.size, entry.size)
                )
            case State.HELD if entry.reason is Reason.CANCELLED and self._cancel_wanted:
                self._take_back()
            case State.RETRY if entry.next_attempt is None or entry.next_attempt <= datetime.now(UTC):
                self._show_progress(Progress(entry.id, entry.identity_id, SendPhase.BUILDING, 0, entry.size))
            case State.RETRY | State.HELD | State.REFUSED | State.UNKNOWN:
                # The outbox says what happened, what left and what to try; nothing here can be pressed twice.
                self._go_to_outbox()
            case _:
                pass

    def _go_to_outbox(self) -> None:
        entry_id = self._entry_id
        self.end()
        self.outbox_asked.emit(entry_id)

    def _cancel(self) -> None:
        self._cancel_wanted = True
        entry_id = self._entry_id
        if not entry_id:
            return  # it is still being sealed; ``_queued`` comes back here

        def done(stopped: bool) -> None:
            if stopped:
                self._look_again(entry_id)
            else:
                self._cancel_wanted = False

        self._workers.cancelling.run(lambda: self._app.dispatcher.cancel(entry_id), done, self.tell)

    def _take_back(self) -> None:
        if self._taking_back:
            return
        entry_id, self._taking_back = self._entry_id, True

        def done(draft: Draft) -> None:
            if self._ended:
                return
            self._unlock()
            self._sender_id = draft.identity_id
            self.page.set_draft(draft)
            self._check(draft)

        def failed(error: TorsendError) -> None:
            self._taking_back = False
            self.tell(error)

        self._workers.disk.run(lambda: self._app.take_back(entry_id), done, failed)

    # Troubles

    def tell(self, error: TorsendError) -> None:
        """Says what went wrong, over the mail that it is about."""
        if self._ended:
            self.failed.emit(error)
        else:
            self.page.show_problem("writer", error)
