"""How the soak test tells growth from a saw-tooth."""

from __future__ import annotations

from bench.procfs import Cost
from bench.soak import Point, _troughs


def points(rss_bytes: list[int]) -> list[Point]:
    """One look a second at a hub with this memory."""
    return [
        Point(float(at), {"hub": Cost(rss_bytes=rss, cpu_s=0.0, fds=1)}, 1)
        for at, rss in enumerate(rss_bytes)
    ]


def test_a_saw_tooth_has_level_troughs() -> None:
    """Memory that comes back to where it was has not grown, wherever the run ends."""
    assert _troughs(points([100, 150, 200, 250] * 10 + [100, 150]), "hub") == [100] * 4


def test_a_rising_saw_tooth_shows() -> None:
    """Each quarter's lowest point is higher than the one before."""
    rising = [base + tooth for base in range(0, 400, 10) for tooth in (100, 180)]
    troughs = _troughs(points(rising), "hub")
    assert troughs == sorted(set(troughs))


def test_a_process_that_is_away_for_a_quarter_keeps_its_last_figure() -> None:
    """A restarted hub must not look like one without memory."""
    there = points([100] * 9)
    away = [Point(each.at_s, {}, 1) if 4 < each.at_s < 6.5 else each for each in there]
    assert _troughs(away, "hub") == [100] * 4
