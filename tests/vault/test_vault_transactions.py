"""Reading and writing: all or nothing, from many threads, on disk as in memory."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlcipher3 import dbapi2

from tests.vault.helpers import child, note, noted
from tests.vault.scenarios import KEY
from torsend.vault import RawKey, Vault, VaultClosed, VaultDamaged, VaultLocked, VaultMissing, database, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["on disk", "in memory"])
def any_vault(request: pytest.FixtureRequest, path: Path) -> Iterator[Vault]:
    with Vault.in_memory() if request.param == "in memory" else Vault.create(path, RawKey.random()) as vault:
        yield vault


def test_block_that_raises_leaves_nothing(any_vault: Vault) -> None:
    note(any_vault, "a", "before")
    with contextlib.suppress(ZeroDivisionError), any_vault.writing() as db:
        db.execute("UPDATE meta SET value = 'after'")
        raise ZeroDivisionError
    assert noted(any_vault, "a") == "before"
    note(any_vault, "a", "again")
    assert noted(any_vault, "a") == "again"


def test_mistake_of_the_caller_is_not_called_a_damaged_vault(any_vault: Vault) -> None:
    with pytest.raises(dbapi2.OperationalError, match="no such table"), any_vault.writing() as db:
        db.execute("SELECT * FROM nowhere")
    note(any_vault, "a", "b")
    with pytest.raises(dbapi2.IntegrityError), any_vault.writing() as db:
        db.execute("INSERT INTO meta VALUES ('a', 'c')")
    assert noted(any_vault, "a") == "b"


def test_inner_block_that_raises_undoes_only_itself(any_vault: Vault) -> None:
    with any_vault.writing() as outer:
        outer.execute("INSERT INTO meta VALUES ('outer', '1')")
        with contextlib.suppress(ZeroDivisionError), any_vault.writing() as inner:
            inner.execute("INSERT INTO meta VALUES ('inner', '1')")
            raise ZeroDivisionError
        with any_vault.writing() as inner:
            inner.execute("INSERT INTO meta VALUES ('second', '1')")
    assert [noted(any_vault, name) for name in ("outer", "inner", "second")] == ["1", None, "1"]


def test_reading_inside_writing_sees_what_was_written(any_vault: Vault) -> None:
    with any_vault.writing() as db:
        db.execute("INSERT INTO meta VALUES ('a', '1')")
        assert noted(any_vault, "a") == "1"
        assert noted(any_vault, "b") is None


def test_writing_inside_reading_works(any_vault: Vault) -> None:
    note(any_vault, "a", "1")
    with any_vault.reading() as db:
        assert db.row("SELECT value FROM meta") is not None
        note(any_vault, "b", "2")
        assert db.row("SELECT value FROM meta WHERE name = 'a'") is not None
    assert noted(any_vault, "b") == "2"


def test_database_is_of_no_use_after_its_block(any_vault: Vault) -> None:
    with any_vault.writing() as db:
        pass
    with pytest.raises(RuntimeError, match="block"):
        db.execute("SELECT 1")


def test_reader_keeps_its_view_while_another_thread_writes(vault: Vault) -> None:
    note(vault, "a", "old")
    with ThreadPoolExecutor(1) as other, vault.reading() as db:
        first = db.row("SELECT value FROM meta")
        other.submit(note, vault, "a", "new").result(10)
        second = db.row("SELECT value FROM meta")
    assert first is not None
    assert second is not None
    assert (first["value"], second["value"]) == ("old", "old")
    assert noted(vault, "a") == "new"


def test_many_threads_count_without_losing_one(any_vault: Vault) -> None:
    note(any_vault, "count", "0")
    note(any_vault, "copy", "0")
    start = threading.Barrier(6)

    def count() -> None:
        start.wait(10)
        for _ in range(50):
            with any_vault.writing() as db:
                row = db.row("SELECT value FROM meta WHERE name = 'count'")
                assert row is not None
                for name in ("count", "copy"):
                    db.execute("UPDATE meta SET value = ? WHERE name = ?", (str(int(row[0]) + 1), name))

    def look() -> None:
        start.wait(10)
        for _ in range(100):
            with any_vault.reading() as db:
                assert len({row[0] for row in db.rows("SELECT value FROM meta")}) == 1

    with ThreadPoolExecutor(6) as threads:
        for work in [threads.submit(what) for what in (count, look, count, look, count, look)]:
            work.result(60)
    assert noted(any_vault, "count") == "150"


def test_recipients_and_bytes_go_with_their_entry(any_vault: Vault) -> None:
    with any_vault.writing() as db:
        db.execute(
            "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size)"
            " VALUES ('e', 'i', 0, 'queued', 'queued', 'a', 'm', 's', 1)"
        )
        db.execute(
            "INSERT INTO outbox_recipient (entry_id, ordinal, address, state) VALUES ('e', 0, 'b', 'q')"
        )
        db.execute("INSERT INTO outbox_chunk VALUES ('e', 0, ?)", (b"\0\xff",))
    with any_vault.reading() as db:
        row = db.row("SELECT bytes FROM outbox_chunk")
        assert row is not None
        assert row["bytes"] == b"\0\xff"
    with any_vault.writing() as db:
        db.execute("DELETE FROM outbox")
        assert db.rows("SELECT * FROM outbox_recipient") == []
        assert db.rows("SELECT * FROM outbox_chunk") == []


def test_position_of_a_removed_entry_is_never_given_again(any_vault: Vault) -> None:
    add = (
        "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size)"
        " VALUES (?, 'i', 0, 'queued', 'queued', 'a', 'm', 's', 1)"
    )
    with any_vault.writing() as db:
        db.execute(add, ("one",))
        db.execute("DELETE FROM outbox")
        db.execute(add, ("two",))
        row = db.row("SELECT position FROM outbox")
    assert row is not None
    assert row[0] == 2


def test_closed_vault_says_so(any_vault: Vault) -> None:
    any_vault.close()
    any_vault.close()
    with pytest.raises(VaultClosed), any_vault.reading():
        pass
    with pytest.raises(VaultClosed), any_vault.writing():
        pass


def test_closing_waits_for_a_reader(vault: Vault) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def read() -> str | None:
        with vault.reading():
            inside.set()
            assert go_on.wait(10)
            return noted(vault, "a")

    note(vault, "a", "b")
    with ThreadPoolExecutor(2) as threads:
        reader = threads.submit(read)
        assert inside.wait(10)
        closing = threads.submit(vault.close)
        assert not closing.done()
        go_on.set()
        assert reader.result(10) == "b"
        closing.result(10)


def test_vault_that_another_process_holds_is_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    Vault.create(path, KEY).close()
    with child("hold", str(path.parent)) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "holding\n"
        with Vault.open(path, KEY) as vault:
            with pytest.raises(VaultLocked) as failure:
                note(vault, "a", "b")
            assert "Nothing was saved" in failure.value.what
            assert noted(vault, "a") is None
            holder.stdin.close()
            assert holder.wait(20) == 0
            note(vault, "a", "b")
            assert noted(vault, "a") == "b"


def test_thread_that_never_ends_its_block_is_not_waited_for_for_ever(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with vault.writing():
            inside.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(hold)
        assert inside.wait(10)
        try:
            with pytest.raises(VaultLocked):
                note(vault, "a", "b")
            with pytest.raises(VaultLocked):
                vault.close()
        finally:
            go_on.set()
        holding.result(10)
    note(vault, "a", "b")


def test_page_that_goes_bad_while_the_vault_is_open_is_damage_and_nothing_else(
    path: Path, key: RawKey
) -> None:
    with Vault.create(path, key) as vault, vault.writing() as db:
        db.executemany("INSERT INTO meta VALUES (?, ?)", ((f"n{n}", "x" * 3000) for n in range(500)))
    pages = path.stat().st_size // 4096
    data = bytearray(path.read_bytes())
    for page in range(pages // 2, pages):
        data[page * 4096 + 100] ^= 1
    path.write_bytes(data)
    with Vault.open(path, key) as vault:
        for _ in range(2):
            with pytest.raises(VaultDamaged), vault.reading() as db:
                db.rows("SELECT value FROM meta")
            with pytest.raises(VaultDamaged), vault.writing() as db:
                db.execute("UPDATE meta SET value = 'y'")
    assert path.read_bytes() == bytes(data)


def test_vault_removed_under_our_feet_is_not_made_anew(vault: Vault, path: Path) -> None:
    note(vault, "a", "b")
    path.unlink()
    with pytest.raises(VaultMissing):
        noted(vault, "a")  # a reader: a new connection
    assert not path.exists()
