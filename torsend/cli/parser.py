"""The grammar of the command line. Options for all stand before the command; imports nothing that is slow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from torsend.errors import ExitStatus, UsageError
from torsend.words import t

#: Said again here, so that ``--help`` needs none of the rooms; a test holds them equal to ``identity``'s enums.
KINDS = ("address", "alias", "disposable", "remailer")
COLOURS = ("teal", "blue", "green", "ochre", "umber", "wine", "violet", "slate")
TLS_MODES = ("implicit", "starttls", "onion-plain")
SECRETS = ("keyring", "vault")


class Parser(argparse.ArgumentParser):
    """Ends with 64 (sysexits.h) instead of argparse's 2, and takes no abbreviations."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through as they came

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and how to ask for help."""
        self.exit(
            ExitStatus.USAGE,
            t("{program}: {message}\nTry: {program} --help\n", program=self.prog, message=message),
        )


def seconds(text: str) -> float:
    """A positive number of seconds."""
    value = float(text)
    if not 0 < value < 1e7:
        raise ValueError(text)
    return value


def port(text: str) -> int:
    """A TCP port."""
    value = int(text)
    if not 0 < value < 65536:
        raise ValueError(text)
    return value


def build() -> Parser:
    """The whole grammar."""
    parser = Parser(
        prog="torsend",
        description=t(
            "Writes an email and sends it through Tor, with nothing in it that tells where or on what it was written.\n"
            "Without a command it opens the window."
        ),
        epilog=t(
            "exit status: 0 accepted, or queued with --queue-only; 64 usage; 65 the message is not sendable; 69 no Tor;\n"
            "74 vault, keyring or disk; 75 not sent and still queued; 76 unknown: the server may have it; 77 refused for\n"
            "good. Where several messages were worked off, the worst.\n\n"
            "Further trusted certificates come from SSL_CERT_FILE, as OpenSSL has it.\n"
            "Nobody is perfectly anonymous: practically untraceable is not perfectly untraceable."
        ),
    )
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
        help=t("Tor for this run: launch, control:HOST:PORT, control:PATH or socks:HOST:PORT"),
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
    parser.set_defaults(command=None, json=False)
    commands = parser.add_subparsers(
        dest="command", metavar=t("COMMAND"), title=t("commands"), parser_class=Parser
    )
    commands.add_parser("version", help=t("prints the version"))
    demo = commands.add_parser(
        "demo", help=t("shows everything on a private Tor network; no account, nothing leaves")
    )
    demo.add_argument(
        "--send", action="store_true", help=t("without a window: sends one message as each of two identities")
    )
    _identity(commands.add_parser("identity", help=t("who you send as")))
    for name, words in (
        ("send", t("writes a message and sends it")),
        ("wire", t("prints the exact bytes that would leave, and sends nothing")),
    ):
        _message(commands.add_parser(name, help=words), sends=name == "send")
    _outbox(commands.add_parser("outbox", help=t("what waits, and what became of it")))
    tor = commands.add_parser("tor", help=t("the way onto Tor"))
    actions = tor.add_subparsers(dest="action", required=True, metavar=t("ACTION"), parser_class=Parser)
    _json(actions.add_parser("status", help=t("connects and says how it stands")))
    compose = commands.add_parser("compose", help=t("opens the window with a mailto: link or files"))
    compose.add_argument("what", nargs="*", metavar=t("LINK-OR-FILE"))
    return parser


#: The commands as the parser knows them; any other first word may be a mailto: link or a file for the window.
COMMANDS = ("version", "demo", "identity", "send", "wire", "outbox", "tor", "compose")
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
        if word.lower().startswith("mailto:") or Path(word).is_file():
            return [*arguments[:at], "compose", *arguments[at:]]
    return arguments


def parse(arguments: list[str]) -> argparse.Namespace:
    """Reads the command line; ends the program with status 64 where it cannot.

    Raises:
        UsageError: options that do not go together.
    """
    given = build().parse_args(with_compose(arguments))
    if given.torrc_include is not None and given.tor not in (None, "launch"):
        raise UsageError(
            t("--torrc-include goes with a Tor that Torsend launches."),
            advice=t("Leave out --tor, or use --tor launch."),
        )
    return given


def _json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help=t("for programs"))
    return parser


def _identity(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar=t("ACTION"), parser_class=Parser)
    add = _json(
        actions.add_parser("add", help=t("adds one; its password comes from standard input or a prompt"))
    )
    edit = _json(actions.add_parser("edit", help=t("changes what is given")))
    edit.add_argument("id", metavar="ID")
    for each, required in ((add, True), (edit, False)):
        each.add_argument("--name", required=required, help=t("the name that others see"))
        each.add_argument("--address", required=required)
        each.add_argument(
            "--host", required=required, help=t("the submission server; an onion host is a host")
        )
        each.add_argument("--port", type=port, required=required)
        each.add_argument("--tls", choices=TLS_MODES, required=required)
        each.add_argument("--username", required=required)
        each.add_argument("--kind", choices=KINDS, default="address" if required else None)
        each.add_argument("--colour", choices=COLOURS)
    _json(actions.add_parser("list", help=t("all of them")))
    for name, words in (
        ("show", t("one of them")),
        ("remove", t("removes one, its password too")),
        ("password", t("sets its password, from standard input or a prompt")),
    ):
        each = _json(actions.add_parser(name, help=words))
        each.add_argument("id", metavar="ID")


def _message(parser: argparse.ArgumentParser, *, sends: bool) -> None:
    parser.add_argument("--identity", required=True, metavar="ID", help=t("id, address or name"))
    parser.add_argument("--to", action="extend", nargs="+", default=[], metavar="A")
    parser.add_argument("--cc", action="extend", nargs="+", default=[], metavar="A")
    parser.add_argument("--bcc", action="extend", nargs="+", default=[], metavar="A")
    parser.add_argument("--subject", required=True)
    parser.add_argument(
        "--body", default=None, metavar="FILE|-", help=t("the text, UTF-8; - reads standard input")
    )
    parser.add_argument("--attach", action="extend", nargs="+", type=Path, default=[], metavar="FILE")
    if sends:
        parser.add_argument("--queue-only", action="store_true", help=t("puts it in the outbox and ends"))
        _json(parser)


def _outbox(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar=t("ACTION"), parser_class=Parser)
    _json(actions.add_parser("list", help=t("everything in it")))
    _json(actions.add_parser("send", help=t("works the queue off once")))
    for name, words in (
        ("show", t("one entry, with what the server said")),
        ("retry", t("makes it wait for the next sending again, also after a refusal or an unknown end")),
        ("cancel", t("holds it back")),
        ("remove", t("deletes it")),
    ):
        each = _json(actions.add_parser(name, help=words))
        each.add_argument("id", metavar="ID")
