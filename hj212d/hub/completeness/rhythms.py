"""By which intervals the devices send: what the registry says, else what their data say.

Blocking: asks the store, and only what it must. The commonest step of a device's last day is its
interval; an earlier day is looked at more closely when its count of values hints at another one.
Tests: tests/hub/completeness/test_completeness_reckoning.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa

from hj212d.hub.completeness.expected import (
    DAY_US,
    SECOND_US,
    Rhythm,
    believed,
    changed_at,
    fixed,
    learned,
    moved,
    registered,
)
from store.registry.records import DeviceRecord
from store.timeseries import PresenceQuery, SlotQuery, TimeSeriesStore

_EPOCH = datetime(1970, 1, 1)
_TIME = pa.timestamp("us")
_ALL_DAY = 1440
_OFF = 0.02  # a count fits an interval when what it says differs by no more
_MORE = 0.9  # and values are more than an interval allows when they stand closer than this
# Changes of an interval that are looked for to the minute; others hold for whole days.
_MOST_CHANGES = 100


class _Day(msgspec.Struct):
    """What came of a device and period on one day, in its fullest factor."""

    received: int
    spacing_s: float  # between its values, were none missing


def utc(time_us: int) -> datetime:
    """Microseconds as the store has its times."""
    return _EPOCH + timedelta(microseconds=time_us)


def rhythms(
    store: TimeSeriesStore,
    presence: pa.Table,
    period: str,
    record: Callable[[str], DeviceRecord],
) -> dict[str, Rhythm]:
    """MN -> rhythm of one period, of the devices in ``presence``."""
    mns = set(presence["mn"].unique().to_pylist())
    standard = fixed(period)
    if standard is not None:
        return dict.fromkeys(mns, standard)
    found = {}
    for mn in mns:
        said = said_by(record(mn), period)
        if said is not None:
            found[mn] = said
    unsaid = _days(presence, mns - found.keys())
    return found | _learned(store, period, unsaid)


def said_by(record: DeviceRecord, period: str) -> Rhythm | None:
    """What the standard or the registry says."""
    if period == "minute" and record.minute_interval_min:
        return registered(period, 60 * record.minute_interval_min)
    if period == "realtime" and record.rtd_interval_s:
        return registered(period, record.rtd_interval_s)
    return fixed(period)


def _days(presence: pa.Table, mns: set[str]) -> dict[str, dict[int, _Day]]:
    """MN -> day -> what came."""
    found: dict[str, dict[int, _Day]] = defaultdict(dict)
    if not mns:
        return found
    columns = [
        presence[name].cast(pa.int64()).to_pylist()
        if presence.schema.field(name).type == _TIME
        else presence[name].to_pylist()
        for name in ("mn", "day", "received", "first", "last")
    ]
    for mn, day, received, first, last in zip(*columns, strict=True):
        if mn not in mns:
            continue
        known = found[mn].get(day)
        if known is None or received > known.received:
            spacing = (last - first) / max(1, received - 1) / SECOND_US
            found[mn][day] = _Day(received, spacing)
    return found


def _learned(
    store: TimeSeriesStore, period: str, unsaid: dict[str, dict[int, _Day]]
) -> dict[str, Rhythm]:
    by_last: dict[int, list[str]] = defaultdict(list)
    for mn, days in unsaid.items():
        by_last[max(days)].append(mn)
        # The last day may have just begun.
        if len(days) > 1:
            by_last[sorted(days)[-2]].append(mn)
    seen: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for day, mns in by_last.items():
        _look(store, period, mns, day, day, seen)
    doubts = {
        mn: doubtful
        for mn, days in unsaid.items()
        if (doubtful := _doubtful(period, days, seen.get(mn, {})))
    }
    if doubts:
        every = [day for doubtful in doubts.values() for day in doubtful]
        _look(store, period, list(doubts), min(every), max(every), seen)
    found: dict[str, Rhythm] = {}
    changes = 0
    for mn, days in unsaid.items():
        rhythm = _from(period, days, seen.get(mn, {}))
        if rhythm is None:
            continue
        changes += len(rhythm.steps) - 1
        found[mn] = rhythm if changes > _MOST_CHANGES else _to_the_minute(store, mn, rhythm)
    return found


def _look(
    store: TimeSeriesStore,
    period: str,
    mns: Iterable[str],
    first: int,
    last: int,
    seen: dict[str, dict[int, tuple[int, int]]],
) -> None:
    """Note the commonest steps from one day to another."""
    query = PresenceQuery(
        utc(first), utc(last + DAY_US), mns=tuple(sorted(mns)), periods=(period,)
    )
    for row in store.spacings(query).to_pylist():
        day = (row["day"] - _EPOCH) // timedelta(microseconds=1)
        seen[row["mn"]][day] = (row["spacing_s"], row["n"])


def _doubtful(period: str, days: dict[int, _Day], seen: dict[int, tuple[int, int]]) -> list[int]:
    """Days whose count fits another interval better than the one of the last day, or none."""
    if not seen:
        return list(days)
    interval = believed(period, seen[max(seen)][0])
    return [
        day
        for day, came in days.items()
        if day not in seen
        and came.received > 1
        and (
            came.spacing_s < interval * _MORE
            or (
                came.spacing_s > interval * (1 + _OFF)
                and abs(came.spacing_s - believed(period, round(came.spacing_s)))
                <= came.spacing_s * _OFF
            )
        )
    ]


def _from(period: str, days: dict[int, _Day], seen: dict[int, tuple[int, int]]) -> Rhythm | None:
    if not seen:
        return None
    usual = max(seen.items())[1][0]
    said = [(day, *seen[day]) if day in seen else (day, usual, _ALL_DAY) for day in days]
    return learned(period, said)


def _to_the_minute(store: TimeSeriesStore, mn: str, rhythm: Rhythm) -> Rhythm:
    """The same, each change where the data show it: within the day, or the one before."""
    for number in range(1, len(rhythm.steps)):
        before, after = rhythm.steps[number - 1], rhythm.steps[number]
        query = SlotQuery(
            mn, rhythm.period, utc(after.since_us - DAY_US), utc(after.since_us + DAY_US)
        )
        times = store.slots(query)["data_time"].cast(pa.int64()).to_pylist()
        since = changed_at(times, before.interval_s, after.interval_s)
        if since is not None:
            rhythm = moved(rhythm, number, since)
    return rhythm
