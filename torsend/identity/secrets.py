"""Where passwords and the vault's key lie: the system's keyring, or the vault where there is none.

The only user of ``keyring``. A keyring may ask the person to unlock it and wait for the answer as long as it takes, so
all of its work is done by one thread, and whoever waits does so with a deadline. Which backend is used is decided
here, from a list of those that encrypt; neither a plug-in nor a configuration file can put a plain file in its place.
"""

from __future__ import annotations

import importlib
import logging
import queue
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from torsend.errors import SecretsError, TorsendError
from torsend.words import t

# keyring and what it draws in (an HTTP client among it) take 60 ms to import: only where they are used.
if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend
    from secretstorage import Collection

    from torsend.vault import Vault

log = logging.getLogger("torsend.identity")

SERVICE = "torsend"
PATIENCE_SECONDS = 60.0
"""How long a person may take over the keyring's prompt before we stop waiting. The prompt itself stays."""
_FAREWELL_SECONDS = 1.0

_SECRET_SERVICE = ("keyring.backends.SecretService", "Keyring")
_WINDOWS = ("keyring.backends.Windows", "WinVaultKeyring")
_CRED_PERSIST_LOCAL_MACHINE = 2
_KNOWN: dict[str, tuple[tuple[str, str], ...]] = {
    "linux": (_SECRET_SERVICE, ("keyring.backends.kwallet", "DBusKeyring")),
    "darwin": (("keyring.backends.macOS", "Keyring"),),
    "win32": (_WINDOWS,),
}
"""Backends that keep secrets encrypted, by system, the best first."""


class KeyringMissing(SecretsError):
    """This system has no keyring that we would trust with a password."""


class KeyringLocked(SecretsError):
    """It is locked, and was not unlocked."""


class KeyringRefused(SecretsError):
    """It is there and open, and says no."""


def password_name(identity_id: str) -> str:
    """Under which name an identity's password lies."""
    return f"identity:{identity_id}"


def onion_key_name(identity_id: str) -> str:
    """Under which name an identity's client key for its onion server lies."""
    return f"onion-key:{identity_id}"


def vault_key_name(identifier: str) -> str:
    """Under which name a vault's key lies."""
    return f"vault-key:{identifier}"


class SecretStore(Protocol):
    """Short secret texts by name. From any thread; may block, so never from the window's.

    Raises, all methods:
        StorageError: a leaf of it; what was there before is still there.
    """

    def get(self, name: str) -> str | None:
        """The secret; None where there is none."""

    def set(self, name: str, value: str) -> None:
        """Keeps it, in place of an older one; durable when it returns."""

    def delete(self, name: str) -> None:
        """Removes it; does nothing where there is none."""


class VaultStore:
    """Secrets in the vault itself, encrypted as all of it is."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, name: str) -> str | None:
        with self._vault.reading() as db:
            row = db.row("SELECT value FROM secret WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str) -> None:
        with self._vault.writing() as db:
            db.execute("INSERT OR REPLACE INTO secret (name, value) VALUES (?, ?)", (name, value))

    def delete(self, name: str) -> None:
        with self._vault.writing() as db:
            db.execute("DELETE FROM secret WHERE name = ?", (name,))


@dataclass(slots=True)
class _Job:
    """One question. ``undo`` is for what was done after nobody waited for it any more, and was told that it was not."""

    work: Callable[[], str | None] = field(repr=False)
    undo: Callable[[], None] | None = field(default=None, repr=False)
    done: threading.Event = field(default_factory=threading.Event)
    given_up: bool = False
    answer: str | None = field(default=None, repr=False)
    error: Exception | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def give_up(self) -> bool:
        """Nobody waits any more; whether that came before it was done."""
        with self._turn:
            self.given_up = not self.done.is_set()
            return self.given_up

    def finish(self) -> bool:
        """It is done; whether somebody still waits for it."""
        with self._turn:
            self.done.set()
            return not self.given_up


class KeyringStore:
    """Secrets in the system's keyring, under the service name ``torsend``. Close it, or use it in a ``with``.

    Args:
        backend: for tests; otherwise the system's own, looked for at the first use.
        patience: seconds that each call waits at most, a prompt included.

    Raises, all methods:
        KeyringMissing, KeyringLocked, KeyringRefused
    """

    def __init__(self, backend: KeyringBackend | None = None, *, patience: float = PATIENCE_SECONDS) -> None:
        self._backend = backend
        self._patience = patience
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def available(self) -> bool:
        """Whether there is a keyring to use, locked or not. Asks the person nothing."""
        try:
            self._ask(lambda: str(self._chosen() is not None))
        except SecretsError:
            return False
        return True

    def get(self, name: str) -> str | None:
        return self._ask(lambda: self._chosen().get_password(SERVICE, name))

    def set(self, name: str, value: str) -> None:
        before: str | None = None

        def work() -> None:
            nonlocal before
            before = self._chosen().get_password(SERVICE, name)
            self._chosen().set_password(SERVICE, name, value)

        def undo() -> None:
            if before is None:
                self._chosen().delete_password(SERVICE, name)
            else:
                self._chosen().set_password(SERVICE, name, before)

        self._ask(work, undo)

    def delete(self, name: str) -> None:
        def work() -> None:
            backend = self._chosen()
            # Backends say "can't be deleted" both where there is nothing and where they refuse.
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)

        # Not undone: what was to go may go later, too.
        self._ask(work)

    def close(self) -> None:
        """Ends the thread, unless it waits in a prompt: then it ends with that, and keeps no one waiting."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._jobs.put(None)
            thread.join(_FAREWELL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, work: Callable[[], str | None], undo: Callable[[], None] | None = None) -> str | None:
        job = _Job(work, undo)
        with self._lock:
            if self._closed:
                raise _missing()
            if self._thread is None:
                # A daemon: a prompt that nobody answers must not keep the program from ending.
                self._thread = threading.Thread(target=self._serve, name="torsend-keyring", daemon=True)
                self._thread.start()
            self._jobs.put(job)
        if not job.done.wait(self._patience) and job.give_up():
            raise _locked()
        if job.error is not None:
            raise _translated(job.error) from job.error
        return job.answer

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.given_up:
                continue
            try:
                job.answer = job.work()
            except Exception as error:  # noqa: BLE001  # a thread's edge; it is raised again where the answer is awaited
                log.info("the keyring failed: %s", type(error).__name__)
                job.error = error
            if not job.finish() and job.undo is not None and job.error is None:
                # A prompt that was answered after all: a password that nobody knows of would stay there for ever.
                try:
                    job.undo()
                except Exception as error:  # noqa: BLE001  # a thread's edge
                    log.warning("what the keyring did too late stays: %s", type(error).__name__)
            del job  # it may hold a password

    def _chosen(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = system_backend(self._patience)
        check_backend(self._backend)
        return self._backend


def system_backend(patience: float = PATIENCE_SECONDS) -> KeyringBackend:
    """The keyring of this system.

    Args:
        patience: seconds that it waits for the answer to a prompt, where it can.

    Raises:
        KeyringMissing
    """
    for module, name in _KNOWN.get(sys.platform, _KNOWN["linux"]):
        try:
            found: type[KeyringBackend] = getattr(importlib.import_module(module), name)
            viable = found.viable
        except ImportError:
            continue
        if viable:
            if (module, name) == _SECRET_SERVICE:
                return _tidy_secret_service(patience)
            backend = found()
            if (module, name) == _WINDOWS:
                # Its own choice is CRED_PERSIST_ENTERPRISE (wincred.h): in a company's network, copied to other computers.
                backend.persist = _CRED_PERSIST_LOCAL_MACHINE  # type: ignore[attr-defined]
            return backend
    raise _missing()


def check_backend(backend: KeyringBackend) -> None:
    """Lets those through that encrypt. Not "fail", not "null", not a plain file, not a chain of who knows what.

    Raises:
        KeyringMissing
    """
    trusted = {known for system in _KNOWN.values() for known in system}
    if not any((base.__module__, base.__name__) in trusted for base in type(backend).__mro__):
        raise _missing()


def _tidy_secret_service(patience: float) -> KeyringBackend:
    """keyring's own backend, but for two things.

    It forgets to hang up where the keyring stays locked or is gone; and it waits for ever for the answer to a prompt,
    even of a keyring that has died meanwhile, so that no later question would ever be answered.
    """
    import secretstorage
    from keyring.backends import SecretService
    from keyring.errors import KeyringLocked as StayedLocked

    class TidySecretService(SecretService.Keyring):
        def get_preferred_collection(self) -> Collection:
            bus = secretstorage.dbus_init()
            try:
                collection = secretstorage.get_default_collection(bus)
                if collection.is_locked():
                    collection.unlock(timeout=patience)
                    if collection.is_locked():
                        raise StayedLocked("the prompt was dismissed")
            except BaseException:
                bus.close()
                raise
            return collection

    return TidySecretService()  # type: ignore[no-untyped-call]


def _translated(error: Exception) -> TorsendError:
    """What an exception of a backend stands for. They have no common base; whatever isn't known is a refusal."""
    if isinstance(error, TorsendError):
        return error
    names = {base.__name__ for base in type(error).__mro__}
    if names & {"KeyringLocked", "LockedException", "TimeoutError"}:
        return _locked()
    if names & {"NoKeyringError", "SecretServiceNotAvailableException", "ConnectionError", "EOFError"}:
        return _missing()
    return KeyringRefused(
        t("The keyring refused."),
        advice=t("Look at it with your system’s password manager, or let the vault keep passwords instead."),
    )


def _missing() -> KeyringMissing:
    return KeyringMissing(
        t("This system has no keyring that Torsend can use."),
        advice=t("Use a passphrase: the vault then keeps the passwords."),
    )


def _locked() -> KeyringLocked:
    return KeyringLocked(t("The keyring is locked."), advice=t("Unlock it or type the password."))
