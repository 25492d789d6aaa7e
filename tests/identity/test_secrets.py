"""Keeping secrets: one contract for the real keyring, the vault and the fake; then all that a keyring can do to us."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, chainer, fail, null
from keyring.errors import PasswordSetError

from tests.identity.fakes import MemoryStore
from tests.identity.secret_service import PROMPTER, SECRETS, Desktop, refuse, stay_silent
from torsend.errors import ExitStatus, LeakRefused
from torsend.identity.secrets import (
    KeyringLocked,
    KeyringMissing,
    KeyringRefused,
    KeyringStore,
    SecretStore,
    VaultStore,
    password_name,
    vault_key_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torsend.vault import Vault

T = TypeVar("T")
ODD = ["pässwörd \N{SNOWMAN}", " spaces ", "line\nbreak", "'\"\\%", "x" * 1000]


@pytest.fixture(params=["keyring", "vault", "fake"])
def store(request: pytest.FixtureRequest, vault: Vault) -> Iterator[SecretStore]:
    match request.param:
        case "keyring":
            request.getfixturevalue("desktop")
            with KeyringStore() as keyring:
                yield keyring
        case "vault":
            yield VaultStore(vault)
        case _:
            yield MemoryStore()


def test_what_is_not_kept_is_none(store: SecretStore) -> None:
    assert store.get("nothing") is None


@pytest.mark.parametrize("secret", ODD)
def test_secret_comes_back_as_it_was(store: SecretStore, secret: str) -> None:
    store.set("a", secret)
    assert store.get("a") == secret


def test_secrets_do_not_mix(store: SecretStore) -> None:
    store.set("a", "1")
    store.set("b", "2")
    store.set("a", "3")
    assert (store.get("a"), store.get("b")) == ("3", "2")
    store.delete("a")
    assert (store.get("a"), store.get("b")) == (None, "2")


def test_deleting_what_is_not_there_does_nothing(store: SecretStore) -> None:
    store.delete("nothing")
    store.set("a", "1")
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def test_many_threads_use_one_store(store: SecretStore) -> None:
    def work(number: int) -> str | None:
        store.set(f"n{number}", str(number))
        return store.get(f"n{number}")

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(12))) == [str(number) for number in range(12)]


def test_names_hold_nothing_of_the_person() -> None:
    assert password_name("ab12") == "identity:ab12"
    assert vault_key_name("cd34") == "vault-key:cd34"


def test_keyring_keeps_a_secret_over_its_own_restart(desktop: Desktop) -> None:
    with KeyringStore() as store:
        store.set("a", "kept")
        desktop.kill_keyring()
        with pytest.raises(KeyringMissing):
            store.get("a")
        desktop.start_keyring()
        assert store.get("a") == "kept"


def test_locked_keyring_that_is_not_unlocked_is_said_in_words(desktop: Desktop) -> None:
    with KeyringStore() as store:
        store.set("a", "kept")
        desktop.lock()
        questions: tuple[Callable[[], object], ...] = (
            lambda: store.get("a"),
            lambda: store.set("a", "b"),
            lambda: store.delete("a"),
        )
        for ask in questions:
            with pytest.raises(KeyringLocked, match="The keyring is locked") as failure:
                ask()
            assert failure.value.advice == "Unlock it or type the password."
            assert failure.value.status is ExitStatus.STORAGE
        assert store.available()


def test_prompt_that_nobody_answers_does_not_keep_the_caller(desktop: Desktop) -> None:
    prompter = desktop.serve(PROMPTER, stay_silent)
    with KeyringStore(patience=0.5) as store:
        store.set("a", "kept")
        desktop.lock()
        with pytest.raises(KeyringLocked):
            store.get("a")
        assert prompter.called.wait(10)
        # The keyring dies with its prompt open: later questions are answered all the same.
        desktop.kill_keyring()
        desktop.start_keyring()
        assert _patiently(lambda: store.get("a")) == "kept"
    assert not _keyring_threads()


def _patiently(ask: Callable[[], T]) -> T:
    """Asks again while the store is still busy with the question that was given up."""
    until = time.monotonic() + 20
    while True:
        try:
            return ask()
        except KeyringLocked:
            assert time.monotonic() < until


def _keyring_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "torsend-keyring"]


def test_refusing_keyring_is_told_from_a_missing_one(bus: Desktop) -> None:
    bus.serve(SECRETS, refuse)
    with KeyringStore() as store, pytest.raises(KeyringRefused, match="refused"):
        store.get("a")


def test_bus_without_a_keyring_is_a_missing_keyring(bus: Desktop) -> None:
    with KeyringStore() as store:
        assert not store.available()
        with pytest.raises(KeyringMissing, match="no keyring") as failure:
            store.set("a", "b")
        assert "passphrase" in failure.value.advice
        bus.start_keyring()  # it may still come
        store.set("a", "b")
        assert store.get("a") == "b"


def test_bus_that_dies_is_a_missing_keyring(desktop: Desktop) -> None:
    with KeyringStore() as store:
        store.set("a", "b")
        desktop.kill_bus()
        with pytest.raises(KeyringMissing):
            store.get("a")


@pytest.mark.parametrize("address", [None, "", "unix:path=/nowhere/at/all", "nonsense"])
def test_no_bus_is_a_missing_keyring(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, address: str | None
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if address is None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with KeyringStore() as store, pytest.raises(KeyringMissing):
        store.get("a")


class PlainFile(KeyringBackend):
    """As keyrings.alt has them: works, and encrypts nothing."""

    priority = 10

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("asked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("asked")


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, chainer.ChainerBackend, PlainFile])
def test_backend_that_does_not_encrypt_is_never_asked(backend: type[KeyringBackend]) -> None:
    made: Callable[[], KeyringBackend] = backend
    with KeyringStore(made()) as store:
        assert not store.available()
        with pytest.raises(KeyringMissing):
            store.set("a", "secret")


def test_neither_plug_in_nor_configuration_chooses_the_keyring(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with KeyringStore() as store:
        store.set("a", "b")
        assert store.get("a") == "b"


class Stubborn(SecretService.Keyring):
    """A trusted kind whose calls fail as they are told."""

    failure: Exception = PasswordSetError("no")

    def get_password(self, service: str, username: str) -> str | None:
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "ours"),
    [
        (PasswordSetError("no"), KeyringRefused),
        (OSError("odd"), KeyringRefused),
        (ConnectionResetError(), KeyringMissing),
        (LeakRefused("past Tor"), LeakRefused),
    ],
)
def test_every_failure_of_a_backend_has_its_words(failure: Exception, ours: type[Exception]) -> None:
    backend = Stubborn()  # type: ignore[no-untyped-call]
    backend.failure = failure
    with KeyringStore(backend) as store, pytest.raises(ours) as seen:
        store.get("a")
    assert str(seen.value)


class Slow(SecretService.Keyring):
    """A trusted kind that keeps nothing before it is let go on: somebody answers its prompt at last."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[str, str] = {}
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait()
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.mark.parametrize("before", [{}, {"a": "older"}])
def test_what_was_said_not_to_be_kept_is_not_though_the_prompt_is_answered_later(
    before: dict[str, str],
) -> None:
    backend = Slow()
    backend.kept = dict(before)
    with KeyringStore(backend, patience=0.05) as store:
        with pytest.raises(KeyringLocked):
            store.set("a", "newer")
        backend.answered.set()
        assert _patiently(lambda: store.get("a")) == before.get("a")

        def keep() -> None:
            store.set("a", "newest")

        _patiently(keep)
        assert _patiently(lambda: store.get("a")) == "newest"


def test_closed_store_answers_no_more_and_leaves_no_thread() -> None:
    store = KeyringStore(fail.Keyring())  # type: ignore[no-untyped-call]
    assert not store.available()
    store.close()
    with pytest.raises(KeyringMissing):
        store.get("a")
    assert not _keyring_threads()


def test_room_is_entered_without_loading_keyring() -> None:
    code = "import sys, torsend.identity.secrets; print('keyring' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


BEHIND_THE_GUARD = """
from torsend.tor import guard
guard.install()
from torsend.identity.secrets import KeyringStore
with KeyringStore() as store:
    store.set("a", "b")
    print(store.get("a"))
"""


def test_guard_lets_the_keyring_through(desktop: Desktop) -> None:
    answer = subprocess.check_output([sys.executable, "-c", BEHIND_THE_GUARD], text=True, timeout=60)
    assert answer == "b\n"


def test_every_backend_of_the_list_exists_under_its_name() -> None:
    from torsend.identity.secrets import _KNOWN

    for module, name in {known for system in _KNOWN.values() for known in system}:
        if module not in ("keyring.backends.macOS", "keyring.backends.Windows"):
            assert issubclass(getattr(importlib.import_module(module), name), KeyringBackend)
