"""Which hours and days are to be made anew: of what the store says has changed, and of marks.

Pure; tables and moments only. Tests: tests/hub/means/test_touched.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.calendar import DAY_US, HOUR_US, days_of, starts_of_days

# (mn, start): ``hours`` of the hour, ``days`` of a Beijing day whose own value is touched.
PAIRS = pa.schema([("mn", pa.string()), ("start", pa.timestamp("us"))])

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)

Marked = tuple[str, datetime, datetime]


class Touched:
    """Hours and days; each pair once, in order of day and MN."""

    def __init__(self, hours: pa.Table, days: pa.Table) -> None:
        self.hours = _once(hours)
        self.days = _once(days)

    def __bool__(self) -> bool:
        return bool(self.hours.num_rows or self.days.num_rows)

    def __add__(self, other: Touched) -> Touched:
        return Touched(
            pa.concat_tables([self.hours, other.hours]), pa.concat_tables([self.days, other.days])
        )


def of_changed(changed: pa.Table) -> Touched:
    """What rows of the store's CHANGED come to."""
    of_day = pc.equal(changed["period"], "day")
    pairs = changed.select(PAIRS.names)
    return Touched(pairs.filter(pc.invert(of_day)), pairs.filter(of_day))


def of_spans(marks: Iterable[Marked], upto: datetime) -> Touched:
    """What marks on values whose data_time lies in [start, end) come to, before ``upto``.

    A real-time value at the full hour, and one that bears the end of its period, belong to the
    hour before; an instrument's day value to the day that it begins, or that it ends.
    """
    last = (upto - _EPOCH) // _MICROSECOND
    hours, days = [PAIRS.empty_table()], [PAIRS.empty_table()]
    for mn, start, end in marks:
        first, behind = _us(start), _us(end)
        begun = np.arange((first // HOUR_US - 1) * HOUR_US, min(behind, last), HOUR_US)
        bounds = days_of(np.array([first - DAY_US, min(behind, last) - 1]))
        hours.append(_pairs(mn, begun))
        days.append(_pairs(mn, starts_of_days(np.arange(bounds[0], bounds[1] + 1))))
    return Touched(pa.concat_tables(hours), pa.concat_tables(days))


def in_pieces(pairs: pa.Table, most: int) -> Iterator[pa.Table]:
    """Pairs in runs of a day, of so many rows at the most."""
    day = days_of(pairs["start"].cast(pa.int64()).to_numpy())
    edges = np.flatnonzero(np.diff(day)) + 1
    for first, behind in zip([0, *edges], [*edges, len(day)], strict=True):
        for begin in range(first, behind, most):
            yield pairs.slice(begin, min(most, behind - begin))


def days_touched(touched: Touched, upto: datetime) -> list[tuple[datetime, list[str]]]:
    """Beijing days that are over by ``upto`` and the MNs whose hours or day value are touched."""
    both = pa.concat_tables([touched.hours, touched.days])
    if not both.num_rows:
        return []
    day = starts_of_days(days_of(both["start"].cast(pa.int64()).to_numpy()))
    moved = pa.table({"mn": both["mn"], "start": pa.array(day).cast(pa.timestamp("us"))})
    moved = _once(moved.filter(pa.array(day + DAY_US <= (upto - _EPOCH) // _MICROSECOND)))
    found: dict[datetime, list[str]] = {}
    for mn, start in zip(moved["mn"].to_pylist(), moved["start"].to_pylist(), strict=True):
        found.setdefault(start, []).append(mn)
    return list(found.items())


def _once(pairs: pa.Table) -> pa.Table:
    """Each pair once, day by day."""
    alone = pairs.group_by(PAIRS.names, use_threads=False).aggregate([])
    alone = alone.select(PAIRS.names).cast(PAIRS)
    day = days_of(alone["start"].cast(pa.int64()).to_numpy())
    order = [("day", "ascending"), ("mn", "ascending"), ("start", "ascending")]
    return alone.append_column("day", pa.array(day)).sort_by(order).drop_columns(["day"])


def _pairs(mn: str, starts: np.ndarray) -> pa.Table:
    column = pa.array(starts, pa.int64()).cast(pa.timestamp("us"))
    return pa.table({"mn": pa.array([mn] * len(starts), pa.string()), "start": column})


def _us(moment: datetime) -> int:
    return (moment.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // _MICROSECOND
