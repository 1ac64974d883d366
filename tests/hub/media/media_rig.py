"""A store with hours and days of sites of other media, written as rolling up would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from hj212d.hub.means.asking import Means
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.media.asking import Media
from hj212d.hub.media.questions import AssessQuestion, EmissionQuestion
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site
from store.means import DERIVED, Store
from store.open import open_store
from store.registry.decisions import LimitRecord
from store.settings import StoreSettings

DAY = date(2025, 6, 2)
NOW = datetime(2026, 1, 1)
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)

Rows = list[dict[str, Any]]


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


def new_store(folder: Path) -> Store:
    """An empty DuckDB store."""
    return open_store(f"duckdb:///{folder}/media.duckdb", StoreSettings())


def utc(day: date = DAY, hour: int = 0) -> datetime:
    """The beginning of an hour of a Beijing day, naive UTC."""
    return datetime(day.year, day.month, day.day) + timedelta(hours=hour - 8)


def row(
    mn: str,
    factor: str,
    start: datetime,
    value: float | None,
    *,
    level: str = "hour",
    stat: str = "mean",
    mark: str = "",
    **more: Any,
) -> dict[str, Any]:
    """A row of DERIVED."""
    n = 0 if value is None else 60
    said = {"level": level, "start": start, "mn": mn, "factor": factor, "stat": stat}
    rest = {"value": value, "n": n, "need": 45, "mark": mark or ("none" if value is None else "")}
    made = {**said, **rest, "source": "realtime", "as_of": NOW, **more}
    return {name: made.get(name) for name in DERIVED.names}


def hours(
    mn: str,
    values: Mapping[str, Sequence[float | None]],
    *,
    first: datetime | None = None,
    stat: str = "mean",
) -> Rows:
    """Hour rows of factors from the beginning of the day on; None: a lost hour."""
    begin = first or utc()
    return [
        row(mn, factor, begin + number * HOUR, value, stat=stat)
        for factor, its in values.items()
        for number, value in enumerate(its)
    ]


def put(store: Store, rows: Rows) -> None:
    """Keep them."""
    store.put_derived(pa.Table.from_pylist(rows, schema=DERIVED))


def media(
    store: Store,
    sites: Iterable[Site],
    settings: MediaSettings | None = None,
    now: datetime = NOW,
) -> Media:
    """Questions over a store."""
    book: Any = Book(sites)

    def now_us() -> int:
        return int((now - datetime(1970, 1, 1)).total_seconds()) * 1_000_000

    means = Means(store, book, MeansSettings(), now_us)
    return Media(means, book, store, settings or MediaSettings(), now_us)


def assessed(
    asked: Media,
    level: str = "hour",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    own: Mapping[str, Sequence[LimitRecord]] | None = None,
    **more: Any,
) -> Rows:
    """Rows of ASSESSED of a day."""
    begin = start or utc()
    question = AssessQuestion(level, begin, end or begin + ONE_DAY, **more)  # type: ignore[arg-type]
    return asked.assess(question, own or {}).to_pylist()


def emitted(
    asked: Media,
    by: str = "day",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    **more: Any,
) -> Rows:
    """Rows of EMISSIONS of a day."""
    begin = start or utc()
    question = EmissionQuestion(by, begin, end or begin + ONE_DAY, **more)  # type: ignore[arg-type]
    return asked.emissions(question).to_pylist()


def only(rows: Rows, **wanted: Any) -> dict[str, Any]:
    """The one row with these values."""
    found = [each for each in rows if all(each[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]
