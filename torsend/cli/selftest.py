"""``torsend selftest``: the whole path on this computer, a line a check."""

from __future__ import annotations

import sys

from torsend import __version__
from torsend.cli.streams import line
from torsend.errors import ExitStatus
from torsend.words import t


def run() -> int:
    """Tries everything and says what holds. 0 only if all of it does."""
    from torsend.demo.proof import checks

    how = t("installed whole") if getattr(sys, "frozen", False) else t("run by Python")
    line(t("torsend {version}, {how}. Nothing leaves this computer.", version=__version__, how=how))
    failed = 0
    for check in checks():
        verdict = t("holds") if check.holds else t("FAILS")
        line(f"{verdict}  {check.what}: {check.seen}")
        sys.stdout.flush()
        failed += not check.holds
    line(t("All of it holds.") if not failed else t("Not all of it holds."))
    return ExitStatus.OK if not failed else ExitStatus.SOFTWARE
