"""What others find in a file: exiftool, and mat2's own readers. Nothing of ours judges our own work."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.clean.harmless import harmless, harmless_anywhere

LONGEST = 60
"""Seconds for one tool and one file; a hanging tool fails its test."""

PLAIN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
"""Tools run without the settings and the language of whoever runs the tests."""

# mat2's readers run in the system's Python, which has what they need (gi, mutagen). Its sandbox is left away: the
# files are ours, and bubblewrap does not run in every container.
_MAT2 = """
import json, sys
from libmat2 import parser_factory
parser, kind = parser_factory.get_parser(sys.argv[2])
if parser is None:
    sys.exit(f"mat2 knows no {kind}")
parser.sandbox = False
parser.lightweight_cleaning = False
if sys.argv[1] == "show":
    json.dump(parser.get_meta(), sys.stdout, default=str)
else:
    if not parser.remove_all():
        sys.exit("mat2 could not clean it")
    json.dump(parser.output_filename, sys.stdout)
"""


class Mat2Refused(Exception):
    """mat2 does not know this format, or could not read or clean this file; its last words."""


def exiftool(path: Path) -> dict[str, str]:
    """Every tag that exiftool finds, unknown ones and copies too, as ``Group:Tag`` or ``Group:CopyN:Tag``."""
    said = subprocess.run(
        ["exiftool", "-a", "-u", "-G1:4", "-j", "-ee3", "-api", "LargeFileSupport=1", str(path)],
        capture_output=True,
        text=True,
        env=PLAIN,
        timeout=LONGEST,
        check=False,
    )
    try:
        (tags,) = json.loads(said.stdout)
    except ValueError:
        raise AssertionError(f"exiftool: {said.stderr}") from None
    return {tag: value if isinstance(value, str) else json.dumps(value) for tag, value in tags.items()}


def identifying(path: Path) -> dict[str, str]:
    """What exiftool finds beyond the allowlist in ``harmless``; empty for a clean file. Its warnings count."""
    return {tag: value for tag, value in exiftool(path).items() if not harmless(tag, value)}


def mat2_says(path: Path) -> dict[str, Any]:
    """What mat2 would show of the file, by mat2's own allowlists. It goes by the name's ending.

    Raises:
        Mat2Refused: it doesn't know the format or can't read the file.
    """
    return dict(_mat2("show", path))


def mat2_finds(path: Path) -> dict[str, Any]:
    """What mat2 would show beyond the allowlist in ``harmless``: it leaves some things standing that a format requires,
    and shows those of cleaned files too."""
    return {tag: value for tag, value in mat2_says(path).items() if not harmless_anywhere(tag, str(value))}


def mat2_cleans(path: Path) -> Path:
    """The file as mat2 cleans it, beside the original.

    Raises:
        Mat2Refused: it doesn't know the format or can't clean the file.
    """
    return Path(str(_mat2("clean", path)))


def _mat2(what: str, path: Path) -> Any:
    said = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", _MAT2, what, str(path)],
        capture_output=True,
        text=True,
        env=PLAIN,
        timeout=LONGEST,
        check=False,
    )
    if said.returncode:
        raise Mat2Refused((said.stderr.strip().splitlines() or ["no word"])[-1])
    return json.loads(said.stdout)
