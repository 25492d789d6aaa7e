"""CMaps (Adobe technical note 5014): which code is which character. Read by blocks, and written anew from what was read."""

from __future__ import annotations

import re

BLOCKS = ("codespacerange", "cidrange", "cidchar", "notdefrange", "notdefchar", "bfrange", "bfchar")
MOST_ENTRIES = 100_000
LONGEST = 4 * 1024 * 1024
"""Octets; those for whole scripts have half of it."""
_BEGIN = re.compile(rb"begin(%s)" % "|".join(BLOCKS).encode())
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(\d{1,6})")
_WIDE = re.compile(rb"/WMode\s+([01])\b")
_PER_BLOCK = 100
"""Entries that one block may have (technical note 5014)."""

Entry = tuple[bytes, ...]
"""The tokens of one line: hexadecimal strings with their brackets, and numbers."""


def blocks(data: bytes) -> list[tuple[str, list[Entry]]]:
    """Every block and its entries; what is no entry is left out."""
    out: list[tuple[str, list[Entry]]] = []
    count = at = 0
    # Comments may hold anything; a hexadecimal string holds no percent sign.
    data = re.sub(rb"%[^\r\n]*", b"", data[:LONGEST])
    while count <= MOST_ENTRIES and (begin := _BEGIN.search(data, at)) is not None:
        at = data.find(b"end" + begin[1], begin.end())
        if at < 0:
            break
        kind = begin[1].decode()
        size = 3 if kind in ("cidrange", "notdefrange", "bfrange") else 2
        entries = _entries(_tokens(data[begin.end() : at]), size)
        count += len(entries)
        if entries:
            out.append((kind, entries))
    return out


def is_vertical(data: bytes) -> bool:
    """The direction of writing."""
    found = _WIDE.search(data)
    return found is not None and found[1] == b"1"


def written(found: list[tuple[str, list[Entry]]], kind: int, *, vertical: bool = False) -> bytes:
    """A CMap of these blocks, with a name that tells nothing.

    Args:
        kind: 2 for a map to Unicode, 1 for one to glyphs.
    """
    ordering = b"UCS" if kind == 2 else b"Identity"
    lines = [
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap",
        b"/CIDSystemInfo <</Registry (Adobe) /Ordering (%s) /Supplement 0>> def" % ordering,
        b"/CMapName /Adobe-Identity-%s def\n/CMapType %d def" % (ordering, kind),
    ]
    if vertical:
        lines.append(b"/WMode 1 def")
    for name, entries in found:
        for at in range(0, len(entries), _PER_BLOCK):
            some = entries[at : at + _PER_BLOCK]
            lines.append(b"%d begin%s" % (len(some), name.encode()))
            lines.extend(b" ".join(each) for each in some)
            lines.append(b"end" + name.encode())
    lines.append(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
    return b"\n".join(lines)


def unicode_map(found: list[tuple[str, list[Entry]]]) -> dict[bytes, str]:
    """What each code means to a reader."""
    out: dict[bytes, str] = {}
    for kind, entries in found:
        if kind == "bfchar":
            for code, text in entries:
                out[_octets(code)] = _text(_octets(text))
        elif kind == "bfrange":
            for entry in entries:
                _spread(entry, out)
    return out


def code_lengths(found: list[tuple[str, list[Entry]]]) -> set[int]:
    """Octets that a code may have."""
    return {len(_octets(low)) for kind, entries in found if kind == "codespacerange" for low, _ in entries}


def _spread(entry: Entry, out: dict[bytes, str]) -> None:
    first, last = _octets(entry[0]), _octets(entry[1])
    low, high = int.from_bytes(first), int.from_bytes(last)
    if len(first) != len(last) or not 0 <= high - low <= 0xFFFF or len(out) + high - low > MOST_ENTRIES:
        return
    if entry[2] == b"[":
        for at, text in enumerate(entry[3:-1][: high - low + 1]):
            out[(low + at).to_bytes(len(first))] = _text(_octets(text))
        return
    begin = _octets(entry[2])
    if not begin:
        return
    tail = begin[-2:]
    for at in range(min(high - low, 256 ** len(tail) - 1 - int.from_bytes(tail)) + 1):
        end = int.from_bytes(tail) + at
        out[(low + at).to_bytes(len(first))] = _text(begin[:-2] + end.to_bytes(len(tail)))


def _tokens(data: bytes) -> list[bytes]:
    out = []
    for token in _TOKEN.finditer(data):
        if token[1] is not None:
            digits = b"".join(token[1].split()).lower()
            out.append(b"<" + (digits + b"0" if len(digits) % 2 else digits) + b">")
        else:
            out.append(token[0])
    return out


def _entries(tokens: list[bytes], size: int) -> list[Entry]:
    out: list[Entry] = []
    at = 0
    while at + size <= len(tokens):
        end = at + size
        if tokens[end - 1] == b"[":
            try:
                end = tokens.index(b"]", end) + 1
            except ValueError:
                break
        entry = tuple(tokens[at:end])
        if all(each.startswith(b"<") for each in entry[: 2 if size == 3 else 1]) and b"[" not in entry[4:]:
            out.append(entry)
        at = end
    return out


def _octets(token: bytes) -> bytes:
    return bytes.fromhex(token.strip(b"<>").decode()) if token.startswith(b"<") else b""


def _text(octets: bytes) -> str:
    if len(octets) == 1:
        return chr(octets[0])
    return octets.decode("utf-16-be", "replace")
