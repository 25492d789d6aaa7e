"""DEFLATE (RFC 1951) by rules of our own, so that the same bytes are packed to the same bytes everywhere.

zlib promises that what it packs can be unpacked, not how it packs: its versions, zlib-ng (Windows, Fedora) and vendors'
patches give different bytes for one input and one level. Such bytes would tell one system from another. So matches are
sought and codes are built here. It is slower than zlib and its result a sixth larger.
"""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush

BLOCK = 1 << 15
"""Symbols a block: each has codes of its own."""
WINDOW = 1 << 15
SHORTEST, LONGEST = 4, 258
"""A match's octets. DEFLATE knows matches of three, which save next to nothing."""
DENSE = 24
"""Of this many octets of a match every position is remembered, so that later matches find it."""

_LENGTH_CODES: list[tuple[int, int, int]] = [(0, 0, 0)] * (LONGEST + 1)
_DISTANCE_EXTRA = [0, 0, 0, 0, *(each for each in range(1, 14) for _ in range(2))]
_DISTANCE_BASE: list[int] = []
_CODE_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


def _tables() -> None:
    """RFC 1951, section 3.2.5."""
    extra = [0, 0, 0, 0, *(each for each in range(6) for _ in range(4)), 0]
    base = 3
    for code, bits in enumerate(extra):
        if code == 28:
            base = LONGEST
        for length in range(base, min(base + (1 << bits), LONGEST + 1)):
            _LENGTH_CODES[length] = (257 + code, bits, length - base)
        base += 1 << bits
    base = 1
    for bits in _DISTANCE_EXTRA:
        _DISTANCE_BASE.append(base)
        base += 1 << bits


def deflate(data: bytes) -> bytes:
    """A raw DEFLATE stream that unpacks to ``data``. About 2 to 10 MB a second."""
    bits = _Bits()
    symbols: list[int] = []
    # Where four octets were last seen, in this stretch of a window's size and in the one before.
    recent: dict[bytes, int] = {}
    older: dict[bytes, int] = {}
    swap_at = WINDOW
    at, end = 0, len(data)
    last_key = end - SHORTEST
    while at < end:
        if at >= swap_at:
            older, recent = recent, {}
            swap_at = at + WINDOW
        key = data[at : at + SHORTEST]
        before = recent.get(key)
        if before is None:
            before = older.get(key)
        if before is None or at - before > WINDOW or at > last_key:
            symbols.append(data[at])
            recent[key] = at
            at += 1
        else:
            length = _common(data, before, at, end)
            # Matches and literals share one list: a match is its length and distance above the octets' range.
            symbols.append((length << 16 | at - before) + 256)
            for each in range(at, min(at + min(length, DENSE), last_key + 1)):
                recent[data[each : each + SHORTEST]] = each
            at += length
        if len(symbols) >= BLOCK:
            _block(bits, symbols, final=at >= end)
            symbols = []
    if symbols or not end:
        _block(bits, symbols, final=True)
    return bits.finish()


def huffman(data: bytes) -> bytes:
    """The same without looking for matches: for what has none, such as the pixels of photographs. Several times faster."""
    bits = _Bits()
    for start in range(0, len(data) or 1, BLOCK):
        piece = data[start : start + BLOCK]
        counts = [0] * 286
        counts[256] = 1
        for octet, count in Counter(piece).items():
            counts[octet] = count
        lengths = code_lengths(counts, 15)
        bits.put(int(start + BLOCK >= len(data)), 1)
        bits.put(2, 2)
        _put_trees(bits, lengths, [1] + [0] * 29)
        codes = _codes(lengths)
        bits.put_codes([*map(codes.__getitem__, piece), codes[256]])
    return bits.finish()


def _common(data: bytes, before: int, at: int, end: int) -> int:
    """How many octets from both places on are alike; the first ``SHORTEST`` are."""
    most = min(LONGEST, end - at)
    one, other = data[before : before + most], data[at : at + most]
    if one == other:
        return most
    difference = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")
    return ((difference & -difference).bit_length() - 1) >> 3


class _Bits:
    """Bits as they come, least significant first."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._pending: list[str] = []

    def put(self, value: int, count: int) -> None:
        """A plain number, lowest bit first."""
        if count:
            self._pending.append(format(value, f"0{count}b")[::-1])

    def put_codes(self, codes: list[str]) -> None:
        """Huffman codes, first bit first; whole octets are packed at once."""
        self._pending.extend(codes)
        text = "".join(self._pending)
        whole = len(text) & ~7
        if whole:
            self._done += int(text[:whole][::-1], 2).to_bytes(whole >> 3, "little")
        self._pending = [text[whole:]]

    def finish(self) -> bytes:
        """All of it, filled up with zeros."""
        self.put_codes(["0" * 7])
        return bytes(self._done)


def _block(bits: _Bits, symbols: list[int], *, final: bool) -> None:
    """One block with codes of its own (RFC 1951, section 3.2.7)."""
    literal_counts, distance_counts = [0] * 286, [0] * 30
    literal_counts[256] = 1
    matches: dict[int, tuple[int, int, int, int]] = {}
    for each in symbols:
        if each < 256:
            literal_counts[each] += 1
            continue
        if each not in matches:
            distance = (each - 256) & 0xFFFF
            span = distance - 1
            code = span if span < 4 else 2 * (span.bit_length() - 1) + (span >> (span.bit_length() - 2) & 1)
            matches[each] = (_LENGTH_CODES[(each - 256) >> 16][0], code, (each - 256) >> 16, distance)
        length_code, distance_code, _length, _distance = matches[each]
        literal_counts[length_code] += 1
        distance_counts[distance_code] += 1
    literal_lengths, distance_lengths = code_lengths(literal_counts, 15), code_lengths(distance_counts, 15)
    if not any(distance_lengths):
        distance_lengths[0] = 1
    bits.put(int(final), 1)
    bits.put(2, 2)
    _put_trees(bits, literal_lengths, distance_lengths)
    literals, distances = _codes(literal_lengths), _codes(distance_lengths)
    written: dict[int, str] = {}
    for each, (length_code, distance_code, length, distance) in matches.items():
        _code, extra, rest = _LENGTH_CODES[length]
        written[each] = (
            literals[length_code]
            + _number(rest, extra)
            + distances[distance_code]
            + _number(distance - _DISTANCE_BASE[distance_code], _DISTANCE_EXTRA[distance_code])
        )
    bits.put_codes([literals[each] if each < 256 else written[each] for each in symbols])
    bits.put_codes([literals[256]])


def _number(value: int, count: int) -> str:
    return format(value, f"0{count}b")[::-1] if count else ""


def _put_trees(bits: _Bits, literal_lengths: list[int], distance_lengths: list[int]) -> None:
    literal_count = max(257, *(at + 1 for at, each in enumerate(literal_lengths) if each))
    distance_count = max(1, *(at + 1 for at, each in enumerate(distance_lengths) if each), 1)
    runs = _runs(literal_lengths[:literal_count] + distance_lengths[:distance_count])
    counts = [0] * 19
    for symbol, _rest, _extra in runs:
        counts[symbol] += 1
    lengths = code_lengths(counts, 7)
    order = [lengths[each] for each in _CODE_ORDER]
    while len(order) > 4 and not order[-1]:
        order.pop()
    bits.put(literal_count - 257, 5)
    bits.put(distance_count - 1, 5)
    bits.put(len(order) - 4, 4)
    for each in order:
        bits.put(each, 3)
    codes = _codes(lengths)
    bits.put_codes([codes[symbol] + _number(rest, extra) for symbol, rest, extra in runs])


def _runs(lengths: list[int]) -> list[tuple[int, int, int]]:
    """Code lengths as symbols of the code length alphabet, with their extra bits."""
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at < len(lengths):
        value, count = lengths[at], 1
        while at + count < len(lengths) and lengths[at + count] == value:
            count += 1
        at += count
        if value:
            runs.append((value, 0, 0))
            count -= 1
        while count >= 3:
            if value:
                step = min(count, 6)
                runs.append((16, step - 3, 2))
            elif count <= 10:
                step = count
                runs.append((17, step - 3, 3))
            else:
                step = min(count, 138)
                runs.append((18, step - 11, 7))
            count -= step
        runs.extend([(value, 0, 0)] * count)
    return runs


def code_lengths(counts: list[int], longest: int) -> list[int]:
    """A Huffman code's lengths for symbols seen so often, none over ``longest``; 0 for those never seen."""
    lengths = [0] * len(counts)
    used = [(count, symbol) for symbol, count in enumerate(counts) if count]
    if len(used) == 1:
        # A code of one symbol is incomplete, and not every unpacker takes that: a second one, never used.
        lengths[used[0][1]] = 1
        lengths[0 if used[0][1] else 1] = 1
        return lengths
    while used:
        parents = [0] * (2 * len(used))
        heap = [(count, at) for at, (count, _symbol) in enumerate(used)]
        heapify(heap)
        fresh = len(used)
        while len(heap) > 1:
            (one_count, one), (other_count, other) = heappop(heap), heappop(heap)
            parents[one] = parents[other] = fresh
            heappush(heap, (one_count + other_count, fresh))
            fresh += 1
        depths = [0] * fresh
        for node in range(fresh - 2, -1, -1):
            depths[node] = depths[parents[node]] + 1
        if max(depths[: len(used)]) <= longest:
            for at, (_count, symbol) in enumerate(used):
                lengths[symbol] = depths[at]
            break
        # Too deep: flatter counts make a flatter tree, and end in equal ones.
        used = [(count + 1 >> 1, symbol) for count, symbol in used]
    return lengths


def _codes(lengths: list[int]) -> list[str]:
    """RFC 1951, section 3.2.2."""
    counts = [0] * 17
    for each in lengths:
        counts[each] += bool(each)
    following = [0] * 17
    for each in range(1, 16):
        following[each + 1] = (following[each] + counts[each]) << 1
    codes = [""] * len(lengths)
    for symbol, each in enumerate(lengths):
        if each:
            codes[symbol] = format(following[each], f"0{each}b")
            following[each] += 1
    return codes


_tables()
