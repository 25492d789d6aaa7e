"""Why a draft cannot become a message: the leaves under ``NotSendable``.

    NotSendable
    ├── NoRecipient
    ├── TooManyRecipients
    ├── BadAddress              an address that is none, or that mail cannot reach yet
    ├── BadField                a character that a line of the header cannot hold, CR and LF above all
    ├── TooLarge                the whole message
    └── AttachmentProblem       ``file``: the name that the recipient would see
        ├── AttachmentUnnamed
        ├── AttachmentMissing
        ├── AttachmentIsDirectory
        ├── AttachmentUnreadable
        ├── AttachmentChanged   while it was read, or since the draft was composed
        ├── AttachmentNotCleaned    yet: nothing is known of what stands in it
        ├── AttachmentUndecided     it can't be cleaned, and the person has not said what to do
        └── AttachmentDecidedBefore     the person said so of what it was before

Nothing has left the machine with any of them.
"""

from __future__ import annotations

import enum
from typing import assert_never

from torsend.errors import NotSendable
from torsend.words import mark, t


class Field(enum.StrEnum):
    """A place where the person types."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    SUBJECT = "subject"
    TEXT = "text"
    FILE_NAME = "file-name"
    MEDIA_TYPE = "media-type"

    def label(self) -> str:
        """What the person knows it as."""
        match self:
            case Field.FROM:
                return t("From")
            case Field.TO:
                return t("To")
            case Field.CC:
                return t("Cc")
            case Field.BCC:
                return t("Bcc")
            case Field.SUBJECT:
                return t("Subject")
            case Field.TEXT:
                return t("The text")
            case Field.FILE_NAME:
                return t("A file’s name")
            case Field.MEDIA_TYPE:
                return t("A file’s type")
            case _:
                assert_never(self)


class Why(enum.StrEnum):
    """What is wrong with an address."""

    EMPTY = "empty"
    NO_AT = "no-at"
    NO_LOCAL = "no-local"
    NO_DOMAIN = "no-domain"
    DOTS = "dots"
    SPACE = "space"
    CHARACTER = "character"
    LOCAL_HIDDEN = "local-hidden"
    LOCAL_TOO_LONG = "local-too-long"
    TOO_LONG = "too-long"
    QUOTE_OPEN = "quote-open"
    ANGLE = "angle"
    GROUP = "group"
    SEVERAL = "several"
    ADDRESS_LITERAL = "address-literal"
    DOMAIN_DOTS = "domain-dots"
    DOMAIN_LABEL = "domain-label"
    DOMAIN_CHARACTER = "domain-character"
    DOMAIN_TOO_LONG = "domain-too-long"
    DOMAIN_IS_NUMBER = "domain-is-number"


WORDS: dict[Why, str] = {
    Why.EMPTY: mark("There is no address."),
    Why.NO_AT: mark("“{item}” has no @, so it isn’t an address."),
    Why.NO_LOCAL: mark("“{item}” has nothing before the @."),
    Why.NO_DOMAIN: mark("“{item}” has nothing after the @."),
    Why.DOTS: mark("“{item}” has a dot too many before the @."),
    Why.SPACE: mark("“{item}” has a space in it, or a comma is missing between two addresses."),
    Why.CHARACTER: mark("“{item}” holds a character that no address can have."),
    Why.LOCAL_HIDDEN: mark("“{item}” has a character before the @ that can’t be seen."),
    Why.LOCAL_TOO_LONG: mark("“{item}” is too long before the @: 64 bytes are the most."),
    Why.TOO_LONG: mark("“{item}” is longer than the 254 bytes that an address can have."),
    Why.QUOTE_OPEN: mark("“{item}” opens a quotation mark and doesn’t close it."),
    Why.ANGLE: mark("“{item}” has < or > in the wrong place."),
    Why.GROUP: mark("“{item}” looks like a named group. Write its addresses one by one."),
    Why.SEVERAL: mark("“{item}” is more than one address."),
    Why.ADDRESS_LITERAL: mark("“{item}” ends in a number address. Mail goes to a domain name."),
    Why.DOMAIN_DOTS: mark("“{item}” has a dot too many after the @."),
    Why.DOMAIN_LABEL: mark(
        "“{item}” has a part after the @ that is too long, or that begins or ends with a hyphen."
    ),
    Why.DOMAIN_CHARACTER: mark("“{item}” holds a character that no domain name can have."),
    Why.DOMAIN_TOO_LONG: mark("“{item}” has a domain name of more than 253 characters."),
    Why.DOMAIN_IS_NUMBER: mark("“{item}” ends in a number. Mail goes to a domain name."),
}
"""Each reason in words; ``{item}`` is what was typed, its hidden characters shown."""

SHOWN = 80
"""Characters of what was typed that a sentence repeats."""


def shown(typed: str) -> str:
    """What was typed, fit to be shown inside a sentence: hidden characters escaped, cut in length.

    A person must see that there is a tab, and a right-to-left override must not turn the sentence round.
    """
    plain = "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in typed[: SHOWN + 1]
    )
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


class NoRecipient(NotSendable):
    """To, Cc and Bcc are empty."""

    def __init__(self) -> None:
        super().__init__(t("The mail has no recipient."), advice=t("Add an address to To, Cc or Bcc."))


class TooManyRecipients(NotSendable):
    """More than one message can carry."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            t("The mail has {count} recipients; {limit} is the most.", count=count, limit=limit),
            advice=t("Send it in parts."),
        )


class BadAddress(NotSendable):
    """An address that is none.

    Attributes:
        why: the reason.
        item: what was typed, for one recipient.
        field: where it was typed; None where one address alone was asked about.
        ordinal: which one in that field, from 1.
        start, end: its place in the field's text, characters.
    """

    def __init__(
        self,
        why: Why,
        item: str,
        *,
        field: Field | None = None,
        ordinal: int = 1,
        start: int = 0,
        end: int | None = None,
    ) -> None:
        self.why = why
        self.item = item
        self.field = field
        self.ordinal = ordinal
        self.start = start
        self.end = start + len(item) if end is None else end
        sentence = t(WORDS[why], item=shown(item))
        if field is None:
            what = sentence
        elif ordinal == 1:
            what = t("{field}: {sentence}", field=field.label(), sentence=sentence)
        else:
            what = t("{field}, address {n}: {sentence}", field=field.label(), n=ordinal, sentence=sentence)
        super().__init__(what, advice=t("Correct the address."))

    def within(self, field: Field, ordinal: int, start: int, end: int) -> BadAddress:
        """The same, said of its place in a field."""
        return BadAddress(self.why, self.item, field=field, ordinal=ordinal, start=start, end=end)


class BadField(NotSendable):
    """A character that must not stand there.

    A line end in a field would let whoever wrote it (a mailto link, a pasted name) add header lines or
    recipients of their own, so it is refused rather than taken out.

    Attributes:
        field: where.
        position: of the first such character, from 0.
    """

    def __init__(self, field: Field, text: str, position: int) -> None:
        self.field = field
        self.position = position
        character = text[position]
        if character in "\r\n\u2028\u2029\x85\x0b\x0c":
            what = t("{field} holds a line break.", field=field.label())
            advice = t("Take the line break out.")
        else:
            hidden = f"U+{ord(character):04X}"
            what = t("{field} holds a hidden character ({code}).", field=field.label(), code=hidden)
            advice = t("Take it out, or type the words again.")
        super().__init__(what, advice=advice)


class TooLarge(NotSendable):
    """Larger than any server takes."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(
            t(
                "The mail would be {size} MB; {limit} MB is the most.",
                size=-(-size // 1_000_000),
                limit=limit // 1_000_000,
            ),
            advice=t("Leave a file out, or send it in parts."),
        )


class AttachmentProblem(NotSendable):
    """A file that cannot be sent along.

    Attributes:
        file: the name that the recipient would see.
    """

    def __init__(self, file: str, what: str, advice: str) -> None:
        self.file = file
        super().__init__(what, advice=advice)


class AttachmentUnnamed(AttachmentProblem):
    """Its name is empty, or a path."""

    def __init__(self, file: str) -> None:
        super().__init__(
            file, t("“{file}” can’t be the name of a file.", file=shown(file)), t("Give it a name without /.")
        )


class AttachmentMissing(AttachmentProblem):
    """It is not where it was."""

    def __init__(self, file: str) -> None:
        super().__init__(
            file, t("{file} isn’t there any more.", file=shown(file)), t("Attach it again or remove it.")
        )


class AttachmentIsDirectory(AttachmentProblem):
    """It is a folder."""

    def __init__(self, file: str) -> None:
        super().__init__(file, t("{file} is a folder.", file=shown(file)), t("Attach the files in it."))


class AttachmentUnreadable(AttachmentProblem):
    """No right to read it, a failing disk, or not a file at all (a pipe, a device)."""

    def __init__(self, file: str) -> None:
        super().__init__(
            file,
            t("{file} can’t be read.", file=shown(file)),
            t("Check that it is a file and that you may open it."),
        )


class AttachmentChanged(AttachmentProblem):
    """What is there is not what was measured."""

    def __init__(self, file: str) -> None:
        super().__init__(
            file,
            t("{file} changed while the mail was being built.", file=shown(file)),
            t("Close the program that writes to it, then send again."),
        )


class AttachmentNotCleaned(AttachmentProblem):
    """It goes cleaned, and is not: not yet, or it changed since."""

    def __init__(self, file: str) -> None:
        super().__init__(file, t("{file} isn’t cleaned yet.", file=shown(file)), t("Wait until it is."))


class AttachmentUndecided(AttachmentProblem):
    """It can't be cleaned, and nobody said that it shall go as it is.

    Args:
        reason: why it can't be, as it follows a colon.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(
            file,
            t("{file} can’t be cleaned: {reason}", file=shown(file), reason=reason),
            t("Remove it, or decide to send it as it is."),
        )


class AttachmentDecidedBefore(AttachmentProblem):
    """The person said that it shall go as it is, and it is another now."""

    def __init__(self, file: str) -> None:
        super().__init__(
            file,
            t("{file} changed since you decided to send it as it is.", file=shown(file)),
            t("Look at it, take the decision back and decide again."),
        )
