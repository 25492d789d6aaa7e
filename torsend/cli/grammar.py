"""What each command of the command line takes. Imports nothing that is slow."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from torsend.cli import streams
from torsend.errors import ExitStatus
from torsend.words import t

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]  # noqa: SLF001  # its only name

#: Said again here, so that ``--help`` needs none of the rooms; a test holds them equal to ``identity``'s enums.
KINDS = ("address", "alias", "disposable")
COLOURS = ("teal", "blue", "green", "ochre", "umber", "wine", "violet", "slate")
TLS_MODES = ("implicit", "starttls", "onion-plain")
SECRETS = ("keyring", "vault")
FILE_NAMES = ("kept", "neutral")


class Parser(argparse.ArgumentParser):
    """Ends with 64 (sysexits.h) instead of argparse's 2, and takes no abbreviations."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        # Of every command: each help stands alone.
        kwargs.setdefault(
            "epilog",
            t("Options for all stand before the command: torsend --help tells them, and the exit status."),
        )
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through as they came

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and how to ask for help."""
        self.exit(
            ExitStatus.USAGE,
            t("{program}: {message}\nTry: {program} --help\n", program=self.prog, message=message),
        )

    def _print_message(self, message: str, file: object = None) -> None:
        # argparse's own passes over what goes wrong in writing.
        (streams.line if file is sys.stdout else streams.say)(message.removesuffix("\n"))


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


def kind(text: str) -> str:
    """A kind of identity; of the one that has no route yet it says so."""
    if text == "remailer":
        raise argparse.ArgumentTypeError(t("sending through remailers isn’t built yet"))
    return text


def answers_in_json(parser: Parser) -> Parser:
    parser.add_argument("--json", action="store_true", help=t("the answer as JSON, for programs"))
    return parser


def command(commands: Commands, name: str, words: str) -> Parser:
    """A command that its parent's help lists and its own help begins with."""
    return commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")


def actions_of(parser: Parser) -> Commands:
    return parser.add_subparsers(dest="action", required=True, metavar=t("ACTION"), parser_class=Parser)


def identity(parser: Parser) -> None:
    actions = actions_of(parser)
    add = answers_in_json(
        command(actions, "add", t("adds an identity; its password comes from standard input or a prompt"))
    )
    edit = answers_in_json(command(actions, "edit", t("changes what is given of an identity")))
    _id_of_identity(edit)
    for each, required in ((add, True), (edit, False)):
        each.add_argument("--name", required=required, help=t("the name that others see"))
        each.add_argument("--address", required=required, help=t("the address that others see"))
        each.add_argument(
            "--host", required=required, help=t("the submission server; an onion host is a host")
        )
        each.add_argument(
            "--port", type=port, required=required, help=t("mostly 465 (implicit) or 587 (starttls)")
        )
        each.add_argument(
            "--tls", choices=TLS_MODES, required=required,
            help=t("TLS from the first byte, or STARTTLS and nothing without it; onion-plain for onion hosts only"),
        )  # fmt: skip
        each.add_argument(
            "--certificate", metavar="SHA-256", default="" if required else None,
            help=t("accept only this certificate of an onion server; empty verifies it as usual"),
        )  # fmt: skip
        each.add_argument("--username", required=required, help=t("what the server is told at sign-in"))
        each.add_argument(
            "--kind", type=kind, choices=KINDS, default="address" if required else None,
            help=t("the sort of address"),
        )  # fmt: skip
        each.add_argument("--colour", choices=COLOURS, help=t("of its chip in the window"))
        each.add_argument(
            "--file-names", choices=FILE_NAMES,
            help=t("how attached files are called: neutral (document-1.pdf; the default), or as they are"),
        )  # fmt: skip
    answers_in_json(command(actions, "list", t("lists all identities")))
    for name, words in (
        ("show", t("shows an identity")),
        ("remove", t("removes an identity, its password too")),
        ("password", t("sets an identity’s password, from standard input or a prompt")),
        (
            "onion-key",
            t("sets the client key that its onion server asks for, from standard input or a prompt"),
        ),
    ):
        _id_of_identity(answers_in_json(command(actions, name, words)))


def _id_of_identity(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", help=t("id, address or name"))


def message(parser: Parser, *, sends: bool) -> None:
    parser.add_argument("--identity", required=True, metavar="ID", help=t("who sends: id, address or name"))
    for option, words in (
        ("--to", t("recipients; several, or several times")),
        ("--cc", t("recipients of a copy")),
        ("--bcc", t("recipients of a copy that nobody else sees")),
    ):
        parser.add_argument(option, action="extend", nargs="+", default=[], metavar="A", help=words)
    parser.add_argument("--subject", required=True, help=t("one line; it may be empty"))
    parser.add_argument(
        "--body", default=None, metavar="FILE|-", help=t("the text, UTF-8; - reads standard input")
    )
    parser.add_argument(
        "--attach",
        action="extend",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help=t("files to send along, cleaned; one that can’t be cleaned is refused"),
    )
    parser.add_argument(
        "--attach-as-is", action="extend", nargs="+", type=Path, default=[], metavar="FILE",
        help=t("files to send along as they are, whatever stands in them"),
    )  # fmt: skip
    if not sends:
        parser.add_argument(
            "--conversation", action="store_true",
            help=t("all that is said to the server and what it gives away, instead of the bytes; long runs are counted"),
        )  # fmt: skip
    if sends:
        parser.add_argument("--queue-only", action="store_true", help=t("puts it in the outbox and ends"))
        later = parser.add_mutually_exclusive_group()
        later.add_argument(
            "--at", metavar="TIME",
            help=t("lets it wait until then: ISO 8601, such as 2026-03-01T14:30, UTC unless it names another zone"),
        )  # fmt: skip
        later.add_argument(
            "--within", metavar="SPAN",
            help=t("lets it wait for a random moment within that span from now, such as 90m, 6h or 1d12h"),
        )  # fmt: skip
        answers_in_json(parser)


def words_of_ones_own(parser: Parser) -> None:
    actions = actions_of(parser)
    for name, words in (
        ("list", t("lists the words, one on each line")),
        ("add", t("adds words from standard input, one on each line")),
        ("remove", t("removes words that come from standard input, one on each line")),
    ):
        each = command(actions, name, words)
        each.add_argument(
            "--identity",
            metavar="ID",
            help=t("of that identity’s own list: id, address or name (default: your own list)"),
        )
        if name == "list":
            answers_in_json(each)


def clean(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=t("what to clean; it stays as it is"))
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help=t("the copy; there must be nothing there yet"),
    )
    answers_in_json(parser)


def way_out(actions: Commands) -> None:
    answers_in_json(command(actions, "way", t("says how a Tor that is launched gets out of this network")))
    bridges = command(
        actions, "bridges", t("which bridges it uses; “own” reads their lines from standard input, one each")
    )
    bridges.add_argument(
        "which", choices=("none", "obfs4", "snowflake", "meek", "own"),
        help=t("none, a public set, or your own lines"),
    )  # fmt: skip
    bridges.add_argument(
        "--qr",
        type=Path,
        metavar="FILE",
        help=t("a picture of a bridge’s QR code: its lines, instead of typed ones"),
    )
    proxy = command(
        actions, "proxy", t("the proxy before Tor; its password comes from standard input or a prompt")
    )
    proxy.add_argument(
        "kind", choices=("none", "socks4", "socks5", "https"), help=t("what the proxy speaks, or none")
    )
    proxy.add_argument("--address", metavar="IP:PORT", help=t("where it is"))
    proxy.add_argument("--username", help=t("where it wants a log-in"))
    ports = command(actions, "ports", t("the only ports that a firewall lets out; none named: all"))
    ports.add_argument("ports", nargs="*", type=port, metavar="PORT", help=t("for instance 80 443"))


def wipe(parser: Parser) -> None:
    answers_in_json(parser)
    parser.add_argument(
        "--list", action="store_true", help=t("tells what is kept and where, and removes nothing")
    )
    parser.add_argument("--yes", action="store_true", help=t("doesn’t ask; for scripts"))


def outbox(parser: Parser) -> None:
    actions = actions_of(parser)
    answers_in_json(command(actions, "list", t("lists every mail in the outbox")))
    answers_in_json(command(actions, "send", t("sends what is due, once, and ends")))
    for name, words in (
        ("show", t("shows a mail in the outbox, with what the server said")),
        ("retry", t("lets a mail wait for the next sending again, also after a refusal or an unknown end")),
        ("cancel", t("holds a mail back")),
        ("remove", t("deletes a mail from the outbox")),
    ):
        each = answers_in_json(command(actions, name, words))
        each.add_argument("id", metavar="ID", help=t("its id, or how that begins"))
        if name == "retry":
            each.add_argument(
                "--others",
                action="store_true",
                help=t("where some recipients were refused: only to those who were not"),
            )
