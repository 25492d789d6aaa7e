"""The parts of one run, built and handed to each other, and the few things that take more than one of them."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from torsend import paths
from torsend.app.attached import going_along, kept_standings
from torsend.app.cleaned import CleanedFiles
from torsend.app.cleaning import Cleaning, system_cleaner
from torsend.app.file_words import FileWords
from torsend.app.onion_servers import OnionServers
from torsend.app.unlock import open_vault, passwords_in
from torsend.checks.findings import Known, before_sending
from torsend.checks.wordbook import WordBook
from torsend.delivery import tls
from torsend.delivery.answers import AnswerBook
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.exit_refusals import ExitRefusals
from torsend.delivery.later import NOW
from torsend.delivery.limits import Limits
from torsend.delivery.outbox import Changed, Outbox
from torsend.delivery.states import State
from torsend.errors import NotSendable, StorageError, UsageError, nothing_left
from torsend.identity.book import IdentityBook, NoSuchIdentity, forget
from torsend.identity.identity import Kind
from torsend.identity.secrets import (
    PATIENCE_SECONDS,
    KeyringStore,
    SecretStore,
    password_name,
)
from torsend.mail import wire
from torsend.mail.address import Mailbox, check_address
from torsend.mail.drafts import DraftBook
from torsend.mail.seed import drawn_from
from torsend.settings import BadSettings, load_settings, save_settings
from torsend.tor.choice import BadChoice, Launch, parse_choice
from torsend.tor.connection import Connection
from torsend.tor.way_chosen import BadWay, WayChosen
from torsend.tor.way_out import WayOut
from torsend.vault import ProfileLock
from torsend.words import t

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from torsend.app.start import Start
    from torsend.checks.files import FileStanding
    from torsend.checks.finding import Finding
    from torsend.delivery.later import When
    from torsend.delivery.outbox import OutboxEntry
    from torsend.errors import TorsendError
    from torsend.identity.identity import Identity
    from torsend.mail.draft import Draft
    from torsend.mail.wire import Message
    from torsend.settings import Settings
    from torsend.tor.choice import TorChoice
    from torsend.vault import Vault

log = logging.getLogger("torsend.app")

KEPT_ACCEPTED = timedelta(hours=1)
"""How long accepted mail stays in the outbox's list: long enough to look at, too short to be an archive."""

#: Where a control port's password lies, if the person gave one.
_CONTROL_PASSWORD = "tor-control-password"  # noqa: S105  # a name, not a password
_PROXY_PASSWORD = "tor-proxy-password"  # noqa: S105  # a name, not a password
KEYRING_NAMES = (_CONTROL_PASSWORD, _PROXY_PASSWORD)
"""Secrets that belong to no identity. In a keyring, profiles of one person share them."""
_WAY_OUT = "way-out"


class NoRouteYet(NotSendable):
    """A remailer's identity: sent as any other, it would name its account to the provider and the readers."""

    def __init__(self) -> None:
        super().__init__(
            t(
                "Sending through remailers isn’t built yet; this mail would go out under the account’s own address."
            ),
            advice=t("Choose another sender."),
        )


class App:
    """Everything that a run needs. Open it with ``App.open``, close it with ``close``; its methods may block.

    Attributes:
        settings_problem: what in the settings file made no sense; to be shown, no reason not to start.
    """

    def __init__(
        self, start: Start, vault: Vault, keyring: KeyringStore, lock: ProfileLock | None,
        control_password: Callable[[], str | None] | None = None,
        tls_context: Callable[[], ssl.SSLContext] = tls.context,
    ) -> None:  # fmt: skip
        # The passphrase has done its work: nothing here needs it again.
        self.start = replace(start, passphrase=None)
        self.vault = vault
        self._keyring = keyring
        self._lock = lock
        self._changing = threading.Lock()
        loaded = load_settings(start.profile.settings)
        self.settings: Settings = loaded.settings
        self.settings_problem: TorsendError | None = loaded.problem
        self.passwords: SecretStore
        self.passwords, self.secrets_place = passwords_in(vault, keyring, start.secrets)
        self.book = IdentityBook(vault, check_address)
        self.drafts = DraftBook(vault)
        self.words = WordBook(vault)
        self.cleaned = CleanedFiles(vault)
        self.file_words = FileWords(self.cleaned)
        self.cleaned.sweep()
        self.cleaning = Cleaning(self.cleaned, system_cleaner)
        self.outbox = Outbox(vault)
        self.answers = AnswerBook(vault)
        self.exits = ExitRefusals(vault)
        # Also where no dispatcher is started: a list must not show what a crash left as "sending".
        self.outbox.recover()
        self.limits = Limits() if start.patience is None else Limits().capped(start.patience)
        self.connection = Connection(
            self._tor_choice(),
            start.profile.tor_data,
            control_password=control_password or self._control_password,
            proxy_password=lambda: self._kept_password(_PROXY_PASSWORD),
        )
        self.onions = OnionServers(self.book, self.passwords, self.outbox, self.connection)
        self.dispatcher = Dispatcher(
            self.outbox, self.connection, identity_of=self.book.get, password_of=self._password_of,
            limits=self.limits, context=tls_context, answers=self.answers, prepare=self.onions.give_key,
            exits=self.exits,
        )  # fmt: skip
        self._unsubscribe = self.outbox.subscribe(self._tidy_up_after)

    @classmethod
    def open(
        cls, start: Start, *, control_password: Callable[[], str | None] | None = None,
        tls_context: Callable[[], ssl.SSLContext] = tls.context,
    ) -> Self:  # fmt: skip
        """Takes the profile for this process and opens what is in it.

        Args:
            control_password: asks for a control port's password; otherwise what the person once gave.
            tls_context: whom to trust; otherwise the system's authorities, or those of ``SSL_CERT_FILE``.

        Raises:
            AlreadyRunning: another process has the profile.
            PassphraseNeeded: ask for it and call again.
            StorageError: a leaf of it; nothing was changed.
        """
        lock = None
        if not start.in_memory:
            start.profile.prepare()
            lock = ProfileLock(start.profile)
        keyring = KeyringStore(patience=min(start.patience or PATIENCE_SECONDS, PATIENCE_SECONDS))
        vault: Vault | None = None
        try:
            vault = open_vault(start, keyring)
            return cls(start, vault, keyring, lock, control_password, tls_context)
        except BaseException:
            if vault is not None:
                vault.close()
            keyring.close()
            if lock is not None:
                lock.release()
            raise

    def stop(self) -> None:
        """Ends what sends, then Tor; what is kept can still be read. A second call does nothing."""
        self._unsubscribe()
        self.dispatcher.stop()
        self.connection.stop()

    def close(self) -> None:
        """Stops what runs and lets go of the profile. A second call does nothing."""
        try:
            self.stop()
        finally:
            self._keyring.close()
            self.vault.close()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Who sends

    def find_identity(self, wanted: str) -> Identity:
        """By id, address or name.

        Raises:
            NoSuchIdentity: none fits.
            UsageError: several do.
        """
        known = self.book.list()
        asked = wanted.strip().casefold()
        for name in ("id", "address", "name"):
            fitting = [each for each in known if str(getattr(each, name)).casefold() == asked]
            if len(fitting) > 1:
                raise UsageError(
                    t("Several identities are called that."), advice=t("Name the id: torsend identity list.")
                )
            if fitting:
                return fitting[0]
        raise NoSuchIdentity(
            t("There is no such identity."), advice=t("See which there are: torsend identity list.")
        )

    def add_identity(self, identity: Identity, password: str | None) -> Identity:
        """Adds it, its password first: an identity without the password that was given would look complete.

        Raises:
            BadIdentity, StorageError: neither was added.
        """
        if password is not None:
            self.passwords.set(password_name(identity.id), password)
        try:
            return self.book.add(identity)
        except BaseException:
            if password is not None:
                self.passwords.delete(password_name(identity.id))
            raise

    def set_password(self, identity_id: str, password: str) -> None:
        """Keeps it in place of an older one. Mail that was held for want of it waits for the person to ask again."""
        self.book.get(identity_id)
        self.passwords.set(password_name(identity_id), password)

    def exit_words(self, identity_id: str) -> str:
        """What was learnt of how its server treats exit relays; empty where that is nothing."""
        known = self.exits.of(self.book.get(identity_id))
        return known.sentences if known else ""

    def forget_password(self, identity_id: str) -> None:
        """Removes it; the identity stays."""
        self.passwords.delete(password_name(identity_id))

    def has_password(self, identity_id: str) -> bool:
        """Whether there is one. May wait for the keyring."""
        return self.passwords.get(password_name(identity_id)) is not None

    def remove_identity(self, identity_id: str) -> None:
        """Removes it, and its password.

        Raises:
            UsageError: mail of it still waits or is on its way.
        """
        waiting = {State.QUEUED, State.SENDING, State.RETRY, State.HELD, State.UNKNOWN}
        if any(entry.state in waiting for entry in self.outbox.list(identity_id)):
            raise UsageError(
                t("Mail of this identity is still in the outbox. Nothing was removed."),
                advice=t("Send, cancel or remove that mail first."),
            )
        forget(identity_id, self.book, self.passwords)

    # Messages

    def compose(self, draft: Draft, at: datetime | None = None) -> Message:
        """The draft as the bytes that would leave: within one minute always the same, so what is shown is what is sent.
        Of its files goes what the cleaner made of them, or the files themselves where the person decided so.

        Args:
            at: the moment that its Date says; now if not given. A message for later says when it goes, not when it was
                written.

        Raises:
            NotSendable: a leaf of it says why not.
            NoSuchIdentity: nobody, or nobody known, sends it.
        """
        identity = self.book.get(draft.identity_id)
        if identity.kind is Kind.REMAILER:
            raise NoRouteYet
        sender = Mailbox(identity.name, identity.address)
        draft, cleaned = going_along(draft, identity.file_names, self.cleaned)
        random = drawn_from(draft.seed, identity.id)
        return wire.compose(draft, sender, now=at or datetime.now(UTC), random=random, cleaned=cleaned)

    def findings(self, draft: Draft, files: Sequence[FileStanding] | None = None) -> tuple[Finding, ...]:
        """What is worth saying before this draft is sent. Reads the attached files' sizes and the vault, nothing else.

        Args:
            files: how its files stand, where that is known better than from the vault.

        Raises:
            NoSuchIdentity: nobody, or nobody known, sends it.
        """
        identity = self.book.get(draft.identity_id)
        composed: Message | NotSendable
        try:
            composed = self.compose(draft)
        except NotSendable as refusal:
            composed = refusal
        words = self.words.for_sender(identity.id)
        known = Known(words, self.book.list(), self.file_words.found(draft, words))
        if files is None:
            files = kept_standings(draft, identity.file_names, self.cleaned)
        return before_sending(draft, identity, composed, known, files)

    def queue(self, draft: Draft, when: When = NOW) -> OutboxEntry:
        """Seals the draft in the outbox; durable when this returns. The draft stays until a server took the mail.

        Raises:
            BadTime, NotSendable, NoSuchIdentity, VaultError: nothing is in the outbox, the draft is as it was.
        """
        now = datetime.now(UTC)
        with nothing_left():
            moment = when.moment(now)
            message = self.compose(draft, moment)
            # Half of a large mail would fill the disk, and taking it out again takes space, too.
            self.vault.need_room(message.size)
            # Sealed, it has used up its seed.
            self.drafts.save(draft.reseeded())
            return self.outbox.queue(message, draft.identity_id, draft.id, moment, when.end(now))

    def open_drafts(self) -> tuple[Draft, ...]:
        """What was being written, the last saved first; without what lies in the outbox."""
        queued = {entry.draft_id for entry in self.outbox.list()}
        return tuple(saved.draft for saved in self.drafts.list() if saved.draft.id not in queued)

    def remove_entry(self, entry_id: str) -> None:
        """Removes an entry from the outbox, its draft too."""
        draft_id = self.outbox.get(entry_id).draft_id
        self.outbox.remove(entry_id)
        if draft_id is not None:
            self.drafts.remove(draft_id)

    def sweep(self) -> None:
        """Lets accepted mail go ``KEPT_ACCEPTED`` after its acceptance; what was accepted by a clock that has since been put
        back can't be dated, and goes as well.
        """
        now = datetime.now(UTC)
        for entry in self.outbox.list():
            if (
                entry.state is State.ACCEPTED
                and entry.finished is not None
                and abs(now - entry.finished) > KEPT_ACCEPTED
            ):
                self.remove_entry(entry.id)

    def take_back(self, entry_id: str) -> Draft:
        """Makes an entry that is not on its way a draft again, to be changed.

        Raises:
            NotNow: it is on its way, or somebody has it or may have it.
            NoSuchDraft: it came without one.
        """
        # Loaded first: what is accepted meanwhile takes its draft along, and then cannot be taken out.
        draft = self.drafts.load(self.outbox.get(entry_id).draft_id or "")
        self.outbox.take_out(entry_id)
        return draft

    # Tor

    def choose_tor(
        self, choice: TorChoice, way: WayChosen | None = None, proxy_password: str | None = None
    ) -> None:
        """Another way onto Tor, from now on and for later runs.

        Args:
            way: how a Tor of our own gets out of this network; as it was if not given.
            proxy_password: as in ``choose_way``.

        Raises:
            BadWay, StorageError: nothing was changed.
        """
        if way is not None:
            self._keep_way(way, proxy_password)
        include = choice.torrc_include if isinstance(choice, Launch) else None
        self.change_settings(tor=str(choice), torrc_include=include, may_connect=True)
        self.connection.choose(self._with_way_out(choice))

    @property
    def way_chosen(self) -> WayChosen:
        """How a Tor of our own gets out of this network. Lies in the vault: it tells how somebody reaches Tor.

        Raises:
            ValueError: it can't be read any more.
        """
        with self.vault.reading() as db:
            row = db.row("SELECT value FROM meta WHERE name = ?", (_WAY_OUT,))
        return WayChosen() if row is None else WayChosen.from_json(row["value"])

    def choose_way(self, way: WayChosen, password: str | None = None) -> None:
        """Another way out of this network, from now on and for later runs; a Tor of our own is started anew.

        Args:
            password: the proxy's; None keeps what is known of the very same proxy.

        Raises:
            BadWay, StorageError: nothing was changed.
        """
        self._keep_way(way, password)
        if isinstance(self.connection.choice, Launch):
            self.connection.choose(self._with_way_out(self.connection.choice))

    def _keep_way(self, way: WayChosen, password: str | None) -> None:
        way.way_out()
        kept = replace(way, proxy=way.proxy and replace(way.proxy, password=""))
        try:
            before = self.way_chosen.proxy
        except ValueError:
            before = None
        if password is not None:
            self.passwords.set(_PROXY_PASSWORD, password)
        elif before is not None and before.username and before != kept.proxy:
            # It was for that proxy: another one is never told it.
            self.passwords.delete(_PROXY_PASSWORD)
        with self.vault.writing() as db:
            db.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_WAY_OUT, kept.to_json()),
            )

    def keep_control_password(self, password: str) -> None:
        """The control port's password, kept with the others."""
        self.passwords.set(_CONTROL_PASSWORD, password)

    def change_settings(self, **changes: object) -> None:
        """Changes some of the settings, durably. From any thread: what two change at once is both changed."""
        with self._changing:
            self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]  # the fields check themselves on reading
            if not self.start.in_memory:
                save_settings(self.start.profile.settings, self.settings)

    def _tor_choice(self) -> TorChoice:
        if self.start.tor is not None:
            return self._with_way_out(self.start.tor)
        try:
            return self._with_way_out(parse_choice(self.settings.tor, self.settings.torrc_include))
        except BadChoice as error:
            # The file was changed by hand. The program must start; it is said as any other problem of that file.
            self.settings_problem = BadSettings(
                error.what, advice=t("Torsend starts a Tor of its own meanwhile. Choose again.")
            )
            return self._with_way_out(Launch())

    def _with_way_out(self, choice: TorChoice) -> TorChoice:
        if not isinstance(choice, Launch):
            return choice
        try:
            return replace(choice, way_out=self.way_chosen.way_out())
        except (ValueError, BadWay):
            log.warning("the way out in the vault can't be read")
            return replace(choice, way_out=WayOut(unknown=True))

    def _control_password(self) -> str | None:
        return self._kept_password(_CONTROL_PASSWORD)

    def _kept_password(self, name: str) -> str | None:
        try:
            return self.passwords.get(name)
        except StorageError as error:
            log.warning("a password for Tor could not be had: %s", error.log_safe)
            return None

    def _password_of(self, identity: Identity) -> str | None:
        return self.passwords.get(password_name(identity.id))

    def _tidy_up_after(self, change: Changed) -> None:
        """A draft whose mail was accepted has done its work."""
        entry = change.entry
        if entry is not None and entry.state is State.ACCEPTED and entry.draft_id is not None:
            self.drafts.remove(entry.draft_id)


def profile_at(folder: object) -> paths.Profile:
    """The profile in that folder, or the person's own where none is named.

    Raises:
        HomeUnknown: none is named, and there is no such folder.
    """
    return paths.Profile(paths.expanded(str(folder)) if folder else paths.default_profile())
