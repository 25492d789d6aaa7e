"""The log that a person may hand to somebody else: a whole send in it, and nothing of who wrote to whom."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.app.parts import PASSPHRASE, implicit, onion, program_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.parts import Program
    from tests.conftest import Stage


def test_a_whole_send_leaves_a_log_that_names_nobody(stage: Stage, tmp_path: Path) -> None:
    stage.server.refuse.add("gone@nordpost.example")
    log = tmp_path / "debug.log"
    log.write_text("")
    log.chmod(0o644)
    program = program_on(stage, tmp_path).with_options("--debug-log", str(log))
    attached = tmp_path / "readings-of-hall-four.txt"
    attached.write_text("column two")
    host, port, tls = onion(stage)
    program.add("Wren", "wren@rowanmail.example", implicit(stage), "wren", "wren’s password")
    program.add("Tarn", "tarn@rowanmail.example", (host, port, tls), "tarn", "tarn’s password")
    program.add("Ida", "ida@rowanmail.example", implicit(stage), "ida", "a wrong password")

    def send(identity: str, to: str) -> int:
        return program.run(
            "send", "--identity", identity, "--to", to, "--bcc", "hidden@nordpost.example", "--subject",
            "Test sheets", "--body", "-", "--attach-as-is", str(attached), stdin=b"the readings were changed\n",
        ).status  # fmt: skip

    assert send("Wren", "Marta <marta@nordpost.example>") == 0
    assert send("Tarn", "marta@nordpost.example") == 0
    assert send("Wren", "gone@nordpost.example") == 75
    assert send("Ida", "marta@nordpost.example") == 77

    written = log.read_text(encoding="utf-8").lower()
    assert "an attempt ended: accepted" in written
    assert "an attempt ended: sign-in-refused" in written
    for telling in (
        "wren", "tarn", "ida@", "marta", "hidden", "gone@", "rowanmail", "nordpost", stage.host, host, "127.0.0.1",
        "test sheets", "readings", "password", PASSPHRASE, attached.name, str(tmp_path), tmp_path.name,
    ):  # fmt: skip
        assert telling.lower() not in written, telling
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_says_nothing_of_this_computer(program: Program) -> None:
    ran = replace(program, options=("--debug-log", "/dev/full", "--tor", "socks:/dev/null")).run(
        "tor", "status"
    )
    assert (ran.status, ran.err) == (69, "")


def test_a_log_that_is_new_is_the_person_s_own(stage: Stage, tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    assert (
        program_on(stage, tmp_path).with_options("--debug-log", str(log)).run("identity", "list").status == 0
    )
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
