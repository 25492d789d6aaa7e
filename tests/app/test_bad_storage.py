"""Vault, passphrase, keyring, profile and disk: in the wrong state, and what then is said and kept."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import Program
from tests.app.troubles import TO_MARTA, UNPRIVILEGED, check, namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

QUEUE = ("send", *TO_MARTA, "--queue-only")


# ---- passphrases


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"another one\n", 74, "This passphrase doesn’t open the vault. Nothing was changed."),
        (b"", 64, "The first line of the passphrase file is empty."),
        (b"\ncorrect horse battery staple\n", 64, "The first line of the passphrase file is empty."),
        (b"caf\xe9\n", 64, "The passphrase file cannot be read."),
        (b"x" * 5000, 64, "too long for a passphrase"),
        (None, 64, "The passphrase file cannot be read."),
    ],
)
def test_a_passphrase_that_does_not_open(
    content: bytes | None, status: int, said: str, program: Program
) -> None:
    file = program.folder / "other"
    if content is not None:
        file.write_bytes(content)
    check(program.with_options("--passphrase-file", str(file)).run("identity", "list"), status, said)
    assert len(program.run("identity", "list", "--json").json) == 1


def test_a_passphrase_file_is_its_first_line_whatever_an_editor_put_around_it(program: Program) -> None:
    file = program.folder / "other"
    file.write_bytes(b"\xef\xbb\xbfcorrect horse battery staple\r\n" + b"\xff" * 5000)
    assert program.with_options("--passphrase-file", str(file)).run("identity", "list").status == 0


def test_a_vault_with_a_passphrase_asks_for_it(program: Program) -> None:
    without = replace(program, keyring=True)
    check(without.run("identity", "list"), 74, "A passphrase protects this vault.", "--passphrase-file FILE")


# ---- the vault's file


@pytest.mark.parametrize(
    "harm", ["empty", "cut", "first page", "later pages", "salt", "other file", "folder"]
)
def test_a_damaged_vault_is_left_as_it_is(harm: str, program: Program) -> None:
    assert program.run(*QUEUE).status == 0
    file = program.profile / "vault.db"
    whole = file.read_bytes()
    match harm:
        case "empty":
            broken = b""
        case "cut":
            broken = whole[:5000]
        case "first page":
            broken = whole[:100] + bytes(100) + whole[200:]
        case "later pages":
            broken = whole[:4096] + os.urandom(len(whole) - 4096)
        case "salt":
            broken = bytes(16) + whole[16:]
        case _:
            broken = b"SQLite format 3\0" + b"something else\n" * 1000
    if harm == "folder":
        file.unlink()
        file.mkdir()
        check(program.run("outbox", "list"), 74, "The vault can’t be read or written.")
        return
    file.write_bytes(broken)
    ran = program.run("outbox", "send")
    check(ran, 74, "The vault is damaged. Nothing in it was changed.", "from a backup")
    assert file.read_bytes() == broken
    file.write_bytes(whole)
    assert len(program.run("outbox", "list", "--json").json) == 1


def test_settings_that_make_no_sense_are_said_and_stop_nothing(program: Program) -> None:
    settings = program.profile / "settings.json"
    program = replace(program, options=())  # what the command line says of Tor goes before
    for content, said in (
        ("{", "The settings file is damaged."),
        (json.dumps({"theme": "pink"}), "Some settings make no sense: theme."),
        (json.dumps({"tor": "telepathy"}), "“telepathy” is no way to Tor."),
    ):
        settings.write_text(content)
        ran = program.run("identity", "list")
        check(ran, 0, said)
        assert b"Wren" in ran.out


# ---- the profile's folder, and the disk


def test_a_profile_that_cannot_be_written(program: Program) -> None:
    powerless = replace(program, prefix=UNPRIVILEGED)
    vault, folder = program.profile / "vault.db", program.profile
    vault.chmod(0o400)
    check(powerless.run(*QUEUE), 74, "The vault can’t be read or written.", "saved before is intact")
    vault.chmod(0o600)
    lock = folder / "lock"
    lock.unlink()
    folder.chmod(0o500)
    try:
        check(powerless.run(*QUEUE), 74, "can’t be used: Permission denied", "--profile")
    finally:
        folder.chmod(0o700)
    assert program.run("outbox", "list", "--json").json == []


def test_a_profile_that_is_no_folder(program: Program) -> None:
    file = program.folder / "file"
    file.write_text("text")
    check(
        program.with_options("--profile", str(file)).run("identity", "list"), 74, "can’t be used: File exists"
    )
    inside = program.with_options("--profile", str(file / "in"))
    check(inside.run("identity", "list"), 74, "can’t be used: Not a directory", "--profile")
    assert file.read_text() == "text"


def test_a_log_that_cannot_be_written(program: Program) -> None:
    ran = program.with_options("--debug-log", "/nonexistent/log").run("identity", "list")
    check(ran, 74, "The log file cannot be written.")


def test_a_second_instance_is_told_that_there_is_a_first(program: Program) -> None:
    import fcntl

    with (program.profile / "lock").open("r+") as first:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for words in (("identity", "list"), QUEUE, ("outbox", "send"), ("tor", "status")):
            check(program.run(*words), 64, "already running with this profile", "--profile")
    assert program.run("outbox", "list", "--json").json == []


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[tuple[tuple[str, ...], Path]]:
    """A disk of that size on ``folder``, seen only by programs with this prefix; and how we see it ourselves."""
    # The root as well: a run in a chroot would find itself outside of it.
    enter = ["nsenter", "--mount", "--root"]
    if "--user" in namespace():
        enter += ["--user", "--preserve-credentials"]
    holder = subprocess.Popen(
        [*namespace(), "sh", "-c", 'mount -t tmpfs -o size="$1" none "$0" && echo mounted && read forever',
         str(folder), size],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder.stdin, holder.stdout:
        assert holder.stdout.readline() == b"mounted\n"
        try:
            yield (*enter, f"--target={holder.pid}"), Path(f"/proc/{holder.pid}/root{folder}")
        finally:
            holder.kill()
            holder.wait()


def test_a_full_disk_takes_nothing_in_and_loses_nothing(
    made_once: Program, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "large.bin").write_bytes(os.urandom(4_000_000))
    with small_disk(program.folder, "3m") as (prefix, outside):
        # The mount hides what was there.
        made_once.moved_to(outside)
        small = replace(program, prefix=prefix)
        assert small.run(*QUEUE).status == 0
        before = small.run("outbox", "list", "--json").json
        check(
            small.run(*QUEUE, "--attach", str(tmp_path / "large.bin")),
            74,
            "The disk is full. This was not saved; what was saved before is intact.",
            "Free some space",
        )
        assert small.run("outbox", "list", "--json").json == before
        filler = outside / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as fills:
            while True:
                fills.write(bytes(4096))
        ran = small.run(*QUEUE)
        check(ran, 74, "The disk is full.")
        new = small.with_options("--profile", str(program.folder / "new"))
        check(new.run("identity", "list"), 74)
        filler.unlink()
        assert small.run("outbox", "list", "--json").json == before
        assert len(small.run("identity", "list", "--json").json) == 1
        assert small.run(*QUEUE).status == 0
