"""Where things lie: what comes with the program, and what it keeps for a person (the profile)."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.errors import StorageError
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
BINARY: int = getattr(os, "O_BINARY", 0)
"""For ``os.open``: without it Windows puts a carriage return before each line feed that is written."""
_VAULT = re.compile(r"\.?vault\.db")
_OURS = re.compile(
    r"lock|window|tor|\.?settings\.json.*|\.?vault\.db.*|\.DS_Store|desktop\.ini|lost\+found|\.Trash-.*"
)
"""What can lie in a profile, and what systems put by themselves into a folder that was only looked at, or a new disk."""
_TRIES = 10
_BETWEEN_SECONDS = 0.05
"""For a virus scanner or an indexer of Windows to be through with a file: half a second in all."""


class ResourcesMissing(StorageError):
    """The files that come with the program are not where any way of installing puts them."""


class ProfileUnwritable(StorageError):
    """The profile's folder, or a file in it, could not be made or written."""


class HomeUnknown(StorageError):
    """Nothing says where this person's own folder is: no HOME, and the system has no entry of such a user."""


def resources() -> Path:
    """The folder with icons, translations and the like: in a frozen bundle, in a wheel or in the source tree.

    Raises:
        ResourcesMissing: it is in none of them.
    """
    here = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    places = [here / "resources", here.parent / "resources"]
    if frozen is not None:
        places.insert(0, Path(frozen) / "resources")
    for place in places:
        if place.is_dir():
            return place
    raise ResourcesMissing(
        t("Torsend is not installed completely: its icons are missing."), advice=t("Install it again.")
    )


def bundled_program(name: str) -> Path | None:
    """A program that came with us in a frozen bundle; None where none did."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is None:
        return None
    program = Path(frozen) / "programs" / (f"{name}.exe" if sys.platform == "win32" else name)
    return program if program.is_file() else None


def default_profile() -> Path:
    """The profile's folder where the person names none, as each system wants it. It need not exist.

    Raises:
        HomeUnknown
    """
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
        return (Path(base) if base else _home() / "AppData" / "Local") / "Torsend"
    elif sys.platform == "darwin":  # noqa: RET505  # so that a check for another system sees which lines are its own
        return _home() / "Library" / "Application Support" / "Torsend"
    else:
        base = os.environ.get("XDG_DATA_HOME", "")
        # XDG Base Directory Specification: a relative path is invalid and to be ignored.
        return (Path(base) if Path(base).is_absolute() else _home() / ".local" / "share") / "torsend"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise HomeUnknown(
            t("This system doesn’t say where your folder is: HOME is not set, and it knows no such user."),
            advice=t("Set HOME, or choose a folder with --profile."),
        ) from error


def expanded(text: str) -> Path:
    """A path as a person writes it, absolute; ``~`` stays as it is where nobody is known by that name, as in a shell."""
    path = Path(text)
    with contextlib.suppress(RuntimeError):
        path = path.expanduser()
    return path.absolute()


@dataclass(frozen=True, slots=True)
class Profile:
    """The one folder that holds all that is kept; nothing is written outside it."""

    folder: Path

    @property
    def vault(self) -> Path:
        """The encrypted file. Its helpers lie next to it and begin with its name."""
        return self.folder / "vault.db"

    @property
    def settings(self) -> Path:
        """Settings: no secret, no address."""
        return self.folder / "settings.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that uses the profile."""
        return self.folder / "lock"

    @property
    def tor_data(self) -> Path:
        """Tor's own data directory."""
        return self.folder / "tor"

    @property
    def used(self) -> bool:
        """Whether Torsend keeps something there, or did: a folder of somebody else's may hold names like ours. So does Tor's
        own, with a ``lock``.
        """
        try:
            names = [each.name for each in self.folder.iterdir()]
        except OSError:
            return False
        return any(map(_VAULT.match, names)) or (self.lock.name in names and all(map(_OURS.fullmatch, names)))

    def prepare(self) -> None:
        """Makes the folder, closed to other users (0700).

        Raises:
            ProfileUnwritable: it can't be made, is something else than a folder, or one that is in use for other things:
                who shares it would be shut out, and ``wipe`` might remove what isn't ours.
        """
        try:
            self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            if not self.used and not all(_OURS.fullmatch(each.name) for each in self.folder.iterdir()):
                raise ProfileUnwritable(
                    t("The folder {folder} holds other things. It was left as it is.", folder=self.folder),
                    advice=t("Choose a new or an empty one with --profile."),
                )
            # mkdir obeys the umask, and the folder may be older than this rule.
            if stat.S_IMODE(self.folder.stat().st_mode) & 0o077:
                self.folder.chmod(_PRIVATE_FOLDER)
        except OSError as error:
            raise ProfileUnwritable(
                t("The folder {folder} can’t be used: {reason}.", folder=self.folder, reason=error.strerror),
                advice=t("Choose another with --profile."),
            ) from error


def replace_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Writes a private file (0600) whole or not at all; when it returns, the file survives a power cut.

    Args:
        data: all of it, or its pieces one after the other. What goes wrong in making one is raised as it is.

    Raises:
        ProfileUnwritable: it couldn't be written. What was there before is still there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, _PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines([data] if isinstance(data, bytes) else data)
                file.flush()
                os.fsync(file.fileno())
            take_place(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise ProfileUnwritable(
            t("The file {file} can’t be written: {reason}.", file=path.name, reason=error.strerror),
            advice=t("Free some space, or choose another folder with --profile."),
        ) from error


def take_place(new: Path, old: Path) -> None:
    """Renames over another file, which none of ours has open. On Windows it may be refused for a moment: somebody else looks
    into either file, as virus scanners do into what was just written.

    Raises:
        OSError: as the system says.
    """
    if sys.platform == "win32":
        for _ in range(_TRIES):
            with contextlib.suppress(PermissionError):
                new.replace(old)
                return
            time.sleep(_BETWEEN_SECONDS)
    new.replace(old)


def sync_folder(folder: Path) -> None:
    """Makes a rename in the folder durable. Windows has no such call and needs none."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
