"""Blocks in a window of bytes (hj212d/journal/blocks.py)."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lane_samples import encoded

from hj212d.journal.blocks import (
    HEAD_BYTES,
    Block,
    Damage,
    Head,
    encode,
    read_head,
    skim,
    split,
    walk,
)
from hj212d.journal.record import Record, joined
from hj212d.journal.record import encode as encode_record

BASE = 1000


class Bytes:
    """A window over bytes in memory."""

    def __init__(self, data: bytes, base: int = BASE) -> None:
        self.data = data
        self.base = base
        self.end = base + len(data)

    def read(self, at: int, count: int) -> bytes:
        return self.data[at - self.base : at - self.base + count]


def chain(*bodies: list[bytes]) -> bytes:
    """Blocks one behind the other from BASE on."""
    data = b""
    for body in bodies:
        data += encode(b"".join(body), len(body), BASE + len(data), 5)
    return data


def blocks_of(data: bytes) -> dict[int, bytes]:
    """Offset -> body of the whole blocks."""
    found = walk(Bytes(data), BASE)
    return {one.offset: one.body for one in found if isinstance(one, Block)}


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=20), st.integers(1, 120))
def test_split_keeps_order_and_limit(records: list[bytes], limit: int) -> None:
    """Runs hold all records in order, and more than one record only within the limit."""
    whole = [encode_record(Record(1, 0, 0, raw=raw)) for raw in records]
    runs = list(split(joined(whole), limit))
    assert b"".join(run.body for run in runs) == b"".join(whole)
    assert [len(list(run.ends())) for run in runs] == [run.count for run in runs]
    assert all(run.count == 1 or len(run.body) <= limit for run in runs if records)


def test_walk_and_skim_agree_on_whole_blocks() -> None:
    """Both find every block, with nothing between."""
    data = chain(encoded(1, 2), encoded(3), encoded(4, 5, 6))
    walked = list(walk(Bytes(data), BASE))
    skimmed = list(skim(Bytes(data), BASE))
    assert [found.count for found in walked if isinstance(found, Block)] == [2, 1, 3]
    assert [found.count for found in skimmed if isinstance(found, Head)] == [2, 1, 3]
    assert [found.end for found in walked] == [found.end for found in skimmed]
    assert walked[-1].end == BASE + len(data)


def test_a_block_of_another_place_is_not_a_block() -> None:
    """A block whose offset is not where it stands is foreign bytes, whatever its checksum."""
    assert read_head(encode(b"", 0, 7, 5), 7)
    assert read_head(encode(b"", 0, 7, 5), 8) is None


def test_a_good_head_saves_what_follows_its_bad_body() -> None:
    """Two flipped bits in a body cost that block, and no byte of it is taken for a block."""
    planted = encode(b"".join(encoded(666)), 1, BASE + HEAD_BYTES + 60, 5)
    body = b"x" * 60 + planted
    data = bytearray(encode(body, 1, BASE, 5))
    follower = encode(b"".join(encoded(2)), 1, BASE + len(data), 5)
    data[HEAD_BYTES] ^= 3
    found = list(walk(Bytes(bytes(data) + follower), BASE))
    assert found[0] == Damage(
        BASE, len(data), f"body of {len(body)} bytes does not fit its checksum"
    )
    assert isinstance(found[1], Block)
    assert len(found) == 2


def test_a_lost_head_costs_one_block() -> None:
    """Behind a head beyond mending the next block is found by its magic."""
    first, second, third = encoded(1), encoded(2), encoded(3)
    data = bytearray(chain(first, second, third))
    middle = len(chain(first))
    data[middle : middle + 20] = bytes(20)
    found = list(walk(Bytes(bytes(data)), BASE))
    assert [type(one) for one in found] == [Block, Damage, Block]
    assert found[1].end == found[2].offset


def test_a_chance_match_is_refused_by_the_second_checksum() -> None:
    """A body that a single flip would fit to the CRC is not mended when Adler-32 disagrees."""
    data = bytearray(chain(encoded(1)))
    # The head of another body, with the CRC of ours: what a chance match looks like.
    fields = bytearray(data[:36])
    struct.pack_into("<I", fields, 32, zlib.adler32(b"other"))
    data[:36] = fields
    struct.pack_into("<I", data, 36, zlib.crc32(bytes(fields)))
    data[HEAD_BYTES + 40] ^= 1
    found = list(walk(Bytes(bytes(data)), BASE))
    assert [type(one) for one in found] == [Damage]


@pytest.mark.parametrize("seed", range(8))
def test_random_damage_costs_only_the_blocks_it_hits(seed: int) -> None:
    """Junk over random spans: every block it does not touch is found, nothing but what was
    written is found, and the walk covers all bytes once."""
    draw = random.Random(seed)
    for _ in range(60):
        bodies = [
            encoded(*range(draw.randint(1, 4)), size=draw.randint(0, 200)) for _ in range(12)
        ]
        data = chain(*bodies)
        clean = blocks_of(data)
        damaged = bytearray(data)
        hit = []
        for _ in range(draw.randint(1, 4)):
            start = draw.randrange(len(data))
            stop = min(len(data), start + draw.choice([4, 40, 400]))
            damaged[start:stop] = draw.randbytes(stop - start)
            hit.append((BASE + start, BASE + stop))
        found = list(walk(Bytes(bytes(damaged)), BASE))
        at = BASE
        for one in found:
            start = one.offset if isinstance(one, Block) else one.position
            assert start == at
            at = one.end
        assert at == BASE + len(data)
        survived = blocks_of(bytes(damaged))
        untouched = {
            start
            for start, body in clean.items()
            if not any(low < start + HEAD_BYTES + len(body) and start < high for low, high in hit)
        }
        assert untouched <= survived.keys()
        assert survived.items() <= clean.items()


@given(st.binary(max_size=300))
def test_any_bytes_can_be_walked(data: bytes) -> None:
    """Junk never raises, never loops, and is covered whole."""
    found = list(walk(Bytes(data), BASE))
    assert sum(one.end for one in found[-1:]) in (0, BASE + len(data))
