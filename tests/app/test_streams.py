"""Standard input, output and error in every state in which a caller can leave them."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import LONGEST_RUN, Ran
from tests.app.troubles import TO_MARTA, check, unharmed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.parts import Program

FULL = "/dev/full"


def in_shell(program: Program, redirections: str, *arguments: str, stdin: bytes = b"") -> Ran:
    """A run with a shell's redirections."""
    done = subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", *program.command(*arguments)],
        capture_output=True, input=stdin, env=program.environment, timeout=LONGEST_RUN, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr.decode())


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_one_that_is_empty_or_that_nobody_reads(closed: str, program: Program) -> None:
    ran = in_shell(program, closed, "identity", "add", "--name", "Tarn", "--address", "tarn@rowanmail.example",
                   "--host", "smtp.rowanmail.example", "--port", "465", "--tls", "implicit", "--username", "t")  # fmt: skip
    assert (ran.status, program.run("identity", "show", "Tarn").status) == (0, 0)
    unharmed(ran)
    ran = in_shell(program, closed, "wire", *TO_MARTA, "--body", "-", stdin=b"text\n")
    unharmed(ran)
    assert ran.status == 0
    # Not into the vault, either: a file would get the closed one's number.
    assert program.run("identity", "list").status == 0


def test_a_closed_stream_hides_no_failure(program: Program) -> None:
    assert in_shell(program, "2>&-", "identity", "show", "nobody").status == 64
    assert in_shell(program, "2>&-", "identity", "show").status == 64
    check(in_shell(program, "<&-", "identity", "password", "Wren"), 64, "No password was given.")


@pytest.mark.parametrize(
    "words", [("--help",), ("identity", "list"), ("identity", "list", "--json"), ("wire", *TO_MARTA)]
)
def test_an_answer_that_cannot_be_written_is_said_and_is_no_success(
    words: tuple[str, ...], program: Program
) -> None:
    ran = in_shell(program, f">{FULL}", *words)
    unharmed(ran)
    assert ran.status == 74
    assert "The answer could not be written: No space left on device." in ran.err


def test_a_full_disk_under_the_answer_does_not_change_what_became_of_the_mail(program: Program) -> None:
    ran = in_shell(program, f">{FULL} 2>{FULL}", "send", *TO_MARTA, "--queue-only", "--json")
    assert ran.status == 74
    assert len(program.run("outbox", "list", "--json").json) == 1
    ran = in_shell(program, f">{FULL}", "--patience", "0.5", "outbox", "send")
    assert ran.status == 69, ran.err


def test_a_reader_that_has_had_enough_is_no_failure(program: Program) -> None:
    (program.folder / "long").write_bytes(b"text\n" * 100_000)
    for words in (
        ("--help",),
        ("identity", "list"),
        ("wire", *TO_MARTA, "--body", str(program.folder / "long")),
    ):
        reading, writing = os.pipe()
        with open(writing, "wb") as out:  # noqa: PTH123  # a number
            os.close(reading)
            done = subprocess.run(
                program.command(*words), stdout=out, stderr=subprocess.PIPE, env=program.environment,
                timeout=LONGEST_RUN, check=False,
            )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b""), words


def test_a_terminal_that_knows_few_letters_gets_the_answer(program: Program) -> None:
    assert program.run("identity", "edit", "Wren", "--name", "Zaunkönig").status == 0
    poor = replace(program, environment={**program.environment, "PYTHONIOENCODING": "ascii"})
    ran = poor.run("identity", "list")
    assert (ran.status, b"Zaunk\\xf6nig" in ran.out) == (0, True)
    assert poor.run("identity", "list", "--json").json[0]["name"] == "Zaunkönig"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (b"pass\xffword\n", "not UTF-8"),
        (b"pass\0word\n", "NUL"),
        (b"pass\rword\n", "line break"),
        (b"p" * 5000, "too long"),
        (b"", "No password was given"),
        (b"\nsecond line\n", "No password was given"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_not_repeated(
    typed: bytes, said: str, program: Program
) -> None:
    ran = program.run("identity", "password", "Wren", stdin=typed)
    check(ran, 64, said)
    assert not {"word", "pppp", "second"} & set(re.findall(r"[a-z]+", ran.err))


@pytest.mark.parametrize(
    ("text", "said"), [(b"caf\xe9\n", "not UTF-8"), (b"x" * (16 * 2**20 + 1), "longer than 16 MiB")]
)
def test_a_text_that_cannot_be_is_65_and_not_queued(text: bytes, said: str, program: Program) -> None:
    check(program.run("send", *TO_MARTA, "--body", "-", "--queue-only", stdin=text), 65, said)
    assert program.run("outbox", "list", "--json").json == []


class Terminal:
    """The program before a person's terminal."""

    def __init__(self, program: Program, *arguments: str) -> None:
        self.shown = b""
        person, theirs = pty.openpty()
        self._person = person
        self.process = subprocess.Popen(
            program.command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=program.environment,
            start_new_session=True, preexec_fn=_take_the_terminal,
        )  # fmt: skip
        os.close(theirs)

    def wait_for(self, words: bytes) -> None:
        while words not in self.shown:
            self.shown += os.read(self._person, 4096)

    def type(self, keys: bytes) -> None:
        os.write(self._person, keys)

    def end(self) -> int:
        status = self.process.wait(LONGEST_RUN)
        while True:
            try:
                more = os.read(self._person, 4096)
            except OSError:  # the other side is closed
                break
            self.shown += more
        return status

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._person)


def _take_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def prompt(program: Program) -> Iterator[Terminal]:
    with Terminal(program, "identity", "password", "Wren") as terminal:
        terminal.wait_for(b"Password: ")
        yield terminal


def test_a_typed_password_is_not_shown(prompt: Terminal, program: Program) -> None:
    prompt.type(b"ein Geheimnis\n")
    assert prompt.end() == 0
    assert b"Geheimnis" not in prompt.shown


def test_ctrl_d_at_the_prompt_is_no_password(prompt: Terminal) -> None:
    prompt.type(b"\x04")
    assert prompt.end() == 64
    assert b"No password was given." in prompt.shown
    assert b"nobody foresaw" not in prompt.shown


def test_ctrl_c_at_the_prompt_ends_it(prompt: Terminal) -> None:
    prompt.type(b"\x03")
    assert prompt.end() == 130
    assert b"Interrupted." in prompt.shown
    assert b"Traceback" not in prompt.shown
