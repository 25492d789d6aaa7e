"""One Torsend a profile."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Self

from torsend.paths import ProfileUnwritable
from torsend.vault.errors import AlreadyRunning
from torsend.words import t

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.paths import Profile


class ProfileLock:
    """Holds a profile for this process until ``release``; the system lets go of it when the process dies.

    The profile's folder must be there (``Profile.prepare``).

    Raises:
        AlreadyRunning: another process holds it.
        ProfileUnwritable: the lock file can't be opened.
    """

    def __init__(self, profile: Profile) -> None:
        descriptor = _hold(profile)
        # Who wiped the profile removed the file that we had opened: a lock on that keeps nobody out.
        while not is_still(descriptor, profile.lock):
            os.close(descriptor)
            descriptor = _hold(profile)
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Lets go; a second call does nothing. The empty file stays: removing it would be a race."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _hold(profile: Profile) -> int:
    try:
        descriptor = os.open(profile.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ProfileUnwritable(
            t(
                "The folder {folder} can’t be used: {reason}.",
                folder=profile.folder,
                reason=error.strerror,
            ),
            advice=t("Choose another with --profile."),
        ) from error
    try:
        lock_file(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise AlreadyRunning(
            t("Torsend is already running with this profile."),
            advice=t("Use its window, or name another folder with --profile."),
        ) from error
    return descriptor


def is_still(descriptor: int, path: Path) -> bool:
    """Whether that path still names the open file: nobody looks for a lock on a removed one."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def lock_file(descriptor: int) -> None:
    """Locks an open file, or a folder, against other processes until it is closed: on Windows one octet, where it is now.

    Raises:
        OSError: another holds it.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
