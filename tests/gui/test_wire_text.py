"""What leaves, cut into what belongs together; nothing of it can do more than be read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.gui import samples
from torsend.gui.wire_text import FILE_LINES, wire_text
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import compose


def test_lines_are_explained_together() -> None:
    text = wire_text([samples.WIRE], "rowanmail")
    assert text.size == len(samples.WIRE)
    assert text.files == 1
    assert text.sections[0].lines[0].startswith("From: ")
    assert len(text.sections[0].lines) == 3
    assert [section.title for section in text.sections[:3]] == [
        "Readable on the way.",
        "Time and number.",
        "Form.",
    ]


def test_a_file_is_counted_not_shown() -> None:
    file = next(
        section for section in wire_text([samples.WIRE], "rowanmail").sections if section.title == "A file."
    )
    assert len(file.lines) == FILE_LINES
    assert file.more == 57 - FILE_LINES


def test_the_same_however_it_is_cut() -> None:
    whole = wire_text([samples.WIRE], "rowanmail")
    for step in (1, 2, 7, 64):
        chunks = [samples.WIRE[at : at + step] for at in range(0, len(samples.WIRE), step)]
        assert wire_text(chunks, "rowanmail") == whole


def test_every_line_of_a_real_message_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "notes ä.txt"
    file.write_bytes(b"x" * 5000)
    draft = Draft(
        id="d",
        to="Marta <marta@nordpost.example>",
        cc="c@fjordby.example",
        bcc="hidden@fjordby.example",
        subject="Prüfbögen",
        text="Grüße\n\n--not a boundary\nFrom here on",
        attachments=(Attachment.of(file),),
    )
    message = compose(
        draft,
        Mailbox("Wren", "wren@rowanmail.example"),
        now=datetime.now(UTC),
        random=lambda n: bytes(range(n)),
    )
    text = wire_text(message.chunks(), "rowanmail")
    assert text.size == message.size
    assert text.files == 1
    assert all(section.title for section in text.sections)
    assert not any("hidden@" in line for section in text.sections for line in section.lines)


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_shown_and_hold_nothing_that_acts(data: bytes) -> None:
    text = wire_text([data], "rowanmail")
    assert text.size == len(data)
    assert all(line.isprintable() for section in text.sections for line in section.lines)
