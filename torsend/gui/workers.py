"""The threads that do the window's work, by what they may have to wait for."""

from __future__ import annotations

from torsend.app.cleaning import AT_ONCE
from torsend.gui.background import Background


class Workers:
    """One thread each, so that a keyring's prompt holds up no draft and a slow circuit no check.

    Attributes:
        disk: the vault and the settings.
        checks: reading attachments and composing.
        cleaning: of attached files; whoever asks for it stops it before ``stop``, which waits.
        keyring: whatever touches passwords; a prompt may block it for a minute.
        tor: preparing circuits, looking for running Tors.
        cancelling: a mail that shall not leave waits for nothing else.
    """

    def __init__(self) -> None:
        self.disk = Background("torsend-disk", drains=True)
        self.checks = Background("torsend-checks")
        self.cleaning = Background("torsend-cleaning", threads=AT_ONCE)
        self.keyring = Background("torsend-passwords")
        self.tor = Background("torsend-circuits")
        self.cancelling = Background("torsend-cancelling")

    def stop(self) -> None:
        """Ends all of them; what was given to the disk is done first, so that what was typed is kept."""
        for each in (self.disk, self.cancelling, self.checks, self.cleaning, self.tor, self.keyring):
            each.stop()
