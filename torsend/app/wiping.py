"""What a profile keeps on this computer, and how all of it goes for good."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.app.half_wiped import InKeyring, note, noted
from torsend.app.parts import KEYRING_NAMES
from torsend.app.start import SecretsPlace
from torsend.app.unlock import open_vault, passwords_in
from torsend.app.way_in import DOOR
from torsend.errors import StorageError, TorsendError
from torsend.identity.secrets import (
    PATIENCE_SECONDS,
    KeyringLocked,
    KeyringMissing,
    KeyringStore,
    onion_key_name,
    password_name,
    vault_key_name,
)
from torsend.paths import ProfileUnwritable
from torsend.vault import (
    KeyKind,
    ProfileLock,
    files_of,
    identifier_of,
    is_overwritten,
    opened_by,
    remove_files,
)
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from torsend.app.parts import App
    from torsend.app.start import Start
    from torsend.paths import Profile
    from torsend.vault import Vault

log = logging.getLogger("torsend.app")


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept.

    Attributes:
        name: for programs: ``vault``, ``backup``, ``settings``, ``tor``, ``key``; of a removal that was not done to the end,
            ``rest`` (of a vault, or a backup) and ``entries`` (in the keyring).
        what: the same in words.
        path: where it lies; None in the keyring.
        size: bytes on the disk.
    """

    name: str
    what: str
    path: Path | None
    size: int = 0


def kept(profile: Profile) -> tuple[Kept, ...]:
    """Everything that a profile keeps. Reads nothing of what is in it, and needs no key."""
    if not profile.used:
        return ()
    found = list(_on_disk(profile))
    before = noted(profile)
    key = _key_name(profile)
    # What took everything else took the key as well, unless it says so.
    if (before is None or before.others or not {*key}.isdisjoint(before.names)) and KeyKind.RAW in _kinds(
        profile
    ):
        found.append(Kept("key", t("the vault’s key, in the system keyring"), None))
    entries = [name for name in (before.names if before else ()) if name not in key]
    if entries:
        what = tn(
            "{n} entry of torsend in the system keyring, which kept it the last time",
            "{n} entries of torsend in the system keyring, which kept them the last time",
            len(entries),
        )
        found.append(Kept("entries", what, None))
    return tuple(found)


def wipe(start: Start, keyring: KeyringStore) -> tuple[TorsendError, ...]:
    """Removes everything that the profile keeps: first the keys, without which the rest is noise, then the files.

    It goes as far as it can. Gives what could not be done; empty where nothing is left.

    Args:
        start: its passphrase, or else the keyring's key, opens the vault once more to see whose passwords lie in the
            keyring. Without one everything else goes all the same.

    Raises:
        AlreadyRunning: Torsend uses this profile; nothing was removed.
        ProfileUnwritable: its folder can't be used; nothing was removed.
    """
    profile = start.profile
    if not profile.used:
        return ()
    with ProfileLock(profile):
        return tuple(_everything(start, keyring))


def wipe_opened(app: App) -> tuple[TorsendError, ...]:
    """As ``wipe``, from within the run that has the profile: what sends ends first, then Tor, then all of it goes.

    Nothing else may use ``app`` meanwhile; it is closed afterwards. Blocks for as long as a keyring's prompt does.
    """
    return tuple(_everything_of(app))


def _everything(start: Start, keyring: KeyringStore) -> Iterator[TorsendError]:
    left = yield from _secrets(start, keyring)
    yield from _files(start.profile, left)


def _everything_of(app: App) -> Iterator[TorsendError]:
    start = app.start
    try:
        app.stop()
        with KeyringStore(patience=min(start.patience or PATIENCE_SECONDS, PATIENCE_SECONDS)) as keyring:
            left = yield from _entries(
                start.profile, keyring, lambda: _names_in(app.vault, app.secrets_place)
            )
        app.vault.close()
        yield from _files(start.profile, left)
    finally:
        app.close()


def _files(profile: Profile, left: InKeyring) -> Iterator[TorsendError]:
    removals: tuple[tuple[Callable[[Path], None], Path], ...] = (
        (remove_files, profile.vault),
        (_remove_folder, profile.tor_data),
        *((_remove_file, path) for path in _settings_of(profile)),
    )
    stay = False
    for remove, what in removals:
        try:
            remove(what)
        except StorageError as error:
            stay = True
            yield error
    if stay:
        note(profile, left)
    try:
        _remove_profile(profile, lock=not stay)
    except StorageError as error:
        yield error


def _secrets(start: Start, keyring: KeyringStore) -> Generator[TorsendError, None, InKeyring]:
    """Takes this profile's entries out of the keyring."""

    def names() -> list[str]:
        if not start.profile.vault.exists():
            return []
        with open_vault(start, keyring) as vault:
            return _names_in(vault, passwords_in(vault, keyring, start.secrets)[1])

    return (yield from _entries(start.profile, keyring, names))


def _entries(
    profile: Profile, keyring: KeyringStore, names_in: Callable[[], list[str]]
) -> Generator[TorsendError, None, InKeyring]:
    """Has the keyring forget the profile's entries, and those that it kept the last time.

    Args:
        names_in: reads in the vault which those are, without its key.
    """
    before = noted(profile)
    key = _key_name(profile)
    opened_only_by_keyring = _kinds(profile) == (KeyKind.RAW,)
    names: list[str] = []
    told = False
    there = profile.vault.exists()
    try:
        names = names_in()
        told = there
    except TorsendError as error:
        log.info("the vault could not be read before it was wiped: %s", error.log_safe)
    others = not told and (there if before is None else before.others)
    if others and keyring.available():
        yield StorageError(
            t("The vault couldn’t be opened, so passwords of its identities may still lie in the keyring."),
            advice=_in_keyring(),
        )
    # The vault's own key last: it tells which the others are.
    wanted = dict.fromkeys((*names, *(before.names if before else ()), *key))
    left = yield from _forget(tuple(wanted), keyring, certain=opened_only_by_keyring)
    return InKeyring(left, others)


def _kinds(profile: Profile) -> tuple[KeyKind, ...]:
    """What may open the vault; empty where nothing is known of it."""
    with contextlib.suppress(StorageError):
        return opened_by(profile.vault)
    return ()


def _key_name(profile: Profile) -> list[str]:
    """What the vault's key is called; empty where its file doesn't tell."""
    with contextlib.suppress(StorageError):
        return [vault_key_name(identifier_of(profile.vault))]
    return []


def _names_in(vault: Vault, place: SecretsPlace) -> list[str]:
    # Those of a control port and a proxy belong to no profile alone; one whose passwords lie in its vault has none of them.
    names = list(KEYRING_NAMES) if place is SecretsPlace.KEYRING else []
    with vault.reading() as db:
        for row in db.rows("SELECT id FROM identity"):
            names += [password_name(row["id"]), onion_key_name(row["id"])]
    return names


def _forget(
    names: Sequence[str], keyring: KeyringStore, *, certain: bool
) -> Generator[TorsendError, None, tuple[str, ...]]:
    """Gives those that stay there.

    Args:
        certain: they lie in a keyring, whether one answers now or not.
    """
    trouble: TorsendError | None = None
    left: list[str] = []
    for number, name in enumerate(names):
        try:
            keyring.delete(name)
        except (KeyringMissing, KeyringLocked) as error:
            if isinstance(error, KeyringMissing) and not certain:
                return ()  # Nothing is kept there, or nobody can ask for it.
            trouble = error
            left += names[number:]
            break  # it would ask the person once more for each
        except TorsendError as error:
            # The others go all the same: without the vault's key what is left of its bytes is noise.
            trouble = trouble or error
            left.append(name)
    if trouble is not None:
        yield StorageError(
            t("{reason} What torsend kept there may still be there.", reason=trouble.what),
            advice=_in_keyring(),
        )
    return tuple(left)


def _in_keyring() -> str:
    return t("Look in your password manager for entries of the service torsend.")


def _on_disk(profile: Profile) -> Iterator[Kept]:
    vault, backups = files_of(profile.vault)
    if profile.vault in vault and not is_overwritten(profile.vault):
        what = t("the vault: identities, drafts, outbox, words, bridges; encrypted")
        yield Kept("vault", what, profile.vault, sum(map(_size, vault)))
    else:
        yield from map(_rest, vault)
    for backup in backups:
        if is_overwritten(backup):
            yield _rest(backup)
        else:
            yield Kept("backup", t("the vault as an older Torsend left it; encrypted"), backup, _size(backup))
    if profile.settings.exists():
        yield Kept(
            "settings", t("settings: no address, no secret"), profile.settings, _size(profile.settings)
        )
    if os.path.lexists(profile.tor_data):
        what = t("Tor’s own folder: its guards and what it knows of the network; not encrypted")
        yield Kept("tor", what, profile.tor_data, _size(profile.tor_data))


def _rest(path: Path) -> Kept:
    if is_overwritten(path):
        return Kept("rest", t("what is left of a vault: zeros, nothing can be read in it"), path, _size(path))
    return Kept("rest", t("what is left of a vault; encrypted"), path, _size(path))


def _size(path: Path) -> int:
    """Bytes, with all that is in it. Tor and the vault may be at work there: what goes meanwhile counts for nothing."""
    if path.is_symlink() or not path.is_dir():
        files = [path]
    else:
        files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    size = 0
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            size += file.lstat().st_size
    return size


def _remove_folder(folder: Path) -> None:
    with _telling(folder):
        if folder.is_symlink():
            folder.unlink()  # what it leads to is not ours to remove
        elif folder.exists():
            shutil.rmtree(folder, ignore_errors=True)  # whatever can go
            if folder.exists():
                shutil.rmtree(folder)  # and why the rest can't


def _remove_file(path: Path) -> None:
    with _telling(path):
        path.unlink(missing_ok=True)


def _settings_of(profile: Profile) -> Iterator[Path]:
    yield profile.settings
    yield profile.settings.with_name(profile.settings.name + ".broken")
    # What a crash in the middle of writing left: see paths.replace_file.
    for half_written in profile.folder.glob(".*.????????"):
        if half_written.name.startswith((".settings.json.", ".vault.db.kdf.")):
            yield half_written


def _remove_profile(profile: Profile, *, lock: bool = True) -> None:
    """The lock, which we hold, then the folder; somebody else's files in it stay, and so does it.

    Args:
        lock: with it; otherwise a note stands there, for the next removal.
    """
    with _telling(profile.folder):
        for path in (*((profile.lock,) if lock else ()), profile.folder / DOOR):
            try:
                path.unlink(missing_ok=True)
            except PermissionError:
                # Windows removes no file that is open, as these two of ours are. Nothing of the person's is in them.
                if str(sys.platform) != "win32":
                    raise
        if not any(profile.folder.iterdir()):
            profile.folder.rmdir()


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProfileUnwritable(
            t("{path} could not be removed: {reason}.", path=path, reason=error.strerror),
            advice=t("Remove it by hand."),
        ) from error
