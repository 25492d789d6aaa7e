"""``mailto:`` links (RFC 6068) as drafts. Addresses, subject, body and what is answered are taken, as section 4 calls
safe: a link must not attach files.
"""

from __future__ import annotations

import dataclasses
import re
import urllib.parse
from typing import TYPE_CHECKING

from torsend.errors import UsageError
from torsend.mail.draft import Draft, Thread
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINK = 64 * 1024
"""Characters. A longer link is no link that a person follows."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ADDRESS_FIELDS = ("to", "cc", "bcc")


class BadLink(UsageError):
    """It is no mailto: link."""


def draft_from(link: str, identity_id: str = "") -> Draft:
    """The draft that the link asks for. What it does not know, it leaves out (RFC 6068 section 4).

    Raises:
        BadLink: not mailto:, too long, or not UTF-8.
    """
    if not link.lower().startswith("mailto:"):
        raise BadLink(t("That is no mailto: link."), advice=t("Type the address instead."))
    if len(link) > LONGEST_LINK:
        raise BadLink(t("That mailto: link is too long."), advice=t("Type the address instead."))
    to, _, query = link[len("mailto:") :].partition("#")[0].partition("?")
    try:
        fields: dict[str, list[str]] = {"to": [urllib.parse.unquote(to, errors="strict")]}
        for name, value in _pairs(query):
            fields.setdefault(name.lower(), []).append(value)
    except UnicodeDecodeError:
        # `from None`: the decoder's error quotes the link.
        raise BadLink(t("That mailto: link is not UTF-8."), advice=t("Type the address instead.")) from None
    addresses = {
        name: ", ".join(filter(None, map(_one_line, fields.get(name, ())))) for name in _ADDRESS_FIELDS
    }
    new = Draft.new(identity_id)
    return dataclasses.replace(
        new,
        to=addresses["to"],
        cc=addresses["cc"],
        bcc=addresses["bcc"],
        subject=_one_line(" ".join(fields.get("subject", ()))),
        text=_CONTROL.sub("", "\n".join(fields.get("body", ())).replace("\r\n", "\n").replace("\r", "\n")),
        thread=Thread.read(" ".join(fields.get("in-reply-to", ())), " ".join(fields.get("references", ()))),
    )


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    # Not parse_qsl: in mailto: a plus sign is a plus sign (section 5).
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        yield urllib.parse.unquote(name, errors="strict"), urllib.parse.unquote(value, errors="strict")


def _one_line(text: str) -> str:
    """Without line breaks and control characters: they would be refused when it is sent, and nobody typed them."""
    return " ".join(_CONTROL.sub("", text).split())
