"""The tags that stand before and behind a stream of sound: ID3v1, ID3v2, APEv2, Lyrics3. All of them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.formats.tags import readable, sort_of
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Notes
    from torsend.clean.formats.reading import Reader

MOST_TAGS = 64
"""Tags one behind the other that are looked for."""
LARGEST_READ = 1024 * 1024
"""Bytes of a tag that are read for the report; all of it goes."""

_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def length_of_id3v2(beginning: bytes) -> int:
    """Bytes of the ID3v2 tag with which these bytes begin, header and footer included; 0 if there is none."""
    if len(beginning) < 10 or beginning[:3] != b"ID3" or beginning[3] == 0xFF or max(beginning[6:10]) > 127:
        return 0
    return 10 + _syncsafe(beginning[6:10]) + (10 if beginning[5] & 0x10 else 0)


def skip_before(reader: Reader, notes: Notes) -> int:
    """Where the sound begins, behind ID3v2 tags; notes what they hold."""
    at = 0
    for _ in range(MOST_TAGS):
        length = length_of_id3v2(reader.peek(at, 10))
        if not length:
            break
        note_id3v2(reader.peek(at, min(length, LARGEST_READ)), notes)
        at += length
    return min(at, reader.size)


def cut_behind(reader: Reader, start: int, notes: Notes) -> int:
    """Where the sound ends, before the tags at the end of the file; notes what they hold."""
    end = reader.size
    for _ in range(MOST_TAGS):
        before = _one_behind(reader, start, end, notes)
        if before == end:
            break
        end = before
    return end


def note_id3v2(tag: bytes, notes: Notes) -> None:
    """Notes what an ID3v2 tag holds (id3.org, versions 2.2 to 2.4); a tag that can't be read is one thing removed."""
    known = False
    for name, data in _frames(tag):
        known = True
        notes.remove(sort_of(name), f"ID3v2 {name}", _text(name, data))
    if not known:
        notes.remove(Trace.OTHER, "ID3v2")


def _frames(tag: bytes) -> Iterator[tuple[str, bytes]]:
    version, flags = tag[3], tag[5]
    at = 10
    letters = 3 if version == 2 else 4
    if flags & 0x40 and version > 2:
        at += _syncsafe(tag[10:14]) if version == 4 else 4 + int.from_bytes(tag[10:14], "big")
    while at + letters + 3 <= len(tag):
        name = tag[at : at + letters]
        if not name.isalnum():
            return
        if version == 2:
            size, header = int.from_bytes(tag[at + 3 : at + 6], "big"), 6
        else:
            field = tag[at + 4 : at + 8]
            size, header = _syncsafe(field) if version == 4 else int.from_bytes(field, "big"), 10
        yield name.decode("ascii"), tag[at + header : at + header + size]
        at += header + size


def _text(name: str, data: bytes) -> str:
    if name.startswith("W") and not name.startswith("WX"):
        return readable(data, "latin-1")
    if not name.startswith(("T", "W", "COM", "USLT")) or not data or data[0] > 3:
        return ""
    language = 3 if name.startswith(("COM", "USLT")) else 0
    return readable(data[1 + language :], _ENCODINGS[data[0]])


def _one_behind(reader: Reader, start: int, end: int, notes: Notes) -> int:
    """Where the last tag before ``end`` begins, or ``end``."""
    last = reader.peek(max(start, end - 227), end - max(start, end - 227))
    if last[-128:-125] == b"TAG" and len(last) >= 128:
        for name, field in (("title", last[-125:-95]), ("artist", last[-95:-65]), ("album", last[-65:-35]),
                            ("year", last[-35:-31]), ("comment", last[-31:-1])):  # fmt: skip
            if value := readable(field.rstrip(b" \0"), "latin-1"):
                notes.remove(sort_of(name), f"ID3v1 {name}", value)
        notes.remove(Trace.OTHER, "ID3v1")
        return end - 128
    if last[:4] == b"TAG+" and len(last) == 227:
        notes.remove(Trace.OTHER, "ID3v1 TAG+")
        return end - 227
    if last[-32:-24] == b"APETAGEX":
        return _ape(reader, start, end, last[-32:], notes)
    if last[-9:] == b"LYRICS200" and last[-15:-9].isdigit():
        begin = end - 15 - int(last[-15:-9])
        if begin >= start:
            notes.remove(Trace.COMMENT, "Lyrics3")
            return begin
    if last[-9:] == b"LYRICSEND":
        # Lyrics3 version 1 is at most 5,100 bytes of text.
        room = max(start, end - 5120)
        begin = reader.peek(room, end - room).rfind(b"LYRICSBEGIN")
        if begin >= 0:
            notes.remove(Trace.COMMENT, "Lyrics3")
            return room + begin
    if last[-10:-7] == b"3DI":
        begin = end - 20 - _syncsafe(last[-4:])
        if begin >= start and reader.peek(begin, 3) == b"ID3":
            note_id3v2(reader.peek(begin, min(end - begin, LARGEST_READ)), notes)
            return begin
    return end


def _ape(reader: Reader, start: int, end: int, footer: bytes, notes: Notes) -> int:
    size = int.from_bytes(footer[12:16], "little")
    flags = int.from_bytes(footer[20:24], "little")
    items = end - size
    begin = items - (32 if flags & 1 << 31 else 0)
    if size < 32 or begin < start:
        return end
    tag = reader.peek(items, min(size - 32, LARGEST_READ))
    at = 0
    notes.remove(Trace.OTHER, "APEv2")
    while at + 9 < len(tag):
        length = int.from_bytes(tag[at : at + 4], "little")
        name, found, _ = tag[at + 8 : at + 8 + 256].partition(b"\0")
        if not found:
            break
        value = at + 9 + len(name)
        key = readable(name, "latin-1")
        notes.remove(sort_of(key), f"APEv2 {key}", readable(tag[value : value + length]))
        at = value + length
    return begin


def _syncsafe(field: bytes) -> int:
    number = 0
    for each in field:
        number = number << 7 | each & 0x7F
    return number
