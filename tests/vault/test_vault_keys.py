"""Changing what opens a vault, and the steps that lead an old one to today's tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.vault.helpers import note, noted, passphrase
from torsend.vault import (
    DiskFull,
    KeyKind,
    RawKey,
    Vault,
    VaultDamaged,
    VaultLocked,
    WrongKey,
    errors,
    files,
    identifier_of,
    new_identifier,
    opened_by,
    opening,
    schema,
    store,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_vault_moves_from_key_to_passphrase_and_back(path: Path, key: RawKey) -> None:
    again = RawKey.random()
    name = new_identifier()
    with Vault.create(path, key) as vault:
        first = vault.identifier
        note(vault, "a", "b")
        vault.rekey(passphrase("new"))
        assert (vault.kind, noted(vault, "a")) == (KeyKind.PASSPHRASE, "b")
        assert vault.identifier == identifier_of(path) != first
        note(vault, "a", "c")
    with pytest.raises(WrongKey):
        Vault.open(path, key)
    with Vault.open(path, passphrase("new")) as vault:
        vault.rekey(again, identifier=name)
        assert noted(vault, "a") == "c"
    assert identifier_of(path) == name
    assert opened_by(path) == (KeyKind.RAW,)
    with pytest.raises(WrongKey):
        Vault.open(path, passphrase("new"))
    with Vault.open(path, again) as vault:
        vault.check()
        assert noted(vault, "a") == "c"
        with vault.reading() as db:
            assert [row[0] for row in db.rows("PRAGMA auto_vacuum")] == [2]


def test_old_key_opens_neither_the_old_bytes_nor_a_backup(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b" * 20_000)
        vault.checkpoint()
        with path.open("rb") as old:
            files.copy_private(path, files.backup_file(path, 1))
            vault.rekey(RawKey.random())
            assert not old.read().strip(b"\0")
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".kdf"}


def test_positions_of_the_outbox_go_on_after_a_change_of_key(vault: Vault) -> None:
    add = (
        "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size)"
        " VALUES (?, 'i', 0, 'queued', 'queued', 'a', 'm', 's', 1)"
    )
    with vault.writing() as db:
        db.execute(add, ("one",))
        db.execute("DELETE FROM outbox")
    vault.rekey(RawKey.random())
    with vault.writing() as db:
        db.execute(add, ("two",))
        assert [row[0] for row in db.rows("SELECT position FROM outbox")] == [2]


@pytest.mark.parametrize("step", ["export", "announce", "swap"])
def test_change_of_key_that_fails_leaves_the_old_key_in_force(
    path: Path, key: RawKey, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b")

        def fail(*_: object) -> None:
            raise errors.disk_full()

        with monkeypatch.context() as patch:
            patch.setattr(opening, step, fail)
            with pytest.raises(DiskFull):
                vault.rekey(passphrase("new"))
        assert noted(vault, "a") == "b"
        note(vault, "a", "c")
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "c"
        vault.rekey(passphrase("new"))
        assert noted(vault, "a") == "c"
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".kdf"}


def test_key_does_not_change_under_a_reader(
    vault: Vault, key: RawKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    note(vault, "a", "b")
    with ThreadPoolExecutor(1) as other, vault.reading() as db:
        changing = other.submit(vault.rekey, RawKey.random())
        with pytest.raises(VaultLocked):
            changing.result(10)
        assert db.row("SELECT value FROM meta") is not None
    assert vault.path is not None
    vault.close()
    Vault.open(vault.path, key).close()


def test_readers_of_many_threads_live_through_a_change_of_key(vault: Vault) -> None:
    note(vault, "a", "b")
    with ThreadPoolExecutor(3) as others:
        readers = [others.submit(lambda: [noted(vault, "a") for _ in range(100)]) for _ in range(3)]
        for _ in range(3):
            vault.rekey(RawKey.random())
        for reader in readers:
            assert set(reader.result(30)) == {"b"}


def test_damaged_vault_is_not_written_anew_under_another_key(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault, vault.writing() as db:
        db.executemany("INSERT INTO meta VALUES (?, ?)", ((f"n{n}", "x" * 3000) for n in range(300)))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with Vault.open(path, key) as vault, pytest.raises(VaultDamaged):
        vault.rekey(RawKey.random())
    assert path.read_bytes() == bytes(data)
    Vault.open(path, key).close()


def test_older_vault_is_brought_up_to_date_and_kept_beside(
    path: Path, key: RawKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b")
    more = (("CREATE TABLE later (x TEXT) STRICT",), ("ALTER TABLE meta ADD COLUMN more TEXT",))
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, *more))
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "b"
        with vault.reading() as db:
            assert db.rows("SELECT x FROM later") == []
    released = len(schema.STEPS) - len(more)
    backup = files.backup_file(path, released)
    assert backup.name == f"vault.db.before-{released + 1}"
    monkeypatch.undo()
    backup.replace(path)
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "b"


def test_step_that_fails_leaves_the_older_vault_as_it_was(
    path: Path, key: RawKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b")
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE later (x TEXT)", "NONSENSE")))
    with pytest.raises(Exception, match="syntax error"):
        Vault.open(path, key)
    monkeypatch.undo()
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "b"
        with vault.reading() as db:
            assert db.rows("SELECT name FROM sqlite_master WHERE name = 'later'") == []


def test_right_key_with_the_salt_damaged_is_damage(path: Path) -> None:
    Vault.create(path, passphrase("right")).close()
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    with pytest.raises(VaultDamaged):
        Vault.open(path, passphrase("right"))
