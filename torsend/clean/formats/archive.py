"""Archives: what is inside is cleaned by the registry, and what the archive says of it (dates, owners, rights) goes.

Names of members stay, since they are what the sender calls things; they are given to the word list like other text. A
member that can't be cleaned makes the archive one that can't be. What systems leave in folders by themselves goes, and so
do links: they hold a path and nothing else. Members are put in the order of their names.
"""

from __future__ import annotations

import io
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 3
"""Archives within archives, the outermost counted."""
MOST_MEMBERS = 5000
"""Of one archive and all archives in it."""
LARGEST_MEMBER = 96 * 1024 * 1024
LARGEST_TOTAL = 256 * 1024 * 1024
"""Octets of all members unpacked, those of archives within counted again."""
LONGEST_NAME = 1024

LITTER = frozenset(
    (".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".localized", "icon\r")
)
"""What file managers leave: how folders were looked at, and small pictures of what lay in them."""
LITTER_FOLDERS = frozenset(("__macosx", ".trashes", ".spotlight-v100", ".fseventsd", ".apdisk"))
PACKED = ("image/", "audio/", "video/", "application/")
LOOSE = frozenset(
    ("image/svg+xml", "image/tiff", "audio/wav", "audio/x-wav", "audio/vnd.wave", "application/x-tar")
)
"""Of most kinds formats pack by themselves, and packing them again takes time and saves nothing; but for these."""


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked, for an archive and all within it."""

    depth: int = 0
    members: int = MOST_MEMBERS
    octets: int = LARGEST_TOTAL

    def take(self, octets: int) -> None:
        self.members -= 1
        self.octets -= octets
        if self.members < 0 or self.octets < 0:
            raise NotCleanable(Why.TOO_LARGE)


_BUDGET: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def opened() -> Iterator[_Budget]:
    """One archive being read; archives within it share its budget.

    Raises:
        NotCleanable: it lies too deep.
    """
    budget = _BUDGET.get()
    if budget is not None:
        if budget.depth >= DEEPEST:
            raise NotCleanable(Why.TOO_LARGE)
        budget.depth += 1
        try:
            yield budget
        finally:
            budget.depth -= 1
        return
    budget = _Budget(1, MOST_MEMBERS, LARGEST_TOTAL)
    token = _BUDGET.set(budget)
    try:
        yield budget
    finally:
        _BUDGET.reset(token)


@dataclass(frozen=True, slots=True)
class Kept:
    """One member of the result; a folder's name ends with ``/`` and it holds no data.

    Attributes:
        is_packed: whether packing it would save nothing.
    """

    name: str
    data: bytes = b""
    is_packed: bool = False
    is_program: bool = False


@dataclass(slots=True)
class Members:
    """Gathers the members of the result."""

    notes: Notes
    _files: dict[str, Kept] = field(default_factory=dict)
    _folders: set[str] = field(default_factory=set)

    def add_folder(self, name: str) -> None:
        """A folder; it stays if nothing else makes it."""
        if (kept := self._named(name)) is not None:
            self._folders.add(kept + "/")

    def wants(self, name: str) -> bool:
        """Whether a file of this name stays at all; says so if it doesn't. Ask before reading it."""
        parts = [part.lower() for part in name.replace("\\", "/").split("/") if part]
        last = parts[-1] if parts else ""
        if last in LITTER or last.startswith("._") or LITTER_FOLDERS.intersection(parts):
            self.notes.remove(Trace.OTHER, name)
            return False
        return True

    def add_file(self, name: str, data: bytes, *, is_program: bool = False) -> None:
        """A file, cleaned by the cleaner of its format.

        Raises:
            NotCleanable: it can't be cleaned, or its name is one that no archive should have.
        """
        kept = self._named(name)
        if kept is None or kept in self._files:
            raise NotCleanable(Why.DAMAGED)
        cleaned, is_packed = clean_member(data, kept, self.notes)
        self._files[kept] = Kept(kept, cleaned, is_packed, is_program)

    def result(self) -> list[Kept]:
        """All of them, in the order of their names, which are told as text."""
        made = {
            name.rpartition("/")[0] + "/" for name in (*self._files, *(each[:-1] for each in self._folders))
        }
        for folder in list(made):
            while folder := folder[:-1].rpartition("/")[0] + "/":
                if folder == "/":
                    break
                made.add(folder)
        every = [*self._files.values(), *(Kept(each) for each in self._folders - made)]
        every.sort(key=lambda each: each.name)
        self.notes.text("".join(f"{each.name}\n" for each in every))
        if every:
            self.notes.keep(Left.NAMES)
        return every

    def _named(self, name: str) -> str | None:
        """The name as it stays: relative, composed, nothing of drives; None for the archive's own folder."""
        if len(name) > LONGEST_NAME:
            raise NotCleanable(Why.DAMAGED)
        parts = name.replace("\\", "/").split("/")
        if len(parts[0]) == 2 and parts[0][1] == ":":
            parts = parts[1:]
        kept = unicodedata.normalize("NFC", "/".join(part for part in parts if part not in ("", ".", "..")))
        if not kept:
            return None
        if not kept.isprintable() or ":" in kept:
            raise NotCleanable(Why.DAMAGED)
        if name.startswith(("/", "\\")) or ":" in name or ".." in parts or "\\" in name:
            self.notes.remove(Trace.PATH, "path", name)
        return kept


class _Held(io.BytesIO):
    """A cleaned member in memory, up to a limit."""

    def write(self, data: object, /) -> int:
        written = super().write(data)  # type: ignore[arg-type]  # what a cleaner writes is bytes
        if self.tell() > 2 * LARGEST_MEMBER:
            raise NotCleanable(Why.TOO_LARGE)
        return written


def clean_member(data: bytes, name: str, notes: Notes) -> tuple[bytes, bool]:
    """The cleaned octets, and whether they are packed already. What was removed is noted with the member's name.

    Raises:
        NotCleanable: ``HOLDS_UNCLEANABLE`` or ``TOO_LARGE``, with the name, as a path through archives within archives.
    """
    # The registry knows the formats that this one is part of.
    from torsend.clean.formats.registry import recognise

    if not data:
        return b"", True
    inner = Notes(notes.text)
    held = _Held()
    try:
        source = io.BytesIO(data)
        found = recognise(source)
        found.clean(source, held, inner)
    except NotCleanable as refused:
        why = Why.TOO_LARGE if refused.why is Why.TOO_LARGE else Why.HOLDS_UNCLEANABLE
        raise NotCleanable(why, f"{name}/{refused.inside}" if refused.inside else name) from None
    except (MemoryError, ImportError):
        raise
    except Exception:  # noqa: BLE001  # parsers raise what they like, and which member it was is worth knowing
        raise NotCleanable(Why.HOLDS_UNCLEANABLE, name) from None
    notes.text("\n")
    shown = len(inner.removed)
    for each in inner.removed:
        notes.remove(each.trace, f"{name}: {each.name}", each.value)
        inner.counts[each.trace] -= 1
    if shown:
        notes.counts.update({trace: count for trace, count in inner.counts.items() if count > 0})
    notes.kept |= inner.kept
    return held.getvalue(), found.media_type.startswith(PACKED) and found.media_type not in LOOSE
