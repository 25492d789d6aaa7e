"""Nothing on disk outside the vault: whole sends, by window and command line, and then every file is searched.

What was written, to whom, as whom, with which password and files: planted words that stand nowhere else, looked for in
profile, home, temp, shared memory and logs, in plain and in every encoding that a program might have written.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import LONGEST_RUN, PASSPHRASE, Program, implicit
from tests.support.left_behind import all_below, forms, left_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.conftest import RunningTor
    from tests.conftest import Stage


@dataclass(frozen=True)
class Planted:
    """A profile in a home of its own, a mail full of planted words, and where to look for them.

    Attributes:
        words: what is looked for, by what it is.
        given: what the person had before, the files to attach and the passphrase: not searched. The profile lies there, too.
        tail: what the words of this run end with, and nobody else's.
        home: everything that the program could write to by its surroundings.
    """

    program: Program
    words: dict[str, str]
    given: Path
    home: Path
    log: Path
    tail: str
    began: float

    @property
    def attached(self) -> Path:
        return self.given / f"{self.words['file name']}.txt"

    def found(self) -> list[str]:
        """All words in home, profile, temp and log of this program; in what all programs share, those of this run alone."""
        own = {name: word for name, word in self.words.items() if self.tail in word}
        return left_behind(self.words, all_below(self.home, self.program.profile)) + left_behind(
            own, self._shared()
        )

    def _shared(self) -> Iterator[Path]:
        """What is new there, two folders deep."""
        for shared in (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp")):  # looked at, not written to
            for path in shared.iterdir() if shared.is_dir() else ():
                try:
                    new = path.lstat().st_mtime >= self.began - 1
                except OSError:
                    continue
                if new and path not in self.given.parents and not path.name.startswith("pytest-of-"):
                    yield path
                    if path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK):
                        # What measures coverage keeps each process' arguments where the tests were started.
                        yield from (each for each in path.iterdir() if not each.name.startswith(".coverage"))


@pytest.fixture
def planted(stage: Stage, running_tor: RunningTor, tmp_path: Path, vault_made: Path) -> Planted:
    home, given = tmp_path / "home", tmp_path / "given"
    for folder in ("config", "data", "cache", "state", "run", "tmp", "cwd"):
        (home / folder).mkdir(parents=True)
    (home / "run").chmod(0o700)
    given.mkdir()
    tail = secrets.token_hex(4)
    words = {
        "address": f"zaunkoenig-{tail}@rowanmail.example",
        "recipient": f"mispel-{tail}@nordpost.example",
        "hidden recipient": f"quitte-{tail}@nordpost.example",
        "name": f"Zaunkönig {tail}",
        "subject": f"Brombeerfäden {tail}",
        "text": f"Schlehenkerne {tail}, Ölkanne",
        "file name": f"Hagebuttenplan-{tail}",
        "file": f"Wacholderdorn {tail}",
        "password": "wren’s password",
        "passphrase": PASSPHRASE,
        "word": f"Kornblumenweg {tail}",
        "signature": f"Holunder {tail}",
        "server": stage.host,
    }
    log = home / "debug.log"
    environment = {
        key: value for key, value in stage.environment.items() if not key.startswith(("XDG_", "TMP", "TEMP"))
    } | {
        "HOME": str(home), "TMPDIR": str(home / "tmp"), "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state"),
        "XDG_RUNTIME_DIR": str(home / "run"), "QT_QPA_PLATFORM": "offscreen",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    program = Program(
        given,
        environment,
        ("--tor", f"control:{running_tor.control_socket}", "--patience", "40", "--debug-log", str(log)),
    )
    program.profile.mkdir(mode=0o700)
    for each in vault_made.iterdir():
        (program.profile / each.name).write_bytes(each.read_bytes())
    made = Planted(program, words, given, home, log, tail, time.time())
    made.attached.write_text(f"{words['file']}\n")
    added = program.run(
        "identity", "add", "--json", "--name", words["name"], "--address", words["address"], "--host", stage.host,
        "--port", implicit(stage)[1], "--tls", "implicit", "--username", "wren", stdin=words["password"].encode() + b"\n",
    )  # fmt: skip
    assert added.status == 0, added.err
    return made


@pytest.fixture(scope="session")
def vault_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault whose passphrase is stretched in no time."""
    from tests.vault.helpers import passphrase
    from torsend.vault import Vault

    folder = tmp_path_factory.mktemp("vault")
    Vault.create(folder / "vault.db", passphrase(PASSPHRASE)).close()
    return folder


def send(planted: Planted, *more: str) -> int:
    words = planted.words
    ran = planted.program.run(
        "send", "--identity", words["address"], "--to", words["recipient"], "--bcc", words["hidden recipient"],
        "--subject", words["subject"], "--body", "-", "--attach", str(planted.attached), *more,
        stdin=f"{words['text']}\n{words['word']}\n{words['signature']}\n".encode(),
    )  # fmt: skip
    return ran.status


def with_core_dumps() -> None:
    """In the child before it starts: as on a machine where somebody allowed them."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def window(planted: Planted, what: str) -> subprocess.CompletedProcess[bytes]:
    words = planted.words
    mail = planted.given / "mail.json"
    text = f"{words['text']}\n{words['word']}\n{words['signature']}\n"
    mail.write_text(
        json.dumps(
            {
                "to": words["recipient"],
                "subject": words["subject"],
                "text": text,
                "file": str(planted.attached),
            }
        )
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.telling_run", what, str(mail),
         *planted.program.command("compose")[5:]],
        env=planted.program.environment, cwd=planted.home / "cwd", stdin=subprocess.DEVNULL, capture_output=True,
        timeout=LONGEST_RUN, check=False, preexec_fn=with_core_dumps,
    )  # fmt: skip


def test_by_command_line(planted: Planted, stage: Stage) -> None:
    program, words = planted.program, planted.words
    assert program.run("words", "add", stdin=words["word"].encode()).status == 0
    assert send(planted) == 0
    assert send(planted, "--queue-only") == 0
    assert send(planted, "--within", "6h") == 0
    wire = program.run(
        "wire", "--identity", words["address"], "--to", words["recipient"], "--subject", words["subject"],
        "--attach", str(planted.attached), "--body", "-", stdin=words["text"].encode(),
    )  # fmt: skip
    assert wire.status == 0
    (received,) = stage.server.received
    # The words were there to be left behind.
    assert words["recipient"] in received.rcpt_tos
    assert any(data in received.data for data in forms(words["file"]).values())
    assert planted.log.stat().st_size > 0
    assert planted.found() == []


def test_by_window(planted: Planted, stage: Stage) -> None:
    ran = window(planted, "SEND")
    assert ran.returncode == 0, ran.stderr.decode()[-3000:]
    (received,) = stage.server.received
    assert planted.words["recipient"] in received.rcpt_tos
    assert planted.found() == []
    assert not list(planted.home.rglob("recently-used*"))
    assert not list(planted.home.rglob("QtProject*"))


def test_by_a_window_that_crashes(planted: Planted, stage: Stage) -> None:
    """The draft is in the vault by then; a signal that dumps core ends the program in the middle of everything."""
    ran = window(planted, "DIE")
    assert ran.returncode == -signal.SIGABRT, ran.stderr.decode()[-3000:]
    assert planted.found() == []
    assert list((planted.home / "cwd").iterdir()) == []
    said = ran.stdout + ran.stderr
    assert not [name for name, word in planted.words.items() if word.encode() in said]
    # What was typed is not lost, and not in the clear.
    assert (planted.program.profile / "vault.db").stat().st_size > 0


@pytest.mark.parametrize("form", sorted(forms("Ölkanne 7f")))
def test_the_search_finds_a_word_in_every_form(form: str, tmp_path: Path) -> None:
    written = forms("Ölkanne 7f")[form]
    (tmp_path / "left").write_bytes(b"\0\x01" + written + b"\xff")
    assert left_behind({"word": "Ölkanne 7f"}, all_below(tmp_path))


def test_the_search_finds_base64_at_any_place_and_names_of_files(tmp_path: Path) -> None:
    import base64

    for shift in range(3):
        (tmp_path / str(shift)).write_bytes(base64.b64encode(b"x" * shift + b"ein Wacholderdorn darin"))
    assert (
        len({each.rpartition("/")[2] for each in left_behind({"word": "Wacholderdorn"}, all_below(tmp_path))})
        == 3
    )
    (tmp_path / "Hagebuttenplan.lnk").touch()
    assert left_behind({"name": "hagebuttenplan"}, all_below(tmp_path)) != []
