"""Addresses: what a person types into To, Cc and Bcc, and one normal form for each address.

The grammar is RFC 5322's mailbox list as people write it: items parted by commas (or semicolons, as Outlook
has it), each an address or a name with an address in angle brackets. Groups, comments, source routes and
address literals are refused in words. The limits are RFC 5321's (section 4.5.3.1), counted in octets.

What stands before the @ may be of any script (RFC 6532); such an address reaches only servers with SMTPUTF8 (RFC
6531), which ``delivery`` asks for. Its domain is written in ASCII all the same: every server can look that up.
"""

from __future__ import annotations

import contextlib
import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.mail.characters import check_name, has_hidden
from torsend.mail.domain import DomainError, domain_to_ascii, domain_to_unicode, joins
from torsend.mail.refusals import BadAddress, Field, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LOCAL = 64
"""Octets of UTF-8."""
MAX_ADDRESS = 254
"""A path of 256 octets with its angle brackets (RFC 5321 section 4.5.3.1.3)."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_QUOTED_LOCAL = re.compile(r'"((?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*)"@')
_SEPARATORS = ",;"
_CALLED_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name, which may be empty, and an address in its normal form (``check_address``)."""

    name: str
    address: str

    @property
    def label(self) -> str:
        """What a person knows it by."""
        return self.name or readable(self.address)


def check_address(text: str) -> str:
    """One address in its normal form, spaces around it taken off.

    The domain in lower case, labels of other scripts as A-labels; the part before the @ as it is, but composed (NFC, RFC
    6532 section 3.1) and without quotes that it doesn't need (RFC 5321 section 4.1.2).

    Raises:
        BadAddress: with the reason in words.
    """
    typed = text.strip()
    if not typed:
        raise BadAddress(Why.EMPTY, typed)
    if has_hidden(typed):
        raise BadAddress(Why.CHARACTER, typed)
    local, domain = _halves(typed)
    try:
        address = f"{local}@{domain_to_ascii(domain)}"
    except DomainError as error:
        raise BadAddress(error.why, typed) from error
    if len(address.encode()) > MAX_ADDRESS:
        raise BadAddress(Why.TOO_LONG, typed)
    return address


def parse_mailboxes(text: str, field: Field = Field.TO) -> tuple[Mailbox, ...]:
    """What stands in an address field; nothing where it is empty. Superfluous separators do no harm.

    Raises:
        BadField: a line break or another hidden character.
        BadAddress: with its place in the field.
    """
    check_name(text, field)
    mailboxes = []
    for ordinal, (start, item) in enumerate(_items(text), start=1):
        try:
            mailboxes.append(_mailbox(item))
        except BadAddress as error:
            raise error.within(field, ordinal, start, start + len(item)) from error.__cause__
    return tuple(mailboxes)


@functools.lru_cache(maxsize=8)
def complete_mailboxes(text: str) -> tuple[Mailbox, ...]:
    """Those items that are addresses already, for what is shown while a person types; raises nothing.

    Remembered for the last fields: it is asked several times for each pause in typing, mostly elsewhere in the mail.
    """
    found = []
    for _, item in _items(text):
        if not has_hidden(item):
            with contextlib.suppress(BadAddress):
                found.append(_mailbox(item))
    return tuple(found)


def domain_of(address: str) -> str:
    """The part after the @ of an address in its normal form."""
    return address.rpartition("@")[2]


def readable(address: str) -> str:
    """An address in its normal form with its domain in the script that it was registered in, for showing."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain_to_unicode(domain)}"


def provider_of(address: str) -> str:
    """The short word by which a provider is shown: ``rowanmail`` for ``wren@mail.rowanmail.example``."""
    labels = domain_to_unicode(domain_of(address)).split(".")
    if labels[-1] == "onion" and len(labels) > 1:
        return f"{labels[-2][:6]}….onion"
    # Not the public suffix list: a word to show, nothing is decided by it.
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _CALLED_SECOND_LEVEL:
        return labels[-3]
    return labels[-2] if len(labels) > 1 else labels[0]


def _halves(typed: str) -> tuple[str, str]:
    """The local part, checked, and the domain, unchecked."""
    if typed.startswith('"'):
        quoted = _QUOTED_LOCAL.match(typed)
        if not quoted:
            raise BadAddress(_why_not_quoted(typed), typed)
        if not quoted[1]:
            raise BadAddress(Why.NO_LOCAL, typed)
        local, domain = _least_quoted(quoted[1]), typed[quoted.end() :]
        if "@" in domain or " " in domain:
            raise BadAddress(Why.SEVERAL, typed)
    else:
        _check_shape(typed)
        local, _, domain = typed.rpartition("@")
        if not _DOT_ATOM.fullmatch(local):
            dots = local.startswith(".") or local.endswith(".") or ".." in local
            raise BadAddress(Why.DOTS if dots else Why.CHARACTER, typed)
    if not local.isascii():
        # The tables of Unicode 3.2, which every interpreter has beside its own: one result on all of them.
        local = unicodedata.ucd_3_2_0.normalize("NFC", local)
        _check_letters(local, typed)
    if len(local.encode()) > MAX_LOCAL:
        raise BadAddress(Why.LOCAL_TOO_LONG, typed)
    return local, domain


def _check_letters(local: str, typed: str) -> None:
    """RFC 6532 takes every character; here what can't be seen is left out, since two addresses must not look alike."""
    before = ""
    for character in local:
        hidden = not character.isascii() and unicodedata.category(character)[0] in "CZ"
        if hidden and not (character in "\u200c\u200d" and joins(before)):
            raise BadAddress(Why.LOCAL_HIDDEN, typed)
        before = character
    # It would join what stands before the address: a quotation mark or an angle bracket.
    if unicodedata.category(local.removeprefix('"')[0]).startswith("M"):
        raise BadAddress(Why.CHARACTER, typed)


def _check_shape(typed: str) -> None:
    """The mistakes that people make, each with its own words."""
    local, at, domain = typed.rpartition("@")
    if any(character.isspace() for character in typed):
        raise BadAddress(Why.SPACE if at else Why.NO_AT, typed)
    if "<" in typed or ">" in typed:
        raise BadAddress(Why.ANGLE, typed)
    if not at:
        raise BadAddress(Why.NO_AT, typed)
    if not local:
        raise BadAddress(Why.NO_LOCAL, typed)
    if not domain:
        raise BadAddress(Why.NO_DOMAIN, typed)
    if domain.startswith("["):
        raise BadAddress(Why.ADDRESS_LITERAL, typed)
    if "@" in local or any(separator in typed for separator in _SEPARATORS):
        raise BadAddress(Why.SEVERAL, typed)
    if ":" in typed:
        raise BadAddress(Why.GROUP, typed)
    if '"' in typed:
        raise BadAddress(Why.CHARACTER, typed)


def _why_not_quoted(typed: str) -> Why:
    closed = _QUOTED.match(typed)
    if not closed:
        return Why.QUOTE_OPEN
    return Why.CHARACTER if typed[closed.end() :].startswith("@") else Why.NO_AT


def _least_quoted(inside: str) -> str:
    plain = re.sub(r"\\(.)", r"\1", inside)
    if _DOT_ATOM.fullmatch(plain):
        return plain
    return '"' + re.sub(r'(["\\])', r"\\\1", plain) + '"'


def _items(text: str) -> Iterator[tuple[int, str]]:
    """Each item without the blanks around it, and where it begins."""
    begin = 0
    for end in (*_separators(text), len(text)):
        item = text[begin:end]
        bare = item.strip()
        if bare:
            yield begin + item.index(bare), bare
        begin = end + 1


def _separators(text: str) -> Iterator[int]:
    """Where items end: separators outside of quotation marks and angle brackets."""
    position = 0
    bracket = False
    while position < len(text):
        character = text[position]
        if character == '"':
            quoted = _QUOTED.match(text, position)
            # A quotation mark that is never closed takes the rest: the item is then refused for it.
            position = quoted.end() if quoted else len(text)
            continue
        if character in "<>":
            bracket = character == "<"
        elif character in _SEPARATORS and not bracket:
            yield position
        position += 1


def _mailbox(item: str) -> Mailbox:
    """One item: ``address`` or ``name <address>``."""
    outside = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), item)
    if '"' in outside:
        raise BadAddress(Why.QUOTE_OPEN, item)
    opened = outside.find("<")
    if opened < 0 and ">" not in outside:
        if ":" in outside and "@[" not in outside:
            raise BadAddress(Why.GROUP, item)
        return Mailbox("", check_address(item))
    if opened < 0 or outside.count("<") != 1 or outside.find(">") != len(outside) - 1:
        raise BadAddress(Why.ANGLE, item)
    if ":" in outside[:opened]:
        raise BadAddress(Why.GROUP, item)
    return Mailbox(_name(item[:opened].strip()), check_address(item[opened + 1 : -1]))


def _name(typed: str) -> str:
    """The name, its blanks made single; quotation marks go where they enclose all of it."""
    if _QUOTED.fullmatch(typed):
        typed = re.sub(r"\\(.)", r"\1", typed[1:-1])
    return " ".join(typed.split())
