"""A message as the person typed it: nothing checked, nothing normalised, so nothing typed is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import os
import re
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torsend.mail.media import media_type_of
from torsend.mail.seed import new_seed

VERSION = 1
"""Of the JSON form. A later one may add fields; an earlier program leaves out what it does not know."""

MOST_REFERENCES = 20
"""Message-IDs of a thread that are kept; the first and the last of more (RFC 5537 section 3.4.4 does so)."""

_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,150}@[!-;=?A-~]{1,150}>")
"""As RFC 5322 section 3.6.4 has them, in what any program writes: no space, no angle bracket or @ within, no quoting."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""How Python writes a byte of a file name that is not UTF-8 (PEP 383), and Windows half a character."""


class Decision(enum.StrEnum):
    """What the person decided of a file."""

    CLEANED = "cleaned"
    """Nothing else: what the cleaner made of it goes, never the file itself."""
    AS_IT_IS = "as-it-is"
    """The file itself, whatever stands in it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along.

    Attributes:
        path: where it lies on this computer; never sent.
        name: what the recipient sees it called.
        media_type: such as ``image/jpeg``.
        decision: the file itself goes only where the person said so.
    """

    path: Path
    name: str
    media_type: str
    decision: Decision = Decision.CLEANED

    @classmethod
    def of(cls, path: Path) -> Attachment:
        """The file under its own name, its type guessed from the name alone (the file is not opened).

        Where names are bytes they are read as UTF-8, whatever the locale says, so that one file has one name everywhere.
        What is not Unicode in the name becomes U+FFFD.
        """
        name = path.name
        if os.name == "posix":
            # What the locale can't write did not come out of it: a name from a dialog, for one.
            with contextlib.suppress(UnicodeEncodeError):
                name = os.fsencode(name).decode("utf-8", "surrogateescape")
        name = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", name)
        return cls(path=path, name=name, media_type=media_type_of(name))

    def as_it_is(self) -> Attachment:
        """The same, decided to go as it is."""
        return dataclasses.replace(self, decision=Decision.AS_IT_IS)

    def cleaned(self) -> Attachment:
        """The same, nothing decided any more."""
        return dataclasses.replace(self, decision=Decision.CLEANED)


@dataclass(frozen=True, slots=True)
class Thread:
    """What is answered.

    Attributes:
        in_reply_to: the Message-ID of the mail that is answered, in angle brackets.
        references: those of the thread, the oldest first; the answered one need not be among them.

    Raises:
        ValueError: one of them is no Message-ID, or they are more than ``MOST_REFERENCES``.
    """

    in_reply_to: str
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.references) > MOST_REFERENCES or not all(
            _MESSAGE_ID.fullmatch(each) for each in (self.in_reply_to, *self.references)
        ):
            raise ValueError("not a thread")

    @classmethod
    def read(cls, in_reply_to: str, references: str = "") -> Thread | None:
        """What can be read of two header fields; None where no mail is named. Of several answered mails the first counts."""
        answered = _MESSAGE_ID.search(in_reply_to)
        if answered is None:
            return None
        named = tuple(dict.fromkeys(_MESSAGE_ID.findall(references)))
        if len(named) > MOST_REFERENCES:
            named = (named[0], *named[-(MOST_REFERENCES - 1) :])
        return cls(answered[0], named)

    @property
    def line_of_references(self) -> tuple[str, ...]:
        """All of them, the answered one last (RFC 5322 section 3.6.4)."""
        return (*(each for each in self.references if each != self.in_reply_to), self.in_reply_to)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person has written so far. Address fields are raw text, checked by ``wire.compose``.

    Attributes:
        id: random, of this program only; never sent.
        identity_id: who sends; empty while nobody is chosen.
        seed: what Message-ID and boundary are drawn from (``seed``); no part of what was written.
        thread: the mail that is answered. Its lines leave only while ``begun_as`` sends: another identity's must not be
            linked to it.
        begun_as: the identity that was chosen first; empty until then.
    """

    id: str
    identity_id: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    seed: str = field(default_factory=new_seed, repr=False, compare=False)
    thread: Thread | None = None
    begun_as: str = ""

    @classmethod
    def new(cls, identity_id: str = "") -> Draft:
        """An empty one with a fresh id."""
        return cls(id=secrets.token_hex(16), identity_id=identity_id, begun_as=identity_id)

    def sent_by(self, identity_id: str) -> Draft:
        """The same from another sender. The first one that is chosen stays the one who began it."""
        begun_as = self.begun_as or self.identity_id or identity_id
        return dataclasses.replace(self, identity_id=identity_id, begun_as=begun_as)

    @property
    def thread_of_sender(self) -> Thread | None:
        """The thread, while its lines may leave."""
        return self.thread if self.begun_as in ("", self.identity_id) else None

    @property
    def is_empty(self) -> bool:
        """Nothing was written or attached: not worth keeping."""
        return not any((self.to, self.cc, self.bcc, self.subject, self.text, self.attachments))

    @property
    def as_they_are(self) -> tuple[Attachment, ...]:
        """The files that the person decided to send as they are: nobody can vouch for what stands in them."""
        return tuple(file for file in self.attachments if file.decision is Decision.AS_IT_IS)

    def reseeded(self) -> Draft:
        """The same words for another mail: nothing that is drawn is drawn again."""
        return replace(self, seed=new_seed())

    def to_json(self) -> str:
        """ASCII JSON; ``from_json`` gives an equal draft back."""
        fields: dict[str, Any] = {"version": VERSION}
        for each in dataclasses.fields(self):
            fields[each.name] = getattr(self, each.name)
        fields["attachments"] = [
            {
                "path": str(file.path),
                "name": file.name,
                "media_type": file.media_type,
                "decision": file.decision,
            }
            for file in self.attachments
        ]
        fields["thread"] = None if self.thread is None else dataclasses.asdict(self.thread)
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """Reads what ``to_json`` wrote.

        Raises:
            ValueError: it is not a draft. Says nothing of the content.
        """
        try:
            fields = json.loads(text)
            files = tuple(
                Attachment(
                    Path(_text(file, "path")), _text(file, "name"), _text(file, "media_type"), _decision(file)
                )
                for file in fields["attachments"]
            )
            words = ("id", "identity_id", "to", "cc", "bcc", "subject", "text")
            # Drafts of before have none.
            seed = _text(fields, "seed") if "seed" in fields else new_seed()
            return cls(
                **{word: _text(fields, word) for word in words},
                attachments=files,
                seed=seed,
                thread=_thread(fields.get("thread")),
                begun_as=_text({"begun_as": "", **fields}, "begun_as"),
            )
        except (ValueError, KeyError, TypeError) as broken:
            # `from None`: the parser's own error quotes the draft.
            raise ValueError(f"not a draft ({type(broken).__name__})") from None


def _thread(value: Any) -> Thread | None:
    if value is None:
        return None
    if not all(isinstance(each, str) for each in (value["in_reply_to"], *value["references"])):
        raise TypeError("thread")
    return Thread(value["in_reply_to"], tuple(value["references"]))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _decision(file: dict[str, Any]) -> Decision:
    """Nothing is decided in a draft from before there was a choice, nor by a word that a later program may write."""
    return Decision.AS_IT_IS if file.get("decision") == Decision.AS_IT_IS else Decision.CLEANED
