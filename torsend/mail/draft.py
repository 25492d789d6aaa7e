"""A message as the person typed it: nothing checked, nothing normalised, so nothing typed is lost."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torsend.mail.media import media_type_of
from torsend.mail.seed import new_seed

VERSION = 1
"""Of the JSON form. A later one may add fields; an earlier program leaves out what it does not know."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""How Python writes a byte of a file name that is not UTF-8 (PEP 383), and Windows half a character."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along.

    Attributes:
        path: where it lies on this computer; never sent.
        name: what the recipient sees it called.
        media_type: such as ``image/jpeg``.
    """

    path: Path
    name: str
    media_type: str

    @classmethod
    def of(cls, path: Path) -> Attachment:
        """The file under its own name, its type guessed from the name alone (the file is not opened).

        What is not Unicode in the name becomes U+FFFD.
        """
        name = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", path.name)
        return cls(path=path, name=name, media_type=media_type_of(name))


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person has written so far. Address fields are raw text, checked by ``wire.compose``.

    Attributes:
        id: random, of this program only; never sent.
        identity_id: who sends; empty while nobody is chosen.
        seed: what Message-ID and boundary are drawn from (``seed``); no part of what was written.
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

    @classmethod
    def new(cls, identity_id: str = "") -> Draft:
        """An empty one with a fresh id."""
        return cls(id=secrets.token_hex(16), identity_id=identity_id)

    @property
    def is_empty(self) -> bool:
        """Nothing was written or attached: not worth keeping."""
        return not any((self.to, self.cc, self.bcc, self.subject, self.text, self.attachments))

    def reseeded(self) -> Draft:
        """The same words for another mail: nothing that is drawn is drawn again."""
        return replace(self, seed=new_seed())

    def to_json(self) -> str:
        """ASCII JSON; ``from_json`` gives an equal draft back."""
        fields: dict[str, Any] = {"version": VERSION}
        for each in dataclasses.fields(self):
            fields[each.name] = getattr(self, each.name)
        fields["attachments"] = [
            {"path": str(file.path), "name": file.name, "media_type": file.media_type}
            for file in self.attachments
        ]
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
                Attachment(Path(_text(file, "path")), _text(file, "name"), _text(file, "media_type"))
                for file in fields["attachments"]
            )
            words = ("id", "identity_id", "to", "cc", "bcc", "subject", "text")
            # Drafts of before have none.
            seed = _text(fields, "seed") if "seed" in fields else new_seed()
            return cls(**{word: _text(fields, word) for word in words}, attachments=files, seed=seed)
        except (ValueError, KeyError, TypeError) as broken:
            # `from None`: the parser's own error quotes the draft.
            raise ValueError(f"not a draft ({type(broken).__name__})") from None


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value
