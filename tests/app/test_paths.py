"""Where things lie."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.vault.helpers import ordinary_folder, ordinary_user
from torsend import paths
from torsend.paths import (
    HomeUnknown,
    Profile,
    ProfileUnwritable,
    ResourcesMissing,
    default_profile,
    expanded,
    replace_file,
    resources,
    take_place,
)


def test_resources_are_found_in_the_source_tree() -> None:
    assert (resources() / "icons").is_dir()


def test_resources_are_found_in_a_frozen_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path / "resources"


def test_missing_resources_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "torsend" / "paths.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(ResourcesMissing, match="not installed completely"):
        resources()
    (tmp_path / "torsend" / "resources").mkdir(parents=True)
    assert resources() == tmp_path / "torsend" / "resources"


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/torsend"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/wren/.local/share/torsend"),
        ("linux", {}, "/home/wren/.local/share/torsend"),
        ("darwin", {}, "/home/wren/Library/Application Support/Torsend"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/Torsend"),
        ("win32", {}, "/home/wren/AppData/Local/Torsend"),
    ],
)
def test_profile_lies_where_each_system_wants_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], folder: str
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", "/home/wren")
    monkeypatch.setattr(sys, "platform", platform)
    assert default_profile() == Path(folder)


def test_a_person_whom_the_system_does_not_know_is_asked_for_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a container that runs under a number of its own: no HOME, no entry."""

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    with pytest.raises(HomeUnknown, match="where your folder is") as caught:
        default_profile()
    assert "--profile" in caught.value.advice
    monkeypatch.chdir(tmp_path)
    assert expanded("a") == tmp_path / "a"
    assert expanded("~nobody-of-that-name/a") == tmp_path / "~nobody-of-that-name" / "a"
    monkeypatch.setenv("HOME", "/home/wren")
    assert expanded("~/a") == Path("/home/wren/a")


def test_profile_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "a" / "b")
    before = os.umask(0)
    try:
        profile.prepare()
    finally:
        os.umask(before)
    assert stat.S_IMODE(profile.folder.stat().st_mode) == 0o700
    profile.folder.chmod(0o755)
    profile.prepare()
    assert stat.S_IMODE(profile.folder.stat().st_mode) == 0o700
    inside = (profile.vault, profile.settings, profile.lock, profile.tor_data)
    assert {path.parent for path in inside} == {profile.folder}
    assert len(set(inside)) == 4


def test_profile_that_cannot_be_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProfileUnwritable, match="can’t be used") as failure:
        Profile(tmp_path / "file").prepare()
    assert "--profile" in failure.value.advice
    with ordinary_folder() as folder, ordinary_user():
        folder.chmod(0o555)
        with pytest.raises(ProfileUnwritable):
            Profile(folder / "new").prepare()


def test_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ProfileUnwritable, match="No space left"):
            replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("looks", [3, 1000])
def test_on_windows_somebody_may_look_into_a_file_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    left = [looks]
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] > 0:
            raise PermissionError(errno.EACCES, "used by another process")
        return real(self, target)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(paths, "_BETWEEN_SECONDS", 0.0)
    monkeypatch.setattr(Path, "replace", replace)
    if looks == 3:
        take_place(new, old)
        assert old.read_text() == "new"
    else:
        with pytest.raises(PermissionError):
            take_place(new, old)
        assert (new.read_text(), old.read_text()) == ("new", "old")
