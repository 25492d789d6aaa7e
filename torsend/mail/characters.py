"""Which characters a line of the header may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torsend.mail.refusals import BadField

if TYPE_CHECKING:
    from torsend.mail.refusals import Field

# Control characters (CR, LF, NUL, tab and C1 among them), line and paragraph separators, halves of characters; and the
# code points that are no characters (Unicode 23.7), which some readers replace.
_REFUSED = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_NEVER = re.compile(f"[{_REFUSED}]")

# In a name also what turns the reading direction: a file name that ends in "exe" would read as ending in
# "pdf", one address as another.
_NEVER_IN_NAMES = re.compile(f"[{_REFUSED}\u202a-\u202e\u2066-\u2069]")


def check_words(text: str, field: Field) -> None:
    """For the person's own words on one line.

    Raises:
        BadField
    """
    _check(_NEVER, text, field)


def check_name(text: str, field: Field) -> None:
    """For what names somebody or something: addresses with their names, file names.

    Raises:
        BadField
    """
    _check(_NEVER_IN_NAMES, text, field)


def has_hidden(text: str) -> bool:
    """Whether ``check_name`` would refuse it."""
    return _NEVER_IN_NAMES.search(text) is not None


def _check(pattern: re.Pattern[str], text: str, field: Field) -> None:
    found = pattern.search(text)
    if found:
        raise BadField(field, text, found.start())
