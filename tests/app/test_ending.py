"""A run that is ended in the middle of a mail: nothing is lost, nothing goes twice, no tor is left behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.troubles import LARGE, TO_MARTA, ended, sending, stopped, takes_some_and_waits, tor_of, tors_in
from tests.support.misbehaving import PASSWORD, USER, stalls
from tests.tor.parts import wait_gone

if TYPE_CHECKING:
    from tests.app.parts import Program
    from tests.conftest import Stage


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_in_the_middle_of_a_mail_leaves_it_waiting(
    number: int, status: int, stage: Stage, attached: Program
) -> None:
    with sending(stage, attached, {"rcpt": stalls}, "--json") as (server, running):
        server.wait_for(
            lambda: any(command.startswith("RCPT") for seen in server.seen for command in seen.commands)
        )
        running.send_signal(number)
        ran = ended(running)
    assert ran.status == status
    assert ran.json["state"] == "retry"
    assert ran.json["reason"] == "interrupted"
    assert "Interrupted." in ran.err
    assert "torsend outbox send" in ran.err
    (entry,) = attached.run("outbox", "list", "--json").json
    assert entry["state"] == "retry"


def test_a_signal_after_the_last_byte_leaves_it_unknown(stage: Stage, attached: Program) -> None:
    attached = attached.with_options("--patience", "20")
    with sending(stage, attached, {"dot": stalls}) as (server, running):
        server.wait_for(lambda: any(seen.body_ended for seen in server.seen))
        running.send_signal(signal.SIGINT)
        ran = ended(running)
    assert ran.status == 130
    assert b"unknown" in ran.out
    assert "Only rowanmail knows whether it took the mail" in ran.out.decode()
    assert attached.run("outbox", "send").status == 0
    (entry,) = attached.run("outbox", "list", "--json").json
    assert entry["state"] == "unknown"


def test_kill_9_in_the_middle_of_a_mail_leaves_no_tor_and_loses_nothing(
    stage: Stage, on_stage: Program
) -> None:
    large = on_stage.folder / "large.bin"
    large.write_bytes(os.urandom(LARGE))
    with sending(stage, on_stage, {"body": takes_some_and_waits}, "--attach-as-is", str(large)) as (
        server,
        running,
    ):
        server.wait_for(lambda: any(seen.body for seen in server.seen), 60)
        with stopped(running):
            tor = tor_of(running.pid)
            assert tors_in(on_stage.profile) == [tor]
            running.kill()
        assert wait_gone(tor)
    assert tors_in(on_stage.profile) == []
    (entry,) = on_stage.run("outbox", "list", "--json").json
    assert (entry["state"], entry["reason"], entry["left"]) == ("retry", "interrupted", "part")
    back = ("--host", stage.host, "--port", str(stage.server.implicit_port), "--username", "wren")
    assert on_stage.run("identity", "edit", "Wren", *back).status == 0
    assert on_stage.run("identity", "password", "Wren", stdin="wren’s password\n".encode()).status == 0
    sent = on_stage.run("outbox", "send", "--json")
    assert sent.status == 0, sent.err
    (received,) = stage.server.received
    assert entry["message_id"].encode() in received.data
    assert len(received.data) == entry["size"]


def test_secrets_stand_in_no_argument_no_environment_and_no_log(stage: Stage, on_stage: Program) -> None:
    log = on_stage.folder / "log"
    told = on_stage.with_options("--debug-log", str(log))
    (on_stage.folder / "letter.txt").write_text("Dear Marta, the sheets from Hall 4\n")
    words = ("--body", str(on_stage.folder / "letter.txt"), "--bcc", "jonas@nordpost.example")
    seen = b""
    with sending(stage, told, {"rcpt": stalls}, *words) as (server, running):
        server.wait_for(
            lambda: any("RCPT" in command for each in server.seen for command in each.commands), 60
        )
        tor = tor_of(running.pid)
        for pid in (running.pid, tor):
            for what in ("cmdline", "environ"):
                seen += Path(f"/proc/{pid}/{what}").read_bytes()
        assert str(on_stage.profile).encode() not in Path(f"/proc/{tor}/cmdline").read_bytes()
        port = server.port
        running.send_signal(signal.SIGINT)
        ended(running)
    assert tors_in(on_stage.profile) == []
    assert PASSWORD.encode() not in seen
    assert b"battery staple" not in seen
    # Nor who gets the mail and what it is about, though the command line was told.
    for told_there in (b"jonas@nordpost.example", b"marta@nordpost.example", b"Test sheets", b"letter.txt"):
        assert told_there not in seen
    # More of what fails, into the same log.
    told.run("send", "--identity", "Wren", "--to", "marta@nordpost.example", "--subject", "line\nbreak")
    told.run("send", *TO_MARTA, "--attach", str(on_stage.folder / "missing"))
    told.with_options("--passphrase-file", "/etc/hostname").run("identity", "list")
    told.with_options("--tor", "launch", "--torrc-include", "/nonexistent").run("outbox", "send")
    text = log.read_text()
    assert "torsend.tor" in text
    assert "torsend.delivery" in text
    secret = {
        PASSWORD, "battery", USER, "wren", "Wren", "marta", "jonas", "nordpost", "rowanmail", "Test sheets", "Hall 4",
        str(port), "missing", "nonexistent", str(on_stage.folder), "correct horse",
    }  # fmt: skip
    assert not {each for each in secret if each in text}
    assert not any(each in text for each in (stage.host, entry_ids(on_stage)))


def entry_ids(program: Program) -> str:
    return str(program.run("identity", "list", "--json").json[0]["id"])
