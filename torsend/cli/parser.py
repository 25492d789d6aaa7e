"""The grammar of the command line. Options for all stand before the command; imports nothing that is slow."""

from __future__ import annotations

import argparse
import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from torsend import __version__
from torsend.cli.grammar import (
    SECRETS,
    Parser,
    actions_of,
    answers_in_json,
    clean,
    command,
    identity,
    message,
    outbox,
    seconds,
    way_out,
    wipe,
    words_of_ones_own,
)
from torsend.errors import UsageError
from torsend.words import t

if TYPE_CHECKING:
    from torsend.cli.grammar import Commands


def build() -> Parser:
    """The whole grammar."""
    parser = Parser(
        prog="torsend",
        description=t(
            "Writes an email and sends it through Tor, with nothing in it that tells where or on what it was written.\n"
            "Without a command it opens the window."
        ),
        epilog=t(
            "exit status: 0 accepted, or in the outbox as asked for (--queue-only, --at, --within); 64 usage; 65 the\n"
            "message is not sendable; 69 no Tor; 74 vault, keyring or disk; 75 not sent and still queued; 76 unknown: the\n"
            "server may have it; 77 refused for good. Where several messages were worked off, the worst. 70 is a fault of\n"
            "this program; 128 and a signal's number: ended by that signal; what became of the mail is told, and in the\n"
            "outbox.\n\n"
            "Further trusted certificates come from SSL_CERT_FILE, as OpenSSL has it.\n"
            "Nobody is perfectly anonymous: practically untraceable is not perfectly untraceable."
        ),
    )
    _options_for_all(parser)
    parser.set_defaults(command=None, json=False)
    commands = parser.add_subparsers(
        dest="command", metavar=t("COMMAND"), title=t("commands"), parser_class=Parser
    )
    command(commands, "version", t("prints the version"))
    _tries(commands)
    identity(command(commands, "identity", t("who you send as")))
    words_of_ones_own(command(commands, "words", t("words that must not slip into a mail")))
    for name, words in (
        ("send", t("writes a message and sends it")),
        ("wire", t("prints the exact bytes that would leave, and sends nothing")),
    ):
        message(command(commands, name, words), sends=name == "send")
    clean(
        command(commands, "clean", t("writes a copy of a file without author, place, device, dates and such"))
    )
    outbox(command(commands, "outbox", t("what waits, and what became of it")))
    _tor(actions_of(command(commands, "tor", t("the way onto Tor"))))
    wipe(command(commands, "wipe", t("removes everything that is kept on this computer, for good")))
    compose = command(commands, "compose", t("opens the window with a mailto: link or files"))
    compose.add_argument(
        "what", nargs="*", metavar=t("LINK-OR-FILE"), help=t("a mailto: link, or files to attach")
    )
    return parser


def _options_for_all(parser: Parser) -> None:
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="DIR",
        help=t("where vault, settings and Tor's data lie (default: your own)"),
    )
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE",
        help=t("opens a vault that a passphrase protects, or makes one: the first line of FILE"),
    )  # fmt: skip
    parser.add_argument("--secrets", choices=SECRETS, help=t("where passwords lie"))
    parser.add_argument(
        "--tor", metavar="HOW",
        help=t("Tor for this run: launch, control:HOST:PORT, control:PATH, socks:HOST:PORT or socks:PATH"),
    )  # fmt: skip
    parser.add_argument(
        "--torrc-include",
        type=Path,
        metavar="FILE",
        help=t("further torrc lines for a Tor that is launched (experts)"),
    )
    parser.add_argument(
        "--patience",
        type=seconds,
        metavar="SECONDS",
        help=t("caps every deadline of this run, waiting for Tor included"),
    )
    parser.add_argument(
        "--debug-log", type=Path, metavar="FILE", help=t("writes a log that is safe to share")
    )
    # The command's other name, since it is what people try.
    parser.add_argument(
        "--version", action="version", version=t("torsend {version}", version=__version__),
        help=t("prints the version"),
    )  # fmt: skip


def _tries(commands: Commands) -> None:
    """What tries the program itself."""
    demo = command(
        commands, "demo", t("shows everything on a private Tor network; no account, nothing leaves")
    )
    demo.add_argument(
        "--send", action="store_true", help=t("without a window: sends one message as each of two identities")
    )
    selftest = command(
        commands, "selftest", t("tries the whole path on a private Tor network, and says what holds here")
    )
    # What it starts for itself: a process of its own, since the command line stays free of Qt.
    selftest.add_argument("--window", action="store_true", help=argparse.SUPPRESS)


def _tor(actions: Commands) -> None:
    status = answers_in_json(command(actions, "status", t("connects to Tor and says how it stands")))
    status.add_argument(
        "--details",
        action="store_true",
        help=t("how it came to that as well, in lines that are safe to share"),
    )
    command(actions, "password", t("keeps a control port’s password, from standard input or a prompt"))
    way_out(actions)


#: The commands as the parser knows them; any other first word may be a mailto: link or a file for the window.
COMMANDS = (
    "version",
    "demo",
    "selftest",
    "identity",
    "words",
    "send",
    "wire",
    "clean",
    "outbox",
    "tor",
    "wipe",
    "compose",
)
_TAKE_A_VALUE = (
    "--profile",
    "--passphrase-file",
    "--secrets",
    "--tor",
    "--torrc-include",
    "--patience",
    "--debug-log",
)


def with_compose(arguments: list[str]) -> list[str]:
    """``torsend mailto:…`` and ``torsend picture.jpg`` mean ``torsend compose …``: a desktop starts it so."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        at += 2 if arguments[at] in _TAKE_A_VALUE else 1
    if at < len(arguments) and arguments[at] not in COMMANDS:
        word = arguments[at]
        # os.path, since Path.is_file fails where no file can have such a name.
        if word.lower().startswith("mailto:") or os.path.isfile(word):  # noqa: PTH113
            return [*arguments[:at], "compose", *arguments[at:]]
    return arguments


def parse(arguments: list[str]) -> argparse.Namespace:
    """Reads the command line; ends the program with status 64 where it cannot.

    Raises:
        UsageError: options that do not go together.
    """
    parser = build()
    given, unknown = parser.parse_known_args(with_compose(arguments))
    if unknown:
        words = t("unknown: {words}", words=" ".join(unknown))
        if any(word.partition("=")[0] in _TAKE_A_VALUE for word in unknown):
            words = t("options for all stand before the command: {words}", words=" ".join(unknown))
        parser.error(words)
    if given.torrc_include is not None and given.tor not in (None, "launch"):
        raise UsageError(
            t("--torrc-include goes with a Tor that Torsend launches."),
            advice=t("Leave out --tor, or use --tor launch."),
        )
    return given
