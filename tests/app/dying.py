"""A program that dies while it cleans a file: run by the test of kill -9, not collected."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.app.cleaned import CleanedFiles
from torsend.app.cleaning import Cleaning, system_cleaner
from torsend.mail.draft import Attachment, Draft
from torsend.mail.drafts import DraftBook
from torsend.vault import RawKey, Vault

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from torsend.clean.report import Report

KEY = RawKey(bytes(range(32)))
DRAFT = "a-draft"


class DyingCleaner:
    """The real one, whose receiver dies when so many bytes have come."""

    def __init__(self, dies_after: int) -> None:
        self._left = dies_after

    def clean(
        self,
        source: Path,
        output: Callable[[bytes], None],
        text: Callable[[str], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> Report:
        def take(data: bytes) -> None:
            output(data)
            self._left -= len(data)
            if self._left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        return system_cleaner().clean(source, take, text, cancelled=cancelled)


def main(vault_path: str, file: str, dies_after: str) -> None:
    with Vault.open(Path(vault_path), KEY) as vault:
        attached = Attachment.of(Path(file))
        DraftBook(vault).save(Draft(DRAFT, text="Dear Marta,", attachments=(attached,)))
        Cleaning(CleanedFiles(vault), lambda: DyingCleaner(int(dies_after))).ensure(DRAFT, attached)


if __name__ == "__main__":
    main(*sys.argv[1:])
