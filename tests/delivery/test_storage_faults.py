"""Disk full, vault locked, folder read-only, at any write: an error in words, nothing lost, nothing sent twice."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import large_body, message
from tests.vault.helpers import ordinary_folder, ordinary_user
from torsend.delivery import dispatcher as dispatching
from torsend.delivery.outbox import Changed, Outbox
from torsend.delivery.reasons import Reason
from torsend.delivery.states import WAITING, State
from torsend.errors import VaultError
from torsend.vault import Database, DiskFull, RawKey, Vault, VaultLocked, VaultUnwritable, errors
from torsend.vault import database as vault_database

KEY = RawKey(bytes(32))
FAILURES: dict[str, Callable[[], VaultError]] = {
    "disk full": errors.disk_full,
    "locked": errors.locked,
    "read-only": errors.unwritable,
}


class FaultyVault:
    """Lets writes of a vault fail, counted from when it is told to."""

    def __init__(self, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.failing = range(0)
        self.failure: Callable[[], VaultError] = errors.disk_full
        self._writing = vault.writing
        monkeypatch.setattr(vault, "writing", self._write)

    def fails(self, failing: range, failure: Callable[[], VaultError] = errors.disk_full) -> None:
        self.writes, self.failing, self.failure = 0, failing, failure

    @contextlib.contextmanager
    def _write(self) -> Iterator[Database]:
        self.writes += 1
        with self._writing() as db:
            yield db
            if self.writes in self.failing:
                # At the commit: what the block did is taken back.
                raise self.failure()


@pytest.fixture
def faulty(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> FaultyVault:
    return FaultyVault(vault, monkeypatch)


WRITES_OF_A_SEND = 12
"""More than there are: the last ones hit nothing."""


@pytest.mark.parametrize("failure", list(FAILURES.values()), ids=list(FAILURES))
@pytest.mark.parametrize("length", [1, 2, 99])
@pytest.mark.parametrize("first", range(1, WRITES_OF_A_SEND))
def test_vault_that_fails_at_any_write_of_a_send_loses_nothing_and_doubles_nothing(
    office: PostOffice,
    vault: Vault,
    faulty: FaultyVault,
    first: int,
    length: int,
    failure: Callable[[], VaultError],
) -> None:
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    faulty.fails(range(first, first + length), failure)
    dispatcher = office.dispatcher()
    with contextlib.suppress(VaultError):
        dispatcher.run_once()
    dispatcher.stop()
    assert failure().what
    assert failure().advice
    faulty.fails(range(0))
    # The program is started anew.
    office.outbox = Outbox(vault)
    again = office.dispatcher()
    office.outbox.recover()
    again.run_once([each.id for each in office.outbox.list() if each.state in WAITING])
    after = office.outbox.get(entry.id)
    assert len(office.server.mails) <= 1
    if after.state is State.ACCEPTED:
        assert len(office.server.mails) == 1
        assert list(office.outbox.chunks(entry.id)) in ([], list(message().chunks()))
    else:
        assert after.state is State.UNKNOWN


@pytest.mark.parametrize("size", [100, 3_000_000])
@pytest.mark.parametrize("first", [1, 2, 3])
def test_vault_that_fails_while_a_message_is_queued_says_so_and_holds_no_half(
    outbox: Outbox, faulty: FaultyVault, size: int, first: int
) -> None:
    faulty.fails(range(first, 99))
    with contextlib.suppress(DiskFull):
        outbox.queue(message(large_body(size), pieces=50_000), "wren")
        assert size == 100
        assert first > 1
    faulty.fails(range(0))
    outbox.recover()
    for entry in outbox.list():
        assert b"".join(outbox.chunks(entry.id)) == large_body(size)


class Troubles:
    """What a dispatcher says the vault did to it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.told: list[VaultError] = []

    def __call__(self, trouble: VaultError) -> None:
        with self._changed:
            self.told.append(trouble)
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.told, 20)


def _accepted(outbox: Outbox, ids: list[str]) -> threading.Event:
    done = threading.Event()

    def look(_: Changed) -> None:
        if all(outbox.get(entry_id).state is State.ACCEPTED for entry_id in ids):
            done.set()

    outbox.subscribe(look)
    return done


def test_running_program_says_that_the_disk_is_full_rests_and_goes_on_when_it_is_not(
    office: PostOffice, faulty: FaultyVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    done, troubles = _accepted(office.outbox, [entry.id]), Troubles()
    dispatcher = office.dispatcher()
    dispatcher.subscribe_troubles(troubles)
    faulty.fails(range(2, 10**9))  # the first one is ``recover``'s
    dispatcher.start()
    troubles.wait()
    for _ in range(50):
        dispatcher.poke()
    assert [type(each) for each in troubles.told] == [DiskFull]
    assert faulty.writes <= 4, "a full disk was asked again and again"
    assert office.server.seen == []
    faulty.fails(range(0))
    monkeypatch.setattr(dispatching, "REST", 0.0)
    dispatcher._resting.clear()
    dispatcher.poke()
    assert done.wait(20)
    assert len(office.server.mails) == 1


def test_outcome_that_could_not_be_written_is_not_lost_to_the_next_message_that_fails_too(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = office.serve()
    ids = [office.outbox.queue(message(), wren.id).id for _ in range(2)]
    done, troubles = _accepted(office.outbox, ids), Troubles()
    full = threading.Event()
    full.set()
    settle = Outbox.settle

    def settles(outbox: Outbox, entry_id: str, outcome: object) -> object:
        if full.is_set():
            raise errors.disk_full()
        return settle(outbox, entry_id, outcome)  # type: ignore[arg-type]

    monkeypatch.setattr(Outbox, "settle", settles)
    dispatcher = office.dispatcher()
    dispatcher.subscribe_troubles(troubles)
    dispatcher.start()
    troubles.wait()
    # As a lane does that ends by a fault: what is known of the first message must outlive it.
    dispatcher._abandon(wren.id)
    assert office.outbox.get(ids[0]).state is State.SENDING
    full.clear()
    dispatcher._resting.clear()
    dispatcher.poke()
    assert done.wait(20)
    assert len(office.server.mails) == 2


def test_outcome_is_written_at_the_end_of_the_program_at_the_latest(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    settle, times = Outbox.settle, iter(range(99))

    def settles(outbox: Outbox, entry_id: str, outcome: object) -> object:
        if next(times) < 2:
            raise errors.disk_full()
        return settle(outbox, entry_id, outcome)  # type: ignore[arg-type]

    monkeypatch.setattr(Outbox, "settle", settles)
    dispatcher = office.dispatcher()
    with pytest.raises(DiskFull):
        dispatcher.run_once()
    dispatcher.stop()
    assert office.outbox.get(entry.id).state is State.ACCEPTED


def test_step_that_cannot_be_written_before_the_server_is_spoken_to_is_the_vaults_fault(
    office: PostOffice, faulty: FaultyVault
) -> None:
    wren = office.serve()
    entry = office.outbox.queue(message(), wren.id)
    dispatcher = office.dispatcher()
    dispatcher._recover()
    faulty.fails(range(2, 3))
    dispatcher.run_once()
    after = office.outbox.get(entry.id)
    assert (after.state, after.reason) == (State.RETRY, Reason.STORAGE)


# ---- SQLite's own failures


def test_file_that_may_not_grow_takes_no_message_in_and_keeps_what_it_has(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", KEY) as vault:
        outbox = Outbox(vault)
        kept = outbox.queue(message(), "wren")
        assert vault._writer is not None
        vault._writer.execute("PRAGMA max_page_count = 300")
        with pytest.raises(DiskFull) as told:
            outbox.queue(message(large_body(3_000_000), pieces=50_000), "wren")
        assert "full" in told.value.what
        assert outbox.list() == (kept,)
        assert outbox.queue(message(), "wren").state is State.QUEUED
    with Vault.open(tmp_path / "vault", KEY) as vault:
        outbox = Outbox(vault)
        outbox.recover()
        assert len(outbox.list()) == 2
        with vault.reading() as db:
            assert len(db.rows("SELECT 1 FROM outbox_chunk")) == 2


def test_vault_that_another_program_holds_lets_a_send_fail_in_words_and_go_later(
    office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_database, "BUSY_SECONDS", 0.05)
    wren = office.serve()
    with Vault.create(tmp_path / "vault", KEY) as vault, Vault.open(tmp_path / "vault", KEY) as other:
        office.outbox = Outbox(vault)
        entry = office.outbox.queue(message(), wren.id)
        dispatcher = office.dispatcher()
        with other.writing():
            with pytest.raises(VaultLocked):
                dispatcher.run_once()
            assert office.outbox.get(entry.id).state is State.QUEUED
            with pytest.raises(VaultLocked):
                office.outbox.queue(message(), wren.id)
        dispatcher.run_once()
        assert office.outbox.get(entry.id).state is State.ACCEPTED
    assert len(office.server.mails) == 1


def test_folder_that_may_not_be_written_takes_no_message_in_and_keeps_what_it_has() -> None:
    with ordinary_folder() as folder:
        path = folder / "vault"
        with ordinary_user(), Vault.create(path, KEY) as vault:
            kept = Outbox(vault).queue(message(), "wren")
        folder.chmod(0o500)
        path.chmod(0o400)
        with ordinary_user(), pytest.raises(VaultUnwritable) as told, Vault.open(path, KEY) as vault:
            Outbox(vault).queue(message(), "wren")
        assert told.value.advice
        folder.chmod(0o700)
        path.chmod(0o600)
        with ordinary_user(), Vault.open(path, KEY) as vault:
            assert Outbox(vault).list() == (kept,)


def test_bytes_of_accepted_mail_are_gone_at_once_and_at_the_next_start_at_the_latest(
    office: PostOffice, vault: Vault, faulty: FaultyVault
) -> None:
    wren = office.serve()
    entry = office.send(wren, message(large_body(2_500_000), pieces=50_000))
    assert entry.state is State.ACCEPTED
    assert list(office.outbox.chunks(entry.id)) == []
    left = office.outbox.queue(message(), wren.id)
    with vault.writing() as db:
        db.execute("UPDATE outbox SET state = 'accepted' WHERE id = ?", (left.id,))
    assert list(office.outbox.chunks(left.id))
    office.outbox.recover()
    assert list(office.outbox.chunks(left.id)) == []
    assert {each.id for each in office.outbox.list()} == {entry.id, left.id}
