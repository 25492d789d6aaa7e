"""The files around a vault: which they are, closed to others, and how they end."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from torsend.paths import take_place
from torsend.vault import errors
from torsend.vault.key import ways_file

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE = 0o600
_BLOCK = 1024 * 1024
_END = 4096

BACKUP_SECONDS = 7 * 24 * 3600.0
"""How long a backup from before an upgrade is kept. In it lies whatever was deleted since, so no longer than it takes to
notice that something is missing. One from the future (the clock was set back) can't be dated, and goes."""
_CLOCKS_DIFFER_SECONDS = 24 * 3600.0
"""A file server's clock is ahead, or ours was before it was set right: what was made just now must not count as from the
future."""


def next_file(vault: Path) -> Path:
    """Where a vault is written before it takes its place."""
    return vault.with_name(vault.name + ".next")


def backup_file(vault: Path, version: int) -> Path:
    """The vault as it was before its tables were changed from that version on."""
    return vault.with_name(f"{vault.name}.before-{version + 1}")


def companions(vault: Path) -> tuple[Path, ...]:
    """What SQLite keeps beside a file while it is open."""
    return tuple(vault.with_name(vault.name + ending) for ending in ("-wal", "-shm", "-journal"))


def make_private(path: Path) -> None:
    """Makes an empty file that only its owner reads; SQLite gives its companions the same mode."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))


def close_to_others(path: Path) -> None:
    """Takes group's and others' rights away, where a copy or a backup program had given some."""
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(_PRIVATE)


def copy_private(source: Path, target: Path) -> None:
    """Copies a closed vault, durably: afterwards there is a whole copy, or none.

    Raises:
        OSError: as the system says.
    """
    # Before the room for another is asked for: of the same version it holds the same.
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
    remove_leftovers(source)
    half_made = next_file(source)
    make_private(half_made)
    try:
        with source.open("rb") as old, half_made.open("r+b") as new:
            while block := old.read(_BLOCK):
                new.write(block)
            new.flush()
            os.fsync(new.fileno())
        take_place(half_made, target)
    except BaseException:
        # On a full disk it would be what keeps it full.
        remove_leftovers(source)
        raise


def remove_leftovers(vault: Path) -> None:
    """Removes what a crash in the middle of creating, of changing the key or of copying left behind."""
    half_made = next_file(vault)
    for path in (half_made, *companions(half_made)):
        with contextlib.suppress(OSError):
            path.unlink()


def remove_backups(vault: Path) -> None:
    """Removes backups, overwritten: they open by a key that is no longer wanted."""
    for path in _backups(vault):
        _remove(path)


def remove_old_backups(vault: Path, now: float) -> None:
    """Removes, overwritten, backups that have done their work; what cannot be removed is tried again the next time.

    Args:
        now: seconds since 1970.
    """
    for path in _backups(vault):
        with contextlib.suppress(OSError):
            if not -_CLOCKS_DIFFER_SECONDS <= now - path.stat().st_mtime <= BACKUP_SECONDS:
                _remove(path)


def _backups(vault: Path) -> tuple[Path, ...]:
    return tuple(sorted(vault.parent.glob(vault.name + ".before-*")))


def _remove(path: Path) -> None:
    # On a full disk, or in a file that may not be written, overwriting fails; that must not keep it there.
    with contextlib.suppress(OSError):
        overwrite(path)
    with contextlib.suppress(OSError):
        path.unlink()


def overwrite(path: Path) -> None:
    """Writes zeros over a file.

    Raises:
        OSError: as the system says.
    """
    with path.open("r+b", buffering=0) as file:
        zero(file.fileno())


def is_overwritten(path: Path) -> bool:
    """Whether nothing stands in the file any more, as far as its two ends tell."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        start = file.read(_END)
        file.seek(max(0, path.stat().st_size - _END))
        return not any(start) and not any(file.read(_END))
    return False


def zero(descriptor: int) -> None:
    """Writes zeros over an open file, to the disk."""
    left = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    nothing = bytes(_BLOCK)
    while left > 0:
        left -= os.write(descriptor, nothing[: min(left, _BLOCK)])
    os.fsync(descriptor)


def files_of(vault: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Those that are there: the vault with what lies beside it, and its backups."""
    half_made = next_file(vault)
    beside = (vault, *companions(vault), ways_file(vault), half_made, *companions(half_made))
    return tuple(path for path in beside if path.exists()), _backups(vault)


def destroy(vault: Path) -> None:
    """Overwrites and removes a closed vault and everything beside it.

    Raises:
        VaultUnwritable: something of it is still there.
    """
    stay: dict[Path, OSError] = {}
    for path in (path for paths in files_of(vault) for path in paths):
        with contextlib.suppress(OSError):
            overwrite(path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            stay[path] = error
    if stay:
        reason = next(iter(stay.values()))
        raise errors.not_removed(tuple(stay), reason) from reason
