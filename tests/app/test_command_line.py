"""The grammar of the command line: help, options, answers for programs. No Tor is needed for any of it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.app.troubles import TO_MARTA, check, side_by_side, unharmed
from torsend.cli import parser as grammar
from torsend.cli.grammar import COLOURS, KINDS, TLS_MODES
from torsend.identity.identity import Colour, Kind, Tls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.parts import Program, Ran

SLOW = ("PySide6", "shiboken6", "stem", "socks", "keyring", "secretstorage", "sqlcipher3", "cryptography")


def parsers(parser: argparse.ArgumentParser | None = None) -> Iterator[argparse.ArgumentParser]:
    """The grammar's parser and those of all commands."""
    parser = parser or grammar.build()
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


COMMANDS = [tuple(each.prog.split()[1:]) for each in parsers()]


def bare(program: Program, *arguments: str, python: tuple[str, ...] = ()) -> Ran:
    """A run without any option."""
    from tests.app.parts import Ran

    done = subprocess.run(
        [sys.executable, "-W", "error", *python, "-m", "torsend", *arguments],
        capture_output=True, env=program.environment, stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def test_help_of_every_command_stands_alone(program: Program) -> None:
    assert len(COMMANDS) > 20
    runs = side_by_side([partial(bare, program, *words, "--help") for words in COMMANDS])
    for words, ran in zip(COMMANDS, runs, strict=True):
        said = ran.out.decode()
        assert (ran.status, ran.err) == (0, ""), words
        assert said.startswith(" ".join(("usage: torsend", *words)))
        # What it does, and where the rest is said.
        assert said.split("\n\n")[1].strip().endswith((".", "window."))
        assert "ptions for all stand before the command" in said or "exit status" in said


def test_nothing_in_the_grammar_lacks_its_words() -> None:
    for parser in parsers():
        assert parser.description, parser.prog
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), (parser.prog, action.dest)


def test_the_kind_that_has_no_route_yet_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["identity", "edit", "Wren", "--kind", "remailer"]
    with pytest.raises(SystemExit) as ended:
        grammar.build().parse_args(words)
    assert ended.value.code == 64
    assert "sending through remailers isn’t built yet" in capsys.readouterr().err


def test_the_grammar_says_again_what_an_identity_can_be() -> None:
    assert tuple(each for each in Kind if each is not Kind.REMAILER) == KINDS
    assert tuple(Colour) == COLOURS
    assert tuple(Tls) == TLS_MODES


def imported(ran: Ran) -> set[str]:
    return {
        line.rpartition("|")[2].strip().split(".")[0]
        for line in ran.err.splitlines()
        if "import time:" in line
    }


def test_it_starts_in_a_blink_since_nothing_slow_is_imported(program: Program) -> None:
    for words in (("version",), ("--help",), ("send", "--help"), ("nonsense",), ("identity", "add")):
        modules = imported(bare(program, *words, python=("-X", "importtime")))
        assert "torsend" in modules
        assert not modules & set(SLOW), words
    listing = subprocess.run(
        [sys.executable, "-X", "importtime", *program.command("identity", "list")[3:]],
        capture_output=True, env=program.environment, stdin=subprocess.DEVNULL, timeout=60, check=True,
    )  # fmt: skip
    modules = {line.rpartition("|")[2].strip().split(".")[0] for line in listing.stderr.decode().splitlines()}
    assert "sqlcipher3" in modules
    assert not modules & {"PySide6", "shiboken6", "stem", "keyring", "secretstorage"}


def test_version_is_told(program: Program) -> None:
    from torsend import __version__

    for word in ("version", "--version"):
        assert bare(program, word).out.decode() == f"torsend {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "nonsense"),
        (("--nonsense",), "--nonsense"),
        (("--vers",), "--vers"),
        (("identity",), "ACTION"),
        (("identity", "list", "--nonsense"), "--nonsense"),
        (("identity", "list", "--profile", "elsewhere"), "options for all stand before the command"),
        (("send", *TO_MARTA, "--tor=launch"), "options for all stand before the command"),
        (("send", "--identity", "Wren", "--to", "marta@nordpost.example"), "--subject"),
        (("send", "--to", "marta@nordpost.example", "--subject", "x"), "--identity"),
        (("wire", *TO_MARTA, "--queue-only"), "--queue-only"),
        (("--patience", "0", "version"), "--patience"),
        (("--patience", "nan", "version"), "--patience"),
        (("--patience", "inf", "version"), "--patience"),
        (("--patience", "soon", "version"), "--patience"),
        (("--secrets", "file", "version"), "--secrets"),
        (("identity", "edit", "Wren", "--port", "65536"), "--port"),
        (("identity", "edit", "Wren", "--tls", "none"), "--tls"),
        (("identity", "edit", "Wren", "--colour", "pink"), "--colour"),
        (("a" * 300,), "aaa"),
    ],
)  # fmt: skip
def test_what_the_grammar_does_not_know_is_64_and_says_where_to_look(
    words: tuple[str, ...], said: str, program: Program
) -> None:
    ran = bare(program, *words)
    unharmed(ran)
    assert ran.status == 64, ran.err
    assert ran.out == b""
    assert said in ran.err
    assert "Try: torsend" in ran.err
    assert "--help" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tor", "nonsense"), "no way to Tor"),
        (("--tor", "control:tor.example:9051"), "never looks up a name"),
        (("--tor", "control:127.0.0.1"), "lacks a port"),
        (("--tor", "socks:127.0.0.1:0"), "lacks a port"),
        (("--tor", "socks:::1:9050"), "brackets"),
        (("--tor", "socks:127.0.0.1:9050", "--torrc-include", "x"), "--torrc-include goes with"),
    ],
)
def test_a_way_to_tor_that_cannot_be_is_64(options: tuple[str, ...], said: str, program: Program) -> None:
    check(bare(program, *options, "tor", "status"), 64, said)


def test_a_window_without_a_screen_is_said_in_words(program: Program) -> None:
    screens = {"DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"}
    blind = {name: value for name, value in program.environment.items() if name not in screens}
    for words in ((), ("demo",), ("compose",), ("mailto:marta@nordpost.example",)):
        check(bare(replace(program, environment=blind), *words), 64, "no screen", "torsend --help")


def test_answers_for_programs_keep_their_shape(program: Program, tmp_path: Path) -> None:
    (wren,) = program.run("identity", "list", "--json").json
    assert wren["address"] == "wren@rowanmail.example"
    assert set(wren) == {
        "id", "name", "address", "kind", "colour", "host", "port", "tls", "username", "only_over_tor",
        "signature", "file_names", "certificate",
    }  # fmt: skip
    assert program.run("identity", "show", "Wren", "--json").json == wren | {
        "has_password": True, "has_onion_key": False, "exit_refusals": None,
    }  # fmt: skip
    edited = program.run("identity", "edit", wren["id"], "--json", "--name", "Zaunkönig").json
    assert edited == wren | {"name": "Zaunkönig"}
    assert program.run("identity", "password", wren["id"], "--json", stdin=b"new\n").json == edited

    queued = program.run(
        "send", "--identity", wren["id"], "--queue-only", "--json",
        "--to", "marta@nordpost.example", "--cc", "jonas@nordpost.example", "--subject", "Prüfbögen",
    ).json  # fmt: skip
    assert (queued["state"], queued["left"], queued["step"]) == ("queued", "nothing", "queued")
    assert (queued["identity"], queued["subject"]) == (wren["id"], "Prüfbögen")
    assert [each["address"] for each in queued["recipients"]] == [
        "marta@nordpost.example",
        "jonas@nordpost.example",
    ]
    assert program.run("outbox", "list", "--json").json == [queued]
    short = queued["id"][:6]
    assert program.run("outbox", "show", short, "--json").json == queued
    held = program.run("outbox", "cancel", short, "--json").json
    assert (held["state"], held["reason"]) == ("held", "cancelled")
    # Held back: there is nothing to do, so no Tor is started either.
    with_nothing_due = program.run("outbox", "send", "--json")
    assert (with_nothing_due.status, with_nothing_due.json) == (0, [])
    assert not (program.profile / "tor").exists()
    assert program.run("outbox", "retry", short, "--json").json["state"] == "queued"
    check(program.run("identity", "remove", "Zaunkönig", "--json"), 64, "still in the outbox")
    assert program.run("outbox", "remove", short, "--json").json["id"] == queued["id"]
    assert program.run("outbox", "list", "--json").json == []
    assert program.run("identity", "remove", "Zaunkönig", "--json").json == edited
    assert program.run("identity", "list", "--json").json == []


def test_what_is_not_there_or_cannot_be_done_is_64(program: Program) -> None:
    runs = [
        (("identity", "show", "Tarn"), "no such identity"),
        (("send", "--identity", "Tarn", "--to", "a@b.example", "--subject", "x"), "no such identity"),
        (("outbox", "show", "0123"), "no such mail"),
        (("outbox", "retry", "01"), "no such mail"),
    ]
    for words, said in runs:
        check(program.run(*words), 64, said)
    queued = program.run("send", *TO_MARTA, "--queue-only", "--json").json["id"]
    ran = program.run("outbox", "retry", queued, "--others")
    unharmed(ran)
    assert ran.status == 64
    assert "nothing to decide" in ran.err
    assert json.loads(program.run("outbox", "show", queued, "--json").out)["state"] == "queued"
