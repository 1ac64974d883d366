"""Readings without the hours of approved exceptional events: a day is made anew of the hours left.

Nothing is deleted; the store's rows stay as they are.
Tests: tests/hub/quality/test_event_hours.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from aqi.events import Event, taken_out
from aqi.exact import Bools
from aqi.factors import POLLUTANTS, code_of, judged_unit
from aqi.means.calendar import DAY_US, end, start
from aqi.means.day import day_rows
from aqi.means.rows import MARK, rows_of
from aqi.means.stations import Judging
from aqi.means.validity import Rules
from hj212d.hub.means.asking import Means
from hj212d.hub.quality.readings import O3_HOUR, Readings, arranged, read
from hj212d.hub.quality.region_codes import stem
from hj212d.hub.site import Site
from store.registry.decisions import EventRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def without(
    readings: Readings, means: Means, events: Sequence[EventRecord], rules: Rules
) -> Readings:
    """The readings without what ``events`` take out; the same object when they take nothing.

    Hours lose their values; a day that an event touches is made of its other hours by the rules of
    any day, so it may become too short. Both get the mark "event" where they lost their value.
    StoreUnavailable.
    """
    found = readings
    for number, site in enumerate(readings.sites):
        its = tuple(_event(event) for event in events if _lies_in(site, event.area))
        if not its:
            continue
        taken = _taken(readings, its)
        if not any(mask.any() for mask in taken.values()):
            continue
        if found is readings:
            found = readings.copy()
        if readings.level == "hour":
            for name, mask in taken.items():
                found.values[name][number, mask] = np.nan
                found.marks[name][number, mask] = MARK["event"]
        else:
            _days_anew(found, number, taken, its, means, rules)
    return found


def _taken(readings: Readings, events: Sequence[Event]) -> dict[str, Bools]:
    """By pollutant the columns that the events touch."""
    if readings.level == "hour":
        return {name: taken_out(readings.starts, name, events) for name in readings.values}
    touched = [
        event._replace(
            start=start("day", event.start), end=end("day", start("day", event.end - 1))
        )
        for event in events
    ]
    return {
        name: taken_out(readings.starts, "O3" if name == O3_HOUR else name, touched)
        for name in readings.values
    }


def _days_anew(
    found: Readings,
    number: int,
    taken: dict[str, Bools],
    events: Sequence[Event],
    means: Means,
    rules: Rules,
) -> None:
    """Put the days of one site that are touched, made of the hours that are left."""
    columns = np.flatnonzero(np.logical_or.reduce(list(taken.values())))
    first, last = int(found.starts[columns[0]]), int(found.starts[columns[-1]])
    site = found.sites[number]
    hours = read(means, (site,), "hour", first, last + DAY_US)
    tables = []
    for name in POLLUTANTS:
        out = taken_out(hours.starts, name, events)
        marks = np.where(out, MARK["event"], hours.marks[name][0])
        tables.append(_rows(site.mn, name, hours, marks))
    made = day_rows(pa.concat_tables(tables), None, Judging(dict(rules)))
    nothing = pa.array(np.zeros(made.num_rows, np.int32))
    made = made.append_column("revision", nothing)
    made = made.append_column("as_of", nothing.cast(pa.int64()).cast(pa.timestamp("us")))
    anew = arranged(made, (_judged(site),), "day", first, last + DAY_US)
    for name, mask in taken.items():
        here = np.flatnonzero(mask)
        there = here - columns[0]
        found.values[name][number, here] = anew.values[name][0, there]
        marks = anew.marks[name][0, there]
        found.marks[name][number, here] = np.where(marks == MARK[""], marks, MARK["event"])


def _rows(mn: str, name: str, hours: Readings, marks: np.ndarray) -> pa.Table:
    n = len(hours.starts)
    value = np.where(marks == MARK[""], hours.values[name][0], np.nan)
    nothing = np.full(n, np.nan)
    return rows_of(
        hours.starts,
        pa.array([mn] * n, pa.string()),
        pa.array([code_of(name)] * n, pa.string()),
        "mean",
        value=value,
        min=nothing,
        max=nothing,
        n=np.ones(n),
        need=np.ones(n),
        mark=marks.astype(np.int8),
        source=np.zeros(n, np.int8),
        reported=nothing,
        computed=nothing,
    )


def _judged(site: Site) -> Site:
    """The site as if it sent the units of `aqi`, in which the hours are by now."""
    return Site(
        mn=site.mn,
        medium=site.medium,
        units={code_of(name): judged_unit(name) for name in POLLUTANTS},
    )


def _event(event: EventRecord) -> Event:
    """Dust of which nobody says what it took takes particles, any other event everything."""
    pollutants = tuple(event.pollutants) or (() if event.kind == "dust" else POLLUTANTS)
    return Event(_us(event.start), _us(event.end), pollutants)


def _lies_in(site: Site, area: Sequence[str]) -> bool:
    region = site.region
    return any(
        one == site.mn or (bool(region) and one.isdigit() and region.startswith(stem(one)))
        for one in area
    )


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // datetime.resolution
