"""Scenarios that need a process of their own: to be killed, to run out of space, to be measured.

``python -m tests.vault.scenarios NAME FOLDER …``; each says on standard output how far it has come.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.vault.helpers import note, noted, passphrase
from torsend.errors import StorageError
from torsend.paths import replace_file
from torsend.vault import DiskFull, RawKey, Vault, VaultUnwritable, files, opening, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KEY = RawKey(bytes(range(32)))
OTHER = RawKey(bytes(range(1, 33)))
CHUNK = 64 * 1024
MEBI = 1024 * 1024


def say(*words: object) -> None:
    print(*words, flush=True)


def commit(folder: Path) -> None:
    """Commits pairs of rows without end."""
    vault = Vault.open(folder / "vault.db", KEY)
    number = int(noted(vault, "last") or 0)
    while True:
        number += 1
        with vault.writing() as db:
            db.execute("INSERT INTO draft (id, saved, body) VALUES (?, 0, ?)", (f"a{number}", "x" * 5000))
            db.execute("INSERT INTO draft (id, saved, body) VALUES (?, 0, ?)", (f"b{number}", "x" * 5000))
            db.execute("INSERT OR REPLACE INTO meta VALUES ('last', ?)", (str(number),))
        say(number)


def die_while_changing_key(folder: Path, step: str) -> None:
    """Changes the key to a passphrase and dies by SIGKILL before or after a step of that."""
    with Vault.open(folder / "vault.db", KEY) as vault:
        note(vault, "kept", "yes")
        _die(step)
        say("now")
        vault.rekey(passphrase("new"))
    say("survived")


def die_while_creating(folder: Path, step: str) -> None:
    """The same while a vault is made."""
    _die(step)
    say("now")
    Vault.create(folder / "vault.db", KEY)
    say("survived")


def die_while_upgrading(folder: Path, statement: str) -> None:
    """Opens an older vault and dies by SIGKILL before that statement of its upgrade, counted from 0; -1: while the backup is
    copied, -2: when that is whole.
    """
    number = int(statement)
    if number < 0:
        real = files.copy_private

        def deadly(source: Path, target: Path) -> None:
            if number == -2:
                real(source, target)
            else:
                target.write_bytes(source.read_bytes()[:5000])
            os.kill(os.getpid(), signal.SIGKILL)

        files.copy_private = deadly
    else:
        left = iter(range(number, -1, -1))

        def until(step: Sequence[str]) -> Iterator[str]:
            for each in step:
                if next(left) == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield each

        schema.STEPS = cast("Any", tuple(_Lazy(partial(until, step)) for step in schema.STEPS))
    say("now")
    Vault.open(folder / "vault.db", KEY).close()
    say("survived")


def upgrade_without_room(folder: Path, room: str) -> None:
    """Opens an older vault on a small disk with so many bytes free, then again with space."""
    vault, ballast = folder / "vault.db", folder / "ballast"
    schema.STEPS = schema.STEPS[:-1]
    with Vault.create(vault, KEY) as made:
        note(made, "before", "kept")
        with made.writing() as db:
            _queue(db, MEBI)
    before, names = vault.read_bytes(), {each.name for each in folder.iterdir()}
    disk = os.statvfs(folder)
    ballast.write_bytes(bytes(disk.f_bavail * disk.f_frsize - int(room)))
    schema.STEPS = _ALL_STEPS
    try:
        Vault.open(vault, KEY).close()
    except DiskFull as error:
        say(error.sentences())
    assert vault.read_bytes() == before
    assert {each.name for each in folder.iterdir()} == names | {"ballast"}
    # The version before opens it still.
    schema.STEPS = schema.STEPS[:-1]
    with Vault.open(vault, KEY) as again:
        assert noted(again, "before") == "kept"
    schema.STEPS = _ALL_STEPS
    ballast.unlink()
    with Vault.open(vault, KEY) as again:
        assert noted(again, "before") == "kept"
        again.check()
    assert files.backup_file(vault, len(_ALL_STEPS) - 1).read_bytes() == before
    say("fine")


_ALL_STEPS = schema.STEPS


@dataclass
class _Lazy:
    """A step whose statements are asked for one by one."""

    statements: Callable[[], Iterator[str]]

    def __iter__(self) -> Iterator[str]:
        return self.statements()


def _die(step: str) -> None:
    when, name = step.split("-")
    module: Any = opening
    real: Callable[..., object] = getattr(module, name)

    def deadly(*arguments: Any) -> None:
        if when == "after":
            real(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, deadly)


def hold(folder: Path) -> None:
    """Holds the vault in a transaction until standard input ends."""
    with Vault.open(folder / "vault.db", KEY) as vault, vault.writing():
        say("holding")
        sys.stdin.read()


def fill_disk(folder: Path, limit: str) -> None:
    """Fills a small disk through the vault, frees some of it and goes on."""
    if limit != "0":
        # No small disk could be had: a limit on each file's size fails the same writes.
        _limit_files(int(limit))
    ballast = folder / "ballast"
    ballast.write_bytes(os.urandom(MEBI))
    vault = Vault.create(folder / "vault.db", KEY)
    note(vault, "before", "kept")
    try:
        with vault.writing() as db:
            _queue(db, 16 * MEBI)
    except (DiskFull, VaultUnwritable) as error:
        say("first", type(error).__name__)
    assert noted(vault, "before") == "kept"
    # Now a little at a time, until not even that is taken.
    taken = 0
    try:
        for taken in range(10_000):
            with vault.writing() as db:
                db.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (f"n{taken}", "x" * 9000))
    except (DiskFull, VaultUnwritable) as error:
        say("second", type(error).__name__)
    if limit == "0":
        try:
            replace_file(folder / "other", bytes(MEBI))
        except StorageError as error:
            say("third", type(error).__name__)
        try:
            vault.rekey(OTHER)
        except (DiskFull, VaultUnwritable) as error:
            say("fourth", type(error).__name__)
        ballast.unlink()
    else:
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2
        ) if os.geteuid() == 0 else None
    with vault.reading() as db:
        rows = db.rows("SELECT count(*) FROM meta WHERE name LIKE 'n%'")
        chunks = db.rows("SELECT count(*) FROM outbox_chunk")
    assert rows[0][0] == taken, (rows[0][0], taken)
    assert chunks[0][0] == 0
    note(vault, "after", "space again")
    vault.check()
    vault.close()
    with Vault.open(folder / "vault.db", KEY) as again:
        again.check()
        assert noted(again, "before") == "kept"
    say("fine")


def _limit_files(size: int) -> None:
    """The soft limit, which one may raise again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def measure(folder: Path) -> None:
    """Writes and reads a message of 64 MiB by chunks and says how much memory that took, in bytes."""
    vault = Vault.create(folder / "vault.db", KEY)
    _touch(vault)
    before = _peak()
    with vault.writing() as db:
        _queue(db, 64 * MEBI)
    total = 0
    ordinal = 0
    while True:
        with vault.reading() as db:
            row = db.row("SELECT bytes FROM outbox_chunk WHERE entry_id = 'm' AND ordinal = ?", (ordinal,))
        if row is None:
            break
        total += len(row["bytes"])
        ordinal += 1
    with vault.writing() as db:
        db.execute("DELETE FROM outbox WHERE id = 'm'")
    vault.close()
    say(_peak() - before, total, (folder / "vault.db").stat().st_size)


def _touch(vault: Vault) -> None:
    with vault.writing() as db:
        _queue(db, CHUNK)
        db.execute("DELETE FROM outbox")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _queue(db: Any, size: int) -> None:
    db.execute(
        "INSERT INTO outbox (id, identity_id, created, state, step, mail_from, message_id, subject, size)"
        " VALUES ('m', 'i', 0, 'queued', 'queued', 'a@b.example', '<m@b.example>', 's', ?)",
        (size,),
    )
    chunks = (("m", number, os.urandom(CHUNK)) for number in range(size // CHUNK))
    db.executemany("INSERT INTO outbox_chunk (entry_id, ordinal, bytes) VALUES (?, ?, ?)", chunks)


SCENARIOS: dict[str, Callable[..., None]] = {
    "commit": commit,
    "die-while-changing-key": die_while_changing_key,
    "die-while-creating": die_while_creating,
    "die-while-upgrading": die_while_upgrading,
    "upgrade-without-room": upgrade_without_room,
    "hold": hold,
    "fill-disk": fill_disk,
    "measure": measure,
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
