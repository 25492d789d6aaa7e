"""What is worth saying of a mail before it is sent from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.checks.finding import Severity
from torsend.checks.sentences import PASTED, WALLS, WORDS
from torsend.cli.streams import say
from torsend.words import t

if TYPE_CHECKING:
    from torsend.app import App
    from torsend.mail.draft import Draft

TOLD = frozenset(WORDS) | frozenset(PASTED) | frozenset(WALLS)
"""What the words of a mail give away. The rest of what the window says is the same for every mail of an identity."""


def tell_findings(app: App, draft: Draft) -> None:
    """Advice on standard error; it holds nothing up, since a script can't be asked."""
    for finding in app.findings(draft):
        if finding.severity is Severity.LOOK and finding.code in TOLD:
            say(t("Look: {sentence}", sentence=finding.sentence))
