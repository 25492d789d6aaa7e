"""A store of secrets that forgets all when the test ends, and fails when told to. Passes the same contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torsend.errors import StorageError


class MemoryStore:
    """Secrets in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.failure: StorageError | None = None

    def get(self, name: str) -> str | None:
        self._fail()
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self._fail()
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self._fail()
        self.kept.pop(name, None)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
