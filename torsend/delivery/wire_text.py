"""What leaves, as it is shown: line by line, what belongs together in one section with its explanation, long runs counted.

No Qt: the window and the command line show the same. It is made on a worker's thread, from a mail that may have many
megabytes, and keeps only what is shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from torsend.delivery.actions import Heard, StartTls
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import Answer, Command, End, Event, Piece
from torsend.mail.explain import Explanation, Line, explain
from torsend.mail.read_back import Body, BoundaryLine, HeaderEnd, HeaderLine, Token, read_back
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TEXT_LINES = 60
"""Lines of text that are shown before the rest is only counted."""
FILE_LINES = 2
MANY_LINES = 12
"""Of one command or header field, such as those of a thousand recipients."""
ANSWER_LINES = 40
LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322 section 2.1.1); what is longer is no line of ours and is cut."""
HIDDEN = "•" * 20
"""In place of a secret: as long for every one."""

_BEFORE_WHAT_FOLLOWS = frozenset({Heard.GREETING, Heard.HELLO_IN_CLEAR, Heard.HELLO})
"""Answers that decide what is said next, and are shown with that."""


class Who(enum.StrEnum):
    """Whose line it is."""

    OURS = "ours"
    """A command."""
    THEIRS = "theirs"
    """An answer."""
    MAIL = "mail"
    """Of the mail; ours, too."""
    NOTE = "note"
    """On no wire: how many lines are not shown, where TLS begins."""


@dataclass(frozen=True, slots=True)
class WireLine:
    """One line, in characters that can do nothing but be read."""

    text: str
    who: Who


@dataclass(frozen=True, slots=True)
class WireSection:
    """Lines that one explanation holds for.

    Attributes:
        code: of the explanation; empty where there is none.
        more: how many lines of it are only counted.
    """

    lines: tuple[WireLine, ...]
    more: int
    code: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class WireText:
    """All sections.

    Attributes:
        size: bytes that are ours, but for the secret.
        files: how many go along.
        ends: why the conversation would end before the mail is accepted; ``ACCEPTED`` where it would not.
        detail: what the words for that need besides.
    """

    sections: tuple[WireSection, ...]
    size: int
    files: int
    ends: Reason
    detail: str = ""

    def mail(self, size: int) -> WireText:
        """What of it is the mail, of so many bytes."""
        alone = tuple(
            section for section in self.sections if any(line.who is Who.MAIL for line in section.lines)
        )
        return WireText(alone, size, self.files, Reason.ACCEPTED)


def mail_alone(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The mail without the conversation round it."""
    return (Piece(chunk) for chunk in chunks)


@dataclass(frozen=True, slots=True)
class Files:
    """How the files go along, as far as that is explained.

    Attributes:
        cleaned: which of them, counted from 1.
        neutral: whether they are called otherwise than here.
    """

    cleaned: frozenset[int] = frozenset()
    neutral: bool = False


def wire_text(
    events: Iterable[Event], provider: str, files: Files | None = None, *, strict: bool = False
) -> WireText:
    """Reads all of it once.

    Args:
        files: all as they are, if left out.
        strict: for tests: a line that nothing is known of raises, where a person is shown it without an explanation.

    Raises:
        KeyError: such a line, if ``strict``.
    """
    reader = _Reader(provider, files or Files(), strict=strict)
    return reader.read(iter(events))


@dataclass(slots=True)
class _Run:
    """Lines of one kind, one after the other."""

    who: Who
    kind: str
    most: int
    lines: list[str] = field(default_factory=list)
    more: int = 0


@dataclass(slots=True)
class _Open:
    """The section that is being read."""

    explanation: Explanation | None
    runs: list[_Run] = field(default_factory=list)


class _Reader:
    def __init__(self, provider: str, files: Files, *, strict: bool) -> None:
        self._provider = provider
        self._how = files
        self._strict = strict
        self._done: list[WireSection] = []
        self._open: _Open | None = None
        self._waiting: list[str] = []
        self._in_mail = False
        self._size = 0
        self._files = 0
        self._ends, self._detail = Reason.ACCEPTED, ""

    def read(self, events: Iterator[Event]) -> WireText:
        """To the end."""
        for event in events:
            if isinstance(event, Piece):
                self._mail(event, events)
            else:
                self._talk(event)
        self._put_waiting("QUIT")
        self._close()
        return WireText(tuple(self._done), self._size, self._files, self._ends, self._detail)

    def _mail(self, first: Piece, events: Iterator[Event]) -> None:
        """All of the mail, and the first event behind it."""
        behind: list[Event] = []

        def chunks() -> Iterator[bytes]:
            piece: Event | None = first
            while isinstance(piece, Piece):
                self._size += len(piece.data)
                yield piece.data
                piece = next(events, None)
            behind.extend([] if piece is None else [piece])

        for token in read_back(chunks()):
            self._take(token)
        self._in_mail = True
        for event in behind:
            self._talk(event)

    # -- the conversation

    def _talk(self, event: Event) -> None:
        match event:
            case Command():
                self._command(event)
            case Answer(heard):
                if heard in _BEFORE_WHAT_FOLLOWS:
                    self._waiting += event.lines
                    return
                if self._in_mail:  # nothing was said behind the mail: its length was told before
                    self._section(Line.LAST)
                self._add(Who.THEIRS, heard.value, event.lines, MANY_LINES)
            case StartTls():
                self._add(Who.NOTE, "tls", [t("TLS begins")], 1)
            case End(verdict):
                self._ends, self._detail = verdict.reason, verdict.detail
            case Piece():
                raise ValueError("a second mail in one conversation")
            case _:
                assert_never(event)
        self._in_mail = False

    def _command(self, command: Command) -> None:
        verb, line = command.verb, command.line.removesuffix(b"\r\n")
        text = _shown(line)
        if command.secret:
            told = line.rpartition(b" ")[0]
            text = f"{_shown(told)} {HIDDEN}".strip()
            self._size += len(told) + len(b" ") * bool(told) + len(b"\r\n")
        else:
            self._size += len(command.line)
        word = Line.IN_CLEAR if verb == "EHLO" and not command.private else verb
        self._put_waiting(word)
        self._section(word)
        self._add(Who.OURS, verb, [text], MANY_LINES)

    def _put_waiting(self, word: str) -> None:
        if self._waiting:
            self._section(word)
            self._add(Who.THEIRS, "waiting", self._waiting, ANSWER_LINES)
            self._waiting = []

    # -- the mail

    def _take(self, token: Token) -> None:
        match token:
            case HeaderLine(line):
                word = line.partition(b":")[0].decode("ascii", "replace")
                if self._how.neutral and word == "Content-Disposition":
                    word = Line.NEUTRAL_NAME
                if not token.continues or self._open is None:
                    self._section(word)
                    self._add(Who.MAIL, word, [_shown(line)], MANY_LINES)
                else:
                    self._go_on(_shown(line))
            case HeaderEnd():
                # On the wire, but it says nothing here.
                pass
            case BoundaryLine(line):
                self._section(Line.BOUNDARY)
                self._add(Who.MAIL, "", [_shown(line)], TEXT_LINES)
            case Body(data, file):
                self._files = max(self._files, file)
                bare = Line.CLEANED if file in self._how.cleaned else Line.FILE
                self._section(bare if file else Line.TEXT)
                self._body(data, FILE_LINES if file else TEXT_LINES)
            case _:
                assert_never(token)

    def _body(self, data: bytes, most: int) -> None:
        run = self._run(Who.MAIL, "body", most)
        at = 0
        while at < len(data) and len(run.lines) < most:
            end = data.find(b"\r\n", at)
            end = len(data) if end < 0 else end
            run.lines.append(_shown(data[at:end]))
            at = end + 2
        # Counted, not read: of a large file there are hundreds of thousands.
        run.more += data.count(b"\r\n", at) + (at < len(data) and not data.endswith(b"\r\n"))

    # -- sections and runs

    def _section(self, word: str) -> None:
        try:
            explanation = explain(word)
        except KeyError:
            if self._strict:
                raise
            explanation = None
        if self._open is None or self._open.explanation is not explanation:
            self._close()
            self._open = _Open(explanation)

    def _run(self, who: Who, kind: str, most: int) -> _Run:
        if self._open is None:
            self._open = _Open(None)
        runs = self._open.runs
        if not runs or (runs[-1].who, runs[-1].kind) != (who, kind):
            runs.append(_Run(who, kind, most))
        return runs[-1]

    def _add(self, who: Who, kind: str, lines: Iterable[str], most: int) -> None:
        run = self._run(who, kind, most)
        for line in lines:
            if len(run.lines) < run.most:
                run.lines.append(line)
            else:
                run.more += 1

    def _go_on(self, line: str) -> None:
        """A field's next line, whatever field it is."""
        if self._open is not None and self._open.runs:
            run = self._open.runs[-1]
            self._add(run.who, run.kind, [line], run.most)

    def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is None:
            return
        lines: list[WireLine] = []
        more = 0
        for run in opened.runs:
            if run.who is Who.MAIL and not run.more:
                while run.lines and not run.lines[-1]:
                    run.lines.pop()
            lines += (WireLine(line, run.who) for line in run.lines)
            if run.more:
                count = f"{run.more:,}"
                words = tn("{count} more line", "{count} more lines", run.more, count=count)
                lines.append(WireLine(words, Who.NOTE))
                more += run.more
        if lines:
            told = opened.explanation
            words_of = told.words(self._provider) if told else ("", "")
            self._done.append(WireSection(tuple(lines), more, told.code if told else "", *words_of))


def _shown(line: bytes) -> str:
    """The line in characters that can do nothing but be read."""
    text = line[:LONGEST_LINE].decode("utf-8", "replace")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
