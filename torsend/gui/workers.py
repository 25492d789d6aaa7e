"""The threads that do the window's work, by what they may have to wait for."""

from __future__ import annotations

from torsend.gui.background import Background


class Workers:
    """One thread each, so that a keyring's prompt holds up no draft and a slow circuit no check.

    Attributes:
        disk: the vault and the settings.
        checks: reading attachments and composing.
        keyring: whatever touches passwords; a prompt may block it for a minute.
        tor: preparing circuits, looking for running Tors, cancelling.
    """

    def __init__(self) -> None:
        self.disk = Background("torsend-disk")
        self.checks = Background("torsend-checks")
        self.keyring = Background("torsend-passwords")
        self.tor = Background("torsend-circuits")

    def stop(self) -> None:
        """Ends all of them; the disk last, so that what was typed is kept."""
        for each in (self.checks, self.tor, self.keyring, self.disk):
            each.stop()
