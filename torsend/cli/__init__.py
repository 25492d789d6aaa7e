"""The same parts from a terminal. Imports no Qt, and nothing slow before it is needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from torsend.errors import ExitStatus, TorsendError
from torsend.words import t

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from torsend.app import Start


def run(arguments: list[str], *, window: Callable[[Start], int], demo_window: Callable[[], int]) -> int:
    """Runs one command line; what it prints goes to standard output, what went wrong to standard error.

    Args:
        window: opens the window; handed in, since it brings Qt.
        demo_window: opens the window of the demo.
    """
    from torsend.cli.parser import parse

    try:
        given = parse(arguments)
        if given.command == "version":
            from torsend import __version__

            print(t("torsend {version}", version=__version__))  # the command's answer
            return ExitStatus.OK
        from torsend import logs

        logs.install(given.debug_log)
        if given.command == "demo":
            if not given.send:
                return demo_window()
            from torsend.demo.show import show

            return show()
        start = start_of(given)
        if given.command in (None, "compose"):
            return window(start)
        return int(_command(given, start))
    except TorsendError as error:
        print(error.sentences(), file=sys.stderr)  # the command's answer
        return error.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough; Python would complain once more while closing it.
        sys.stdout = None
        return ExitStatus.OK


def start_of(given: argparse.Namespace) -> Start:
    """What the options for all ask for.

    Raises:
        UsageError: an option's value cannot be.
    """
    from torsend.app import SecretsPlace, Start
    from torsend.app.parts import profile_at
    from torsend.app.start import read_passphrase
    from torsend.tor.choice import parse_choice

    tor = None
    if given.tor is not None or given.torrc_include is not None:
        tor = parse_choice(given.tor or "launch", given.torrc_include)
    return Start(
        profile=profile_at(given.profile),
        passphrase=None if given.passphrase_file is None else read_passphrase(given.passphrase_file),
        secrets=None if given.secrets is None else SecretsPlace(given.secrets),
        tor=tor,
        patience=given.patience,
        compose=tuple(given.what) if given.command == "compose" else None,
    )


def _command(given: argparse.Namespace, start: Start) -> int:
    match given.command:
        case "identity":
            from torsend.cli import identities

            return identities.run(given, start)
        case "send" | "wire":
            from torsend.cli import messages

            return messages.run(given, start)
        case "outbox":
            from torsend.cli import outbox

            return outbox.run(given, start)
        case _:
            from torsend.cli import tor

            return tor.run(given, start)
