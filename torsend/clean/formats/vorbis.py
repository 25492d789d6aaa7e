"""The headers of a Vorbis stream (Vorbis I specification, section 4.2), to the bit: nothing stays behind their end."""

from __future__ import annotations

from torsend.clean.formats.format import NotCleanable
from torsend.clean.report import Why

LONGEST_SETUP = 256 * 1024
"""Bytes of a setup header; libvorbis writes 3 to 8 thousand."""


def identification(packet: bytes) -> bytes:
    """The identification header with its hints about the bit rate unset: they tell the encoder's settings."""
    if len(packet) < 30 or packet[:11] != b"\1vorbis\0\0\0\0" or not packet[29] & 1 or not packet[11]:
        raise NotCleanable(Why.DAMAGED)
    return packet[:16] + bytes(12) + packet[28:29] + b"\1"


COMMENT = b"\3vorbis" + bytes(8) + b"\1"
"""A comment header that says nothing."""


def setup(packet: bytes, channels: int) -> bytes:
    """The setup header up to its last bit."""
    if packet[:7] != b"\5vorbis" or len(packet) > LONGEST_SETUP:
        raise NotCleanable(Why.DAMAGED)
    bits = _Bits(packet[7:])
    for _ in range(bits.read(8) + 1):
        _codebook(bits)
    bits.skip(16 * (bits.read(6) + 1))
    for _ in range(bits.read(6) + 1):
        _floor(bits)
    for _ in range(bits.read(6) + 1):
        _residue(bits)
    for _ in range(bits.read(6) + 1):
        _mapping(bits, channels)
    bits.skip(41 * (bits.read(6) + 1))
    if bits.read(1) != 1:
        raise NotCleanable(Why.DAMAGED)
    return packet[:7] + bits.so_far()


class _Bits:
    """Vorbis's way of packing: the lowest bit of a byte first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int) -> int:
        """Up to 32 bits."""
        begin = self._at >> 3
        part = int.from_bytes(self._data[begin : begin + 5], "little")
        number = part >> (self._at & 7) & ((1 << count) - 1)
        self.skip(count)
        return number

    def skip(self, count: int) -> None:
        self._at += count
        if self._at > 8 * len(self._data):
            raise NotCleanable(Why.DAMAGED)

    def so_far(self) -> bytes:
        """The bytes that were read, the rest of the last one zero."""
        whole, odd = divmod(self._at, 8)
        return self._data[:whole] + (bytes((self._data[whole] & ((1 << odd) - 1),)) if odd else b"")


def _codebook(bits: _Bits) -> None:
    if bits.read(24) != 0x564342:
        raise NotCleanable(Why.DAMAGED)
    dimensions, entries = bits.read(16), bits.read(24)
    if bits.read(1):
        bits.skip(5)
        entry = 0
        while entry < entries:
            entry += bits.read((entries - entry).bit_length())
            if entry > entries:
                raise NotCleanable(Why.DAMAGED)
    elif bits.read(1):
        for _ in range(entries):
            if bits.read(1):
                bits.skip(5)
    else:
        bits.skip(5 * entries)
    kind = bits.read(4)
    if kind == 0:
        return
    if kind > 2:
        raise NotCleanable(Why.DAMAGED)
    bits.skip(64)
    width = bits.read(4) + 1
    bits.skip(1)
    values = _root(entries, dimensions) if kind == 1 else entries * dimensions
    bits.skip(width * values)


def _root(entries: int, dimensions: int) -> int:
    """The greatest number whose power of ``dimensions`` is at most ``entries``."""
    if dimensions == 0 or entries == 0:
        raise NotCleanable(Why.DAMAGED)
    if dimensions > 24:
        return 1
    low, high = 1, entries
    while low < high:
        middle = (low + high + 1) // 2
        if middle**dimensions <= entries:
            low = middle
        else:
            high = middle - 1
    return low


def _floor(bits: _Bits) -> None:
    kind = bits.read(16)
    if kind == 0:
        bits.skip(8 + 16 + 16 + 6 + 8)
        bits.skip(8 * (bits.read(4) + 1))
        return
    if kind != 1:
        raise NotCleanable(Why.DAMAGED)
    classes = [bits.read(4) for _ in range(bits.read(5))]
    dimensions = []
    for _ in range(max(classes, default=-1) + 1):
        dimensions.append(bits.read(3) + 1)
        subclasses = bits.read(2)
        bits.skip((8 if subclasses else 0) + 8 * (1 << subclasses))
    bits.skip(2)
    width = bits.read(4)
    bits.skip(width * sum(dimensions[each] for each in classes))


def _residue(bits: _Bits) -> None:
    if bits.read(16) > 2:
        raise NotCleanable(Why.DAMAGED)
    bits.skip(24 + 24 + 24)
    classes = bits.read(6) + 1
    bits.skip(8)
    books = 0
    for _ in range(classes):
        cascade = bits.read(3)
        if bits.read(1):
            cascade |= bits.read(5) << 3
        books += cascade.bit_count()
    bits.skip(8 * books)


def _mapping(bits: _Bits, channels: int) -> None:
    if bits.read(16) != 0:
        raise NotCleanable(Why.DAMAGED)
    submaps = bits.read(4) + 1 if bits.read(1) else 1
    if bits.read(1):
        steps = bits.read(8) + 1
        bits.skip(2 * steps * (channels - 1).bit_length())
    if bits.read(2) != 0:
        raise NotCleanable(Why.DAMAGED)
    if submaps > 1:
        bits.skip(4 * channels)
    bits.skip(24 * submaps)
