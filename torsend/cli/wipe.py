"""``torsend wipe``: what is kept on this computer, and how it goes for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from torsend.app.wiping import Kept, kept, wipe
from torsend.cli.output import as_json
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus, UsageError
from torsend.identity.secrets import PATIENCE_SECONDS, KeyringStore
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start


def run(given: argparse.Namespace, start: Start) -> int:
    """Tells what there is; removes it where that was asked for and agreed to."""
    found = kept(start.profile)
    if given.list:
        if given.json:
            as_json([_as_json(each) for each in found])
        else:
            _tell(start, found)
        return ExitStatus.OK
    if not found and not start.profile.used:
        say(t("There is nothing in {folder}.", folder=start.profile.folder))
        return ExitStatus.OK
    _tell(start, found)
    if any(each.name == "vault" for each in found):
        line(t("All of it is removed for good: mail that waits is not sent, and nothing brings it back."))
    else:
        line(t("All of it is removed for good, and nothing brings it back."))
    if any(each.name == "key" for each in found):
        line(t("Passwords of a control port and of a proxy are shared by all your profiles; they go, too."))
    if not given.yes:
        _agree()
    with KeyringStore(patience=min(start.patience or PATIENCE_SECONDS, PATIENCE_SECONDS)) as keyring:
        troubles = wipe(start, keyring)
    for trouble in troubles:
        say(trouble.sentences())
    if troubles:
        return ExitStatus.STORAGE
    line(t("It is gone."))
    line(
        t(
            "Flash memory and some file systems keep overwritten bytes for a while. What is left there of the vault "
            "opens only with its key or its passphrase; what Tor’s folder held could be read."
        )
    )
    return ExitStatus.OK


def _tell(start: Start, found: tuple[Kept, ...]) -> None:
    if not found:
        line(t("There is nothing in {folder}.", folder=start.profile.folder))
    for each in found:
        if each.path is None:
            line(each.what)
        else:
            line(t("{path} ({size} bytes): {what}", path=each.path, size=each.size, what=each.what))


def _as_json(each: Kept) -> dict[str, object]:
    return {"name": each.name, "path": None if each.path is None else str(each.path), "bytes": each.size}


def _agree() -> None:
    """Asks at a terminal.

    Raises:
        UsageError: there is none, or the person does not agree.
    """
    nothing = t("Nothing was removed.")
    if not sys.stdin.isatty():
        raise UsageError(nothing, advice=t("Add --yes to remove all of it without being asked."))
    word = t("wipe")
    say(t("Type {word} to go on:", word=word))
    if sys.stdin.readline().strip() != word:
        raise UsageError(nothing)
