"""ls, check and repair (hj212d/journal/inspect.py and what it gathers, survey.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lane_samples import encoded, last_segment, numbers

from hj212d.journal import cursors
from hj212d.journal.errors import LaneBusy
from hj212d.journal.inspect import check, ls, repair
from hj212d.journal.segment import HEADER_BYTES
from hj212d.journal.writer import LaneWriter


@pytest.fixture
def journal(memory_path: Path) -> Path:
    """Two lanes: 0 with three segments of two blocks, 1 with one of one."""
    clock = [1000.0]

    def now() -> float:
        clock[0] += 1
        return clock[0]

    with LaneWriter(memory_path / "0", segment_bytes=320, min_free_bytes=0, now=now) as writer:
        for number in range(6):
            writer.append(encoded(number))
    with LaneWriter(memory_path / "1", min_free_bytes=0, now=now) as writer:
        writer.append(encoded(6, 7, 8))
    return memory_path


def spoil(path: Path, at: int, mask: int) -> bytes:
    """Flip bits of a byte; the file as it was."""
    whole = path.read_bytes()
    data = bytearray(whole)
    data[at] ^= mask
    path.write_bytes(data)
    return whole


def test_ls(journal: Path) -> None:
    """Lanes, segments, what is in them and when, and how far each reader is behind."""
    cursors.save(journal, "store", {"0": 222})
    first, second = ls(journal)
    assert [(part.blocks, part.records) for part in first.segments] == [(2, 2)] * 3
    assert [(part.first_us, part.last_us) for part in first.segments] == [
        (1_001_000_000, 1_002_000_000),
        (1_003_000_000, 1_004_000_000),
        (1_005_000_000, 1_006_000_000),
    ]
    assert [part.base for part in first.segments] == [0, 222, 444]
    assert (first.live, first.durable) == (False, 666)
    assert first.readers["store"].lag_bytes == 444
    assert [(part.blocks, part.records) for part in second.segments] == [(1, 3)]
    assert second.readers["store"].lag_bytes == second.segments[0].end
    assert ls(journal / "missing") == []


def test_progress_comes_to_its_end(journal: Path) -> None:
    """A bar that follows the calls is full at the end."""
    for action in (ls, check, repair):
        seen: list[tuple[int, int]] = []
        action(journal, lambda done, total, seen=seen: seen.append((done, total)))
        total = sum(path.stat().st_size for path in journal.glob("*/*.seg"))
        assert seen[-1] == (total, total)


def test_a_whole_journal_is_whole(journal: Path) -> None:
    """Nothing is found, and everything was counted."""
    found = check(journal)
    assert found.ok
    assert (found.segments, found.blocks, found.records) == (4, 7, 9)


def test_check_finds_each_kind_of_damage(journal: Path) -> None:
    """Flipped bits are mendable; a lost block, a lost header, missing bytes and a damaged cursor
    are not; check changes nothing."""
    first, second, third = sorted((journal / "0").glob("*.seg"))
    spoil(first, HEADER_BYTES + 50, 1)
    spoil(second, 5, 1)
    spoil(third, HEADER_BYTES + 50, 3)
    with open(last_segment(journal / "1"), "ab") as file:
        file.write(b"torn")
    cursors.save(journal, "store", {})
    (journal / "cursors" / "store.json").write_bytes(b"junk")
    cursors.load(journal, "store")
    before = {path: path.read_bytes() for path in journal.glob("*/*.seg")}
    found = check(journal)
    assert not found.ok
    assert [(one.lane, one.what, one.mendable, one.tail) for one in found.findings] == [
        ("0", "flipped bit", True, False),
        ("0", "flipped bit in the header", True, False),
        ("0", "body of 71 bytes does not fit its checksum", False, False),
        ("1", "no block head", False, True),
    ]
    assert len(found.damaged_cursors) == 1
    assert before == {path: path.read_bytes() for path in journal.glob("*/*.seg")}


def test_check_finds_what_is_missing(journal: Path) -> None:
    """A segment that ends before the next one says, and a header that is gone."""
    first, second, third = sorted((journal / "0").glob("*.seg"))
    with open(first, "r+b") as file:
        file.truncate(HEADER_BYTES + 111)
    third.write_bytes(bytes(HEADER_BYTES) + third.read_bytes()[HEADER_BYTES:])
    assert [one.what for one in check(journal).findings] == [
        "111 bytes are missing",
        "no header of this segment",
    ]
    second.unlink()
    first.unlink()
    assert [one.what for one in check(journal).findings] == ["no header of this segment"]


def test_a_lane_with_a_writer_is_checked_to_its_mark(journal: Path) -> None:
    """The block that is being written is no damage."""
    with LaneWriter(journal / "1", min_free_bytes=0) as writer:
        writer.append(encoded(9))
        with open(last_segment(journal / "1"), "ab") as file:
            file.write(b"HJBK half a block")
        found = check(journal)
        assert found.ok
        assert found.records == 10
        assert [lane.live for lane in ls(journal)] == [False, True]


def test_repair_mends_every_bit_for_good(journal: Path) -> None:
    """Whichever bit of a segment is flipped, repair makes the file what it was."""
    path = sorted((journal / "0").glob("*.seg"))[1]
    size = path.stat().st_size
    for bit in range(0, 8 * size, 13):
        whole = spoil(path, bit // 8, 1 << bit % 8)
        result = repair(journal)
        assert len(result.mended) == 1
        assert (result.cut, result.lost) == ([], [])
        assert path.read_bytes() == whole
    assert check(journal).ok
    assert not list(journal.glob("*/*.new"))


def test_repair_cuts_tails_and_leaves_what_is_lost(journal: Path) -> None:
    """A torn tail goes to damaged/; a block that cannot be mended stays as it is, and is told."""
    path = last_segment(journal / "1")
    whole = path.read_bytes()
    path.write_bytes(whole + b"torn")
    spoil(sorted((journal / "0").glob("*.seg"))[0], HEADER_BYTES + 50, 3)
    result = repair(journal)
    assert path.read_bytes() == whole
    assert [copy.read_bytes() for copy in result.cut] == [b"torn"]
    assert [one.what for one in result.lost] == ["body of 71 bytes does not fit its checksum"]
    assert numbers(journal / "0") == [1, 2, 3, 4, 5]
    assert repair(journal).cut == []


def test_repair_keeps_owner_and_mode(journal: Path) -> None:
    """The daemon can still write what root has repaired."""
    path = last_segment(journal / "1")
    os.chmod(path, 0o604)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    before = path.stat()
    spoil(path, HEADER_BYTES + 50, 1)
    repair(journal)
    after = path.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


def test_repair_refuses_a_lane_with_a_writer(journal: Path) -> None:
    """Nothing is changed in any lane while one has a writer."""
    path = sorted((journal / "0").glob("*.seg"))[0]
    spoil(path, HEADER_BYTES + 50, 1)
    spoiled = path.read_bytes()
    with LaneWriter(journal / "1", min_free_bytes=0), pytest.raises(LaneBusy):
        repair(journal)
    assert path.read_bytes() == spoiled
    assert len(repair(journal).mended) == 1
