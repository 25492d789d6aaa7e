"""Where the program starts: ``torsend`` and ``torsend-gui``."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs one command, or opens the window where none is given. Gives the exit status."""
    from torsend import cli

    return cli.run(sys.argv[1:] if arguments is None else arguments, window=_window)


def main_gui() -> int:
    """The same, for starters without a terminal."""
    return main()


def _window(start: object) -> int:
    # Imported only here: the command line starts without Qt.
    from torsend.gui.main import run

    return run(start)  # type: ignore[arg-type]  # cli hands through a Start of app


if __name__ == "__main__":
    raise SystemExit(main())
