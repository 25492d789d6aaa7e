"""What stands behind the page of identities: the book, and where passwords lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.app import SecretsPlace
from torsend.gui.demo_view import circuit_words
from torsend.gui.identities import IdentitiesPage
from torsend.gui.identity_password import PasswordPlace
from torsend.tor.circuits import CircuitState
from torsend.tor.isolation import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.app import App
    from torsend.errors import TorsendError
    from torsend.gui.feed import Feed
    from torsend.gui.words_desk import WordsDesk
    from torsend.gui.workers import Workers
    from torsend.identity.identity import Identity


class IdentitiesDesk(QObject):
    """Signals:
    changed: all identities, as they are now.
    write_requested: the id of who writes.
    failed: a ``TorsendError``.
    """

    changed = Signal(object)
    write_requested = Signal(str)
    failed = Signal(object)

    def __init__(self, app: App, feed: Feed, workers: Workers, words: WordsDesk) -> None:
        super().__init__()
        self._app = app
        self._workers = workers
        self.page = page = IdentitiesPage()
        page.chosen.connect(self._look_for_password)
        page.chosen.connect(self._show_circuit)
        page.chosen.connect(self._look_for_onion_key)
        page.chosen.connect(self._show_learnt)
        page.onion_key_entered.connect(self._set_onion_key)
        page.onion_key_forget_requested.connect(self._forget_onion_key)
        feed.circuit_changed.connect(lambda _: self._show_circuit(page.current_id()))
        feed.tor_changed.connect(lambda _: self._show_circuit(page.current_id()))
        page.changed.connect(self._save)
        page.chosen.connect(words.count)
        page.words_requested.connect(self._open_words)
        words.counted.connect(page.set_word_counts)
        words.changed.connect(lambda: words.count(page.current_id()) if page.current_id() else None)
        self._words = words
        self._identities: tuple[Identity, ...] = ()
        page.add_requested.connect(self._add)
        page.move_requested.connect(lambda one, to: self._then_reload(lambda: app.book.move(one, to)))
        page.password_entered.connect(self._set_password)
        page.password_forget_requested.connect(self._forget_password)
        page.new_circuit_requested.connect(self._new_circuit)
        page.write_requested.connect(self.write_requested)
        page.duplicate_requested.connect(self._duplicate)
        page.delete_requested.connect(self._delete)

    def set_identities(self, identities: tuple[Identity, ...]) -> None:
        """All of them."""
        self._identities = identities
        self.page.set_identities(identities)

    def _open_words(self, identity_id: str) -> None:
        identity = next((each for each in self._identities if each.id == identity_id), None)
        self._words.open(identity, self.page, own=identity is not None)

    def reload(self) -> None:
        """Somebody else changed one of them."""
        self._reload()

    def _reload(self, show: str = "") -> None:
        def done(identities: tuple[Identity, ...]) -> None:
            self._identities = identities
            self.page.set_identities(identities)
            if show:
                self.page.show_identity(show)
            self.changed.emit(identities)

        self._workers.disk.run(self._app.book.list, done, self.failed.emit)

    def _then_reload(self, work: Callable[[], object]) -> None:
        self._workers.disk.run(work, lambda _: self._reload(), self.failed.emit)

    def _save(self, identity: Identity) -> None:
        def done(saved: Identity) -> None:
            self.page.saved(saved)
            if saved.server.is_onion:
                self._ask_for_onion_key(saved.id)
            self._show_learnt(saved.id)
            self._reload()

        self._workers.disk.run(
            lambda: self._app.book.save(identity),
            done,
            lambda error: self.page.save_failed(identity.id, error),
        )

    def _add(self, identity: Identity, password: str) -> None:
        self._workers.keyring.run(
            lambda: self._app.add_identity(identity, password or None),
            lambda added: self._reload(added.id),
            lambda error: self.page.save_failed(identity.id, error),
        )

    def _duplicate(self, identity_id: str) -> None:
        self._workers.disk.run(
            lambda: self._app.book.duplicate(identity_id),
            lambda copy: self._reload(copy.id),
            self.failed.emit,
        )

    def _delete(self, identity_id: str) -> None:
        self._workers.keyring.run(
            lambda: self._app.remove_identity(identity_id), lambda _: self._reload(), self.failed.emit
        )

    def _show_circuit(self, identity_id: str) -> None:
        if not identity_id:
            return
        connection = self._app.connection
        circuit = connection.circuits.for_token(connection.isolation.token(identity_id, Purpose.SENDING))
        open_one = circuit is not None and circuit.state is not CircuitState.CLOSED
        self.page.set_circuit(identity_id, circuit_words(circuit) if open_one else "")

    # Passwords

    def _place(self, *, there: bool) -> PasswordPlace:
        if not there:
            return PasswordPlace.NONE
        if self._app.secrets_place is SecretsPlace.KEYRING:
            return PasswordPlace.KEYRING
        return PasswordPlace.MEMORY if self._app.start.in_memory else PasswordPlace.VAULT

    def _look_for_password(self, identity_id: str) -> None:
        self._workers.keyring.run(
            lambda: self._app.has_password(identity_id),
            lambda there: self.page.set_password_place(identity_id, self._place(there=there)),
            lambda error: self.page.set_password_problem(identity_id, error),
        )

    def _set_password(self, identity_id: str, password: str) -> None:
        self._workers.keyring.run(
            lambda: self._app.set_password(identity_id, password),
            lambda _: self.page.set_password_place(identity_id, self._place(there=True)),
            lambda error: self.page.set_password_problem(identity_id, error),
        )

    def _forget_password(self, identity_id: str) -> None:
        self._workers.keyring.run(
            lambda: self._app.forget_password(identity_id),
            lambda _: self.page.set_password_place(identity_id, PasswordPlace.NONE),
            lambda error: self.page.set_password_problem(identity_id, error),
        )

    # Onion servers and exit relays

    def _look_for_onion_key(self, identity_id: str) -> None:
        if any(each.id == identity_id and each.server.is_onion for each in self._identities):
            self._ask_for_onion_key(identity_id)

    def _ask_for_onion_key(self, identity_id: str) -> None:
        form = self.page.form
        self._workers.keyring.run(
            lambda: self._app.onions.has_key(identity_id),
            lambda there: form.set_onion_key_place(identity_id, self._place(there=there)),
            lambda error: form.set_onion_key_problem(identity_id, error),
        )

    def _set_onion_key(self, identity_id: str, typed: str) -> None:
        self._change_onion_key(identity_id, lambda: self._app.onions.set_key(identity_id, typed))

    def _forget_onion_key(self, identity_id: str) -> None:
        self._change_onion_key(identity_id, lambda: self._app.onions.forget_key(identity_id))

    def _change_onion_key(self, identity_id: str, change: Callable[[], None]) -> None:
        def failed(error: TorsendError) -> None:
            self.page.form.set_onion_key_problem(identity_id, error)
            self._ask_for_onion_key(identity_id)  # there may be another one still

        self._workers.keyring.run(change, lambda _: self._ask_for_onion_key(identity_id), failed)

    def _show_learnt(self, identity_id: str) -> None:
        if any(each.id == identity_id for each in self._identities):
            self._workers.disk.run(
                lambda: self._app.exit_words(identity_id),
                lambda words: self.page.form.set_learnt(identity_id, words),
                self.failed.emit,
            )

    def _new_circuit(self, identity_id: str) -> None:
        self._app.connection.new_circuit(identity_id)
        self._show_circuit(identity_id)
