"""``python -m tests.app.older_vault FOLDER PASSPHRASE``: a profile as the first version left it, for trying upgrades."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.gui import samples
from torsend.identity.book import IdentityBook
from torsend.mail.address import check_address
from torsend.mail.draft import Draft
from torsend.mail.drafts import DraftBook
from torsend.paths import Profile
from torsend.vault import Passphrase, Vault, schema


def make(folder: Path, passphrase: str) -> None:
    """Somebody and a draft."""
    profile = Profile(folder)
    profile.prepare()
    schema.STEPS = schema.STEPS[:1]
    with Vault.create(profile.vault, Passphrase(passphrase)) as vault:
        IdentityBook(vault, check_address).add(samples.WREN)
        DraftBook(vault).save(Draft("letter", samples.WREN.id, subject="Test sheets", text="Dear Marta"))


if __name__ == "__main__":
    make(Path(sys.argv[1]), sys.argv[2])
