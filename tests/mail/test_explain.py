"""Every line that leaves is explained."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.mail import parts
from torsend.mail.draft import Attachment
from torsend.mail.explain import EXPLANATIONS, Line, explain

if TYPE_CHECKING:
    from pathlib import Path


def test_every_header_line_that_is_written_is_explained(tmp_path: Path) -> None:
    file = tmp_path / ("ü" * 40)
    file.write_bytes(b"x")
    draft = parts.draft(cc="c@example.net", subject="Ü" * 100, attachments=(Attachment.of(file),))
    written = parts.wire(draft)
    names = set(re.findall(rb"^([A-Z][A-Za-z-]*):", written, re.MULTILINE))
    assert len(names) == 10
    for name in names:
        assert explain(name.decode("ascii")).sentence


@pytest.mark.parametrize("command", ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT", *Line])
def test_every_command_and_part_is_explained(command: str) -> None:
    title, sentence = explain(command).words("rowanmail")
    assert title.endswith(".")
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_no_line_is_explained_twice() -> None:
    lines = [line for explanation in EXPLANATIONS for line in explanation.lines]
    assert len(lines) == len(set(lines))
    assert len({explanation.code for explanation in EXPLANATIONS}) == len(EXPLANATIONS)


def test_what_is_not_explained_is_not_known() -> None:
    with pytest.raises(KeyError):
        explain("X-Mailer")
