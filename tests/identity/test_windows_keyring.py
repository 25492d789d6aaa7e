"""The keyring of Windows: keyring's own backend for it runs here, on a Credential Manager that is a table."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from torsend.identity.secrets import KeyringRefused, KeyringStore, system_backend

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_FOUND = 1168
MOST_BYTES = 5 * 512
"""CRED_MAX_CREDENTIAL_BLOB_SIZE (wincred.h)"""


class Refused(Exception):
    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname)
        self.winerror, self.funcname = winerror, funcname


class CredentialManager(ModuleType):
    """``win32cred``, as far as the backend uses it."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self) -> None:
        super().__init__("win32cred")
        self.kept: dict[str, dict[str, Any]] = {}

    def CredRead(self, Type: int, TargetName: str) -> dict[str, Any]:  # noqa: N803  # its names
        if TargetName not in self.kept:
            raise Refused(NOT_FOUND, "CredRead")
        return self.kept[TargetName]

    def CredWrite(self, credential: dict[str, Any], flags: int) -> None:
        blob = credential["CredentialBlob"].encode("utf-16-le")
        if len(blob) > MOST_BYTES:
            raise Refused(1783, "CredWrite")
        self.kept[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N803  # its names
        if self.kept.pop(TargetName, None) is None:
            raise Refused(NOT_FOUND, "CredDelete")


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[CredentialManager]:
    table = CredentialManager()
    errors = ModuleType("pywintypes")
    errors.error = Refused  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "win32ctypes", None)
    monkeypatch.setitem(sys.modules, "win32cred", table)
    monkeypatch.setitem(sys.modules, "pywintypes", errors)
    monkeypatch.delitem(sys.modules, "keyring.backends.Windows", raising=False)
    importlib.import_module("keyring.backends.Windows")
    monkeypatch.setattr(sys, "platform", "win32")
    yield table
    monkeypatch.undo()
    sys.modules.pop("keyring.backends.Windows", None)


def test_secrets_stay_apart_on_this_computer_and_go_when_told(manager: CredentialManager) -> None:
    with KeyringStore(system_backend()) as store:
        for name, value in (("identity:a", "one"), ("identity:b", "zwei ü"), ("identity:a", "three")):
            store.set(name, value)
        assert [store.get(name) for name in ("identity:a", "identity:b", "identity:c")] == [
            "three", "zwei ü", None
        ]  # fmt: skip
        # CRED_PERSIST_LOCAL_MACHINE: not what a company's network copies to other computers.
        assert {each["Persist"] for each in manager.kept.values()} == {2}
        for name in ("identity:a", "identity:b", "identity:c"):
            store.delete(name)
    assert manager.kept == {}


def test_a_longer_one_than_it_takes_is_refused_and_the_older_stays(manager: CredentialManager) -> None:
    with KeyringStore(system_backend()) as store:
        store.set("identity:a", "x" * (MOST_BYTES // 2))
        with pytest.raises(KeyringRefused):
            store.set("identity:a", "x" * (MOST_BYTES // 2 + 1))
        assert store.get("identity:a") == "x" * (MOST_BYTES // 2)
