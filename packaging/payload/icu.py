"""Cuts ICU's tables down to those that QtCore asks for.

QtCore of the wheel is linked with ICU, whose tables are 32 MB: names of languages, of currencies and of time zones,
transliterations and encodings, for all languages. Qt brings its own names and dates (CLDR) and calls ICU to sort, and to
change case. Those tables stay, for every language. Without the others Qt knows no names of time zones and reads no
encodings beyond Latin-1 and Unicode, and Torsend asks it for neither.

ICU User Guide, "ICU Data": a header, the number of items, for each the offsets of its name and its bytes, sorted by name.
"""

from __future__ import annotations

import re
import struct
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEPT = re.compile(
    r"""
    coll/.*                    # sorting, for every language
    | (root|res_index|pool|supplementalData|likelySubtags|numberingSystems|keyTypeData|metadata)\.res
    | (timezoneTypes|zoneinfo64)\.res
    | .*\.nrm                  # normal forms
    | (uprops|ucase|ubidi|pnames|ulayout|cnvalias|uemoji)\.icu
    """,
    re.VERBOSE,
)
"""Names within the package, without its own name before them."""


def items(data: bytes) -> dict[str, bytes]:
    """What a package of ICU's holds, by name in its order.

    Raises:
        ValueError: it is none.
    """
    if len(data) < 24 or data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD" or data[8]:
        raise ValueError("not a package of ICU's in this byte order")
    base = struct.unpack_from("<H", data)[0]
    count = struct.unpack_from("<I", data, base)[0]
    table = [struct.unpack_from("<II", data, base + 4 + 8 * index) for index in range(count)]
    ends = [begin for _, begin in table[1:]] + [len(data) - base]
    return {
        data[base + name : data.index(b"\0", base + name)].decode("ascii"): data[base + begin : base + end]
        for (name, begin), end in zip(table, ends, strict=True)
    }


def package(data: bytes, kept: re.Pattern[str]) -> bytes:
    """The same package with fewer items."""
    head = data[: struct.unpack_from("<H", data)[0]]
    chosen = {name: item for name, item in items(data).items() if kept.fullmatch(name.partition("/")[2])}
    offset = 4 + 8 * len(chosen)
    names, offsets = b"", []
    for name in chosen:
        offsets.append(offset + len(names))
        names += name.encode("ascii") + b"\0"
    # ICU wants each item at 16 bytes from the beginning of the file, at which the header's end lies too.
    body = bytearray()
    begin = _aligned(len(head) + offset + len(names)) - len(head)
    table = struct.pack("<I", len(chosen))
    for at, item in zip(offsets, chosen.values(), strict=True):
        table += struct.pack("<II", at, begin + len(body))
        body += item + bytes(_aligned(len(item)) - len(item))
    front = table + names
    return head + front + bytes(begin - len(front)) + bytes(body)


def _aligned(size: int) -> int:
    return (size + 15) // 16 * 16


def slim(library: Path, work: Path) -> None:
    """Puts a library with fewer tables in its place."""
    told = subprocess.run(
        ["readelf", "-sW", "--dyn-syms", str(library)], capture_output=True, text=True, check=True
    ).stdout
    symbol = re.search(r": ([0-9a-f]+)\s+(\w+) OBJECT\s+GLOBAL\s+DEFAULT\s+(\d+) (icudt\d+_dat)", told)
    sections = subprocess.run(
        ["readelf", "-SW", str(library)], capture_output=True, text=True, check=True
    ).stdout
    place = symbol and re.search(rf"\[ *{symbol[3]}\] \S+\s+\S+\s+([0-9a-f]+) ([0-9a-f]+) ", sections)
    if not symbol or not place:
        raise SystemExit(f"{library.name} is not built as it was: packaging/payload/icu.py")
    begin = int(symbol[1], 16) - int(place[1], 16) + int(place[2], 16)
    size, name = int(symbol[2], 0), symbol[4]
    data, source = work / "icu.dat", work / "icu.s"
    data.write_bytes(package(library.read_bytes()[begin : begin + size], KEPT))
    source.write_text(
        f'.section .rodata\n.globl {name}\n.type {name},@object\n.balign 16\n{name}:\n.incbin "{data.name}"\n'
        f".size {name}, .-{name}\n"
        '.section .note.GNU-stack,"",@progbits\n'
    )
    subprocess.run(
        ["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-Wl,--build-id=none", "-Wl,-s",
         "-o", str(library), source.name],
        cwd=work, check=True,
    )  # fmt: skip
