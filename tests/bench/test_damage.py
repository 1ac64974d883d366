"""The harm that the crash test does: never to what was promised, and really done."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from random import Random

import pytest

from bench import damage
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter


def journal(folder: Path, blocks: int = 5) -> Path:
    """A journal of one lane."""
    with LaneWriter(folder / "journal" / "0", min_free_bytes=0) as writer:
        for n in range(blocks):
            writer.append([encode(Record(Kind.FRAME, n, 1, raw=b"%d" % n * 50))])
    return folder / "journal"


def raws(where: Path) -> list[bytes]:
    """All records, by the journal's own reader."""
    reader = LaneReader(where / "0")
    found = []
    while batch := reader.read(1 << 20):
        found += [record.raw for _, record in batch]
    reader.close()
    return found


def test_a_torn_end_leaves_what_was_durable(tmp_path: Path) -> None:
    """Half a block is appended; a reader sees the same records as before."""
    for seed in range(10):
        where = journal(tmp_path / str(seed))
        before = raws(where)
        (segment,) = (where / "0").glob("*.seg")
        size = segment.stat().st_size
        (told,) = damage.tear(where, Random(seed))
        assert segment.stat().st_size > size
        assert "half a block" in told
        assert raws(where) == before
        LaneWriter(where / "0", min_free_bytes=0).close()
        assert raws(where) == before


def test_what_was_not_durable_is_cut(tmp_path: Path) -> None:
    """Bytes beyond the durable mark were promised to nobody: they go, never more."""
    where = journal(tmp_path)
    (segment,) = (where / "0").glob("*.seg")
    durable = segment.stat().st_size
    with open(segment, "ab") as file:
        file.write(b"HJBK" + bytes(500))
    damage.tear(where, Random(1))
    assert durable <= segment.stat().st_size < durable + 504


def test_one_bit_flips(tmp_path: Path) -> None:
    """Exactly one bit of one segment differs afterwards, and the journal mends it."""
    for seed in range(20):
        where = journal(tmp_path / str(seed))
        expected = raws(where)
        (segment,) = (where / "0").glob("*.seg")
        before = segment.read_bytes()
        assert damage.flip(where, Random(seed))
        after = segment.read_bytes()
        assert len(after) == len(before)
        changed = [a ^ b for a, b in zip(before, after, strict=True) if a != b]
        assert len(changed) == 1
        assert changed[0].bit_count() == 1
        assert raws(where) == expected


def test_nothing_to_damage_is_said(tmp_path: Path) -> None:
    """An empty journal is no error."""
    (tmp_path / "journal" / "0").mkdir(parents=True)
    assert damage.tear(tmp_path / "journal", Random(1)) == []
    assert damage.flip(tmp_path / "journal", Random(1)) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk needs root: mount -t tmpfs")
def test_ballast_takes_the_last_byte_and_gives_it_back(tmp_path: Path) -> None:
    """A filled disk refuses one byte more; without the ballast it takes it."""
    with damage.small_disk(tmp_path / "disk", 1) as disk:
        ballast = damage.Ballast(disk)
        assert ballast.fill() > 500_000
        with pytest.raises(OSError) as refused:
            (disk / "more").write_bytes(b"x" * 4096)
        assert refused.value.errno == errno.ENOSPC
        ballast.drop()
        (disk / "more").write_bytes(b"x" * 4096)
