"""Catches a cleaner that imports, while it works, what its process can't import any more once it is shut off.

In the tests' process everything is imported already, by others. So what a fresh child has is asked of a fresh child, and
what cleaners ask for here is compared with that.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from torsend.clean.cleaner import Cleaner, child_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def brought_in(needs: tuple[str, ...] | None) -> frozenset[str]:
    """The modules of a child that brought these in."""
    script = (
        "import sys\n"
        "from torsend.clean import child\n"
        "from torsend.clean.formats import registry\n"
        f"child.bring_in({needs!r})\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [*Cleaner().command()[:-1], script],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(done.stdout.split())


@contextlib.contextmanager
def as_in_the_child(needs: tuple[str, ...] | None) -> Iterator[None]:
    """Asserts that whatever is imported during the block would have been there."""
    there = brought_in(needs)
    missing: set[str] = set()
    really = builtins.__import__

    def look(name: str, *given: Any, **named: Any) -> Any:
        done = really(name, *given, **named)
        arguments = dict(zip(("globals", "locals", "fromlist", "level"), given, strict=False)) | named
        variables, names = arguments.get("globals"), arguments.get("fromlist")
        if level := arguments.get("level", 0):
            package = (variables or {}).get("__package__") or ""
            name = importlib.util.resolve_name("." * level + name, package)
        asked = {name, *(f"{name}.{each}" for each in names or () if f"{name}.{each}" in sys.modules)}
        missing.update(asked - there)
        return done

    builtins.__import__ = look
    try:
        yield
    finally:
        builtins.__import__ = really
    assert missing == set(), "Format.needs doesn't name them"
