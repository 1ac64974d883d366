"""Alerting reads the journal by itself: everything once, and it knows how far it has come."""

from __future__ import annotations

from pathlib import Path

from hub_rig import append, lane
from ingest_rig import NOW_US, frame

from hj212d.hub.alerts.reading import Heard, JournalReading
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Device

S = 1_000_000
MOST = 4 * 1024 * 1024
LATER = NOW_US + 10_000 * S


def reading(data: Path, positions: dict[str, int] | None = None) -> JournalReading:
    """Of the journal in a data folder."""
    return JournalReading(data / "journal", positions or {}, lambda _: Device())


def values(heard: Heard) -> list[float]:
    """What the samples say."""
    return heard.samples["rtd"].to_pylist()


def test_all_lanes_once(tmp_path: Path) -> None:
    """What is new since the last pass, and nothing else; a lane may come later."""
    with lane(tmp_path, "0") as zero:
        append(zero, [frame(1), frame(2)])
        one = reading(tmp_path)
        first = one.take(MOST, LATER)
        assert (values(first), first.records, first.more) == ([1, 2], 2, False)
        assert first.as_of_us == LATER
        with lane(tmp_path, "1") as other:
            append(other, [frame(3)])
            append(zero, [frame(4)])
            assert sorted(values(one.take(MOST, LATER))) == [3, 4]
            assert one.take(MOST, LATER).records == 0
            positions = one.positions
            append(other, [frame(5)])
        one.close()
    again = reading(tmp_path, positions)
    assert values(again.take(MOST, LATER)) == [5]
    again.close()


def test_a_pass_is_bounded(tmp_path: Path) -> None:
    """With more to read all is seen up to the oldest record that is not."""
    with lane(tmp_path, "0") as zero, lane(tmp_path, "1") as other:
        for number in range(0, 900, 30):
            append(zero, [frame(at) for at in range(number, number + 30)])
        append(other, [frame(2000)])
        one = reading(tmp_path)
        seen: list[float] = []
        while (heard := one.take(65536, LATER)).more:
            seen += values(heard)
            received = [NOW_US + int(value) * S for value in seen if value < 2000]
            assert heard.as_of_us == max(received) + S
            assert one.behind_s(LATER) == (LATER - heard.as_of_us) / S
        assert heard.as_of_us == LATER
        assert one.behind_s(LATER) == 0
        assert sorted(seen + values(heard)) == [*range(900), 2000]
        one.close()


def test_what_is_too_old_is_skipped(tmp_path: Path) -> None:
    """By segments, and by blocks in the segment that was being written."""
    with lane(tmp_path, "0") as zero:
        for number in range(0, 300, 30):
            append(zero, [frame(at) for at in range(number, number + 30)])
        one = reading(tmp_path)
        one.skip(NOW_US + 240 * S)
        assert values(one.take(MOST, LATER)) == [*range(240, 300)]
        one.close()


def test_links(tmp_path: Path) -> None:
    """What happened to links comes in the same pass."""
    with lane(tmp_path, "0") as zero:
        append(zero, [Record(Kind.LINK_IDENTIFIED, NOW_US, 7, meta=b'{"mn":"A"}')])
        append(zero, [Record(Kind.LINK_CLOSED, NOW_US + S, 7, meta=b'{"why":"peer"}')])
        one = reading(tmp_path)
        links = one.take(MOST, LATER).links
        assert links.select(["link", "event", "mn"]).to_pylist() == [
            {"link": 7, "event": "identified", "mn": "A"},
            {"link": 7, "event": "closed", "mn": ""},
        ]
        one.close()
