"""Settings: what is saved comes back; what makes no sense is said, left at its default, and not thrown away."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from torsend.app import App, Start, parts
from torsend.app.start import SecretsPlace
from torsend.paths import Profile, ProfileUnwritable
from torsend.settings import BadSettings, Geometry, Settings, Theme, load_settings, save_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_first_start_has_the_defaults_and_no_complaint(path: Path) -> None:
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.problem is None
    assert not path.exists()


def test_what_was_saved_comes_back(path: Path) -> None:
    chosen = Settings(
        Theme.DARK,
        "control:127.0.0.1:9151",
        Path("/etc/tör rc"),
        False,
        True,
        Geometry(-5, 10, 1200, 800, True),
        Geometry(0, 0, 1000, 700),
        "identities",
    )
    save_settings(path, Settings())
    save_settings(path, chosen)
    loaded = load_settings(path)
    assert loaded.settings == chosen
    assert loaded.problem is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_path_that_is_not_text_comes_back(path: Path) -> None:
    chosen = Settings(torrc_include=Path("/tmp/\udcff"))
    save_settings(path, chosen)
    assert load_settings(path).settings == chosen


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" " * 70_000])
def test_damaged_file_is_said_and_kept_aside_when_saving(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert isinstance(loaded.problem, BadSettings)
    # A file that can't be read says nothing about mail.
    assert "left this computer" not in loaded.problem.sentences()
    assert loaded.problem.advice
    save_settings(path, Settings(theme=Theme.DARK))
    assert load_settings(path).settings.theme is Theme.DARK
    kept = path.with_name("settings.json.broken").read_bytes()
    assert data.startswith(kept)
    assert len(kept) == min(len(data), 64 * 1024)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", 3),
        ("tor", ""),
        ("tor", "a\nb"),
        ("tor", ["launch"]),
        ("torrc_include", ""),
        ("torrc_include", "a\0b"),
        ("panel_shown", 1),
        ("route_folded", "no"),
        ("page", "wren@rowanmail.example"),
        ("page", 3),
        ("writer", [1]),
        ("window", []),
        ("window", {"x": 0}),
        ("window", {"x": 0, "y": 0, "width": 0, "height": 5}),
        ("window", {"x": 10**9, "y": 0, "width": 5, "height": 5}),
        ("window", {"x": True, "y": 0, "width": 5, "height": 5}),
        ("window", {"x": 0, "y": 0, "width": 5, "height": 5, "maximised": 1}),
    ],
)
def test_one_value_without_sense_costs_only_itself(path: Path, name: str, value: object) -> None:
    other = "route_folded" if name != "route_folded" else "panel_shown"
    kept = not getattr(Settings(), other)
    path.write_text(json.dumps({name: value, other: kept}))
    loaded = load_settings(path)
    assert getattr(loaded.settings, name) == getattr(Settings(), name)
    assert getattr(loaded.settings, other) == kept
    assert loaded.problem is not None
    assert name in loaded.problem.what


def test_settings_of_a_later_version_are_read_as_far_as_they_are_known(path: Path) -> None:
    path.write_text(json.dumps({"version": 7, "theme": "dark", "of the future": 1}))
    loaded = load_settings(path)
    assert loaded.settings.theme is Theme.DARK
    assert loaded.problem is None


def test_file_that_cannot_be_read_or_written_is_said_in_words(path: Path) -> None:
    path.mkdir()
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.problem is not None
    with pytest.raises(ProfileUnwritable, match=r"settings\.json can’t be written"):
        save_settings(path, Settings())
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(junk=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_any_bytes_give_settings(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(junk)
    assert isinstance(load_settings(path).settings, Settings)


def test_what_two_threads_change_at_once_is_both_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[threading.Thread] = []

    def saved_while_another_changes(where: Path, settings: Settings) -> None:
        if not others:
            others.append(threading.Thread(target=lambda: app.change_settings(tor="socks:127.0.0.1:9050")))
            others[0].start()
        save_settings(where, settings)

    monkeypatch.setattr(parts, "save_settings", saved_while_another_changes)
    profile = Profile(tmp_path / "profile")
    with App.open(Start(profile, passphrase="moss and lichen", secrets=SecretsPlace.VAULT)) as app:
        app.change_settings(panel_shown=False)
        others[0].join()
        kept = load_settings(profile.settings).settings
        assert kept == app.settings
        assert (kept.panel_shown, kept.tor) == (False, "socks:127.0.0.1:9050")
