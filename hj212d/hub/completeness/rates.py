"""Transfer rate, validity rate and their product, by device, factor, period and day or month.

Transfer rate (数据传输率): received of expected. Validity rate (数据有效率): valid of received, or
of expected; which of them is a setting. Effective rate (数据传输有效率): the product. Which papers
say so, and how sure that is, stands in docs/completeness.md. Pure: a table of the store's PRESENCE
and what is known of the devices give a table of RATES.
Tests: tests/hub/completeness/test_rates.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec
import pyarrow as pa

from hj212d.hub.completeness.expected import BEIJING_US, DAY_US, Rhythm, day_of, days

By = Literal["day", "month"]
Validity = Literal["received", "expected"]

_FIRST_DAY = date(1970, 1, 1)
_TIME = pa.timestamp("us")
_COUNTS = ("received", "valid", "resent", "late")

# One row for each (start, mn, factor, period) in which something was expected or came.
RATES = pa.schema(
    [
        ("start", _TIME),  # of the Beijing day or month
        ("mn", pa.string()),
        ("name", pa.string()),
        ("factor", pa.string()),  # "" when factors were added up, or none was ever heard of
        ("period", pa.string()),
        ("expected", pa.int64()),
        ("received", pa.int64()),
        ("valid", pa.int64()),
        ("resent", pa.int64()),
        ("late", pa.int64()),
        ("transfer_rate", pa.float64()),  # 0 to 1; null: nothing was expected
        ("validity_rate", pa.float64()),  # null: nothing to divide by
        ("effective_rate", pa.float64()),
        ("validity_of", pa.string()),  # "received" or "expected"
        ("interval_s", pa.int64()),  # what was expected by, at the end of the span
        ("interval_from", pa.string()),  # "standard", "registry" or "learned"
        ("last", _TIME),  # data_time of the newest value in the span
    ]
)


class Known(msgspec.Struct, frozen=True):
    """A device as far as expectations go. ``since_us``: when it was registered or first seen; it
    owes from then on, or from its first value when that is older. ``rhythms``: by period; values
    of other periods are counted, none is expected."""

    mn: str
    name: str = ""
    since_us: int | None = None
    rhythms: Mapping[str, Rhythm] = {}


class Span(msgspec.Struct, frozen=True):
    """What is reckoned: data_times in [start, end), as things stand at ``now``."""

    start_us: int
    end_us: int
    now_us: int
    grace_s: float
    by: By = "day"
    validity: Validity = "received"
    summed: bool = False  # the factors of a device added up


class _Counted(NamedTuple):
    """One row of PRESENCE."""

    received: int
    valid: int
    resent: int
    late: int
    last_us: int


class _Series:
    """What came of one factor: its days, and its first and newest time."""

    __slots__ = ("days", "first_us", "last_us")

    def __init__(self) -> None:
        self.days: dict[int, _Counted] = {}
        self.first_us = 1 << 62
        self.last_us = -(1 << 62)


class _Sum:
    """A row of RATES that is being added up."""

    __slots__ = ("expected", "last_us", *_COUNTS)

    def __init__(self) -> None:
        self.expected = self.received = self.valid = self.resent = self.late = 0
        self.last_us: int | None = None

    def add(self, expected: int, counted: _Counted | None) -> None:
        """One day more."""
        self.expected += expected
        if counted is not None:
            self.received += counted.received
            self.valid += counted.valid
            self.resent += counted.resent
            self.late += counted.late
            self.last_us = max(self.last_us or counted.last_us, counted.last_us)


def table(
    presence: pa.Table, devices: Iterable[Known], periods: Iterable[str], span: Span
) -> pa.Table:
    """Rows of RATES in order of start, mn, factor, period.

    ``presence`` may begin before the span: a factor that came in the days before it is expected in
    the span, too. One that came later than others of its device and period is expected from its
    first value on; one that is not sent any more stays expected. A device that sent nothing of a
    period that is expected of it has one row without a factor.
    """
    found = _by_device(presence)
    rows: list[tuple[object, ...]] = []
    expectations = _Expectations(span)
    for device in devices:
        for period in periods:
            rows += _rows(device, period, found.get((device.mn, period), {}), span, expectations)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(RATES.names)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, RATES, strict=True)]
    order = [(name, "ascending") for name in ("start", "mn", "factor", "period")]
    return pa.table(arrays, schema=RATES).sort_by(order)


class _Expectations:
    """Slots by day, reckoned once for all devices with the same rhythm and beginning."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._known: dict[tuple[Rhythm, int], dict[int, int]] = {}

    def of(self, rhythm: Rhythm | None, since_us: int) -> dict[int, int]:
        """Day -> how many values it owes."""
        if rhythm is None:
            return {}
        span = self._span
        start = max(span.start_us, since_us)
        found = self._known.get((rhythm, start))
        if found is None:
            end = min(span.end_us, rhythm.due_before(span.now_us, span.grace_s))
            found = {day: rhythm.count(first, last) for day, first, last in days(start, end)}
            self._known[rhythm, start] = found
        return found


def _rows(
    device: Known, period: str, series: dict[str, _Series], span: Span, expectations: _Expectations
) -> list[tuple[object, ...]]:
    rhythm = device.rhythms.get(period)
    since = device.since_us if device.since_us is not None else span.start_us
    first = min((one.first_us for one in series.values()), default=since)
    since = min(since, first)
    sums: dict[tuple[int, str], _Sum] = {}
    for factor, one in series.items() if series else [("", _Series())]:
        # A factor that came with the first of them was there from the beginning.
        begins = since if day_of(one.first_us) <= day_of(first) or not series else one.first_us
        owed = expectations.of(rhythm, begins)
        for day in sorted({*owed, *(day for day in one.days if day >= day_of(span.start_us))}):
            start = _month_of(day) if span.by == "month" else day
            key = (start, "" if span.summed else factor)
            if key not in sums:
                sums[key] = _Sum()
            sums[key].add(owed.get(day, 0), one.days.get(day))
    return [
        _row(device, start, factor, period, total, rhythm, span.validity)
        for (start, factor), total in sums.items()
        if total.expected or total.received
    ]


def _row(
    device: Known,
    start: int,
    factor: str,
    period: str,
    total: _Sum,
    rhythm: Rhythm | None,
    validity: Validity,
) -> tuple[object, ...]:
    transfer = _rate(total.received, total.expected)
    valid = _rate(total.valid, total.received if validity == "received" else total.expected)
    if validity == "received" and total.expected and not total.received:
        effective: float | None = 0.0
    else:
        effective = None if transfer is None or valid is None else transfer * valid
    return (
        start,
        device.mn,
        device.name,
        factor,
        period,
        total.expected,
        total.received,
        total.valid,
        total.resent,
        total.late,
        transfer,
        valid,
        effective,
        validity,
        None if rhythm is None else rhythm.last.interval_s,
        None if rhythm is None else rhythm.last.origin,
        total.last_us,
    )


def _rate(part: int, whole: int) -> float | None:
    """More than all is all: a slot can hold two values."""
    return min(1.0, part / whole) if whole else None


def _by_device(presence: pa.Table) -> dict[tuple[str, str], dict[str, _Series]]:
    names = ("mn", "period", "factor", "day", *_COUNTS, "first", "last")
    columns = [
        presence[name].cast(pa.int64()).to_pylist()
        if presence.schema.field(name).type == _TIME
        else presence[name].to_pylist()
        for name in names
    ]
    found: dict[tuple[str, str], dict[str, _Series]] = {}
    for mn, period, factor, day, received, valid, resent, late, first, last in zip(
        *columns, strict=True
    ):
        factors = found.setdefault((mn, period), {})
        series = factors.get(factor)
        if series is None:
            series = factors[factor] = _Series()
        series.days[day] = _Counted(received, valid, resent, late, last)
        series.first_us = min(series.first_us, first)
        series.last_us = max(series.last_us, last)
    return found


@lru_cache(maxsize=4096)
def _month_of(day_us: int) -> int:
    """Where the Beijing month begins in which a day lies."""
    number = (day_us + BEIJING_US) // DAY_US
    in_month = (_FIRST_DAY + timedelta(days=number)).day
    return (number - in_month + 1) * DAY_US - BEIJING_US
