"""Reads product.toml: who makes Torsend and where it is found."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent / "product.toml"
TORSEND = FILE.parent.parent / "torsend" / "__init__.py"


@dataclass(frozen=True, slots=True)
class Product:
    """What every installer says of itself.

    Attributes:
        id: AppStream's and Flatpak's.
        macos_identity: with which macOS's products are signed; empty: they are not.
        macos_notary_profile: with which Apple is asked to notarise them.
        sources: where what the licences promise can be had.
        placeholders: which of these aren't true yet.
    """

    name: str
    id: str
    homepage: str
    publisher: str
    email: str
    sources: str
    macos_identity: str
    macos_notary_profile: str
    placeholders: tuple[str, ...]

    @property
    def maintainer(self) -> str:
        """As Debian writes it."""
        return f"{self.publisher} <{self.email}>"

    def check_release(self) -> None:
        """Ends the program if something that people would rely on isn't true."""
        empty = [name for name in ("homepage", "email", "sources") if ".example" in getattr(self, name)]
        if sys.platform == "darwin":
            # An application that Apple never saw can't simply be opened, and must not be taught to people.
            empty += [name for name in ("macos_identity", "macos_notary_profile") if not getattr(self, name)]
        if untrue := sorted({*self.placeholders, *empty}):
            raise SystemExit(
                f"No release yet: {', '.join(untrue)} in {FILE.name} are placeholders. "
                "Without --release the same is built for trying."
            )


def product() -> Product:
    """As it stands in the file."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Product(**{**told, "placeholders": tuple(told["placeholders"])})


def version() -> str:
    """Torsend's own."""
    text = TORSEND.read_text(encoding="utf-8")
    return text.split('__version__ = "')[1].split('"')[0]
