"""One draft, one form: the same bytes in every environment, and the same as written down here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mail import golden

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).with_name("golden.eml")

ENVIRONMENTS = [
    {"TZ": "UTC", "LANG": "C"},
    {"TZ": "Asia/Kathmandu", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    {"TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"TZ": "XYZ-13", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.ISO8859-9", "PYTHONIOENCODING": "latin-1"},
    {"TZ": "Pacific/Kiritimati", "LC_TIME": "ja_JP.UTF-8", "PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "2"},
    {
        "HOME": "/home/kaspar",
        "USER": "kaspar",
        "LOGNAME": "kaspar",
        "HOSTNAME": "hall4",
        "PYTHONHASHSEED": "77",
    },
    {
        "EMAIL": "kaspar@home.example",
        "NAME": "Kaspar",
        "http_proxy": "http://127.0.0.1:1",
        "PYTHONDEVMODE": "1",
    },
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "a picture.JPG").write_bytes(bytes(range(256)))
    (folder / "notes.txt").write_bytes(b".\r\nFrom me\n")
    (folder / "empty.bin").write_bytes(b"")
    return folder


def bytes_under(environment: dict[str, str], files: Path, cwd: Path) -> bytes:
    started = subprocess.run(
        [sys.executable, "-m", "tests.mail.golden", str(files)],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        cwd=cwd,
        capture_output=True,
        check=True,
    )
    return started.stdout


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: ",".join(environment))
def test_the_bytes_are_the_golden_ones_in_every_environment(
    environment: dict[str, str], files: Path, tmp_path: Path
) -> None:
    written = bytes_under(environment, files, tmp_path)
    assert written == GOLDEN.read_bytes()


def test_the_golden_bytes_name_nothing_of_where_they_were_written(files: Path) -> None:
    written = GOLDEN.read_bytes().lower()
    for word in ("kaspar", "hall4", str(files), "python", "torsend", "hidden@", "+0545", "home.example"):
        assert word.encode() not in written


def test_the_golden_file_holds_all_drafts(files: Path) -> None:
    assert GOLDEN.read_bytes().count(b"(the end)\r\n") == len(golden.drafts(files))
