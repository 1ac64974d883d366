"""Which blocks of which lanes make a batch."""

from __future__ import annotations

from pathlib import Path

from hub_rig import append, lane
from ingest_rig import frame

from hj212d.hub.ingest_reading import Reading, Taken


def places(taken: Taken) -> list[tuple[str, int]]:
    """Lane and position of all records."""
    return [(lane, at) for lane, piece in taken.entries for at, _ in piece.records()]


def test_batches_follow_each_other(tmp_path: Path) -> None:
    """Each begins where the one before ended, tells it, and nothing is in two of them."""
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        for number in range(0, 900, 30):
            append(zero, [frame(at) for at in range(number, number + 30)])
        append(one, [frame(1)])
        reading = Reading(tmp_path / "journal", {})
        position: dict[str, int] = {}
        seen: list[tuple[str, int]] = []
        while (taken := reading.take(65536)).cursors:
            assert {lane: position.get(lane, 0) for lane in taken.since} == taken.since
            position |= taken.cursors
            assert taken.records == len(places(taken))
            seen += places(taken)
        assert not taken.more
        assert position == {"0": zero.end, "1": one.end}
        assert len(seen) == len(set(seen)) == 901
        append(one, [frame(2)])
        assert list(reading.take(65536).cursors) == ["1"]
        reading.close()


def test_a_batch_can_be_taken_again(tmp_path: Path) -> None:
    """From its beginning up to its end it is what it was."""
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as one:
        for number in range(0, 600, 30):
            append(zero, [frame(at) for at in range(number, number + 30)])
            append(one, [frame(at) for at in range(number, number + 30)])
        reading = Reading(tmp_path / "journal", {})
        first, second = reading.take(65536), reading.take(65536)
        reading.close()
        for taken in (first, second):
            again = Reading(tmp_path / "journal", taken.since)
            found = again.take_up_to(taken.cursors)
            again.close()
            assert found is not None
            assert sorted(places(found)) == sorted(places(taken))
            assert (found.since, found.cursors) == (taken.since, taken.cursors)
