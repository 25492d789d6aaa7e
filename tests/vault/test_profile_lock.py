"""One Torsend a profile."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.vault.helpers import ROOT, ordinary_folder, ordinary_user
from torsend.errors import ExitStatus
from torsend.paths import Profile, ProfileUnwritable
from torsend.vault import AlreadyRunning, ProfileLock, lock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, pathlib
from torsend.paths import Profile
from torsend.vault import ProfileLock
lock = ProfileLock(Profile(pathlib.Path(sys.argv[1])))
print("held", flush=True)
sys.stdin.read()
"""


def test_second_torsend_is_told_so_until_the_first_lets_go(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    with ProfileLock(profile) as first:
        with pytest.raises(AlreadyRunning, match="already running") as failure:
            ProfileLock(profile)
        assert failure.value.status is ExitStatus.USAGE
        first.release()
        ProfileLock(profile).release()
    ProfileLock(profile).release()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = Profile(tmp_path)
    real = lock.lock_file
    taken: list[int] = []

    def take(descriptor: int) -> None:
        if not taken:
            profile.lock.unlink()  # by who wipes the profile, between our opening and our lock
        taken.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(lock, "lock_file", take)
    with ProfileLock(profile):
        assert len(taken) == 2
        with pytest.raises(AlreadyRunning):
            ProfileLock(profile)


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning):
            ProfileLock(Profile(tmp_path))
        other.send_signal(signal.SIGKILL)
        other.wait(20)
    ProfileLock(Profile(tmp_path)).release()


def test_profile_that_cannot_be_written_is_said_in_words() -> None:
    with ordinary_folder() as folder, ordinary_user():
        folder.chmod(0o555)
        with pytest.raises(ProfileUnwritable, match="can’t be used"):
            ProfileLock(Profile(folder))
