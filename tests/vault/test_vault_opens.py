"""Making and opening a vault: the right key, the wrong one, a file that is damaged, foreign, missing, too new."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from tests.vault.helpers import note, noted, passphrase
from torsend.errors import ExitStatus
from torsend.vault import (
    EmptyPassphrase,
    KeyKind,
    Passphrase,
    RawKey,
    Vault,
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultTooNew,
    VaultUnwritable,
    WrongKey,
    database,
    identifier_of,
    opened_by,
    opening,
)
from torsend.vault.key import read_ways, ways_file

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.vault import VaultKey
    from torsend.vault.key import Way


def test_what_was_written_is_there_when_it_is_opened_again(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "ünï")
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "ünï"
        assert vault.kind is KeyKind.RAW
        assert vault.identifier == identifier_of(path)
        assert vault.path == path


def test_passphrase_opens_whichever_way_its_accents_were_typed(path: Path) -> None:
    Vault.create(path, passphrase("caf\u00e9")).close()
    assert opened_by(path) == (KeyKind.PASSPHRASE,)
    with Vault.open(path, passphrase("cafe\u0301")) as vault:
        assert vault.kind is KeyKind.PASSPHRASE


def test_passphrase_is_stretched_with_the_parameters_that_were_stored_not_with_todays(path: Path) -> None:
    Vault.create(path, passphrase("correct horse")).close()
    Vault.open(path, Passphrase("correct horse")).close()


def test_default_passphrase_costs_time_and_a_raw_key_does_not(
    path: Path, tmp_path: Path, key: RawKey
) -> None:
    Vault.create(path, key).close()
    # The processor's time: what others take of it is no matter.
    began = time.thread_time()
    for _ in range(20):
        Vault.open(path, key).close()
    assert (time.thread_time() - began) / 20 < 0.05  # half a millisecond
    slow = tmp_path / "slow.db"
    Vault.create(slow, Passphrase("correct horse")).close()
    began = time.process_time()
    Vault.open(slow, Passphrase("correct horse")).close()
    assert time.process_time() - began > 0.05


def test_a_passphrase_is_stretched_once_for_a_new_vault_and_once_for_a_new_key(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretched: list[bytes] = []
    stretch = Passphrase.stretch

    def counts(self: Passphrase, way: Way) -> bytes:
        stretched.append(way.salt)
        return stretch(self, way)

    monkeypatch.setattr(Passphrase, "stretch", counts)
    with Vault.create(path, passphrase("correct horse")) as vault:
        assert len(stretched) == 1
        vault.rekey(passphrase("battery staple"))
        assert len(stretched) == 2
    Vault.open(path, passphrase("battery staple")).close()
    assert len(stretched) == 3


def test_vault_that_another_program_made_in_that_moment_is_opened_as_that_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_file = opening.create_file

    def beaten(path: Path, key: VaultKey, salt: bytes) -> tuple[Way, bytes]:
        create_file(path, key, bytes(range(16)))
        return key.new_way(salt)

    monkeypatch.setattr(opening, "create_file", beaten)
    with Vault.create(path, passphrase("correct horse")) as vault:
        assert vault.identifier == bytes(range(16)).hex()


def test_empty_passphrase_is_refused_in_words() -> None:
    with pytest.raises(EmptyPassphrase, match="empty") as refusal:
        Passphrase("")
    assert refusal.value.status is ExitStatus.USAGE


def test_keys_do_not_show_themselves() -> None:
    key = RawKey.random()
    assert key.to_text() not in repr(key)
    assert repr(key.key) not in repr(key)
    assert "correct horse" not in repr(Passphrase("correct horse"))
    assert RawKey.from_text(key.to_text()) == key
    with pytest.raises(ValueError, match="32"):
        RawKey(b"short")


@pytest.mark.parametrize("wrong", [RawKey(bytes(32)), passphrase("wrong")])
def test_wrong_key_opens_nothing_and_changes_nothing(tmp_path: Path, wrong: RawKey | Passphrase) -> None:
    for right in (RawKey.random(), passphrase("right")):
        path = tmp_path / f"{right.kind}.db"
        Vault.create(path, right).close()
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        with pytest.raises(WrongKey) as failure:
            Vault.open(path, wrong)
        assert failure.value.what
        assert failure.value.status is ExitStatus.STORAGE
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_vault_that_is_not_there_is_not_made_by_opening(path: Path, key: RawKey) -> None:
    with pytest.raises(VaultMissing):
        Vault.open(path, key)
    with pytest.raises(VaultMissing):
        opened_by(path)
    assert not list(path.parent.iterdir())


def test_vault_that_is_there_is_not_overwritten(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b")
    with pytest.raises(VaultExists):
        Vault.create(path, RawKey.random())
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "b"


def test_lost_parameter_file_is_replaced_by_todays_parameters(path: Path) -> None:
    Vault.create(path, Passphrase("correct horse")).close()
    ways_file(path).unlink()
    assert opened_by(path) == (KeyKind.RAW, KeyKind.PASSPHRASE)
    with pytest.raises(WrongKey):
        Vault.open(path, RawKey.random())
    Vault.open(path, Passphrase("correct horse")).close()
    assert opened_by(path) == (KeyKind.PASSPHRASE,)


def test_foreign_database_under_the_same_key_is_not_taken_for_a_vault(path: Path, key: RawKey) -> None:
    foreign = database.connect(path, key.key)
    foreign.execute("CREATE TABLE a (b)")
    foreign.close()
    with pytest.raises(VaultDamaged):
        Vault.open(path, key)


def test_unencrypted_database_is_not_opened(path: Path, key: RawKey) -> None:
    plain = dbapi2.connect(str(path))
    plain.execute("CREATE TABLE a (b)")
    plain.close()
    with pytest.raises(WrongKey):
        Vault.open(path, key)


def test_sqlite_without_cipher_is_refused_before_anything_is_written(
    path: Path, key: RawKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr(database, "dbapi2", sqlite3)
    with pytest.raises(VaultUnwritable, match="encrypt"):
        Vault.create(path, key)
    assert not path.exists()


def test_vault_of_a_later_version_is_left_alone(path: Path, key: RawKey) -> None:
    Vault.create(path, key).close()
    later = database.connect(path, key.key)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(VaultTooNew):
        Vault.open(path, key)


def test_folder_in_the_place_of_the_vault_is_an_error_in_words(path: Path, key: RawKey) -> None:
    path.mkdir()
    with pytest.raises(VaultUnwritable):
        Vault.open(path, key)


def test_files_are_closed_to_others_also_where_a_copy_had_opened_them(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "b")
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    path.chmod(0o644)
    Vault.open(path, key).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found_and_told_from_a_wrong_key(tmp_path: Path, data: st.DataObject) -> None:
    original, key = _small_vault(tmp_path)
    at = data.draw(st.integers(0, len(original) - 1))
    damaged = bytearray(original)
    damaged[at] ^= data.draw(st.integers(1, 255))
    _expect_damage(tmp_path / "vault.db", bytes(damaged), key)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_vault_cut_off_anywhere_is_damaged(tmp_path: Path, data: st.DataObject) -> None:
    original, key = _small_vault(tmp_path)
    pages = len(original) // 4096
    end = data.draw(
        st.one_of(st.integers(0, len(original) - 1), st.integers(0, pages - 1).map(lambda n: n * 4096))
    )
    _expect_damage(tmp_path / "vault.db", original[:end], key)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_in_the_parameter_file_keep_no_one_out(tmp_path: Path, junk: bytes) -> None:
    _original, key = _small_vault(tmp_path)
    path = tmp_path / "vault.db"
    ways_file(path).write_bytes(junk)
    with Vault.open(path, key) as vault:
        assert noted(vault, "a") == "b"
    assert opened_by(path) == (KeyKind.RAW,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory_kib", 2**40),
        ("iterations", 10**9),
        ("lanes", 0),
        ("lanes", True),
        ("kdf", "md5"),
        ("salt", "00"),
    ],
)
def test_parameters_that_would_take_all_memory_are_not_believed(path: Path, name: str, value: object) -> None:
    Vault.create(path, passphrase("correct horse")).close()
    file = ways_file(path)
    assert len(read_ways(path)) == 1
    ways = json.loads(file.read_text())
    ways["ways"][0][name] = value
    file.write_text(json.dumps(ways))
    assert read_ways(path) == ()


def _small_vault(folder: Path) -> tuple[bytes, RawKey]:
    """The same small vault again and again, without making it anew."""
    kept, path, key = folder / "original", folder / "vault.db", RawKey(b"k" * 32)
    if not kept.exists():
        with Vault.create(path, key) as vault:
            note(vault, "a", "b")
            note(vault, "long", "x" * 20_000)
        kept.write_bytes(path.read_bytes())
        (folder / "original.kdf").write_bytes(ways_file(path).read_bytes())
    path.write_bytes(kept.read_bytes())
    ways_file(path).write_bytes((folder / "original.kdf").read_bytes())
    return kept.read_bytes(), key


def _expect_damage(path: Path, data: bytes, key: RawKey) -> None:
    path.write_bytes(data)
    with pytest.raises(VaultDamaged), Vault.open(path, key) as vault:
        vault.check()
    assert path.read_bytes() == data
