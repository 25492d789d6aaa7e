"""Passwords that are typed at a prompt."""

from __future__ import annotations

import getpass
import sys
from types import SimpleNamespace

import pytest

from torsend.cli.passwords import read_password
from torsend.errors import UsageError


def test_a_terminal_of_another_encoding_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "p\udcf6ss")
    with pytest.raises(UsageError, match="not UTF-8") as refused:
        read_password("Password: ")
    assert refused.value.__cause__ is None
    assert "ss" not in str(refused.value).replace("password", "")
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "pöss")
    assert read_password("Password: ") == "pöss"
