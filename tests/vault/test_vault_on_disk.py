"""What lies on the disk: nothing in clear, nothing lost to a full disk, a read-only folder or a killed process."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from tests.vault.helpers import child, note, noted, ordinary_folder, ordinary_user, passphrase
from tests.vault.scenarios import KEY, MEBI
from torsend.vault import DiskFull, KeyKind, RawKey, Vault, VaultUnwritable, WrongKey, errors, opened_by
from torsend.vault import Passphrase as RealPassphrase

TELLTALE = "wren@rowanmail.example meets marta"


def test_nothing_that_is_written_can_be_read_in_any_file(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        with vault.writing() as db:
            db.execute("INSERT INTO meta VALUES ('telltale', ?)", (TELLTALE,))
            db.execute("INSERT INTO secret VALUES ('telltale', ?)", (TELLTALE,))
            db.execute("INSERT INTO draft VALUES ('d', 'i', 0, ?)", (TELLTALE * 1000,))
            _nothing_in_clear(path.parent)  # the transaction is still open
            # More than the cache holds: pages go to the log before the commit.
            db.executemany("INSERT INTO meta VALUES (?, ?)", ((f"n{n}", TELLTALE * 300) for n in range(2000)))
            names = _nothing_in_clear(path.parent)
        assert {path.name, path.name + "-wal"} <= names
        _nothing_in_clear(path.parent)
        with vault.writing() as db:
            db.execute("DELETE FROM meta")
        vault.checkpoint()
        _nothing_in_clear(path.parent)
    assert _nothing_in_clear(path.parent) == {path.name, path.name + ".kdf"}


def test_log_is_folded_in_and_space_given_back_when_it_is_closed(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        with vault.writing() as db:
            db.executemany("INSERT INTO meta VALUES (?, ?)", ((f"n{n}", "x" * 30_000) for n in range(200)))
        with vault.writing() as db:
            db.execute("DELETE FROM meta")
    assert path.stat().st_size < MEBI
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".kdf"}


def test_vault_in_memory_touches_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Vault.in_memory() as vault:
        with vault.writing() as db:
            db.executemany("INSERT INTO meta VALUES (?, ?)", ((f"n{n}", "x" * 30_000) for n in range(1000)))
        with vault.reading() as db:
            assert len(db.rows("SELECT value FROM meta ORDER BY value")) == 1000
        assert not list(tmp_path.iterdir())
        assert not any("etilqs" in name or "vault" in name for name in _open_files())
        assert (vault.path, vault.kind, vault.identifier) == (None, None, "")
        vault.check()
        vault.checkpoint()
        with pytest.raises(ValueError, match="memory"):
            vault.rekey(RawKey.random())
        vault.wipe()


def test_wiped_vault_leaves_no_file_and_no_byte(path: Path, key: RawKey) -> None:
    vault = Vault.create(path, key)
    note(vault, "a", "b")
    path.with_name(path.name + ".before-2").write_bytes(b"an old backup")
    hold_open = path.open("rb")
    vault.wipe()
    with hold_open:
        assert not hold_open.read().strip(b"\0")
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize("kind", ["small disk", "limited files"])
def test_full_disk_is_said_in_words_and_loses_nothing(tmp_path: Path, kind: str) -> None:
    prefix, limit = _small_disk(tmp_path) if kind == "small disk" else ((), str(2 * MEBI))
    with child("fill-disk", str(tmp_path), limit, prefix=prefix) as process:
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    lines = out.split("\n")
    assert lines[-2] == "fine"
    if limit == "0":
        assert lines[:3] == ["first DiskFull", "second DiskFull", "third ProfileUnwritable"]
        assert lines[3] == "fourth DiskFull"


def test_quota_inside_the_file_is_a_full_disk_too(path: Path, key: RawKey) -> None:
    with Vault.create(path, key) as vault:
        note(vault, "a", "before")
        assert vault._writer is not None
        vault._writer.execute("PRAGMA max_page_count = 60")
        with pytest.raises(DiskFull) as failure:
            _two_writes(vault, "after", "x" * MEBI)
        assert "Free some space" in failure.value.sentences()
        assert noted(vault, "a") == "before"
        note(vault, "a", "again")


def test_io_error_on_a_disk_without_space_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = dbapi2.OperationalError("disk I/O error")
    error.sqlite_errorcode = 10 | (3 << 8)
    assert isinstance(errors.translated(error, tmp_path), VaultUnwritable)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 100, 0))
    assert isinstance(errors.translated(error, tmp_path), DiskFull)


def test_read_only_folder_is_said_in_words() -> None:
    with ordinary_folder() as folder, ordinary_user():
        path = folder / "vault.db"
        with Vault.create(path, KEY) as vault:
            note(vault, "a", "b")
        folder.chmod(0o555)
        with pytest.raises(VaultUnwritable):
            Vault.open(path, KEY)
        with pytest.raises(VaultUnwritable):
            Vault.create(folder / "other.db", KEY)
        folder.chmod(0o755)
        path.chmod(0o400)
        with pytest.raises(VaultUnwritable, match="can’t be read or written"):
            Vault.open(path, KEY)
        path.chmod(0o600)
        with Vault.open(path, KEY) as vault:
            assert noted(vault, "a") == "b"
            folder.chmod(0o555)
            note(vault, "a", "c")  # the log is open already: what can be saved is saved
            with pytest.raises(VaultUnwritable):
                vault.rekey(RawKey.random())
            folder.chmod(0o755)
            assert noted(vault, "a") == "c"


@pytest.mark.parametrize("how_often", [1, 7, 40])
def test_process_killed_while_it_commits_leaves_every_commit_and_no_half_one(
    path: Path, how_often: int
) -> None:
    Vault.create(path, KEY).close()
    said = 0
    for _ in range(3):
        with child("commit", str(path.parent)) as process:
            assert process.stdout is not None
            for _line in range(how_often):
                said = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split()
            said = int(rest[-1]) if rest else said
        with Vault.open(path, KEY) as vault:
            vault.check()
            last = int(noted(vault, "last") or 0)
            # At most the one whose word did not get out any more.
            assert said <= last <= said + 1
            with vault.reading() as db:
                rows = db.rows("SELECT count(*) FROM draft")
            assert rows[0][0] == 2 * last


CRASHES = ["before-export", "after-export", "after-announce", "before-swap", "after-swap", "after-settle"]


@pytest.mark.parametrize("step", CRASHES)
def test_process_killed_while_the_key_changes_leaves_a_vault_that_one_key_opens(
    path: Path, step: str
) -> None:
    Vault.create(path, KEY).close()
    with child("die-while-changing-key", str(path.parent), step) as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "now\n")
    changed = step in ("after-swap", "after-settle")
    right, wrong = (passphrase("new"), KEY) if changed else (KEY, passphrase("new"))
    # Only one kind may be asked for: a person must not be asked for a passphrase that doesn't hold.
    assert opened_by(path) == (KeyKind.PASSPHRASE if changed else KeyKind.RAW,)
    with pytest.raises(WrongKey):
        Vault.open(path, wrong)
    with Vault.open(path, right) as vault:
        vault.check()
        assert noted(vault, "kept") == "yes"
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".kdf"}
    Vault.open(path, right).close()


@pytest.mark.parametrize("step", ["before-announce", "after-announce", "before-swap", "after-swap"])
def test_process_killed_while_a_vault_is_made_leaves_a_whole_one_or_none(path: Path, step: str) -> None:
    with child("die-while-creating", str(path.parent), step) as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "now\n")
    assert path.exists() == (step == "after-swap")
    with Vault.open(path, KEY) if path.exists() else Vault.create(path, KEY) as vault:
        vault.check()
        note(vault, "a", "b")


def test_large_message_goes_in_and_out_by_pieces(tmp_path: Path) -> None:
    with child("measure", str(tmp_path)) as process:
        out, _ = process.communicate(timeout=120)
    grown, total, left_on_disk = map(int, out.split())
    assert total == 64 * MEBI
    assert grown < 32 * MEBI
    assert left_on_disk < MEBI


def test_default_cost_fits_a_machine_of_two_gigabytes() -> None:
    assert RealPassphrase("x").cost.memory_kib <= 256 * 1024


def _two_writes(vault: Vault, small: str, large: str) -> None:
    with vault.writing() as db:
        db.execute("UPDATE meta SET value = ?", (small,))
        db.execute("INSERT INTO meta VALUES ('b', ?)", (large,))


def _nothing_in_clear(folder: Path) -> set[str]:
    names = set()
    for file in folder.iterdir():
        data = file.read_bytes()
        for telltale in (TELLTALE, "rowanmail", "telltale", "CREATE TABLE", "SQLite format 3"):
            assert telltale.encode() not in data, file.name
            assert telltale.encode("utf-16-le") not in data, file.name
        names.add(file.name)
    return names


def _open_files() -> set[str]:
    """What this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    return {str(link.resolve()) for link in folder.iterdir()} if folder.is_dir() else set()


def _small_disk(folder: Path) -> tuple[tuple[str, ...], str]:
    """A command that runs what follows with the folder on a disk of 3 MB, or a limit on file sizes in its place."""
    if sys.platform == "linux":
        script = 'mount -t tmpfs -o size=3m none "$0" && exec "$@"'
        for unshare in (("unshare", "-m"), ("unshare", "-Urm")):
            prefix = (*unshare, "sh", "-c", script, str(folder))
            try:
                if subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, timeout=20).returncode == 0:
                    return prefix, "0"
            except OSError:
                continue
    return (), str(2 * MEBI)
