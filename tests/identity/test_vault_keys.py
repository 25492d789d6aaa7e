"""A vault whose key lies in a keyring: with a real one, and with one that fails at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.identity.fakes import MemoryStore
from tests.vault.helpers import note, noted, passphrase
from torsend.identity.secrets import KeyringLocked, KeyringRefused, KeyringStore, VaultStore, vault_key_name
from torsend.identity.vault_keys import (
    KeyNotInKeyring,
    carry_over,
    create_vault,
    open_vault,
    to_keyring,
    to_passphrase,
)
from torsend.vault import (
    DiskFull,
    KeyKind,
    RawKey,
    Vault,
    WrongKey,
    errors,
    identifier_of,
    opened_by,
    opening,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.identity.secret_service import Desktop


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


def test_vault_opens_with_the_key_in_the_real_keyring(path: Path, desktop: Desktop) -> None:
    with KeyringStore() as keyring:
        with create_vault(path, keyring) as vault:
            note(vault, "a", "b")
        with open_vault(path, keyring) as vault:
            assert noted(vault, "a") == "b"
        desktop.lock()
        with pytest.raises(KeyringLocked):
            open_vault(path, keyring)


def test_vault_moves_to_a_passphrase_and_back_and_old_keys_go(path: Path) -> None:
    keyring = MemoryStore()
    with create_vault(path, keyring) as vault:
        note(vault, "a", "b")
        to_passphrase(vault, passphrase("correct horse"), keyring)
        assert keyring.kept == {}
    assert opened_by(path) == (KeyKind.PASSPHRASE,)
    with pytest.raises(KeyNotInKeyring):
        open_vault(path, keyring)
    with Vault.open(path, passphrase("correct horse")) as vault:
        to_keyring(vault, keyring)
    assert list(keyring.kept) == [vault_key_name(identifier_of(path))]
    with pytest.raises(WrongKey):
        Vault.open(path, passphrase("correct horse"))
    with open_vault(path, keyring) as vault:
        assert noted(vault, "a") == "b"
        to_keyring(vault, keyring)  # a new key for the old one
    assert len(keyring.kept) == 1
    open_vault(path, keyring).close()


def test_keyring_that_refuses_leaves_no_vault(path: Path) -> None:
    keyring = MemoryStore()
    keyring.failure = KeyringRefused("no")
    with pytest.raises(KeyringRefused):
        create_vault(path, keyring)
    assert not list(path.parent.iterdir())


class Forgetful(MemoryStore):
    """Says yes and keeps nothing."""

    def set(self, name: str, value: str) -> None:
        """Forgets it at once."""


def test_keyring_that_forgets_at_once_is_found_out_before_there_is_a_vault(path: Path) -> None:
    with pytest.raises(KeyringRefused, match="did not keep"):
        create_vault(path, Forgetful())
    assert not path.exists()
    Vault.create(path, passphrase("old")).close()
    with Vault.open(path, passphrase("old")) as vault, pytest.raises(KeyringRefused):
        to_keyring(vault, Forgetful())
    Vault.open(path, passphrase("old")).close()


def test_full_disk_leaves_no_key_without_a_vault(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = MemoryStore()

    def fail(*_: object) -> None:
        raise errors.disk_full()

    with monkeypatch.context() as patch:
        patch.setattr(opening, "swap", fail)
        with pytest.raises(DiskFull):
            create_vault(path, keyring)
    assert keyring.kept == {}
    with create_vault(path, keyring) as vault:
        before = dict(keyring.kept)
        with monkeypatch.context() as patch:
            patch.setattr(opening, "swap", fail)
            with pytest.raises(DiskFull):
                to_keyring(vault, keyring)
        assert keyring.kept == before
    open_vault(path, keyring).close()


def test_keyring_that_is_gone_when_an_old_key_is_to_be_removed_does_no_harm(path: Path) -> None:
    keyring = MemoryStore()
    with create_vault(path, keyring) as vault:
        keyring.failure = KeyringLocked("locked")
        to_passphrase(vault, passphrase("new"), keyring)
    Vault.open(path, passphrase("new")).close()


def test_key_that_is_no_key_is_said_in_words(path: Path) -> None:
    keyring = MemoryStore()
    create_vault(path, keyring).close()
    keyring.kept = dict.fromkeys(keyring.kept, "nonsense")
    with pytest.raises(KeyNotInKeyring, match="doesn’t have the key"):
        open_vault(path, keyring)
    keyring.kept = dict.fromkeys(keyring.kept, RawKey.random().to_text())
    with pytest.raises(WrongKey, match="keyring doesn’t open this vault"):
        open_vault(path, keyring)


def test_passwords_move_all_or_none(vault: Vault) -> None:
    source, target = MemoryStore(), VaultStore(vault)
    source.kept = {"a": "1", "b": "2", "other": "3"}
    carry_over(["a", "b", "missing"], source, target)
    assert source.kept == {"other": "3"}
    assert (target.get("a"), target.get("b"), target.get("missing")) == ("1", "2", None)
    full = MemoryStore()
    full.failure = KeyringLocked("locked")
    with pytest.raises(KeyringLocked):
        carry_over(["a", "b"], target, full)
    assert (target.get("a"), target.get("b")) == ("1", "2")
