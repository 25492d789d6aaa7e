"""The main window and everything it opens: pages on one side, the program's parts on the other."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal

from torsend.errors import StorageError, TorsendError
from torsend.gui.asked import draft_asked_for
from torsend.gui.connect_desk import ConnectDesk
from torsend.gui.draft_menu import popup_drafts
from torsend.gui.feed import Feed
from torsend.gui.first_run import FirstRunDesk, View, first_run_of
from torsend.gui.front import bring_to_front
from torsend.gui.help_desk import HelpDesk
from torsend.gui.identities_desk import IdentitiesDesk
from torsend.gui.outbox_desk import OutboxDesk
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.unlock import Lock, UnlockPage
from torsend.gui.words_desk import WordsDesk
from torsend.gui.workers import Workers
from torsend.gui.writer import Writer
from torsend.mail.draft import Draft
from torsend.mail.signature import swap
from torsend.settings import FirstRun
from torsend.tor.status import Phase
from torsend.words import t

if TYPE_CHECKING:
    from torsend.app import App
    from torsend.delivery.outbox import OutboxEntry
    from torsend.identity.identity import Identity
    from torsend.settings import Geometry
    from torsend.tor.status import TorStatus

SWEEP_MS = 60_000
"""Accepted mail goes an hour after its acceptance; looking once a minute is near enough."""


class Window(QObject):
    """Owns the shell, the pages' desks and the writers.

    Signals:
        ended: all windows are closed; the program may end.
    """

    ended = Signal()

    def __init__(self, app: App, shell: Shell, *, demo: bool = False) -> None:
        """
        Args:
            demo: its Tor is the private network's; another cannot be chosen.
        """
        super().__init__()
        self._demo = demo
        self._app = app
        self._ending = False
        self._warned = False
        self._read = False
        self._unread: UnlockPage | None = None
        self._asked: list[tuple[tuple[str, ...], str]] = []
        self._identities: tuple[Identity, ...] = ()
        self._drafts: tuple[Draft, ...] = ()
        self.writers: list[Writer] = []
        self.shell = shell
        self.workers = Workers()
        self.feed = Feed(app, self)
        self.way_in = ConnectDesk(app, self.workers)
        self.outbox = OutboxDesk(app, self.feed, self.workers)
        self.words = WordsDesk(app, self.workers)
        self.help = HelpDesk(app, self.workers)
        self.identities = IdentitiesDesk(app, self.feed, self.workers, self.words)
        shell.add_page(Page.OUTBOX, self.outbox.page)
        shell.add_page(Page.IDENTITIES, self.identities.page)
        if not demo:
            shell.add_page(Page.HELP, self.help.page)
        shell.add_full(self.way_in.page)
        self.first_run = FirstRunDesk(self.feed)
        shell.add_strip(self.first_run.strip)
        self._wire_up()
        self._sweep = QTimer(self)
        self._sweep.setInterval(SWEEP_MS)
        self._sweep.timeout.connect(lambda: self.workers.disk.run(app.sweep, None, self.tell))
        self._sweep.start()

    def _wire_up(self) -> None:
        shell = self.shell
        shell.write_requested.connect(self.ask_what_to_write)
        if not self._demo:
            shell.tor_pressed.connect(self.show_connect)
        shell.new_circuit_pressed.connect(self._new_circuit)
        shell.geometry_changed.connect(self._keep_geometry)
        shell.page_shown.connect(lambda page: self._keep("page", page.value) if self._read else None)
        shell.close_requested.connect(self._close_asked)
        self.way_in.page.leave_requested.connect(shell.leave_full)
        first = self.first_run
        self.way_in.page.leave_requested.connect(first.skip_connecting)
        first.connect_requested.connect(self.show_connect)
        first.connected.connect(shell.leave_full)
        first.address_requested.connect(self._start_new)
        first.test_requested.connect(self._write_test)
        first.entry_requested.connect(self._show_entry)
        first.opened.connect(self._first_run_opened)
        shell.view_changed.connect(self._view_changed)
        self.way_in.failed.connect(self.tell)
        self.feed.tor_changed.connect(self._tor_changed)
        self.feed.troubled.connect(self.tell)
        self.outbox.count_changed.connect(shell.set_outbox_count)
        self.outbox.edit_requested.connect(self.write)
        self.outbox.route_requested.connect(self._show_route)
        self.outbox.connect_requested.connect(self.show_connect)
        self.outbox.sender_requested.connect(self._show_sender)
        self.outbox.failed.connect(self.tell)
        self.outbox.identities_changed.connect(self.identities.reload)
        self.identities.changed.connect(self._identities_changed)
        self.identities.write_requested.connect(lambda identity_id: self.write(Draft.new(identity_id)))
        self.identities.failed.connect(self.tell)
        self.words.failed.connect(self.tell)
        self.help.page.steps_requested.connect(self._begin_first_run)
        self.help.wiping.removing.connect(self._remove_all)
        self.help.wiping.removed.connect(self._leave)
        self.help.failed.connect(self.tell)
        self.words.changed.connect(self._words_changed)

    # From start to end

    def start(self, compose: tuple[str, ...] | None = None) -> None:
        """Starts the queue, reads what is kept, starts Tor unless that is still to be asked, and opens what the person came
        for.
        """
        app = self._app
        app.dispatcher.start()
        self._tor_changed(app.connection.status)
        self.way_in.start()
        if app.settings_problem is not None:
            self.tell(app.settings_problem)

        self._read_kept(compose)

    def _read_kept(self, compose: tuple[str, ...] | None) -> None:
        app = self._app

        def read() -> tuple[tuple[Identity, ...], tuple[OutboxEntry, ...], tuple[Draft, ...]]:
            app.sweep()
            return app.book.list(), app.outbox.list(), app.open_drafts()

        def done(kept: tuple[tuple[Identity, ...], tuple[OutboxEntry, ...], tuple[Draft, ...]]) -> None:
            if self._unread is not None:
                self.shell.remove_full(self._unread)
                self._unread = None
            identities, entries, self._drafts = kept
            self.identities.set_identities(identities)
            self._identities_changed(identities)
            self.outbox.set_entries(entries)
            self._begin(identities)
            self._open_first(compose)
            self._read = True
            while self._asked:
                self._compose(*self._asked.pop(0))

        self.workers.disk.run(read, done, lambda error: self._not_read(error, compose))

    def _not_read(self, error: TorsendError, compose: tuple[str, ...] | None) -> None:
        """Without what is kept there is nothing to show, and nothing is started on a guess. What others ask for waits."""
        if self._unread is None:
            self._unread = UnlockPage(Lock.BROKEN)
            self._unread.retry_requested.connect(lambda: self._read_kept(compose))
            self._unread.quit_requested.connect(self.end)
            self._unread.remove_requested.connect(lambda: self.help.wiping.ask(self.shell))
            self.shell.add_full(self._unread)
        self._unread.set_problem(error)
        self.shell.show_full(self._unread)

    @property
    def is_ending(self) -> bool:
        """Whether it is being closed: it opens nothing any more."""
        return self._ending

    def asked(self, compose: tuple[str, ...] | None, token: str) -> None:
        """Torsend was started once more: what was wanted is opened, in front of all.

        Args:
            compose: as for ``start``.
            token: XDG Activation's, or empty.
        """
        if compose is None:
            bring_to_front(self.shell, token)
            return
        # Who sends is known only when what is kept was read; a mail without a choice must not stay without a sender.
        if self._read:
            self._compose(compose, token)
        else:
            self._asked.append((compose, token))

    def _close_asked(self) -> None:
        """Closes, but not over mail that could not be kept: that is said first, where it stands. Closing once more does."""
        unkept = next((each for each in self.writers if each.unkept is not None), None)
        if unkept is None or unkept.unkept is None or self._ending or self._warned:
            self.end()
            return
        self._warned = True
        reason = unkept.unkept
        unkept.show()
        unkept.tell(
            StorageError(
                t(
                    "What you wrote here last could not be kept, so closing torsend would lose it. {why}",
                    why=reason.what,
                ),
                advice=" ".join((reason.advice, t("If you close it once more, it is lost."))),
            )
        )

    def _unkept_changed(self) -> None:
        self._warned = False
        self.shell.ask_before_close = any(each.unkept is not None for each in self.writers)

    def end(self) -> None:
        """Closes every window, keeping what was typed. ``stop`` must follow."""
        if not self._ending:
            self._let_go()
            self._leave()
        else:
            self.help.wiping.leave()  # closed while that page tells what became of all data

    def _let_go(self) -> None:
        self._ending = True
        for writer in tuple(self.writers):
            writer.end()
        self.way_in.end()
        self._sweep.stop()
        self.feed.stop()

    def _remove_all(self) -> None:
        self.shell.ask_before_close = True  # not before it is over
        self._let_go()

    def _leave(self) -> None:
        self.shell.ask_before_close = False
        self.shell.hide()
        self.ended.emit()

    def stop(self) -> None:
        """Waits for what the disk still has to do, and ends all threads of the window."""
        self.end()
        self.help.wiping.stop()
        self.workers.stop()

    def _begin(self, identities: tuple[Identity, ...]) -> None:
        """Onto Tor, if the person ever said so: by choosing a way, or by naming one on the command line. That there are
        identities says nothing of it.
        """
        app = self._app
        said_so = self._demo or app.settings.may_connect or app.start.tor is not None
        if said_so:
            app.connection.start()
        if self._demo:
            return
        kept = app.settings.first_run
        found = first_run_of(kept, past=bool(identities) and said_so)
        if found is not kept and found is not FirstRun.OPEN:
            self._keep("first_run", found)
        if found is FirstRun.OPEN:
            self._begin_first_run()

    def _open_first(self, compose: tuple[str, ...] | None) -> None:
        if compose is not None:
            self._compose(compose)
        elif not self._identities:
            # The first time: onto Tor, then an identity.
            self._start_new()
            if self._app.connection.status.phase is not Phase.READY:
                self.show_connect()
        else:
            before = self._app.settings.page
            self.shell.show_page(next((page for page in Page if page == before), Page.OUTBOX))
            # What was being written when the window closed, or the machine died, is there again.
            if self._drafts:
                self.write(self._drafts[0])

    def _compose(self, what: tuple[str, ...], token: str = "") -> None:
        draft, problem = draft_asked_for(what)
        writer = self.write(draft, fresh=True, token=token)
        if problem is not None:
            # Where the person looks: that window is in front of this one.
            writer.tell(problem)

    # Writing

    def ask_what_to_write(self) -> None:
        """A new mail, or one of the drafts if there are any."""

        def show(drafts: tuple[Draft, ...]) -> None:
            open_ones = {writer.draft_id for writer in self.writers}
            kept = [draft for draft in drafts if draft.id not in open_ones]
            if kept:
                popup_drafts(kept, self._open, self.shell, self.shell.sidebar.mapToGlobal(QPoint(12, 100)))
            else:
                self.write(Draft.new())

        self.workers.disk.run(self._app.open_drafts, show, self.tell)

    def write(
        self, draft: Draft, entry: OutboxEntry | None = None, *, fresh: bool = False, token: str = ""
    ) -> Writer:
        """Opens a window for the draft, or brings the one that it has to the front; gives its writer.

        Args:
            token: as in ``bring_to_front``.
            fresh: it was never kept, though something stands in it; its sender's signature goes under it.
        """
        for writer in self.writers:
            if writer.draft_id == draft.id:
                writer.show()
                return writer
        # Only where there is no choice to make: a mail must never change its sender, or get one, by itself.
        if not draft.identity_id and len(self._identities) == 1:
            draft = draft.sent_by(self._identities[0].id)
        sender = next((each for each in self._identities if each.id == draft.identity_id), None)
        if sender is not None and (fresh or draft.is_empty):
            length, end = swap(draft.text, "", sender.signature) or (0, "")
            draft = dataclasses.replace(draft, text=draft.text[: len(draft.text) - length] + end)
        writer = Writer(self._app, self.feed, self.workers, self._identities, draft, entry)
        writer.closed.connect(self._writer_closed)
        writer.outbox_asked.connect(self._show_entry)
        writer.write_asked.connect(self.ask_what_to_write)
        writer.words_asked.connect(self.words.open)
        writer.settings_changed.connect(self._keep)
        writer.failed.connect(self.tell)
        writer.unkept_changed.connect(self._unkept_changed)
        self.writers.append(writer)
        writer.show(token)
        return writer

    def _open(self, draft: Draft, entry: OutboxEntry | None = None) -> None:
        self.write(draft, entry)

    def _write_test(self, draft: Draft) -> None:
        """One window for it, however often it is asked for."""
        tests = (each for each in self.writers if self.first_run.is_test(each.draft_id))
        begun = next((each for each in tests if not each.entry_id), None)
        if begun is None:
            self.write(draft, fresh=True)
        else:
            begun.show()

    def _show_route(self, entry: OutboxEntry) -> None:
        """The window in which the entry is being sent, opened again if it was closed."""
        for writer in self.writers:
            if writer.entry_id == entry.id:
                writer.show()
                return
        draft_id = entry.draft_id
        if draft_id is not None:
            self.workers.disk.run(
                lambda: self._app.drafts.load(draft_id), lambda draft: self._open(draft, entry), self.tell
            )

    def _show_entry(self, entry_id: str) -> None:
        if self._ending:
            return
        self.shell.show_page(Page.OUTBOX)
        self.outbox.page.show_entry(entry_id)
        bring_to_front(self.shell)

    def _show_sender(self, identity_id: str, for_password: bool) -> None:
        self.shell.show_page(Page.IDENTITIES)
        self.identities.page.show_identity(identity_id)
        if for_password:
            self.identities.page.form.password.open_field()

    # The first run

    def _begin_first_run(self) -> None:
        self.first_run.begin(
            self._identities,
            self._app.connection.status,
            self.identities.page.current_id(),
            self.outbox.entries(),
        )

    def _first_run_opened(self, is_open: bool) -> None:
        self.way_in.page.set_first(is_open)
        self.help.page.set_steps_shown(is_open)
        self._keep("first_run", FirstRun.OPEN if is_open else FirstRun.OVER)

    def _view_changed(self) -> None:
        full, page = self.shell.full(), self.shell.page()
        view = View.OUTBOX if full is None and page is Page.OUTBOX else View.OTHER
        self.first_run.set_view(View.CONNECT if full is self.way_in.page else view)
        if full is None and page is Page.HELP:
            self.help.look()

    def _writer_closed(self, writer: Writer) -> None:
        self.writers.remove(writer)
        if not self._ending:
            self._unkept_changed()
        # Who closes the test goes on with the steps, which other windows may hide.
        if self.first_run.is_open and self.first_run.is_test(writer.draft_id) and not self._ending:
            bring_to_front(self.shell)

    # Identities

    def _start_new(self) -> None:
        self.shell.show_page(Page.IDENTITIES)
        self.identities.page.start_new()

    def _identities_changed(self, identities: tuple[Identity, ...]) -> None:
        self._identities = identities
        self.first_run.set_identities(identities)
        self.outbox.page.set_identities(identities)
        for writer in self.writers:
            writer.set_identities(identities)

    def _words_changed(self) -> None:
        for writer in self.writers:
            writer.look_again()

    def _new_circuit(self) -> None:
        identity_id = self.identities.page.current_id()
        if self.shell.page() is Page.IDENTITIES and identity_id:
            self._app.connection.new_circuit(identity_id)

    # Tor

    def show_connect(self) -> None:
        """The page on which Tor is reached."""
        self.way_in.set_status(self._app.connection.status)
        self.shell.show_full(self.way_in.page)

    def _tor_changed(self, status: TorStatus) -> None:
        self.shell.set_tor(status)
        self.way_in.set_status(status)
        self.outbox.set_tor(status)
        self.first_run.set_tor(status)

    # What is remembered, and what went wrong

    def _keep(self, name: str, value: object) -> None:
        self.workers.disk.run(lambda: self._app.change_settings(**{name: value}), None, self.tell)

    def _keep_geometry(self, geometry: Geometry) -> None:
        if not self._ending:
            self._keep("window", geometry)

    def tell(self, error: TorsendError) -> None:
        """Says what went wrong, over the page that is shown."""
        self.shell.banner.show_problem(type(error).__name__, error)
