"""Walls that import-linter does not see: who makes sockets, what of Qt is touched, which sentences are translated."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "torsend").rglob("*.py"))

SOCKETS = {
    "torsend/tor/stream.py",
    "torsend/tor/control/authentication.py",
    "torsend/tor/finder.py",
    "torsend/tor/process.py",  # a pair of sockets, one of them inherited by tor: connected to nothing else
    "torsend/app/door_by_socket.py",  # one window a profile: a unix socket in the profile's folder
    "torsend/app/door_by_port.py",  # the same where Python has none (Windows): loopback, under a key in that folder
    "torsend/gui/main.py",  # a pair that wakes Qt's loop on a signal
    "torsend/demo/links.py",  # netlink, to the kernel alone
    "torsend/demo/names.py",
    "torsend/demo/node.py",
    "torsend/demo/plan.py",
    "torsend/demo/server.py",
}
MAKES_A_SOCKET = {
    "socket",
    "create_connection",
    "create_server",
    "socketpair",
    "fromfd",
    "open_connection",
    "start_server",
}
RESOLVES = {"getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn", "getnameinfo"}
QT = {"QtCore", "QtGui", "QtWidgets", "QtSvg"}
SPEAKS = {
    "setText", "setWindowTitle", "setToolTip", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription",
    "setInformativeText", "addAction", "addButton", "Label", "Paragraph", "Button", "set_runs",
}  # fmt: skip
NO_SENTENCE = re.compile(r"[^A-Za-z]*|torsend|[a-z]+(-[a-z]+)*|#[0-9A-Fa-f]+")


@functools.cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (source.relative_to(ROOT).as_posix(), ast.parse(source.read_text(encoding="utf-8")))
        for source in SOURCES
    )


@pytest.fixture(autouse=True, scope="module")
def _felled() -> Iterator[None]:
    """They are large: nobody after these tests needs them."""
    yield
    trees.cache_clear()


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def test_sockets_are_made_in_few_places() -> None:
    makers = set()
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in MAKES_A_SOCKET:
                of = node.func.value if isinstance(node.func, ast.Attribute) else None
                if isinstance(of, ast.Name) and of.id in {"socket", "asyncio"}:
                    makers.add(name)
    assert makers <= SOCKETS


def test_nobody_asks_this_machine_for_a_name() -> None:
    asking = {
        (name, called(node))
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in RESOLVES
    }
    assert asking == set()


def test_no_part_of_qt_that_connects_is_touched() -> None:
    touched = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("PySide6"):
                _, _, part = node.module.partition(".")
                touched |= {part} if part else {alias.name for alias in node.names}
            elif isinstance(node, ast.Import):
                touched |= {
                    alias.name.split(".")[1] for alias in node.names if alias.name.startswith("PySide6.")
                }
    assert touched <= QT


def literals(node: ast.expr) -> Iterator[str]:
    """The words that stand in the code itself: of a plain text, or between the values of an f-string."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def test_what_the_window_says_can_be_translated() -> None:
    said = [
        (name, node.lineno, text)
        for name, tree in trees()
        if name.startswith("torsend/gui/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in SPEAKS and node.args
        for text in literals(node.args[0])
        if not NO_SENTENCE.fullmatch(text)
    ]
    assert said == []


def test_sentences_are_given_to_translation_whole() -> None:
    """``t(variable)`` finds nothing for translators to translate, unless the variable's table is marked."""
    broken = [
        (name, node.lineno)
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and called(node) == "t"
        and node.args
        and isinstance(node.args[0], ast.JoinedStr)
    ]
    assert broken == []


def test_no_sentence_stands_within_a_formatted_string() -> None:
    """What collects the sentences reads those from Python 3.12 on only."""
    hidden = [
        (name, node.lineno)
        for name, tree in trees()
        for formatted in ast.walk(tree)
        if isinstance(formatted, ast.JoinedStr)
        for node in ast.walk(formatted)
        if isinstance(node, ast.Call)
        and called(node) in {"t", "tn", "mark"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == []


def test_the_catalogue_for_translators_is_whole(tmp_path: Path) -> None:
    fresh = tmp_path / "torsend.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--no-default-keywords", "-k", "t", "-k", "mark",
         "-k", "tn:1,2", "--no-location", "--sort-output", "--omit-header", "-o", str(fresh), "torsend"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    kept = (ROOT / "resources" / "locale" / "torsend.pot").read_text(encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == kept, "python3 packaging/dev.py words"


@pytest.mark.parametrize("command", [["version"], ["--help"], ["send", "--help"]])
def test_the_command_line_starts_without_what_is_slow(command: list[str]) -> None:
    code = (
        "import sys\n"
        "from torsend.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "slow = [name for name in ('PySide6', 'stem', 'keyring', 'sqlcipher3', 'cryptography', 'asyncio', 'aiosmtpd')"
        " if name in sys.modules]\n"
        "sys.exit(repr(slow) if slow else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_program_is_named_apart_from_its_arguments() -> None:
    """On Windows Python's audit event names a program only then, and the guard lets none through that it doesn't know."""
    starts = {"run", "Popen", "call", "check_call", "check_output"}
    # The private network's tool is a program of its own, for Linux, without a guard.
    own = {"torsend/demo/links.py", "torsend/demo/tool.py"}
    for name, tree in trees():
        if name in own:
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "subprocess"
                and node.func.attr in starts
            ):
                assert "executable" in {each.arg for each in node.keywords}, f"{name}:{node.lineno}"


def test_what_is_written_through_a_descriptor_is_written_as_it_is() -> None:
    """Windows makes two octets of each line end in a file that ``os.open`` opened without O_BINARY."""
    writes_nothing_or_lines = {
        "torsend/demo/certificates.py",  # PEM: lines, and the demo runs on Linux alone
        "torsend/vault/files.py",  # makes empty files
        "torsend/vault/lock.py",
        "torsend/vault/opening.py",  # not there
        "torsend/cli/streams.py",  # os.devnull
        "torsend/clean/child.py",
        "torsend/logs.py",  # makes an empty file
        "torsend/tor/process.py",  # tor's torrc: lines
    }
    careless = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "os.open"
        and re.search("O_WRONLY|O_RDWR", ast.unparse(node))
        and "BINARY" not in ast.unparse(node)
    }
    assert careless <= writes_nothing_or_lines
