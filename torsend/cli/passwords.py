"""How a password gets in: by a prompt or by standard input, never by an argument, which every user can see."""

from __future__ import annotations

import sys

from torsend.errors import UsageError
from torsend.words import t

_LONGEST_PASSWORD = 1024
"""Characters; a longer first line is not a password but the wrong file."""


def read_password(prompt: str) -> str | None:
    """The password from a prompt, or from the first line of standard input where no terminal is.

    None where standard input is closed or empty.

    Raises:
        UsageError: it cannot be a password.
    """
    if sys.stdin.isatty():
        import getpass

        try:
            text = getpass.getpass(prompt)
            # A terminal that speaks another encoding gives what is no text (PEP 383) and can't be kept.
            text.encode("utf-8")
        except EOFError:
            return None
        except UnicodeEncodeError:
            raise _not_utf8() from None
    else:
        try:
            text = sys.stdin.buffer.readline(_LONGEST_PASSWORD * 4 + 2).decode("utf-8")
        except UnicodeDecodeError:
            raise _not_utf8() from None
        text = text.removesuffix("\n").removesuffix("\r")
    if len(text) > _LONGEST_PASSWORD or any(each in text for each in "\0\r\n"):
        raise UsageError(
            t(
                "That cannot be a password: it is too long, or has a line break or a NUL in it. Nothing was kept."
            ),
            advice=t("The first line of standard input is taken."),
        )
    return text or None


def _not_utf8() -> UsageError:
    """To be raised ``from None``: Python's own error quotes the password."""
    return UsageError(
        t("The password is not UTF-8. Nothing was kept."),
        advice=t("Type it at a prompt that is, or save it anew."),
    )


def need_password(prompt: str) -> str:
    """The same where there must be one.

    Raises:
        UsageError: it cannot be a password, or there is none.
    """
    password = read_password(prompt)
    if password is None:
        raise UsageError(t("No password was given."), advice=t("Type it, or pass it on standard input."))
    return password
