"""The same parts from a terminal. Imports no Qt, and nothing slow before it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend import signals
from torsend.cli import streams
from torsend.errors import ExitStatus, TorsendError
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start

READER_GONE = 141
"""What shells give for a program whose output nobody reads any more (128 and SIGPIPE)."""


@dataclass(frozen=True, slots=True)
class Windows:
    """What opens a window; handed in, since it brings Qt.

    Attributes:
        main: the program's.
        demo: the demo's.
        proof: the program's, which is closed as soon as it is drawn and connected; prints what was seen.
    """

    main: Callable[[Start], int]
    demo: Callable[[], int]
    proof: Callable[[Start], int]


def run(arguments: list[str], windows: Windows) -> int:
    """Runs one command line; what it prints goes to standard output, what went wrong to standard error."""
    streams.settle()
    try:
        status = _run(arguments, windows)
    except SystemExit as end:
        # The parser's: a help text, or what was wrong with the arguments.
        status = end.code if isinstance(end.code, int) else ExitStatus.OK
    except TorsendError as error:
        streams.say(error.sentences())
        status = error.status
    except KeyboardInterrupt as interrupt:
        streams.say(t("Interrupted."))
        status = signals.status_of(interrupt)
    except BrokenPipeError:
        # Of the demo, which prints by itself.
        status = READER_GONE
    except Exception as error:  # noqa: BLE001  # the last edge: a status of its own, and no traceback with values
        from torsend import logs

        logs.unforeseen(error)
        status = ExitStatus.SOFTWARE
    return streams.finish(status)


def _run(arguments: list[str], windows: Windows) -> int:
    from torsend.cli.parser import parse

    given = parse(arguments)
    if given.command == "version":
        from torsend import __version__

        streams.line(t("torsend {version}", version=__version__))
        return ExitStatus.OK
    from torsend import logs

    logs.install(given.debug_log)
    if given.command == "demo":
        if not given.send:
            return windows.demo()
        from torsend.demo.show import show

        signals.heed()
        return show()
    if given.command == "selftest" and not given.window:
        from torsend.cli import selftest

        signals.heed()
        return selftest.run()
    start = start_of(given)
    if given.command == "selftest":
        return windows.proof(start)
    if os.environ.get("SSL_CERT_FILE"):
        from torsend.delivery.tls import check_authorities

        check_authorities()
    if given.command in (None, "compose"):
        return windows.main(start)
    signals.heed()
    return _command(given, start)


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
        case "words":
            from torsend.cli import words

            return words.run(given, start)
        case "clean":
            from torsend.cli import clean

            return clean.run(given)
        case "outbox":
            from torsend.cli import outbox

            return outbox.run(given, start)
        case "wipe":
            from torsend.cli import wipe

            return wipe.run(given, start)
        case _:
            from torsend.cli import tor

            return tor.run(given, start)
