"""Every sentence that a person reads passes through here, on the command line as in the window.

``t("Connected to Tor")`` gives the sentence in the person's language, ``t("{n} files", n=2)`` fills it in. The
sentence itself is the key (gettext), so what stands in the code is what is shown where no translation is.
"""

from __future__ import annotations

import gettext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def t(sentence: str, /, **values: object) -> str:
    """The sentence in the chosen language, its ``{names}`` filled in.

    A value is put in as it is: braces in it are not looked at again.
    """
    return _catalogue.gettext(sentence).format(**values) if values else _catalogue.gettext(sentence)


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """The sentence for ``n`` things; ``{n}`` is filled in by itself."""
    return _catalogue.ngettext(one, many, n).format(n=n, **values)


def mark(sentence: str, /) -> str:
    """Marks a sentence of a table for translation; ``t`` translates it where it is shown."""
    return sentence


def choose_language(folder: Path, languages: list[str] | None = None) -> None:
    """Reads the catalogue of the first of the languages that is there; otherwise the sentences stay English.

    Args:
        folder: holds ``<language>/LC_MESSAGES/torsend.mo``.
        languages: codes such as ``de_AT``; without them, what the environment asks for.
    """
    global _catalogue  # one language a process: that is what a language is
    _catalogue = gettext.translation("torsend", localedir=folder, languages=languages, fallback=True)
