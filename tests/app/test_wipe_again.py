"""A removal that was not done to the end, and the next one: it tells exactly what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import PASSPHRASE
from tests.app.test_keyrings import by_keyring
from tests.app.test_wipe import fill, names
from tests.app.troubles import check
from torsend.app import half_wiped, wiping
from torsend.app.half_wiped import InKeyring
from torsend.app.start import SecretsPlace, Start
from torsend.app.wiping import kept, wipe
from torsend.gui.wipe_dialog import losses_unread
from torsend.identity.secrets import KeyringMissing, KeyringRefused, KeyringStore
from torsend.paths import Profile, ProfileUnwritable
from torsend.vault import files_of
from torsend.vault.files import overwrite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.parts import Program
    from tests.identity.secret_service import Desktop
    from torsend.errors import TorsendError

__all__ = ["by_keyring"]


def again(start: Start) -> tuple[TorsendError, ...]:
    with KeyringStore() as keyring:
        return wipe(start, keyring)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tor's folder can't be removed."""

    def refuse(_: Path) -> None:
        raise ProfileUnwritable("Tor’s folder could not be removed.")

    monkeypatch.setattr(wiping, "_remove_folder", refuse)


def test_what_was_emptied_but_stays_is_no_vault_and_the_keyring_is_not_suspected(
    desktop: Desktop, by_keyring: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(vault: Path) -> None:
        for path in (path for paths in files_of(vault) for path in paths):
            overwrite(path)
        raise ProfileUnwritable("The vault could not be removed.")

    fill(by_keyring)
    with monkeypatch.context() as unremovable:
        unremovable.setattr(wiping, "remove_files", empty)
        (trouble,) = again(Start(Profile(by_keyring.profile)))
    assert "could not be removed" in trouble.sentences()
    assert sorted(names(by_keyring)) == ["rest"]
    check(by_keyring.run("identity", "list"), 74, "Nothing stands in the vault any more")
    losses = losses_unread(kept(Profile(by_keyring.profile)))
    assert (losses.waiting, losses.drafts) == (0, 0)

    ran = by_keyring.run("wipe", "--yes")
    assert (ran.status, ran.err) == (0, "")
    said = ran.out.decode()
    assert "zeros, nothing can be read" in said
    for more in ("identities, drafts", "mail that waits", "key, in the system keyring", "shared by all"):
        assert more not in said
    assert not by_keyring.profile.exists()


@pytest.mark.usefixtures("stuck")
def test_what_the_keyring_kept_is_asked_for_again_and_nothing_else_is(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(program)
    asked: list[str] = []
    refused = {"tor-control-password"}

    def delete(_: KeyringStore, name: str) -> None:
        asked.append(name)
        if name in refused:
            raise KeyringRefused("The keyring refused.")

    monkeypatch.setattr(KeyringStore, "delete", delete)
    profile = Profile(program.profile)
    start = Start(profile, passphrase=PASSPHRASE, secrets=SecretsPlace.KEYRING)
    assert len(again(start)) == 2
    assert len(asked) > 2
    asked.clear()
    profile.tor_data.mkdir(exist_ok=True)
    assert [each.name for each in kept(profile)] == ["tor", "entries"]
    assert "1 entry of torsend" in kept(profile)[-1].what
    refused.clear()
    assert len(again(start)) == 1
    assert asked == ["tor-control-password"]
    assert [each.name for each in kept(profile)] == ["tor"]


@pytest.mark.usefixtures("stuck")
def test_passwords_that_nobody_could_name_are_told_of_until_a_vault_can_be_read(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(program)
    monkeypatch.setattr(KeyringStore, "available", lambda _: True)
    monkeypatch.setattr(KeyringStore, "delete", lambda *_: None)
    start = Start(Profile(program.profile), passphrase="forgotten")
    for _ in range(2):
        troubles = again(start)
        assert "may still lie in the keyring" in troubles[0].sentences()
        assert len(troubles) == 2
    fill_anew = replace(start, passphrase=PASSPHRASE)
    assert program.run("identity", "list").status == 0
    assert [each.sentences() for each in again(fill_anew)] == ["Tor’s folder could not be removed."]
    assert len(again(start)) == 1


def test_a_key_that_lies_in_a_keyring_which_does_not_answer_is_told_of(
    desktop: Desktop, by_keyring: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(by_keyring)

    def gone(*_: object) -> None:
        raise KeyringMissing("No keyring answers.")

    monkeypatch.setattr(KeyringStore, "_ask", gone)
    (trouble,) = again(Start(Profile(by_keyring.profile)))
    assert "No keyring answers. What torsend kept there may still be there." in trouble.sentences()
    assert not by_keyring.profile.exists()


@pytest.mark.parametrize("bytes_", [b"", b"\0", b"\0{", b"\0[]", b'\0{"names": 1}', b"\0\xff"])
def test_a_note_that_is_none_says_nothing(tmp_path: Path, bytes_: bytes) -> None:
    profile = Profile(tmp_path)
    profile.lock.write_bytes(bytes_)
    assert half_wiped.noted(profile) is None


def test_a_note_that_cannot_be_made_is_left_out_and_a_shorter_one_replaces_a_longer(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    half_wiped.note(profile, InKeyring())
    assert half_wiped.noted(profile) is None
    profile.lock.touch()
    for left in (InKeyring(("identity:1", "identity:2")), InKeyring(others=True)):
        half_wiped.note(profile, left)
        assert half_wiped.noted(profile) == left


def test_of_a_vault_that_was_made_since_a_note_knows_only_what_was_left(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.lock.touch()
    half_wiped.note(profile, InKeyring(("identity:1",)))
    profile.vault.write_bytes(bytes(range(64)))
    assert half_wiped.noted(profile) == InKeyring(("identity:1",), others=True)
