"""Finds and turns back a single flipped bit, given the CRC-32 that was stored.

A CRC is linear: a flip of one bit changes it by a value that depends only on the distance of that
bit from the end. The polynomial of CRC-32 is primitive, so these values differ for all bits of up
to 2^32 - 1, and the distance is a discrete logarithm, found in large and small steps: 4 MiB take
milliseconds. Tests: tests/journal/test_mend.py.
"""

from __future__ import annotations

from functools import cache

from isal.isal_zlib import crc32

_POLYNOMIAL = 0xEDB88320  # CRC-32 of zlib, lowest bit first
_STRIDE = 1024


def flipped_bit(syndrome: int, length: int) -> int | None:
    """Which bit of ``length`` bytes was flipped: 8 * byte + bit, lowest bit first; None: no single
    flip explains it.

    ``syndrome``: stored CRC-32 XOR CRC-32 of what was read; not 0.
    """
    small_steps = _small_steps()
    low, second, third, high = _large_step_tables()
    bits = 8 * length
    state = syndrome
    for walked in range(0, bits + 1, _STRIDE):
        rest = small_steps.get(state)
        if rest is not None:
            distance = walked + rest
            # Distance 1 is the highest bit of the last byte.
            if not 1 <= distance <= bits:
                return None
            byte = (distance - 1) // 8
            return 8 * (length - 1 - byte) + (7 - (distance - 1) % 8)
        state = (
            low[state & 0xFF]
            ^ second[state >> 8 & 0xFF]
            ^ third[state >> 16 & 0xFF]
            ^ high[state >> 24]
        )
    return None


def mended(data: bytes, crc: int) -> bytes | None:
    """``data`` with the one bit turned back that makes its CRC-32 ``crc``; None: no such bit."""
    bit = flipped_bit(crc ^ crc32(data), len(data))
    if bit is None:
        return None
    whole = bytearray(data)
    whole[bit // 8] ^= 1 << bit % 8
    return bytes(whole)


def _forward(state: int) -> int:
    """The register after one more bit of zero."""
    return state >> 1 ^ (_POLYNOMIAL if state & 1 else 0)


def _back(state: int) -> int:
    """The register one bit earlier."""
    if state & 0x80000000:
        return (state ^ _POLYNOMIAL) << 1 & 0xFFFFFFFF | 1
    return state << 1


@cache
def _small_steps() -> dict[int, int]:
    """Register -> number of bits since a single 1 was fed, below the stride."""
    steps = {}
    state = 1
    for count in range(_STRIDE):
        steps[state] = count
        state = _forward(state)
    return steps


@cache
def _large_step_tables() -> tuple[list[int], list[int], list[int], list[int]]:
    """For each byte of the register its share in the register one stride earlier."""
    basis = []
    for bit in range(32):
        state = 1 << bit
        for _ in range(_STRIDE):
            state = _back(state)
        basis.append(state)

    def table(shift: int) -> list[int]:
        shares = []
        for byte in range(256):
            share = 0
            for bit in range(8):
                if byte >> bit & 1:
                    share ^= basis[shift + bit]
            shares.append(share)
        return shares

    return table(0), table(8), table(16), table(24)
