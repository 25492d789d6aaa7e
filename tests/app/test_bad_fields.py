"""What a person can type wrongly: each is said in words, nothing is queued, nothing is sent."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.app.troubles import TO_MARTA, UNPRIVILEGED, check, each_alone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.parts import Program

BREAKS = ("\r", "\n", "\r\nBcc: everybody@nordpost.example\r\n")


def queue(**fields: str) -> tuple[str, ...]:
    """A command line that would queue a mail, with these fields instead of good ones."""
    good = {"--identity": "Wren", "--to": "marta@nordpost.example", "--subject": "Test sheets"}
    given = good | {f"--{name}": value for name, value in fields.items()}
    return ("send", "--queue-only", *(word for pair in given.items() for word in pair))


def as_is(file: str) -> tuple[str, ...]:
    """A command line that would queue a mail with that file as it is."""
    return (*queue(), "--attach-as-is", file)


def add(**fields: str) -> tuple[str, ...]:
    """A command line that would add an identity, with these fields instead of good ones."""
    good = {
        "--name": "Tarn", "--address": "tarn@rowanmail.example", "--host": "smtp.rowanmail.example",
        "--port": "465", "--tls": "implicit", "--username": "tarn",
    }  # fmt: skip
    given = good | {f"--{name}": value for name, value in fields.items()}
    return ("identity", "add", *(word for pair in given.items() for word in pair))


def refused(program: Program, folder: Path, status: int, rows: list[tuple[tuple[str, ...], str]]) -> None:
    """Each of these command lines fails in those words, and leaves nothing behind."""
    runs = each_alone(program, folder, [line for line, _ in rows])
    for ran, (_, said) in zip(runs, rows, strict=True):
        check(ran, status, said)
    for number in range(len(rows)):
        copy = replace(program, folder=folder / f"copy-{number}")
        if number == 0:  # all of them would take as long again
            assert copy.run("outbox", "list", "--json").json == []
            assert len(copy.run("identity", "list", "--json").json) == 1


def test_bad_addresses(program: Program, tmp_path: Path) -> None:
    rows = [
        (queue(to="marta"), "To: “marta” has no @"),
        (queue(to=""), "has no recipient"),
        (queue(to="@nordpost.example"), "nothing before the @"),
        (queue(to="marta@"), "nothing after the @"),
        (queue(to="marta@nordpost..example"), "dot too many after the @"),
        (queue(to="marta@nordpost.example jonas@nordpost.example"), "comma is missing"),
        (queue(to="marta@nordpost.example, jonas"), "To, address 2"),
        (queue(to="Marta <marta@nordpost.example"), "< or >"),
        (queue(to='"Marta <marta@nordpost.example>'), "quotation mark"),
        (queue(to="friends: marta@nordpost.example;"), "named group"),
        (queue(to="marta@[192.0.2.1]"), "number address"),
        (queue(to=f"m@{'n' * 64}.example"), "too long"),
        (queue(to="marta\u202e@nordpost.example"), "To holds a hidden character (U+202E)"),
        (queue(cc="jonas"), "Cc: “jonas” has no @"),
        (queue(bcc="jonas"), "Bcc: “jonas” has no @"),
    ]
    refused(program, tmp_path, 65, rows)


def test_line_breaks_in_a_message(program: Program, tmp_path: Path) -> None:
    rows = [
        (queue(**{field: value + broken}), f"{label} holds a line break")
        for field, value, label in (
            ("to", "marta@nordpost.example", "To"),
            ("cc", "marta@nordpost.example", "Cc"),
            ("bcc", "marta@nordpost.example", "Bcc"),
            ("subject", "Test sheets", "Subject"),
        )
        for broken in BREAKS
    ]
    # A byte that is no character, and a NUL's nearest kin: a NUL itself ends an argument.
    rows += [
        (queue(subject="Test\udcff"), "Subject holds a hidden character"),
        (queue(subject="Test\x01"), "Subject holds a hidden character (U+0001)"),
        (queue(to="Marta\udcff <marta@nordpost.example>"), "To holds a hidden character"),
    ]
    refused(program, tmp_path, 65, rows)


def test_line_breaks_and_nonsense_in_an_identity(program: Program, tmp_path: Path) -> None:
    rows = [
        (add(**{field: value + broken}), said)
        for field, value, said in (
            ("name", "Tarn", "The name has a line break"),
            ("address", "tarn@rowanmail.example", "The address has a line break"),
            ("host", "smtp.rowanmail.example", "The server’s name has a line break"),
            ("username", "tarn", "The user name has a line break"),
        )
        for broken in ("\r", "\n")
    ]
    rows += [
        (add(name="Tarn\udcff"), "The name has a line break"),
        (add(name="T" * 129), "longer than 128"),
        (add(address="tarn"), "isn’t an address"),
        (add(address="tarn@rowanmail..example"), "dot too many"),
        (add(host=""), "The server’s name is missing"),
        (add(host="smtp.rowanmail.example:465"), "isn’t the name of a server"),
        (add(host=f"{'a' * 56}.onion"), "mistyped"),
        (add(tls="onion-plain"), "only an onion server"),
        (("identity", "edit", "Wren", "--name", "Wr\nen"), "The name has a line break"),
        (("identity", "edit", "Wren", "--tls", "onion-plain"), "only an onion server"),
    ]
    refused(program, tmp_path, 64, rows)


def test_bad_files(program: Program, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "folder").mkdir()
    (files / "locked.txt").write_bytes(b"text")
    (files / "locked.txt").chmod(0)
    with (files / "large.bin").open("wb") as large:
        large.truncate(150_000_000)
    os.mkfifo(files / "pipe")
    (files / "line\nbreak.txt").write_bytes(b"text")
    (files / "turned\u202efdp.exe").write_bytes(b"text")
    # Names that were made neutral hold no hidden characters.
    assert program.run("identity", "edit", "Wren", "--file-names", "kept").status == 0
    program = replace(program, prefix=UNPRIVILEGED)
    rows = [
        (queue(attach=str(files / "missing.txt")), "missing.txt isn’t there"),
        (queue(attach=str(files / "folder")), "folder is a folder"),
        (queue(attach=str(files / "locked.txt")), "locked.txt can’t be read"),
        (queue(attach=str(files / "locked.txt" / "in")), "in isn’t there"),
        (queue(attach=str(files / "large.bin")), "large.bin can’t be cleaned: "),
        (queue(attach=str(files / "large.bin")), "To send it as it is: --attach-as-is large.bin"),
        (queue(attach=str(files / "pipe")), "pipe can’t be read"),
        (queue(attach="/dev/zero"), "zero can’t be read"),
        (as_is(str(files / "missing.txt")), "missing.txt isn’t there"),
        (as_is(str(files / "folder")), "folder is a folder"),
        (as_is(str(files / "pipe")), "pipe can’t be read"),
        (as_is(str(files / "large.bin")), "The mail would be 206 MB; 150 MB is the most."),
        (as_is(str(files / "line\nbreak.txt")), "A file’s name holds a line break"),
        (as_is(str(files / "turned\u202efdp.exe")), "A file’s name holds a hidden character (U+202E)"),
        (queue(attach=""), "folder"),
        (queue(body=str(files / "missing.txt")), "The text cannot be read: No such file"),
        (queue(body=str(files / "locked.txt")), "The text cannot be read: Permission denied"),
    ]
    refused(program, tmp_path, 65, rows)


def test_wire_says_the_same_as_send_and_prints_nothing(program: Program, tmp_path: Path) -> None:
    for more, said in (
        (("--cc", "jonas"), "Cc: “jonas” has no @"),
        (("--attach", str(tmp_path / "missing")), "missing isn’t there"),
    ):
        ran = program.run("wire", *TO_MARTA, *more)
        check(ran, 65, said)
        assert ran.out == b""
