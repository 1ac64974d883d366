"""Finding a flipped bit from a CRC-32 (hj212d/journal/mend.py)."""

from __future__ import annotations

import random
import zlib

import pytest

from hj212d.journal.mend import flipped_bit, mended


def flipped(data: bytes, *bits: int) -> bytes:
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("length", [1, 2, 36, 127, 128, 129, 300])
def test_every_bit_is_found(length: int) -> None:
    """Each single flipped bit of a message is found, around the stride of the search, too."""
    data = random.Random(length).randbytes(length)
    crc = zlib.crc32(data)
    for bit in range(8 * length):
        damaged = flipped(data, bit)
        assert flipped_bit(crc ^ zlib.crc32(damaged), length) == bit
        assert mended(damaged, crc) == data


def test_the_largest_block_is_mended() -> None:
    """First, last and a middle bit of 4 MiB are found."""
    data = random.Random(1).randbytes(4 << 20)
    crc = zlib.crc32(data)
    for bit in (0, 8 * len(data) - 1, 12_345_678):
        assert mended(flipped(data, bit), crc) == data


def test_two_bits_are_not_mended() -> None:
    """Two flipped bits of a message below 11 kB never look like one."""
    draw = random.Random(2)
    data = draw.randbytes(1000)
    crc = zlib.crc32(data)
    for _ in range(2000):
        bits = draw.sample(range(8000), 2)
        assert mended(flipped(data, *bits), crc) is None


def test_nothing_to_search_in() -> None:
    """An empty message has no bit to turn back."""
    assert flipped_bit(1, 0) is None
    assert flipped_bit(0xDEADBEEF, 0) is None
