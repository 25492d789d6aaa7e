"""Font programs without who made them: names, notices, licences, serial numbers, dates. The outlines stay as they are.

Nothing moves within CFF and Type 1: what goes is overwritten with as many octets, so that no offset changes.
"""

from __future__ import annotations

import itertools
import re
import struct
from typing import TYPE_CHECKING

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes

TABLES = frozenset(
    (b"head", b"hhea", b"hmtx", b"maxp", b"cvt ", b"fpgm", b"prep", b"loca", b"glyf", b"cmap", b"post", b"CFF ", b"vhea",
     b"vmtx", b"VORG", b"gasp")
)  # fmt: skip
"""What a PDF reader needs of a TrueType or OpenType font (ISO 32000 section 9.9)."""
MOST_TABLES = 64
LONGEST_CLEAR = 128 * 1024
"""Octets of a Type 1 font before its encrypted part."""
TYPE1 = b"%!PS-AdobeFont-1.0"
STANDARD_STRINGS = 391
"""Strings of CFF that every reader knows (technical note 5176, appendix A)."""
TOLD_BY_CFF = frozenset((0, 1, 2, 3, 4, 1200 + 0, 1200 + 21, 1200 + 22, 1200 + 38))
"""version, Notice, FullName, FamilyName, Weight, Copyright, PostScript, BaseFontName, FontName."""
NUMBERED_BY_CFF = frozenset((13, 14))
"""UniqueID, XUID."""

_TEXTS = re.compile(
    rb"/(version|Notice|FullName|FamilyName|Weight|Copyright)\s*\(((?:[^()\\]|\\.|\([^()]*\)){0,4000})\)",
    re.DOTALL,
)
_ID = re.compile(rb"/UniqueID\s+\d+\s+(?:def|ND|\|-)|/XUID\s*\[[^\]]{0,400}\]\s*(?:def|ND|\|-)")
_SUBSET = re.compile(rb"(/FontName\s*/)[A-Z]{6}(\+)")
_COMMENT = re.compile(rb"%[^\r\n]*")


def clean_sfnt(data: bytes, notes: Notes) -> bytes:
    """A TrueType or OpenType font with the tables that draw, and no dates in its head."""
    if len(data) < 12 or data[:4] not in (b"\0\1\0\0", b"true", b"OTTO", b"\0\2\0\0"):
        raise NotCleanable(Why.DAMAGED)
    (count,) = struct.unpack_from(">H", data, 4)
    if count > MOST_TABLES or len(data) < 12 + 16 * count:
        raise NotCleanable(Why.DAMAGED)
    tables: dict[bytes, bytes] = {}
    for at in range(count):
        tag, _sum, start, size = struct.unpack_from(">4s3L", data, 12 + 16 * at)
        if tag not in TABLES:
            if tag == b"name":
                notes.remove(Trace.AUTHOR, "font name table", _first_words(data[start : start + size]))
            elif size:
                notes.remove(Trace.OTHER, "font table", tag.decode("latin-1"))
            continue
        if start > len(data):
            raise NotCleanable(Why.DAMAGED)
        tables[tag] = data[start : start + size]
    head = tables.get(b"head", b"")
    if len(head) >= 54:
        if head[20:36].strip(b"\0"):
            notes.remove(Trace.DATE, "font dates")
        if head[4:8].strip(b"\0"):
            notes.remove(Trace.SOFTWARE, "font revision")
        # fontRevision, checkSumAdjustment, created, modified
        tables[b"head"] = head[:4] + bytes(8) + head[12:20] + bytes(16) + head[36:54]
    if b"CFF " in tables:
        tables[b"CFF "] = clean_cff(tables[b"CFF "], notes)
    return _sfnt(data[:4], tables)


def _sfnt(version: bytes, tables: dict[bytes, bytes]) -> bytes:
    names = sorted(tables)
    power = 1 << max(len(names).bit_length() - 1, 0)
    out = [
        struct.pack(
            ">4s4H", version, len(names), power * 16, power.bit_length() - 1, len(names) * 16 - power * 16
        )
    ]
    at = 12 + 16 * len(names)
    bodies = []
    for tag in names:
        body = tables[tag]
        filled = body + bytes(-len(body) % 4)
        checksum = sum(struct.unpack(f">{len(filled) // 4}L", filled)) & 0xFFFFFFFF
        out.append(struct.pack(">4s3L", tag, checksum, at, len(body)))
        bodies.append(filled)
        at += len(filled)
    return b"".join(out + bodies)


def clean_cff(data: bytes, notes: Notes) -> bytes:
    """A CFF font set (technical note 5176)."""
    out = bytearray(data)
    if len(data) < 4 or data[0] != 1:
        raise NotCleanable(Why.DAMAGED)
    names, at = _index(data, data[2])
    dicts, at = _index(data, at)
    strings, at = _index(data, at)
    for start, end in names:
        if data[start:end].strip(b"A"):
            out[start:end] = b"A" * (end - start)
    told: set[int] = set()
    spared: set[int] = set()
    pending = list(dicts)
    seen = 0
    while pending:
        start, end = pending.pop()
        seen += 1
        if seen > 300:
            raise NotCleanable(Why.DAMAGED)
        for operator, operands, place in _operations(data, start, end):
            if operator in TOLD_BY_CFF:
                told.update(int(value) for value in operands)
            elif operator in NUMBERED_BY_CFF:
                _zero(out, *place)
                if any(operands):
                    notes.remove(Trace.IDENTIFIER, "font number", " ".join(map(str, operands)))
            elif operator == 1230:  # ROS: registry and ordering must stay what they are
                spared.update(int(value) for value in operands[:2])
            elif operator == 1236 and operands:  # FDArray: the fonts within a CID font
                pending.extend(_index(data, int(operands[0]))[0])
    for string in sorted(told - spared):
        if not STANDARD_STRINGS <= string < STANDARD_STRINGS + len(strings):
            continue
        start, end = strings[string - STANDARD_STRINGS]
        if data[start:end].strip(b" "):
            notes.remove(Trace.AUTHOR, "font notice", data[start:end].decode("latin-1"))
            out[start:end] = b" " * (end - start)
    return bytes(out)


def clean_type1(data: bytes, clear_size: object, notes: Notes) -> tuple[bytes, bytes, bytes]:
    """A Type 1 font (Adobe's book, chapter 2): its clear part, its encrypted part, and the zeros at its end."""
    marker = data.find(b"eexec")
    if not 0 <= marker < LONGEST_CLEAR:
        raise NotCleanable(Why.DAMAGED)
    clear_end = marker + 5
    if type(clear_size) is int and clear_end < clear_size <= clear_end + 4:
        clear_end = clear_size
    else:
        while data[clear_end : clear_end + 1] in (b"\r", b"\n", b" ", b"\t"):
            clear_end += 1
    clear, rest = data[:clear_end], data[clear_end:]
    tail_at = rest.rfind(b"cleartomark")
    if tail_at >= 0:
        while tail_at and rest[tail_at - 1 : tail_at] in (b"0", b"\r", b"\n"):
            tail_at -= 1
        hidden, tail = rest[:tail_at], b"\n" + (b"0" * 64 + b"\n") * 8 + b"cleartomark\n"
    else:
        hidden, tail = rest, b""
    first = _COMMENT.match(clear)
    if first is None or len(first[0]) < len(TYPE1):
        raise NotCleanable(Why.DAMAGED)
    clear = TYPE1 + _blanked(clear, notes)[len(TYPE1) :]
    if re.fullmatch(rb"[0-9A-Fa-f\s]*", hidden):
        digits = b"".join(hidden.split()).decode("ascii")
        hidden = bytes.fromhex(digits[: len(digits) & ~1])
    plain = _decrypted(hidden)
    cleaned = _ID.sub(lambda found: _spaces(found, notes, Trace.IDENTIFIER), plain)
    # The first four octets are random and mean nothing. Zeros are 0xD9 and on when encrypted, so that no reader takes them
    # for hexadecimal or blanks.
    return clear, _encrypted(bytes(4) + cleaned[4:]), tail


def _blanked(clear: bytes, notes: Notes) -> bytes:
    def text(found: re.Match[bytes]) -> bytes:
        if found[2].strip():
            notes.remove(Trace.AUTHOR, f"font {found[1].decode()}", found[2].decode("latin-1"))
        return found[0][: found.start(2) - found.start()] + b" " * len(found[2]) + b")"

    clear = _TEXTS.sub(text, clear)
    clear = _ID.sub(lambda found: _spaces(found, notes, Trace.IDENTIFIER), clear)
    clear = _SUBSET.sub(rb"\1AAAAAA\2", clear)
    return _COMMENT.sub(lambda found: b" " * len(found[0]), clear)


def _spaces(found: re.Match[bytes], notes: Notes, trace: Trace) -> bytes:
    notes.remove(trace, "font number", found[0].decode("latin-1"))
    return b" " * len(found[0])


def _decrypted(data: bytes) -> bytes:
    key = 55665
    out = bytearray(len(data))
    for at, octet in enumerate(data):
        out[at] = octet ^ key >> 8
        key = (octet + key) * 52845 + 22719 & 0xFFFF
    return bytes(out)


def _encrypted(plain: bytes) -> bytes:
    key = 55665
    out = bytearray(len(plain))
    for at, octet in enumerate(plain):
        out[at] = cipher = octet ^ key >> 8
        key = (cipher + key) * 52845 + 22719 & 0xFFFF
    return bytes(out)


def _index(data: bytes, at: int) -> tuple[list[tuple[int, int]], int]:
    """The entries of an INDEX as beginnings and ends, and where it ends."""
    if not 0 <= at <= len(data) - 2:
        raise NotCleanable(Why.DAMAGED)
    (count,) = struct.unpack_from(">H", data, at)
    if not count:
        return [], at + 2
    width = data[at + 2] if at + 2 < len(data) else 0
    table = at + 3
    base = table + (count + 1) * width - 1
    if not 1 <= width <= 4 or base >= len(data):
        raise NotCleanable(Why.DAMAGED)
    offsets = [
        base + int.from_bytes(data[table + n * width : table + (n + 1) * width]) for n in range(count + 1)
    ]
    if sorted(offsets) != offsets or offsets[-1] > len(data):
        raise NotCleanable(Why.DAMAGED)
    return list(itertools.pairwise(offsets)), offsets[-1]


def _operations(data: bytes, at: int, end: int) -> list[tuple[int, list[float], tuple[int, int]]]:
    """Operators of a DICT (two-octet ones as 1200 and more), their operands, and where those stand."""
    out = []
    operands: list[float] = []
    begin = at
    while at < end:
        octet = data[at]
        if octet <= 21:
            operator = octet
            if octet == 12:
                operator = 1200 + data[at + 1] if at + 1 < end else 12
            out.append((operator, operands, (begin, at)))
            at += 2 if octet == 12 else 1
            operands, begin = [], at
        elif octet == 28:
            operands.append(int.from_bytes(data[at + 1 : at + 3], signed=True))
            at += 3
        elif octet == 29:
            operands.append(int.from_bytes(data[at + 1 : at + 5], signed=True))
            at += 5
        elif octet == 30:
            at += 1
            while at < end and data[at] & 15 != 15:
                at += 1
            at += 1
            operands.append(0.5)  # a real: of no operator that matters here
        elif octet >= 32:
            size = 1 if octet <= 246 else 2
            operands.append(octet - 139 if size == 1 else 1)
            if size == 2 and at + 1 < end:
                low = data[at + 1]
                operands[-1] = (
                    (octet - 247) * 256 + low + 108 if octet <= 250 else -(octet - 251) * 256 - low - 108
                )
            at += size
        else:
            raise NotCleanable(Why.DAMAGED)
    return out


def _zero(out: bytearray, at: int, end: int) -> None:
    """Writes zeros over operands, in as many octets; one number of two octets becomes two zeros of one."""
    while at < end:
        octet = out[at]
        if octet == 28:
            out[at + 1 : at + 3] = bytes(2)
            at += 3
        elif octet == 29:
            out[at + 1 : at + 5] = bytes(4)
            at += 5
        elif octet <= 246:
            out[at] = 139
            at += 1
        else:
            out[at : at + 2] = b"\x8b\x8b"
            at += 2


def _first_words(table: bytes) -> str:
    """Something of a name table, to show what went."""
    for codec in ("utf-16-be", "latin-1"):
        words = "".join(
            each for each in table[6:].decode(codec, "ignore") if each.isascii() and each.isprintable()
        )
        if len(words) > 12:
            return words
    return ""
