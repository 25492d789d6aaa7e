"""What tor keeps of bridges goes; what it keeps of other guards stays."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from torsend.paths import ProfileUnwritable
from torsend.tor import kept_bridges
from torsend.tor.kept_bridges import forget_bridges

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BRIDGE = (
    "Guard in=bridges rsa_id=0123456789ABCDEF0123456789ABCDEF01234567 bridge_addr=192.0.2.7:443 listed=1\n"
)
GUARD = "Guard in=default rsa_id=89ABCDEF0123456789ABCDEF0123456789ABCDEF nickname=one listed=1\n"


def test_bridges_go_and_guards_stay(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text(f"# Tor state file\nDormant 0\n{BRIDGE}{GUARD}{BRIDGE}TorVersion 0.4\n")
    (tmp_path / "cached-descriptors.new").write_text("router one 192.0.2.7 443 0 0\n")
    (tmp_path / "cached-microdescs").write_text("onion-key\n")
    forget_bridges(tmp_path)
    assert state.read_text() == f"# Tor state file\nDormant 0\n{GUARD}TorVersion 0.4\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cached-microdescs", "state"]


def test_a_state_without_bridges_is_not_touched(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text(GUARD)
    before = state.stat()
    forget_bridges(tmp_path)
    assert state.stat() == before


def test_a_folder_in_which_there_is_nothing_stays_so(tmp_path: Path) -> None:
    forget_bridges(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_written_stays_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: object) -> None:
        raise ProfileUnwritable("no room")

    monkeypatch.setattr(kept_bridges, "replace_file", full)
    (tmp_path / "state").write_text(BRIDGE)
    with caplog.at_level(logging.WARNING):
        forget_bridges(tmp_path)
    assert (tmp_path / "state").read_text() == BRIDGE
    assert len(caplog.records) == 1
    assert "192.0.2.7" not in caplog.text


def test_what_cannot_be_removed_is_logged_without_what_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").mkdir()
    with caplog.at_level(logging.WARNING):
        forget_bridges(tmp_path)
    [record] = caplog.records
    assert str(tmp_path) not in record.getMessage()
