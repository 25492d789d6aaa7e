"""What each line that leaves gives away: one table for the wire view, the command line and the tests.

A line is known by its first word: the command of the dialogue (``EHLO``), the field of the header (``Date``), or one
of the names in ``Line`` for what has none.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from torsend.words import mark, t


class Line(enum.StrEnum):
    """Lines without a name of their own."""

    TEXT = "text"
    FILE = "file"
    BOUNDARY = "boundary"
    DOT = "."
    CLEANED = "cleaned file"
    NEUTRAL_NAME = "neutral file name"
    IN_CLEAR = "EHLO before TLS"
    LAST = "behind the last byte"
    """Where BDAT told the mail's length, no line of ours ends it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What lines of one sort are for and what they tell.

    Attributes:
        code: of the sort.
        title: two or three words, ending in a full stop.
        sentence: may hold ``{provider}``.
        lines: the first words that it explains, as written on the wire.
    """

    code: str
    title: str
    sentence: str
    lines: frozenset[str]

    def words(self, provider: str) -> tuple[str, str]:
        """Title and sentence as they are shown."""
        return t(self.title), t(self.sentence, provider=provider)


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        "greeting",
        mark("Greeting."),
        mark("The same words from everyone who uses torsend, never this computer’s name."),
        frozenset({"EHLO"}),
    ),
    Explanation(
        "greeting-in-clear",
        mark("Greeting."),
        mark(
            "The same words from everyone who uses torsend, never this computer’s name. TLS comes next: until then the "
            "exit relay can read along."
        ),
        frozenset({Line.IN_CLEAR}),
    ),
    Explanation(
        "encryption",
        mark("Encryption."),
        mark("From here on all of it runs inside TLS. {provider} must prove its name first."),
        frozenset({"STARTTLS"}),
    ),
    Explanation(
        "password",
        mark("Your password."),
        mark("Only {provider} can read it. It is hidden here too."),
        frozenset({"AUTH"}),
    ),
    Explanation(
        "envelope",
        mark("The envelope."),
        mark(
            "From whom, to whom: {provider} reads all of it, hidden recipients too. Failure notices come back to you."
        ),
        frozenset({"MAIL", "RCPT", "DATA", "BDAT"}),
    ),
    Explanation(
        "readable",
        mark("Readable on the way."),
        mark("Both providers and every recipient can read these lines, the subject too."),
        frozenset({"From", "To", "Cc", "Subject"}),
    ),
    Explanation(
        "time",
        mark("Time and number."),
        mark(
            "In UTC without seconds, so it shows no time zone; the minute is the one in which you send. The number is "
            "random, and drawn once for this mail."
        ),
        frozenset({"Date", "Message-ID"}),
    ),
    Explanation(
        "thread",
        mark("A thread."),
        mark("Names the mail that is answered: whoever has that one sees that they belong together."),
        frozenset({"In-Reply-To", "References"}),
    ),
    Explanation(
        "form",
        mark("Form."),
        mark(
            "Says how the rest is written: the same from everyone who uses torsend, so it shows that torsend wrote it."
        ),
        frozenset({"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}),
    ),
    Explanation(
        "boundary",
        mark("Boundary."),
        mark("Parts the text from the files. It is random, and drawn once for this mail."),
        frozenset({Line.BOUNDARY}),
    ),
    Explanation(
        "text",
        mark("Your text."),
        mark("Not encrypted: both providers can read it."),
        frozenset({Line.TEXT}),
    ),
    Explanation(
        "file-name",
        mark("A file’s name."),
        mark("As it is called here, without its folder and its dates."),
        frozenset({"Content-Disposition"}),
    ),
    Explanation(
        "neutral-name",
        mark("A file’s name."),
        mark("Neutral, from what the file is and its place in the row: nothing of how it is called here."),
        frozenset({Line.NEUTRAL_NAME}),
    ),
    Explanation(
        "cleaned-file",
        mark("A file, cleaned."),
        mark("What the cleaner made of it; the text and the pictures in it are as they were. Not encrypted."),
        frozenset({Line.CLEANED}),
    ),
    Explanation(
        "file",
        mark("A file."),
        mark("Byte for byte as it is: what it holds of author, place or time goes along. Not encrypted."),
        frozenset({Line.FILE}),
    ),
    Explanation(
        "last-byte",
        mark("The last byte."),
        mark("After this dot the mail can’t be called back."),
        frozenset({Line.DOT}),
    ),
    Explanation(
        "last-of-all",
        mark("The last byte."),
        mark("BDAT told how long the mail is: once its last byte has left, it can’t be called back."),
        frozenset({Line.LAST}),
    ),
    Explanation(
        "goodbye",
        mark("The end."),
        mark("The connection closes. The next mail takes a connection of its own."),
        frozenset({"QUIT", "RSET", "NOOP"}),
    ),
)

_BY_LINE = {line: explanation for explanation in EXPLANATIONS for line in explanation.lines}


def explain(line: str) -> Explanation:
    """What a line gives away, by its first word.

    Raises:
        KeyError: nothing is known of such a line: it must not leave before it is explained here.
    """
    return _BY_LINE[line]
