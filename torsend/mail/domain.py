"""Domain names: letters of any script to the ASCII form that mail travels with (A-labels).

Internationalized names follow IDNA 2008: which characters may stand in one is derived by the rules of RFC
5892, where a label may run from right to left by RFC 5893, and the A-label is made by RFC 3492. Python's
own ``idna`` codec is the older IDNA 2003: it would send mail for ``straße.example`` to ``strasse.example``,
another owner's domain. Nothing here depends on locale or network; an interpreter with older Unicode tables
refuses newer letters, it never writes them differently.

What would be mapped away (full-width letters, ligatures) is refused, not mapped, except for
capitals, for composition (NFC) and for the ideographic full stops that input methods produce. Tried on
every assigned character in eight surroundings against the ``idna`` package 3.20 (UTS 46, not transitional):
never another result, never more accepted.
"""

from __future__ import annotations

import re
import unicodedata

from torsend.mail.refusals import Why

MAX_LABEL = 63
MAX_DOMAIN = 253
"""Characters as written; 255 octets on the wire of DNS (RFC 1035 section 2.3.4)."""

_VIRAMA = 9
"""Canonical combining class."""

_LDH = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_OTHER_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")


class DomainError(ValueError):
    """Not a domain name that mail can go to."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def domain_to_ascii(domain: str) -> str:
    """The name in lower case, each label an LDH label or an A-label; a name in that form stays as it is.

    Raises:
        DomainError
    """
    if not domain:
        raise DomainError(Why.NO_DOMAIN)
    if domain.startswith("["):
        raise DomainError(Why.ADDRESS_LITERAL)
    labels = domain.translate(_OTHER_DOTS).split(".")
    if not all(labels):
        raise DomainError(Why.DOMAIN_DOTS)
    written = [_label(label) for label in labels]
    name = ".".join(written)
    if len(name) > MAX_DOMAIN:
        raise DomainError(Why.DOMAIN_TOO_LONG)
    # No top-level domain is a number (RFC 3696 section 2), so such a name is an IPv4 address.
    if written[-1].isdigit():
        raise DomainError(Why.DOMAIN_IS_NUMBER)
    return name


def joins(before: str) -> bool:
    """Whether a joiner behind it has a meaning: behind a virama, as in Sinhala and Devanagari (RFC 5892 A.1, A.2)."""
    return bool(before) and unicodedata.combining(before) == _VIRAMA


def domain_to_unicode(domain: str) -> str:
    """The name in its own script, for showing; a label that is no valid A-label stays as it is."""
    return ".".join(_unicode_label(label) for label in domain.split("."))


def _label(label: str) -> str:
    if label.isascii():
        return _ascii_label(label.lower())
    lowered = unicodedata.normalize("NFC", "".join(map(_lower, label)))
    _check_unicode_label(lowered)
    return _ascii_label("xn--" + lowered.encode("punycode").decode("ascii"))


def _lower(character: str) -> str:
    # One character at a time: `lower` of a whole word would make a final sigma of a capital one. In
    # Cherokee the older capitals are the stable form.
    return character if character.casefold() == character else character.lower()


def _ascii_label(label: str) -> str:
    if len(label) > MAX_LABEL or label[0] == "-" or label[-1] == "-":
        raise DomainError(Why.DOMAIN_LABEL)
    if not _LDH.fullmatch(label):
        raise DomainError(Why.DOMAIN_CHARACTER)
    return label


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        return decoded if decoded and _label(decoded) == label else label
    except (UnicodeError, DomainError):
        return label


def _check_unicode_label(label: str) -> None:
    """RFC 5891 section 4.2.3, on a label in lower case and NFC with at least one character beyond ASCII."""
    if label[0] == "-" or label[-1] == "-" or label[2:4] == "--":
        raise DomainError(Why.DOMAIN_LABEL)
    if unicodedata.category(label[0]).startswith("M"):
        raise DomainError(Why.DOMAIN_CHARACTER)
    for position, character in enumerate(label):
        if not (_is_valid(character) or _is_valid_here(label, position)):
            raise DomainError(Why.DOMAIN_CHARACTER)
    if not _turns_well(label):
        raise DomainError(Why.DOMAIN_CHARACTER)


# RFC 5892: exceptions (2.6), and lists of properties that Python's tables lack (2.3 to 2.5, 2.9).
_ALSO_VALID = frozenset("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007")
_NEVER_VALID = re.compile(
    "["
    "\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b"  # exceptions
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"  # ignorable
    "\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"  # old Hangul jamo
    "\u20d0-\u20ff\U0001d100-\U0001d24f"  # ignorable blocks: marks for symbols, musical notation
    "]"
)
_LETTER_DIGIT = frozenset({"Lu", "Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})


def _is_valid(character: str) -> bool:
    """PVALID of RFC 5892 section 3, for one character in lower case."""
    if character in _ALSO_VALID or character == "-":
        return True
    if _NEVER_VALID.match(character) or unicodedata.category(character) not in _LETTER_DIGIT:
        return False
    if _CONTEXT_DIGIT.match(character):
        return False
    # "Unstable": section 2.2.
    folded = unicodedata.normalize("NFKC", character).casefold()
    return unicodedata.normalize("NFKC", folded) == character


_CONTEXT_DIGIT = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
_KANA_OR_HAN = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u3005\u3007]"
)
_GREEK = re.compile("[\u0370-\u0373\u0376\u0377\u037b-\u037d\u0386\u0388-\u03e1\u03f0-\u03ff\u1f00-\u1fff]")
_HEBREW = re.compile("[\u05d0-\u05ea\u05ef-\u05f2]")


def _is_valid_here(label: str, position: int) -> bool:
    """CONTEXTJ and CONTEXTO of RFC 5892 appendix A; of a joiner between Arabic letters (A.1) Python's tables tell nothing,
    so that one is refused.
    """
    before = label[position - 1 : position]
    after = label[position + 1 : position + 2]
    match label[position]:
        case "\u200c" | "\u200d":
            return joins(before)
        case "\u00b7":  # middle dot, as in Catalan
            return before == "l" and after == "l"
        case "\u0375":
            return bool(_GREEK.match(after))
        case "\u05f3" | "\u05f4":
            return bool(_HEBREW.match(before))
        case "\u30fb":
            return bool(_KANA_OR_HAN.search(label))
        case digit if "\u0660" <= digit <= "\u0669":
            return not re.search("[\u06f0-\u06f9]", label)
        case digit if "\u06f0" <= digit <= "\u06f9":
            return not re.search("[\u0660-\u0669]", label)
        case _:
            return False


def _turns_well(label: str) -> bool:
    """The rule of RFC 5893 section 2 for a label; one without right-to-left characters passes."""
    kinds = [unicodedata.bidirectional(character) for character in label]
    if not {"R", "AL", "AN"} & set(kinds):
        return True
    end = [kind for kind in kinds if kind != "NSM"][-1]
    if kinds[0] in {"R", "AL"}:
        allowed = {"R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"}
        return set(kinds) <= allowed and end in {"R", "AL", "EN", "AN"} and not {"EN", "AN"} <= set(kinds)
    return False
