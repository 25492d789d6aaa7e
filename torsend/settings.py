"""What a person has chosen, except secrets and addresses: those lie in the vault and the keyring.

One small JSON file, readable by its owner only, written whole or not at all.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torsend.errors import StorageError
from torsend.paths import replace_file
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 64 * 1024
"""Bytes. The file takes some 300; a larger one is not ours."""
_LONGEST_TEXT = 4096
_FARTHEST = 100_000
"""Pixels; a window farther away, or larger, is on no screen."""


class Theme(enum.StrEnum):
    """Light, dark, or as the system has it."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class FirstRun(enum.StrEnum):
    """How far the first steps are."""

    NONE = "none"
    """Nothing is known of them yet."""
    OPEN = "open"
    OVER = "over"


class BadSettings(StorageError):
    """The settings file, or a value in it, makes no sense."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where the window was: pixels of the desktop."""

    x: int
    y: int
    width: int
    height: int
    maximised: bool = False

    def __post_init__(self) -> None:
        for number, least in ((self.x, -_FARTHEST), (self.y, -_FARTHEST), (self.width, 1), (self.height, 1)):
            if type(number) is not int or not least <= number <= _FARTHEST:
                raise ValueError("a window that is on no screen")


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them, with what holds until someone chooses otherwise.

    Attributes:
        tor: how to get onto Tor, as ``--tor`` takes it; what it means is ``tor.choice``'s.
        torrc_include: a file with extra lines for a Tor that Torsend starts.
        panel_shown: the panel "Who learns what".
        route_folded: the route as one line.
        window: None until the window was closed once.
        writer: how large a window for writing is; its place doesn't count. None until one was closed.
        page: the page beside the sidebar that was shown last, as the window names it.
        may_connect: the person has said that Tor may be started, or used, without being asked again.
        first_run: the first steps.
    """

    theme: Theme = Theme.SYSTEM
    tor: str = "launch"
    torrc_include: Path | None = None
    panel_shown: bool = True
    route_folded: bool = False
    window: Geometry | None = None
    writer: Geometry | None = None
    page: str = ""
    may_connect: bool = False
    first_run: FirstRun = FirstRun.NONE


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings as they were read.

    Attributes:
        problem: what in the file made no sense and was left at its default; None where all was well.
    """

    settings: Settings
    problem: BadSettings | None = None


def load_settings(path: Path) -> Loaded:
    """Reads the file; never fails, since the program must start. A file that isn't there is no problem."""
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            raise ValueError("too long for settings")
        value = json.loads(data)
        if not isinstance(value, dict):
            raise TypeError("not a table")
    except FileNotFoundError:
        return Loaded(Settings())
    except OSError as error:
        return Loaded(Settings(), _problem(t("The settings can’t be read: {reason}.", reason=error.strerror)))
    except (ValueError, TypeError, RecursionError):
        return Loaded(Settings(), _problem(t("The settings file is damaged.")))
    settings, strange = _from_json(value)
    if strange:
        names = ", ".join(strange)
        return Loaded(settings, _problem(t("Some settings make no sense: {names}.", names=names)))
    return Loaded(settings)


def save_settings(path: Path, settings: Settings) -> None:
    """Writes the file, durably. One that couldn't be read wholly is kept beside it, as ``settings.json.broken``.

    Raises:
        ProfileUnwritable: it couldn't be written; the old one is still there.
    """
    if load_settings(path).problem is not None and path.is_file():
        try:
            replace_file(path.with_name(path.name + ".broken"), path.read_bytes()[:_LIMIT])
        except OSError as error:
            raise _problem(t("The settings can’t be read: {reason}.", reason=error.strerror)) from error
    replace_file(path, (json.dumps(_to_json(settings), indent=1) + "\n").encode())


def _problem(what: str) -> BadSettings:
    return BadSettings(what, advice=t("Those settings are as they were at first. Choose them again."))


def _to_json(settings: Settings) -> dict[str, Any]:
    return {
        "version": 1,
        "theme": settings.theme.value,
        "tor": settings.tor,
        "torrc_include": None if settings.torrc_include is None else str(settings.torrc_include),
        "panel_shown": settings.panel_shown,
        "route_folded": settings.route_folded,
        "window": None if settings.window is None else asdict(settings.window),
        "writer": None if settings.writer is None else asdict(settings.writer),
        "page": settings.page,
        "may_connect": settings.may_connect,
        "first_run": settings.first_run.value,
    }


def _from_json(value: dict[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and the names of those that made no sense."""
    taken: dict[str, Any] = {}
    strange = []
    for name, read in _READERS.items():
        if name in value:
            try:
                taken[name] = read(value[name])
            except (ValueError, TypeError, KeyError):
                strange.append(name)
    return Settings(**taken), tuple(strange)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= _LONGEST_TEXT:
        raise ValueError("not a line of text")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z]{0,20}", value):
        raise ValueError("not a name")
    return value


def _path(value: object) -> Path | None:
    if value is None:
        return None
    # Not as strict as a line of text: a file's name may hold anything but this.
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT or "\0" in value:
        raise ValueError("not a path")
    return Path(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _window(value: object) -> Geometry | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return Geometry(
        value["x"],
        value["y"],
        value["width"],
        value["height"],
        maximised=_truth(value.get("maximised", False)),
    )


_READERS: dict[str, Callable[[Any], object]] = {
    "theme": Theme,
    "tor": _text,
    "torrc_include": _path,
    "panel_shown": _truth,
    "route_folded": _truth,
    "window": _window,
    "writer": _window,
    "page": _name,
    "may_connect": _truth,
    "first_run": FirstRun,
}
