"""``torsend wipe``: it tells what is kept, asks, and leaves nothing, in the keyring either."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import PASSPHRASE
from tests.app.test_keyrings import add_wren, by_keyring
from tests.app.troubles import UNPRIVILEGED, check
from torsend.app import wiping
from torsend.app.start import SecretsPlace, Start
from torsend.app.wiping import kept, wipe
from torsend.identity.secrets import SERVICE, KeyringRefused, KeyringStore, system_backend
from torsend.paths import Profile
from torsend.vault import ProfileLock

if TYPE_CHECKING:
    from tests.app.parts import Program
    from tests.identity.secret_service import Desktop

__all__ = ["by_keyring"]


def names(program: Program) -> dict[str, str | None]:
    ran = program.run("wipe", "--list", "--json")
    assert ran.status == 0
    return {each["name"]: each["path"] for each in ran.json}


def fill(program: Program) -> None:
    """What a profile gathers in time."""
    add_wren(program)
    (program.profile / "settings.json").write_text("{}")
    (program.profile / ".settings.json.0123abcd").write_text("{")
    (program.profile / "tor" / "keys").mkdir(parents=True)
    (program.profile / "tor" / "state").write_text("Guard in=default\n")
    (program.profile / "vault.db.before-2").write_bytes(b"an older one")


def test_it_tells_asks_and_leaves_nothing(program: Program) -> None:
    fill(program)
    assert names(program) == {
        "vault": str(program.profile / "vault.db"),
        "backup": str(program.profile / "vault.db.before-2"),
        "settings": str(program.profile / "settings.json"),
        "tor": str(program.profile / "tor"),
    }
    before = sorted(program.profile.rglob("*"))
    check(program.run("wipe"), 64, "Nothing was removed.", "--yes")
    assert sorted(program.profile.rglob("*")) == before

    ran = program.run("wipe", "--yes")
    assert (ran.status, ran.err) == (0, "")
    said = ran.out.decode()
    assert "Tor’s own folder" in said
    assert said.index("nothing brings it back") < said.index("It is gone.")
    assert not program.profile.exists()
    # Once more: there is nothing, and that is no fault.
    again = program.run("wipe", "--yes")
    assert (again.status, "There is nothing in" in again.err) == (0, True)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_a_profile_whose_name_is_no_unicode_is_told_as_well(program: Program, tmp_path: Path) -> None:
    moved = program.moved_to(tmp_path / os.fsdecode(b"pr\xff"))
    add_wren(moved)
    assert names(moved) == {"vault": str(moved.profile / "vault.db")}
    assert moved.run("wipe", "--yes").status == 0
    assert not moved.profile.exists()


@pytest.mark.parametrize("typed", ["wipe", "no"])
def test_at_a_terminal_a_word_is_asked_for(program: Program, typed: str) -> None:
    fill(program)
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            program.command("wipe"), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.environment
        ) as process:  # fmt: skip
            os.write(ours, f"{typed}\n".encode())
            _, err = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"Type wipe to go on" in err
    assert process.returncode == (0 if typed == "wipe" else 64)
    assert (program.profile / "vault.db").exists() == (typed == "no")


def test_somebody_elses_files_stay_and_what_a_link_leads_to(program: Program, tmp_path: Path) -> None:
    fill(program)
    other = tmp_path / "other"
    shutil.move(program.profile / "tor", other)
    (program.profile / "tor").symlink_to(other)
    (program.profile / "letter.txt").write_text("not ours")
    assert program.run("wipe", "--yes").status == 0
    assert [each.name for each in program.profile.iterdir()] == ["letter.txt"]
    assert (other / "state").exists()


def test_while_torsend_runs_nothing_is_removed(program: Program) -> None:
    fill(program)
    with ProfileLock(Profile(program.profile)):
        check(program.run("wipe", "--yes"), 64, "Torsend is already running with this profile.")
    assert (program.profile / "vault.db").exists()


def test_the_keyring_forgets_it_all_too(desktop: Desktop, by_keyring: Program) -> None:
    fill(by_keyring)
    backend = system_backend()
    wren = by_keyring.run("identity", "list", "--json").json[0]["id"]
    assert backend.get_password(SERVICE, f"identity:{wren}") == "secret"
    vault_key = f"vault-key:{(by_keyring.profile / 'vault.db').read_bytes()[:16].hex()}"
    assert backend.get_password(SERVICE, vault_key)
    assert names(by_keyring)["key"] is None
    assert by_keyring.run("tor", "password", stdin=b"control\n").status == 0
    ran = by_keyring.run("wipe", "--yes")
    assert (ran.status, ran.err) == (0, "")
    assert "shared by all your profiles" in ran.out.decode()
    assert backend.get_password(SERVICE, "tor-control-password") is None
    assert backend.get_password(SERVICE, f"identity:{wren}") is None
    assert backend.get_password(SERVICE, vault_key) is None


def test_a_profile_with_a_passphrase_leaves_what_other_profiles_share(
    desktop: Desktop, by_keyring: Program
) -> None:
    backend = system_backend()
    backend.set_password(SERVICE, "tor-control-password", "another profile’s")
    own = replace(by_keyring, keyring=False)
    fill(own)
    assert own.run("wipe", "--yes").status == 0
    assert backend.get_password(SERVICE, "tor-control-password") == "another profile’s"


def test_a_locked_keyring_is_told_and_the_rest_goes(desktop: Desktop, by_keyring: Program) -> None:
    fill(by_keyring)
    desktop.lock()
    ran = by_keyring.with_options("--patience", "2").run("wipe", "--yes")
    check(ran, 74, "The keyring is locked.", "service torsend")
    assert not by_keyring.profile.exists()


def test_a_forgotten_passphrase_is_no_hindrance(program: Program) -> None:
    fill(program)
    ran = replace(program, keyring=True).run("wipe", "--yes")
    assert (ran.status, ran.err) == (0, "")
    assert not program.profile.exists()


def test_an_entry_that_the_keyring_keeps_keeps_no_other(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(program)
    asked = []

    def delete(_: KeyringStore, name: str) -> None:
        asked.append(name)
        if name == "tor-control-password":
            raise KeyringRefused("The keyring refused.")

    monkeypatch.setattr(KeyringStore, "delete", delete)
    start = Start(Profile(program.profile), passphrase=PASSPHRASE, secrets=SecretsPlace.KEYRING)
    with KeyringStore() as keyring:
        (trouble,) = wipe(start, keyring)
    assert "The keyring refused. What torsend kept there may still be there." in trouble.sentences()
    assert asked[0] == "tor-control-password"
    assert {each.partition(":")[0] for each in asked} >= {"identity", "vault-key"}


def test_what_cannot_be_overwritten_is_removed_all_the_same(program: Program) -> None:
    fill(program)
    for name in ("vault.db", "vault.db.before-2"):
        (program.profile / name).chmod(0o400)
    ran = unprivileged(program, "wipe", "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not program.profile.exists()


def test_what_stays_of_the_vault_is_named_and_the_next_time_it_goes(program: Program) -> None:
    fill(program)
    program.profile.chmod(0o555)
    try:
        ran = unprivileged(program, "wipe", "--yes")
    finally:
        program.profile.chmod(0o755)
    assert ran.returncode == 74
    assert "could not be removed: Permission denied." in ran.stderr
    # All of it: what isn't named is taken to be gone.
    left = sorted(program.profile.iterdir())
    assert [each.name for each in left if str(each) not in ran.stderr] == ["lock"]
    assert "intact" not in ran.stderr
    again = program.run("wipe", "--yes")
    assert (again.status, again.err) == (0, "")
    assert not program.profile.exists()


def unprivileged(program: Program, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs it without root's power over file modes."""
    script = "import sys; from torsend.__main__ import main; sys.exit(main())"
    command = program.command(*words)
    return subprocess.run(
        [*UNPRIVILEGED, sys.executable, "-c", script, *command[command.index("-m") + 2 :]],
        capture_output=True, env=program.environment, timeout=60, check=False, text=True,
    )  # fmt: skip


def test_what_cannot_be_removed_is_named(program: Program) -> None:
    fill(program)
    (program.profile / "tor" / "keys" / "stuck").write_text("")
    (program.profile / "tor" / "keys").chmod(0o555)
    try:
        done = unprivileged(program, "wipe", "--yes")
    finally:
        (program.profile / "tor" / "keys").chmod(0o755)
    assert done.returncode == 74
    assert "tor could not be removed" in done.stderr
    assert "Remove it by hand." in done.stderr
    assert not (program.profile / "vault.db").exists()
    # Whatever can go has gone.
    assert not (program.profile / "tor" / "state").exists()


def test_nothing_there_is_nothing_kept(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "none")
    assert kept(profile) == ()
    with KeyringStore() as keyring:
        assert wipe(Start(profile), keyring) == ()


def test_a_folder_that_never_was_a_profile_is_left_alone(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "somebody’s"
    (folder / "tor").mkdir(parents=True)
    (folder / "tor" / "notes").write_text("theirs")
    (folder / "settings.json").write_text("{}")
    there = program.with_options("--profile", str(folder))
    assert names(there) == {}
    ran = there.run("wipe", "--yes")
    assert (ran.status, "There is nothing in" in ran.err) == (0, True)
    assert (folder / "tor" / "notes").exists()
    assert (folder / "settings.json").exists()


def test_a_folder_that_holds_other_things_becomes_no_profile(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "somebody’s"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").write_text("theirs")
    there = program.with_options("--profile", str(folder))
    check(there.run("identity", "list"), 74, "holds other things", "--profile")
    assert folder.stat().st_mode & 0o777 == 0o755
    # As Tor's own folder: a lock makes it none of ours.
    (folder / "lock").touch()
    check(there.run("identity", "list"), 74, "holds other things", "--profile")
    (folder / "lock").unlink()
    (folder / "letter.txt").unlink()
    (folder / "tor").mkdir()
    (folder / ".DS_Store").touch()
    assert there.run("identity", "list").status == 0
    # What comes later is no hindrance.
    (folder / "letter.txt").write_text("theirs")
    assert there.run("identity", "list").status == 0


def test_what_is_kept_is_told_while_tor_is_at_work_there(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    folder = profile.tor_data / "keys"
    folder.mkdir(parents=True)
    profile.lock.touch()
    (folder / "state").write_bytes(bytes(1000))
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for number in range(20):
                (folder / f"{number}.tmp").touch()
            for number in range(20):
                (folder / f"{number}.tmp").unlink()

    tor = threading.Thread(target=work)
    tor.start()
    try:
        assert {each.size for _ in range(200) for each in kept(profile)} == {1000}
    finally:
        over.set()
        tor.join()


def test_on_windows_what_we_hold_open_stays_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = Profile(tmp_path / "profile")
    profile.prepare()
    profile.settings.write_text("{}")
    real = Path.unlink

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path == profile.lock:
            raise PermissionError(13, "used by another process")
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    with ProfileLock(profile), monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        wiping._remove_profile(profile)
    assert {each.name for each in profile.folder.iterdir()} == {"lock", profile.settings.name}
    with KeyringStore() as keyring:
        (failure,) = wipe(Start(profile), keyring)
    assert "could not be removed" in failure.sentences()
