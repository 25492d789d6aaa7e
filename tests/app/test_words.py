"""The word list from a terminal, and what is said before a mail goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.app.parts import Program


def test_words_come_by_standard_input_and_are_listed(program: Program) -> None:
    added = program.run("words", "add", stdin=b"Kaspar\n\nHall 4\nkaspar\n")
    assert (added.status, added.err) == (0, "2 words added.\n")
    own = program.run("words", "add", "--identity", "Wren", stdin=b"Rosenweg\n")
    assert own.err == "1 word added.\n"
    assert program.run("words", "list").out.decode() == "Kaspar\nHall 4\n"
    assert program.run("words", "list", "--json").json == ["Kaspar", "Hall 4"]
    assert program.run("words", "list", "--identity", "wren@rowanmail.example").out == b"Rosenweg\n"
    assert program.run("words", "remove", stdin=b"HALL 4\n").err == "1 word removed.\n"
    assert program.run("words", "list").out == b"Kaspar\n"


def test_what_cannot_be_a_word_is_64_and_not_repeated(program: Program) -> None:
    for given, says in (
        (b"", "No word was given"),
        (b"\xff\xfe", "not UTF-8"),
        (b"secretword" * 20, "longer than"),
    ):
        ran = program.run("words", "add", stdin=given)
        assert ran.status == 64
        assert says in ran.err
        assert "secretword" not in ran.err
    assert program.run("words", "add", "Kaspar").status == 64
    assert program.run("words", "list").out == b""


def test_a_word_in_a_mail_is_said_before_it_is_queued(program: Program) -> None:
    program.run("words", "add", stdin=b"Kaspar\n")
    queued = program.run(
        "send", "--identity", "Wren", "--to", "marta@nordpost.example", "--subject", "AW: Blätter", "--queue-only",
        "--body", "-", stdin="Kaspars Blätter\n\nSent from my iPhone\n".encode(),
    )  # fmt: skip
    assert queued.status == 0
    said = queued.err.splitlines()
    assert "Look: “Kaspar” is on your word list" in said
    assert "Look: “Sent from my iPhone” names a device or a program." in said
    assert any(line.startswith("Look: “AW:” in the subject") for line in said)
    assert not any("encrypted" in line for line in said)
