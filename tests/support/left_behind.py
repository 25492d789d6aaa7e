"""Looks through files for words that must not be there, in every form in which a program might have written them."""

from __future__ import annotations

import base64
import json
import mmap
import quopri
import unicodedata
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

LARGEST = 256 * 1024 * 1024


def forms(word: str) -> dict[str, bytes]:
    """A word as it may stand in a file. Those of letters are in lower case, and looked for without regard to case."""
    utf8 = word.encode()
    found = {
        "plain": utf8,
        "decomposed": unicodedata.normalize("NFD", word).encode(),
        "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"),
        "utf-32-le": word.encode("utf-32-le"),
        "quoted-printable": quopri.encodestring(utf8, quotetabs=True).replace(b"=\n", b""),
        "percent": urllib.parse.quote(word, safe="").encode(),
        "percent, all": "".join(f"%{byte:02x}" for byte in utf8).encode(),
        "json": json.dumps(word)[1:-1].encode(),
        "hexadecimal": utf8.hex().encode(),
        "iso-8859-1": word.encode("latin-1", "ignore"),
    }
    return {name: data.lower() for name, data in found.items() if data} | {
        f"base64, {shift}": piece for shift, piece in enumerate(_in_base64(utf8))
    }


def _in_base64(data: bytes) -> Iterator[bytes]:
    """What of it is the same wherever it stands in a longer text: at each of the three places in a group of four."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data)
        # The first characters hold what stands before it, the last ones what follows.
        piece = encoded[-(-shift * 4 // 3) : (shift + len(data)) // 3 * 4]
        if len(piece) >= 8:
            yield piece


def left_behind(words: Mapping[str, str], files: Iterable[Path]) -> list[str]:
    """``"subject, as utf-16-le, in …/file"`` for everything that is found; names of files and folders too."""
    needles = [(name, form, data) for name, word in words.items() for form, data in forms(word).items()]
    found = []
    for path in files:
        for name, word in words.items():
            if any(each in str(path).lower() for each in (word.lower(), urllib.parse.quote(word).lower())):
                found.append(f"{name}, as a file's name: {path}")
        try:
            if path.is_symlink() or not path.is_file() or not 0 < path.stat().st_size < LARGEST:
                continue
            with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
                whole = content[:]
        except OSError:
            continue  # gone meanwhile, or another's
        lower = whole.lower()
        for name, form, data in needles:
            if data in (whole if form.startswith("base64") else lower):
                found.append(f"{name}, as {form}, in {path}")
    return found


def all_below(*folders: Path) -> Iterator[Path]:
    """Every file and folder below those."""
    for folder in folders:
        yield from folder.rglob("*")
