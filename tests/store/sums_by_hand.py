"""What sums of hours must be, reckoned row by row in Python from what a store answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from store.integer_tables import cosine_e9, energy_e3, sine_e9
from store.means import HOUR_SUMS, LEAST_LEVEL, MOST_LEVEL, MOST_VALUE, Exclusion, HourSumsQuery
from store.timeseries import SampleQuery, TimeSeriesStore

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
BEIJING = 8 * HOUR
EPOCH = datetime(1970, 1, 1)
Row = dict[str, Any]


def sums_by_hand(
    store: TimeSeriesStore,
    query: HourSumsQuery,
    mns: list[str],
    step: str = "hour",
    periods: tuple[str, ...] = ("realtime", "minute", "hour"),
) -> list[Row]:
    """Rows of HOUR_SUMS of all samples of these MNs."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for mn in mns if query.mns is None else query.mns:
        for period in periods:
            for row in store.samples(SampleQuery(mn, None, period=period)).to_pylist():
                start = _start(row, step, query)
                if query.start <= start < query.end:
                    key = (start, mn, row["factor"], period)
                    groups.setdefault(key, []).append(row)
    return [_summed(key, groups[key], query) for key in sorted(groups)]


def _start(row: Row, step: str, query: HourSumsQuery) -> datetime:
    at = _shifted(row, query)
    if step == "day":
        return at - (at + BEIJING - EPOCH) % DAY
    return at - (at - EPOCH) % (HOUR if step == "hour" else MINUTE)


def _shifted(row: Row, query: HourSumsQuery) -> datetime:
    at: datetime = row["data_time"]
    if row["period"] == "realtime":
        return at - SECOND
    if row["mn"] in query.end_stamped:
        return at - {"minute": SECOND, "hour": HOUR, "day": DAY}[row["period"]]
    return at


def _names(judgements: tuple[Exclusion, ...], row: Row) -> bool:
    return any(
        one.mn == row["mn"]
        and one.factor in (None, row["factor"])
        and one.period in (None, row["period"])
        and one.start <= row["data_time"] < one.end
        for one in judgements
    )


def _sane(value: float, query: HourSumsQuery) -> bool:
    return abs(value) <= MOST_VALUE and value not in query.no_values


def _first(row: Row, *names: str) -> float | None:
    return next((row[name] for name in names if row[name] is not None), None)


def _summed(key: tuple[Any, ...], rows: list[Row], query: HourSumsQuery) -> Row:
    start, mn, factor, period = key
    found: Row = dict.fromkeys(HOUR_SUMS.names, 0)
    found |= {"start": start, "mn": mn, "factor": factor, "period": period}
    found |= {"min": None, "max": None, "cou_e6": None, "flag": ""}
    energetic, turning = factor in query.energy, factor in query.vector
    for name, wanted in (("energy_e3", energetic), ("sin_e9", turning), ("cos_e9", turning)):
        found[name] = 0 if wanted else None
    minutes = set()
    for row in rows:
        if period in ("hour", "day"):
            found["flag"] = max(found["flag"], row["flag"] or "")
        realtime = period == "realtime"
        value = _first(row, *(("rtd", "avg", "data") if realtime else ("avg", "rtd", "data")))
        zs = _first(row, *(("zs_rtd", "zs_avg") if realtime else ("zs_avg", "zs_rtd")))
        marked = row["flag"] not in (None, "", "N", *query.valid_flags)
        if _names(query.exclusions, row):
            found["n_excluded"] += 1
            continue
        if row["data_time"] - row["received_at"] > query.future_s * SECOND:
            found["n_future"] += 1
            continue
        if marked and not _names(query.admissions, row):
            found["n_marked"] += 1
            continue
        if zs is not None and _sane(zs, query):
            found["zs_n"] += 1
            found["zs_sum_e6"] += round(zs * 1e6)
        if row["cou"] is not None and abs(row["cou"]) <= MOST_VALUE:
            found["cou_e6"] = (found["cou_e6"] or 0) + round(row["cou"] * 1e6)
        if value is None:
            continue
        if not (LEAST_LEVEL <= value <= MOST_LEVEL if energetic else _sane(value, query)):
            found["n_absurd"] += 1
            continue
        found["n"] += 1
        found["sum_e6"] += round(value * 1e6)
        minutes.add(_shifted(row, query).minute)
        low = high = value
        if not realtime:
            low, high = (
                row[name] if row[name] is not None and _sane(row[name], query) else value
                for name in ("min", "max")
            )
        low, high = low + 0.0, high + 0.0  # no -0.0
        found["min"] = low if found["min"] is None else min(found["min"], low)
        found["max"] = high if found["max"] is None else max(found["max"], high)
        if energetic:
            found["energy_e3"] += energy_e3(value)
        if turning and not energetic:
            found["sin_e9"] += sine_e9(value)
            found["cos_e9"] += cosine_e9(value)
    if energetic:
        found["energy_e3"] = Decimal(found["energy_e3"])
    found["minutes"] = len(minutes)
    found["minute_bits"] = sum(1 << minute for minute in minutes)
    return found
