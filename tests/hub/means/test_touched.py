"""Which hours and days are to be made anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from hj212d.hub.means.touched import Touched, days_touched, in_pieces, of_changed, of_spans
from store.means import CHANGED

MIDNIGHT = datetime(2026, 10, 8, 16)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def changed(*rows: tuple[str, datetime, str]) -> Touched:
    """What a store says."""
    named = [dict(zip(CHANGED.names, row, strict=True)) for row in rows]
    return of_changed(pa.Table.from_pylist(named, CHANGED))


def test_days_of_hours_and_of_the_instruments_own_values() -> None:
    """Each once, and only those that are over."""
    touched = changed(
        ("A", MIDNIGHT, "hour"),
        ("A", MIDNIGHT + HOUR, "hour"),
        ("A", MIDNIGHT + HOUR, "hour"),
        ("B", MIDNIGHT + DAY, "hour"),
        ("C", MIDNIGHT - DAY, "day"),
    )
    assert touched.hours.num_rows == 3
    assert days_touched(touched, MIDNIGHT + DAY + HOUR) == [
        (MIDNIGHT - DAY, ["C"]),
        (MIDNIGHT, ["A"]),
    ]
    assert not changed()
    assert days_touched(changed(), MIDNIGHT) == []


def test_a_mark_touches_the_hour_before_it_as_well() -> None:
    """A real-time value at 03:00 belongs to the hour that ends there; later hours are not made."""
    start = (MIDNIGHT + 3 * HOUR).replace(tzinfo=UTC)
    touched = of_spans([("A", start, start + HOUR)], MIDNIGHT + DAY)
    assert touched.hours["start"].to_pylist() == [MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR]
    assert touched.days["start"].to_pylist() == [MIDNIGHT - DAY, MIDNIGHT]
    ahead = of_spans([("A", start, start + 9 * DAY)], MIDNIGHT + 5 * HOUR)
    assert ahead.hours["start"].to_pylist()[-1] == MIDNIGHT + 4 * HOUR


def test_pieces_are_runs_of_a_day() -> None:
    """Not larger than what is wanted at once; all of them together are all."""
    touched = changed(
        *((mn, MIDNIGHT + number * HOUR, "hour") for mn in "AB" for number in range(30))
    )
    pieces = list(in_pieces(touched.hours, 20))
    assert [piece.num_rows for piece in pieces] == [20, 20, 8, 12]
    assert pa.concat_tables(pieces).equals(touched.hours)
    assert [max(p["start"].to_pylist()) < MIDNIGHT + DAY for p in pieces] == [True] * 3 + [False]
    assert list(in_pieces(changed().hours, 20)) == []
