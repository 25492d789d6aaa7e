"""Our own DEFLATE: whatever zlib unpacks is what was packed, and it is packed the same way forever."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from torsend.clean.formats.deflate import BLOCK, code_lengths, deflate, huffman


def unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(-15)
    data = unpacker.decompress(packed)
    assert unpacker.eof
    assert not unpacker.unused_data
    return data


repetitive = st.lists(st.sampled_from([b"<w:r>", b"<w:t>", b"</w:t></w:r>", b"a", b"bc", b"\x00" * 300])).map(
    b"".join
)


@given(st.binary(max_size=5000) | repetitive)
@example(b"")
@example(b"a")
@example(b"abcd" * 70_000)
def test_unpacks_to_what_was_packed(data: bytes) -> None:
    assert unpack(deflate(data)) == data


@given(st.binary(max_size=5000))
@example(b"")
@example(b"a")
@example(bytes(range(256)) * 400)
def test_unpacks_to_what_was_packed_without_matches(data: bytes) -> None:
    assert unpack(huffman(data)) == data


def test_several_blocks_and_windows() -> None:
    seed = b"".join(hashlib.sha256(each.to_bytes(4, "big")).digest() for each in range(3000))
    data = seed + seed[-20_000:] + b"tail"
    assert len(seed) > 2 * BLOCK
    packed = deflate(data)
    assert unpack(packed) == data
    assert len(packed) < len(seed) + 1_000


def test_bytes_stay_as_they_are() -> None:
    """Two versions of Torsend that pack differently could be told apart by their files."""
    data = b"".join(b'<c r="A%d" s="3"><v>%d</v></c>' % (each, each * each % 977) for each in range(3000))
    assert (
        hashlib.sha256(deflate(data)).hexdigest()
        == "6ece75f3a232878c2e76ac52d09d4429dd9bd0be7cac0ca1a4187fd9f16457e8"
    )


@pytest.mark.parametrize("longest", [7, 15])
def test_codes_are_never_longer_than_allowed(longest: int) -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < 40 if longest == 15 else len(fibonacci) < 19:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    lengths = code_lengths(fibonacci, longest)
    assert max(lengths) == longest
    assert sum(2.0**-each for each in lengths) == 1
