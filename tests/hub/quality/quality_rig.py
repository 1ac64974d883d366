"""Stores with days and hours of stations, and an independent reckoning of what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import pyarrow as pa

from aqi.factors import POLLUTANTS, code_of
from hj212d.hub.means.asking import Means
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.site import Site
from store.means import DERIVED, Store
from store.open import open_store
from store.registry.decisions import EventRecord
from store.settings import StoreSettings

AS_OF = datetime(2026, 11, 1)
ENGINES = {"duckdb": "duckdb", "clickhouse": "chdb"}

# HJ 633-2012 and HJ 633-2026, 24 h means and MDA8, typed from the standard; PM by version.
_AT = (0, 50, 100, 150, 200, 300, 400, 500)
NODES = {
    "SO2": (0, 50, 150, 475, 800, 1600, 2100, 2620),
    "NO2": (0, 40, 80, 180, 280, 565, 750, 940),
    "CO": (0, 2, 4, 14, 24, 36, 48, 60),
    "O3": (0, 100, 160, 215, 265, 800),
}
PM_NODES = {
    "2012": {
        "PM2.5": (0, 35, 75, 115, 150, 250, 350, 500),
        "PM10": (0, 50, 150, 250, 350, 420, 500, 600),
    },
    "2026": {
        "PM2.5": (0, 35, 60, 115, 150, 250, 350, 500),
        "PM10": (0, 50, 120, 250, 350, 420, 500, 600),
    },
}


class Book:
    """Sites, as the hub's book has them."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = {site.mn: site for site in sites}

    def site(self, mn: str) -> Site:
        """All defaults for one that is not there."""
        return self._sites.get(mn) or Site(mn=mn)

    def sites(self) -> list[Site]:
        """All of them."""
        return list(self._sites.values())


def air_site(mn: str, region: str, **more: object) -> Site:
    """A site of ambient air, all six measured, assessed."""
    known = {"medium": "air", "role": "assessed", "programme": POLLUTANTS, "name": f"n{mn}"}
    return Site(mn=mn, region=region, **{**known, **more})  # type: ignore[arg-type]


def new_store(folder: Path, engine: str = "duckdb") -> Store:
    """An empty store."""
    return open_store(f"{ENGINES[engine]}:///{folder}/quality.{engine}", StoreSettings())


def quality(
    store: Store,
    sites: Iterable[Site],
    settings: QualitySettings | None = None,
    events: Sequence[EventRecord] = (),
) -> Quality:
    """Questions over a store."""
    book = Book(sites)
    means = Means(store, book, MeansSettings(), lambda: 0)

    def touching(start: datetime, end: datetime) -> list[EventRecord]:
        return [one for one in events if one.start < end and one.end > start]

    return Quality(means, book, settings or QualitySettings(), touching)


def utc(day: date, hour: int = 0) -> datetime:
    """The beginning of an hour of a Beijing day, naive UTC."""
    return datetime(day.year, day.month, day.day) + timedelta(hours=hour - 8)


def aware(day: date, hour: int = 0) -> datetime:
    """The same, aware."""
    return utc(day, hour).replace(tzinfo=UTC)


def put(
    store: Store,
    level: str,
    first: date,
    values: Mapping[str, Mapping[str, np.ndarray]],
    *,
    marks: Mapping[tuple[str, str, int], str] | None = None,
    as_of: datetime = AS_OF,
) -> None:
    """Rows of hours or days: MN -> pollutant -> values from the first Beijing day on; NaN becomes
    a row with the mark "short", others get the mark that ``marks`` says."""
    step = timedelta(hours=1) if level == "hour" else timedelta(days=1)
    rows = []
    for mn, series in values.items():
        for pollutant, its in series.items():
            stat = "mda8" if pollutant == "O3" and level == "day" else "mean"
            for number, value in enumerate(its.tolist()):
                missing = value != value
                mark = (marks or {}).get((mn, pollutant, number), "short" if missing else "")
                rows.append(
                    {
                        "level": level,
                        "start": utc(first) + number * step,
                        "mn": mn,
                        "factor": code_of(pollutant),
                        "stat": stat,
                        "value": None if missing else value,
                        "n": 24,
                        "need": 20,
                        "mark": mark,
                        "source": "hour",
                        "as_of": as_of,
                    }
                )
    full = [{name: row.get(name) for name in DERIVED.names} for row in rows]
    store.put_derived(pa.Table.from_pylist(full, schema=DERIVED))


# The independent reckoning: fractions, plain loops, nothing of aqi.


def exactly(value: float) -> Fraction:
    """The decimal that a float reads as."""
    return Fraction(repr(float(value)))


def half_even(value: Fraction, decimals: int) -> float:
    """Python rounds fractions half to even."""
    return round(value * 10**decimals) / 10**decimals


def mean_of(values: Iterable[Fraction]) -> Fraction:
    """Their mean."""
    them = list(values)
    return sum(them, Fraction(0)) / len(them)


def percentile_of(values: Iterable[Fraction], p: int) -> Fraction:
    """HJ 663 appendix A."""
    ordered = sorted(values)
    k = 1 + Fraction((len(ordered) - 1) * p, 100)
    s = int(k)
    return ordered[s - 1] + (ordered[min(s, len(ordered) - 1)] - ordered[s - 1]) * (k - s)


def index_of(days: Mapping[str, Sequence[Fraction]], pm25: int, pm10: int) -> float:
    """The ranking rule of 2014 with the annual limits of PM2.5 and PM10."""
    c = {
        "PM2.5": half_even(mean_of(days["PM2.5"]), 0) / pm25,
        "PM10": half_even(mean_of(days["PM10"]), 0) / pm10,
        "SO2": half_even(mean_of(days["SO2"]), 0) / 60,
        "NO2": half_even(mean_of(days["NO2"]), 0) / 40,
        "CO": half_even(percentile_of(days["CO"], 95), 1) / 4,
        "O3": half_even(percentile_of(days["O3"], 90), 0) / 160,
    }
    return half_even(sum(exactly(half_even(exactly(round(one, 9)), 2)) for one in c.values()), 2)


def aqi_of(day: Mapping[str, Fraction], version: str) -> int:
    """The AQI of a day with all six: the greatest sub-index, each rounded up."""
    nodes = {**NODES, **PM_NODES[version]}
    found = []
    for pollutant, value in day.items():
        c = exactly(half_even(value, 1 if pollutant == "CO" else 0))
        b = nodes[pollutant]
        k = next(k for k in range(1, len(b)) if c <= b[k])
        share = (c - b[k - 1]) / Fraction(b[k] - b[k - 1])
        found.append(ceil(share * (_AT[k] - _AT[k - 1]) + _AT[k - 1]))
    return max(found)
