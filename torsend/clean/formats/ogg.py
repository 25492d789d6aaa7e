"""Ogg (RFC 3533) with one stream of Vorbis or Opus (RFC 7845), or several such one behind the other.

Headers are written anew, pages of sound keep their packets and get new serial numbers, counts and checksums. Other
streams beside the sound go; a file with moving pictures in Ogg is not cleanable.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import vorbis
from torsend.clean.formats.comments import note_comments
from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.reading import Reader
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torsend.clean.formats.format import Notes, Writer

CONTINUED, FIRST, LAST = 1, 2, 4
NOWHERE = (1 << 64) - 1
"""The position of a page on which no packet ends."""
MOST_DAMAGE = 1000
"""Places that look like a page and are none, before the file counts as damaged."""
LONGEST_PACKET = 16 * 1024 * 1024
"""Bytes of one packet: a comment header with a large picture is the longest there is."""
MOST_HELD = 256
"""Pages over which one packet of sound may reach; real ones end on the next."""
MOST_STREAMS = 64
"""Streams beside each other."""
_OPUS_TAGS = b"OpusTags" + bytes(8)
_REVERSED = bytes(int(f"{each:08b}"[::-1], 2) for each in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its flags, position, stream, the lengths of its segments and its bytes."""

    flags: int
    position: int
    serial: int
    lacing: bytes
    body: bytes

    def written(self, serial: int, count: int, body: bytes | None = None) -> bytes:
        """The page as the ``count``th of a stream with this serial number."""
        head = b"OggS\0" + bytes((self.flags & 7,)) + self.position.to_bytes(8, "little")
        head += serial.to_bytes(4, "little") + count.to_bytes(4, "little")
        rest = bytes((len(self.lacing),)) + self.lacing + (self.body if body is None else body)
        return head + checksum(head + bytes(4) + rest).to_bytes(4, "little") + rest

    def packets(self) -> Iterator[tuple[int, int, bool]]:
        """Begin and end of each packet's part in the body, and whether it ends there."""
        begin = end = 0
        for each in self.lacing:
            end += each
            if each < 255:
                yield begin, end, True
                begin = end
        if self.lacing and self.lacing[-1] == 255:
            yield begin, end, False


def checksum(page: bytes) -> int:
    """Ogg's CRC-32, which is zlib's with every byte's bits and the result's turned around, and no inversions."""
    turned = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(turned.to_bytes(4, "little").translate(_REVERSED), "big")


def recognises_vorbis(beginning: bytes) -> bool:
    """Whether the first streams of an Ogg hold Vorbis."""
    return beginning[:4] == b"OggS" and b"\1vorbis" in beginning


def recognises_opus(beginning: bytes) -> bool:
    """Whether the first streams of an Ogg hold Opus."""
    return beginning[:4] == b"OggS" and b"OpusHead" in beginning


def clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Writes the sound alone."""
    pages = _Pages(Reader(source), notes)
    notes.keep(Left.VOICES)
    notes.keep(Left.STREAMS)
    serial = 0
    while pages.next is not None:
        serial += 1
        _Link(pages, serial, out, notes).copy()
    if not serial:
        raise NotCleanable(Why.DAMAGED)
    pages.end()


class _Pages:
    """The pages of a file, one after the other; what is none is counted and left away."""

    def __init__(self, reader: Reader, notes: Notes) -> None:
        self._reader = reader
        self._notes = notes
        self._at = 0
        self._junk = 0
        self._damage = 0
        self.next: Page | None = None
        """The page that comes next, or None at the end."""
        self.advance()

    def advance(self) -> None:
        """Goes on to the next page."""
        while self._at < self._reader.size:
            head = self._reader.peek(self._at, 27 + 255)
            if head[:4] == b"OggS" and (page := self._page(head)) is not None:
                self.next = page
                return
            beginning = self._reader.peek(self._at, 65536)
            found = beginning.find(b"OggS", 1)
            step = found if found > 0 else max(1, len(beginning) - 3)
            self._junk += step
            self._at += step
        self.next = None

    def _page(self, head: bytes) -> Page | None:
        lacing = head[27 : 27 + head[26]] if len(head) > 26 else b""
        whole = self._reader.peek(self._at, 27 + len(lacing) + sum(lacing))
        if len(head) > 26 and len(whole) == 27 + head[26] + sum(lacing) and head[4] == 0:
            blank = whole[:22] + bytes(4) + whole[26:]
            if checksum(blank) == int.from_bytes(whole[22:26], "little"):
                self._at += len(whole)
                position, serial = (int.from_bytes(whole[a:b], "little") for a, b in ((6, 14), (14, 18)))
                return Page(whole[5], position, serial, lacing, whole[27 + len(lacing) :])
        self._damage += 1
        if self._damage > MOST_DAMAGE:
            raise NotCleanable(Why.DAMAGED)
        return None

    def end(self) -> None:
        """Notes what was no page."""
        if 2 * self._junk > self._reader.size:
            raise NotCleanable(Why.DAMAGED)
        if self._junk:
            self._notes.remove(Trace.OTHER, "bytes that are no page", f"{self._junk}")


class _Link:
    """One stream of sound, with the streams beside it: one link of a chain."""

    def __init__(self, pages: _Pages, serial: int, out: Writer, notes: Notes) -> None:
        self._pages = pages
        self._serial = serial
        self._out = out
        self._notes = notes
        self._count = 0
        self._others: set[int] = set()
        self._held: list[tuple[Page, bytearray]] = []
        """Pages whose last packet has not ended."""
        self._parts: list[tuple[bytearray, int, int]] = []
        """Where the packet lies that has not ended."""

    def copy(self) -> None:
        """Writes this link, up to the first page of the next."""
        first = self._first()
        self._sound = first.serial
        head = first.body
        is_opus = head.startswith(b"OpusHead")
        headers = self._headers(1 if is_opus else 2)
        if is_opus:
            self._padded = head[18:19] == b"\0"
            self._write_headers(_opus_head(head), [_OPUS_TAGS])
            note_comments(headers[0][8:], self._notes)
        else:
            self._padded = False
            self._write_headers(
                vorbis.identification(head), [vorbis.COMMENT, vorbis.setup(headers[1], head[11])]
            )
            note_comments(headers[0][7:], self._notes)
        while (page := self._pages.next) is not None and not page.flags & FIRST:
            if page.serial == self._sound:
                self._sound_page(page, is_opus)
            else:
                self._other(page)
            self._pages.advance()
        self._release()

    def _first(self) -> Page:
        """The first page of the sound, past the first pages of all streams of this link."""
        sound: Page | None = None
        count = 0
        while (page := self._pages.next) is not None and page.flags & FIRST:
            count += 1
            heard = page.body.startswith((b"\1vorbis", b"OpusHead"))
            if page.body.startswith((b"\x80theora", b"BBCD\0", b"OVP80", b"\1video")) or count > MOST_STREAMS:
                raise NotCleanable(Why.UNKNOWN_FORMAT)
            if heard and sound is None and list(page.packets()) == [(0, len(page.body), True)]:
                sound = page
            else:
                self._other(page)
            self._pages.advance()
        if sound is None:
            raise NotCleanable(Why.DAMAGED if not count else Why.UNKNOWN_FORMAT)
        return sound

    def _other(self, page: Page) -> None:
        if page.serial not in self._others:
            self._others.add(page.serial)
            self._notes.remove(Trace.EMBEDDED, "a stream beside the sound")

    def _headers(self, count: int) -> list[bytes]:
        """The next packets of the sound; they end with a page."""
        packets: list[bytes] = []
        packet = bytearray()
        while (page := self._pages.next) is not None and not page.flags & FIRST:
            if page.serial != self._sound:
                self._other(page)
                self._pages.advance()
                continue
            for begin, end, ends in page.packets():
                packet += page.body[begin:end]
                if len(packet) > LONGEST_PACKET:
                    raise NotCleanable(Why.TOO_LARGE)
                if ends:
                    packets.append(bytes(packet))
                    packet.clear()
            self._pages.advance()
            if len(packets) >= count:
                break
        if len(packets) != count or packet:
            raise NotCleanable(Why.DAMAGED)
        for each, mark in zip(
            packets, (b"\3vorbis", b"\5vorbis") if count == 2 else (b"OpusTags",), strict=True
        ):
            if not each.startswith(mark):
                raise NotCleanable(Why.DAMAGED)
        return packets

    def _write_headers(self, first: bytes, packets: list[bytes]) -> None:
        self._write(Page(FIRST, 0, 0, bytes((len(first),)), first))
        lacing = b"".join(b"\xff" * (len(each) // 255) + bytes((len(each) % 255,)) for each in packets)
        body = b"".join(packets)
        flags = at = 0
        for begin in range(0, len(lacing), 255):
            part = lacing[begin : begin + 255]
            size = sum(part)
            position = 0 if min(part) < 255 else NOWHERE
            self._write(Page(flags, position, 0, part, body[at : at + size]))
            at += size
            flags = CONTINUED if part[-1] == 255 else 0

    def _write(self, page: Page, body: bytes | None = None) -> None:
        self._out.write(page.written(self._serial, self._count, body))
        self._count += 1

    def _sound_page(self, page: Page, is_opus: bool) -> None:
        """Writes a page of sound as soon as its last packet has ended."""
        body = bytearray(page.body)
        self._held.append((page, body))
        if len(self._held) > MOST_HELD:
            raise NotCleanable(Why.DAMAGED)
        if not page.flags & CONTINUED:
            self._parts.clear()
        for begin, end, ends in page.packets():
            if not is_opus and not self._parts and end > begin and body[begin] & 1:
                # Decoders pass over headers that stand among the sound, so one there may hold anything.
                raise NotCleanable(Why.DAMAGED)
            self._parts.append((body, begin, end))
            if ends:
                if self._padded:
                    self._clear_padding()
                self._parts.clear()
        if not self._parts:
            self._release()

    def _clear_padding(self) -> None:
        """Makes the padding of an Opus packet zero (RFC 6716, section 3.2.5)."""
        whole = b"".join(body[begin:end] for body, begin, end in self._parts)
        rest = len(whole) - unpadded(whole)
        if not any(whole[len(whole) - rest :]):
            return
        self._notes.remove(Trace.OTHER, "padding")
        for body, begin, end in reversed(self._parts):
            cleared = min(rest, end - begin)
            body[end - cleared : end] = bytes(cleared)
            rest -= cleared

    def _release(self) -> None:
        for page, body in self._held:
            self._write(page, bytes(body))
        self._held.clear()


def unpadded(packet: bytes) -> int:
    """Bytes of an Opus packet before its padding."""
    if len(packet) < 2 or packet[0] & 3 != 3 or not packet[1] & 0x40:
        return len(packet)
    padding, at = 0, 2
    while at < len(packet):
        padding += min(packet[at], 254)
        at += 1
        if packet[at - 1] < 255:
            break
    return max(at, len(packet) - padding)


def _opus_head(packet: bytes) -> bytes:
    """The identification header, to its end."""
    if len(packet) < 19 or packet[8] & 0xF0 or not packet[9]:
        raise NotCleanable(Why.DAMAGED)
    if packet[18] == 0:
        return packet[:19]
    size = 21 + packet[9]
    if len(packet) < size:
        raise NotCleanable(Why.DAMAGED)
    return packet[:size]
