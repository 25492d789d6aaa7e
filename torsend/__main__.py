"""Where the program starts: ``torsend`` and ``torsend-gui``."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from torsend import clean

if TYPE_CHECKING:
    from torsend.app import Start


def main(arguments: list[str] | None = None) -> int:
    """Runs one command, or opens the window where none is given. Gives the exit status."""
    if arguments is None and clean.is_child(sys.argv[1:]):
        # Nothing of the program is wanted in this process, and nothing of it must be there.
        from torsend.clean import child

        child.main(sys.argv[1])
    from torsend import surroundings

    # Before anything else, imports too: some libraries read what surrounds us when they are loaded.
    surroundings.close_off()

    from torsend import cli, words
    from torsend.cli.parser import COMMANDS
    from torsend.errors import StorageError
    from torsend.paths import resources
    from torsend.tor import guard

    if arguments is None:
        # Of an option's name and a command all can know. What goes with them names recipients, subjects, files.
        told = {each for each in sys.argv[1:] if not each.startswith("-") or "=" in each}
        surroundings.forget_arguments(told - {*COMMANDS})

    # From here on no connection but Tor's can be made by this process. It takes note of the desktop's bus, so what
    # surrounds us comes first.
    guard.install()
    with contextlib.suppress(StorageError):  # without its folder the sentences stay English
        words.choose_language(resources() / "locale")
    windows = cli.Windows(main=_window, demo=_demo_window, proof=_proof_window)
    return cli.run(sys.argv[1:] if arguments is None else arguments, windows)


def main_gui() -> int:
    """The same, for starters without a terminal."""
    return main()


# The window is imported only where it is opened: the command line starts without Qt.


def _window(start: Start) -> int:
    _need_a_screen()
    from torsend.app.door import Door, NoAnswer, open_door

    try:
        door = Door() if start.in_memory else open_door(start.profile, start.compose)
    except NoAnswer:
        if sys.stderr.isatty():
            raise
        # Started by a click: nobody reads what we would print. Our window says that another is open, and what was asked
        # for opens here as soon as that one is gone and the person tries again.
        door = Door()
    if door is None:
        # The window that is open has taken it. How this start wanted Tor reached is no matter there.
        if start.tor is not None or start.secrets is not None:
            from torsend.cli import streams
            from torsend.words import t

            streams.say(
                t(
                    "Torsend is open already: it goes on as it was started, and --tor and the like don’t count."
                )
            )
        return 0
    try:
        from torsend.gui.main import run

        return run(start, door)
    finally:
        door.close()


def _demo_window() -> int:
    _need_a_screen()
    from torsend.gui.main import run_demo

    return run_demo()


def _proof_window(start: Start) -> int:
    _need_a_screen()
    from torsend.gui.proof import run_proof

    return run_proof(start)


def _need_a_screen() -> None:
    """Says so where there is none; Qt would abort the process.

    Raises:
        UsageError
    """
    from torsend import surroundings
    from torsend.errors import UsageError
    from torsend.words import t

    surroundings.check_screen()
    if sys.platform == "linux" and not any(map(os.environ.get, surroundings.SCREENS)):
        raise UsageError(
            t("There is no screen to open a window on."),
            advice=t(
                "Use a command: torsend --help; the demo runs without a window by: torsend demo --send."
            ),
        )


if __name__ == "__main__":
    raise SystemExit(main())
