"""The grammar of the command line. Options for all stand before the command; imports nothing that is slow."""

from __future__ import annotations

import argparse
import os.path
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from torsend import __version__
from torsend.cli import streams
from torsend.errors import ExitStatus, UsageError
from torsend.words import t

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction["Parser"]  # noqa: SLF001  # its only name

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
    parser.set_defaults(command=None, json=False)
    commands = parser.add_subparsers(
        dest="command", metavar=t("COMMAND"), title=t("commands"), parser_class=Parser
    )
    _command(commands, "version", t("prints the version"))
    demo = _command(
        commands, "demo", t("shows everything on a private Tor network; no account, nothing leaves")
    )
    demo.add_argument(
        "--send", action="store_true", help=t("without a window: sends one message as each of two identities")
    )
    selftest = _command(
        commands, "selftest", t("tries the whole path on a private Tor network, and says what holds here")
    )
    # What it starts for itself: a process of its own, since the command line stays free of Qt.
    selftest.add_argument("--window", action="store_true", help=argparse.SUPPRESS)
    _identity(_command(commands, "identity", t("who you send as")))
    _words(_command(commands, "words", t("words that must not slip into a mail")))
    for name, words in (
        ("send", t("writes a message and sends it")),
        ("wire", t("prints the exact bytes that would leave, and sends nothing")),
    ):
        _message(_command(commands, name, words), sends=name == "send")
    _clean(
        _command(
            commands, "clean", t("writes a copy of a file without author, place, device, dates and such")
        )
    )
    _outbox(_command(commands, "outbox", t("what waits, and what became of it")))
    actions = _actions(_command(commands, "tor", t("the way onto Tor")))
    status = _json(_command(actions, "status", t("connects to Tor and says how it stands")))
    status.add_argument(
        "--details",
        action="store_true",
        help=t("how it came to that as well, in lines that are safe to share"),
    )
    _command(actions, "password", t("keeps a control port’s password, from standard input or a prompt"))
    _way_out(actions)
    _wipe(_command(commands, "wipe", t("removes everything that is kept on this computer, for good")))
    compose = _command(commands, "compose", t("opens the window with a mailto: link or files"))
    compose.add_argument(
        "what", nargs="*", metavar=t("LINK-OR-FILE"), help=t("a mailto: link, or files to attach")
    )
    return parser


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


def _json(parser: Parser) -> Parser:
    parser.add_argument("--json", action="store_true", help=t("the answer as JSON, for programs"))
    return parser


def _command(commands: _Commands, name: str, words: str) -> Parser:
    """A command that its parent's help lists and its own help begins with."""
    return commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")


def _actions(parser: Parser) -> _Commands:
    return parser.add_subparsers(dest="action", required=True, metavar=t("ACTION"), parser_class=Parser)


def _identity(parser: Parser) -> None:
    actions = _actions(parser)
    add = _json(
        _command(actions, "add", t("adds an identity; its password comes from standard input or a prompt"))
    )
    edit = _json(_command(actions, "edit", t("changes what is given of an identity")))
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
    _json(_command(actions, "list", t("lists all identities")))
    for name, words in (
        ("show", t("shows an identity")),
        ("remove", t("removes an identity, its password too")),
        ("password", t("sets an identity’s password, from standard input or a prompt")),
        (
            "onion-key",
            t("sets the client key that its onion server asks for, from standard input or a prompt"),
        ),
    ):
        _id_of_identity(_json(_command(actions, name, words)))


def _id_of_identity(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", help=t("id, address or name"))


def _message(parser: Parser, *, sends: bool) -> None:
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
        _json(parser)


def _words(parser: Parser) -> None:
    actions = _actions(parser)
    for name, words in (
        ("list", t("lists the words, one on each line")),
        ("add", t("adds words from standard input, one on each line")),
        ("remove", t("removes words that come from standard input, one on each line")),
    ):
        each = _command(actions, name, words)
        each.add_argument(
            "--identity",
            metavar="ID",
            help=t("of that identity’s own list: id, address or name (default: your own list)"),
        )
        if name == "list":
            _json(each)


def _clean(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=t("what to clean; it stays as it is"))
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help=t("the copy; there must be nothing there yet"),
    )
    _json(parser)


def _way_out(actions: _Commands) -> None:
    _json(_command(actions, "way", t("says how a Tor that is launched gets out of this network")))
    bridges = _command(
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
    proxy = _command(
        actions, "proxy", t("the proxy before Tor; its password comes from standard input or a prompt")
    )
    proxy.add_argument(
        "kind", choices=("none", "socks4", "socks5", "https"), help=t("what the proxy speaks, or none")
    )
    proxy.add_argument("--address", metavar="IP:PORT", help=t("where it is"))
    proxy.add_argument("--username", help=t("where it wants a log-in"))
    ports = _command(actions, "ports", t("the only ports that a firewall lets out; none named: all"))
    ports.add_argument("ports", nargs="*", type=port, metavar="PORT", help=t("for instance 80 443"))


def _wipe(parser: Parser) -> None:
    _json(parser)
    parser.add_argument(
        "--list", action="store_true", help=t("tells what is kept and where, and removes nothing")
    )
    parser.add_argument("--yes", action="store_true", help=t("doesn’t ask; for scripts"))


def _outbox(parser: Parser) -> None:
    actions = _actions(parser)
    _json(_command(actions, "list", t("lists every mail in the outbox")))
    _json(_command(actions, "send", t("sends what is due, once, and ends")))
    for name, words in (
        ("show", t("shows a mail in the outbox, with what the server said")),
        ("retry", t("lets a mail wait for the next sending again, also after a refusal or an unknown end")),
        ("cancel", t("holds a mail back")),
        ("remove", t("deletes a mail from the outbox")),
    ):
        each = _json(_command(actions, name, words))
        each.add_argument("id", metavar="ID", help=t("its id, or how that begins"))
        if name == "retry":
            each.add_argument(
                "--others",
                action="store_true",
                help=t("where some recipients were refused: only to those who were not"),
            )
