"""A vault that an older Torsend left: what was in it is in it, whichever version made it and whenever the power went."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.app.test_bad_storage import small_disk
from tests.gui import samples
from tests.vault.helpers import ROOT, child, noted
from tests.vault.scenarios import KEY
from torsend.delivery.outbox import Outbox
from torsend.delivery.states import State
from torsend.identity.book import IdentityBook
from torsend.mail.address import check_address
from torsend.mail.draft import Draft
from torsend.mail.drafts import DraftBook
from torsend.vault import Vault, VaultLocked, VaultTooNew, VaultUnwritable, database, files, schema
from torsend.vault.database import connect, prepare

if TYPE_CHECKING:
    from pathlib import Path

MARTA = "marta@nordpost.example"
BODY = b"Subject: hi\r\n\r\nThe sheets.\r\n"
STATEMENTS = sum(map(len, schema.STEPS[1:]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


def make(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault as the Torsend of that version left it: somebody, a draft, a mail that waits."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:version])
        with Vault.create(path, KEY) as vault:
            wren = IdentityBook(vault, check_address).add(samples.WREN)
            DraftBook(vault).save(
                Draft(id="letter", identity_id=wren.id, subject="Test sheets", text="Dear Marta")
            )
            with vault.writing() as db:
                db.execute(
                    "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size)"
                    " VALUES ('mail', ?, 0, 'queued', 'queued', ?, '<1@rowanmail.example>', 'hi', ?)",
                    (wren.id, wren.address, len(BODY)),
                )
                db.execute(
                    "INSERT INTO outbox_recipient (entry_id, ordinal, address, state) VALUES ('mail', 0, ?, 'waiting')",
                    (MARTA,),
                )
                db.execute(
                    "INSERT INTO outbox_chunk (entry_id, ordinal, bytes) VALUES ('mail', 0, ?)", (BODY,)
                )


def check_whole(path: Path) -> None:
    with Vault.open(path, KEY) as vault:
        vault.check()
        with vault.reading() as db:
            row = db.row("PRAGMA user_version")
        assert row is not None
        assert row[0] == len(schema.STEPS)
        (wren,) = IdentityBook(vault, check_address).list()
        assert wren.address == samples.WREN.address
        draft = DraftBook(vault).load("letter")
        assert (draft.subject, draft.text) == ("Test sheets", "Dear Marta")
        outbox = Outbox(vault)
        (entry,) = outbox.list()
        assert (entry.state, [each.address for each in entry.recipients]) == (State.QUEUED, [MARTA])
        assert b"".join(outbox.chunks(entry.id)) == BODY


@pytest.mark.parametrize("version", range(1, len(schema.STEPS)))
def test_what_an_older_version_left_is_there(
    version: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, version, monkeypatch)
    check_whole(path)
    # The backup is the old vault itself, and leads to the same.
    backup = files.backup_file(path, version)
    assert backup.stat().st_mode & 0o077 == 0
    backup.replace(path)
    check_whole(path)


@pytest.mark.parametrize("statement", range(-2, STATEMENTS))
def test_killed_in_the_middle_of_an_upgrade_the_next_start_does_it(
    statement: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, 1, monkeypatch)
    with child("die-while-upgrading", str(path.parent), str(statement)) as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "now\n")
    check_whole(path)
    files.backup_file(path, 1).replace(path)
    check_whole(path)


@pytest.mark.parametrize("room", [150_000, 500_000, 1_300_000])
def test_an_upgrade_without_room_leaves_the_vault_to_the_version_before(room: int, tmp_path: Path) -> None:
    """Hardly any, enough for half of the backup, and for the backup alone."""
    with (
        small_disk(tmp_path, "4m") as (prefix, _),
        child(
            "upgrade-without-room", str(tmp_path), str(room), prefix=(*prefix, "env", "-C", str(ROOT))
        ) as process,
    ):
        out, _ = process.communicate(timeout=60)
    assert out.endswith("fine\n")
    assert "There is no room to bring the vault up to date" in out
    assert "Nothing in it was changed." in out
    assert "the version before" in out


def test_a_backup_that_is_cut_short_is_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path, 1, monkeypatch)

    def cut(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", cut)
        with pytest.raises(VaultUnwritable) as caught:
            Vault.open(path, KEY)
    assert "Nothing in it was changed." in caught.value.sentences()
    assert {each.name for each in path.parent.iterdir()} == {"vault.db", "vault.db.kdf"}
    check_whole(path)


def test_a_backup_waits_for_who_still_reads_what_is_in_the_log(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(path, 1, monkeypatch)
    raw = bytes(range(32))
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with contextlib.closing(connect(path, raw)) as reader, contextlib.closing(connect(path, raw)) as writer:
        prepare(reader, wal=True)
        prepare(writer, wal=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()
        writer.execute("INSERT INTO meta VALUES ('late', 'yes')")
        with pytest.raises(VaultLocked):
            Vault.open(path, KEY)
        assert not files.backup_file(path, 1).exists()
        reader.execute("COMMIT")
    check_whole(path)
    files.backup_file(path, 1).replace(path)
    with Vault.open(path, KEY) as vault:
        assert noted(vault, "late") == "yes"


def test_a_vault_of_a_newer_version_is_left_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE later (x TEXT) STRICT",)))
    Vault.create(path, KEY).close()
    monkeypatch.undo()
    before = path.read_bytes()
    with pytest.raises(VaultTooNew) as caught:
        Vault.open(path, KEY)
    assert "Use that version, or a later one." in caught.value.sentences()
    assert path.read_bytes() == before


@pytest.mark.parametrize("days", [0, 6.9, 7.1, -0.2, -1.1])
def test_a_backup_stays_for_a_week(days: float, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path, len(schema.STEPS) - 1, monkeypatch)
    check_whole(path)
    backup = files.backup_file(path, len(schema.STEPS) - 1)
    made = datetime.now(UTC).timestamp() - days * 24 * 3600
    os.utime(backup, (made, made))
    Vault.open(path, KEY).close()
    assert backup.exists() == (-1 <= days <= 7)
