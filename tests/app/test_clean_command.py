"""Cleaning from a terminal: the files of ``send`` and ``wire``, and ``torsend clean``."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tests.app import files as made
from tests.app.parts import PASSPHRASE
from tests.app.troubles import TO_MARTA, check
from tests.vault.helpers import passphrase
from torsend.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.parts import Program


def kept(program: Program) -> int:
    with Vault.open(program.profile / "vault.db", passphrase(PASSPHRASE)) as vault, vault.reading() as db:
        return len(db.rows("SELECT 1 FROM cleaned"))


def test_wire_shows_the_cleaned_bytes_under_the_name_that_goes_and_keeps_nothing(
    program: Program, tmp_path: Path
) -> None:
    recording = made.telling(tmp_path / "Interview with Kaspar Meyer.wav")
    ran = program.run("wire", *TO_MARTA, "--attach", str(recording), "--attach-as-is", str(recording))
    assert ran.status == 0, ran.err
    first, second = ran.out.split(b"Content-Disposition:")[1:]
    assert b'filename="sound-1.wav"' in first
    assert b'filename="file-1.wav"' in second
    assert "Interview with Kaspar Meyer.wav: author removed." in ran.err
    assert "Interview with Kaspar Meyer.wav: as it is." in ran.err
    assert kept(program) == 0
    assert made.SECRET in recording.read_bytes()


def test_a_file_that_cannot_be_cleaned_is_refused_unless_it_shall_go_as_it_is(
    program: Program, tmp_path: Path
) -> None:
    notes = made.old_office(tmp_path / "notes.doc")
    for command in ("wire", "send"):
        ran = program.run(command, *TO_MARTA, "--attach", str(notes))
        check(
            ran,
            65,
            "notes.doc can’t be cleaned: it may hold its author’s name and earlier edits.",
            "To send it as it is: --attach-as-is notes.doc",
        )
        assert ran.out == b""
    assert program.run("outbox", "list", "--json").json == []
    assert kept(program) == 0
    queued = program.run("send", "--queue-only", *TO_MARTA, "--attach-as-is", str(notes))
    assert queued.status == 0, queued.err
    both = program.run("send", "--queue-only", *TO_MARTA, "--attach", str(made.telling(tmp_path / "a.wav")))
    assert both.status == 0, both.err
    # What was made of it waits with its draft, until a server took the mail or it is taken out.
    assert kept(program) == 1
    assert program.run("outbox", "remove", both.out.decode().strip()).status == 0
    assert kept(program) == 0


def test_clean_writes_a_copy_and_tells_what_was_removed(program: Program, tmp_path: Path) -> None:
    recording, copy = made.telling(tmp_path / "a.wav"), tmp_path / "b.wav"
    before = recording.read_bytes()
    ran = program.run("clean", str(recording), "--output", str(copy), "--json")
    assert ran.status == 0, ran.err
    assert ran.json["verdict"] == "cleaned"
    assert any("Kaspar Meyer" in value for _, _, value in ran.json["removed"])
    assert recording.read_bytes() == before
    assert made.SECRET not in copy.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    # The copy has nothing left to remove, and what is there is never written over.
    again = program.run("clean", str(copy), "--output", str(tmp_path / "c.wav"))
    assert again.status == 0
    assert "nothing to clean was found" in again.err
    assert b"What stays" in again.out
    assert (tmp_path / "c.wav").read_bytes() == copy.read_bytes()
    for target in (recording, copy):
        check(program.run("clean", str(recording), "--output", str(target)), 74, "There is something already")
    assert recording.read_bytes() == before


def test_clean_leaves_no_copy_of_what_it_cannot_clean_or_read(program: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    notes = made.old_office(tmp_path / "notes.doc")
    check(program.run("clean", str(notes), "--output", str(copy)), 65, "notes.doc can’t be cleaned: ")
    check(program.run("clean", str(tmp_path / "gone"), "--output", str(copy)), 65, "gone can’t be read")
    check(
        program.run("clean", str(notes), "--output", str(tmp_path / "no" / "copy")),
        74,
        "could not be written",
    )
    assert not copy.exists()
