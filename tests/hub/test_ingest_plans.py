"""A store that plans its batches gets the same batch again after it stopped in the middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub_rig import OTHER_MN, append, lane
from ingest_rig import SMALL, drain, frame, ingest
from memory_store import MemoryStore

from hj212d.journal.segment import HEADER_BYTES
from hj212d.journal.writer import LaneWriter
from store.settings import StoreSettings

LARGE = StoreSettings()


def blocks(writer: LaneWriter, numbers: range, mn: str = "A") -> None:
    """A block for every ten frames."""
    for start in range(numbers.start, numbers.stop, 10):
        append(writer, [frame(number, mn) for number in range(start, start + 10)])


def test_the_batch_is_made_again_as_it_was(tmp_path: Path) -> None:
    """From the cursors to the end that was planned, though more has come since and batches may be
    larger; each row is there once, and the way goes on behind it."""
    store: Any = MemoryStore()
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        blocks(zero, range(600))
        blocks(one, range(600, 900), OTHER_MN)
        store.stops_in_the_middle = True
        with ingest(tmp_path, store, settings=SMALL) as running:
            for _ in range(3):
                assert running.step().records == 0
                assert running.state == "unavailable"
        first = store.commits[0]
        store.stops_in_the_middle = False
        blocks(zero, range(900, 1000))
        with ingest(tmp_path, store, settings=LARGE) as running:
            step = running.step()
            assert step.wait_s == 0
            assert store.position == first.cursors
            drain(running)
        assert store.position == {"0": zero.end, "1": one.end}
    for again in store.commits[1:4]:
        assert again.cursors == first.cursors
        assert again.frames.sort_by("position").equals(first.frames.sort_by("position"))
    assert sorted(store.values()) == list(range(1000))
    assert store.plan is None


def test_what_the_journal_no_longer_has_is_counted(tmp_path: Path) -> None:
    """The plan is fulfilled with what is left, to its end; what is missing is damage, and what
    comes later is read."""
    store: Any = MemoryStore()
    with lane(tmp_path) as writer:
        blocks(writer, range(20))
        store.plan = {"0": writer.end + 1000}
    segment = next((tmp_path / "journal" / "0").glob("*.seg"))
    with ingest(tmp_path, store) as running:
        drain(running)
        assert (running.damaged.places, running.damaged.bytes) == (1, 1000)
        assert store.position == {"0": segment.stat().st_size - HEADER_BYTES + 1000}
        with lane(tmp_path) as later:
            if later.end < store.position["0"]:
                append(later, [frame(number) for number in range(90, 110)])
            blocks(later, range(20, 30))
            drain(running)
    values = [value for value in store.values() if value < 90]
    assert values == list(range(30))


def test_a_plan_of_a_lane_that_is_gone_is_fulfilled(tmp_path: Path) -> None:
    """Its folder was removed: nothing to read, and nothing to wait for."""
    store: Any = MemoryStore()
    store.plan = {"7": 500}
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        blocks(writer, range(10))
        running.step()
        assert store.position == {"7": 500}
        drain(running)
        assert store.position == {"7": 500, "0": writer.end}
        assert running.damaged.bytes == 500
    assert store.values() == list(range(10))


def test_a_plan_ahead_of_the_durable_mark_is_waited_for(tmp_path: Path) -> None:
    """A writer that has not yet published what it holds: nothing is given up."""
    store: Any = MemoryStore()
    with lane(tmp_path) as writer, ingest(tmp_path, store) as running:
        blocks(writer, range(10))
        end = writer.end
        blocks(writer, range(10, 20))
        store.plan = {"0": writer.end}
        mark = tmp_path / "journal" / "0" / "durable"
        published = mark.read_bytes()
        with mark.open("r+b") as file:
            file.write(end.to_bytes(8, "little") * 2)
        assert running.step().records == 0
        assert (running.state, running.damaged.places) == ("unavailable", 0)
        assert "does not yet reach" in running.error
        with mark.open("r+b") as file:
            file.write(published)
        assert drain(running) == 20
    assert store.values() == list(range(20))
    assert store.plan is None
