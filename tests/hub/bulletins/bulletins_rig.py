"""Air quality as the tests want it, a registry that answers at once, and a service around both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from by_hand import Now, Times
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock

from aqi.judge_arrays import judge_arrays, primary_names
from aqi.standards import STANDARDS, standard_at
from hj212d.hub.bulletins.drafting import Drafting
from hj212d.hub.bulletins.service import BulletinService
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.quality.questions import AqiQuestion, RankQuestion
from hj212d.hub.quality.tables import AQI_ROWS, COLUMNS, RANK_ROWS
from store.registry.open import Registry, open_registry
from store.timeseries import StoreUnavailable

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PLACES = ("region:330100", "A", "B")
CLEAN = {"PM2.5": 20.0, "PM10": 30.0, "SO2": 10.0, "NO2": 15.0, "CO": 0.5, "O3": 60.0}


def beijing(text: str) -> datetime:
    """A Beijing time as naive UTC."""
    return datetime.fromisoformat(text) - timedelta(hours=8)


def us(moment: datetime) -> int:
    """Naive UTC in microseconds."""
    return round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)


def aqi_row(place: str, level: str, start: datetime, values: dict[str, float], **more: Any) -> Any:
    """A row of AQI_ROWS, judged."""
    length = HOUR if level == "hour" else DAY
    standard = more.pop("standard", None) or standard_at((start + 8 * HOUR).date()).name
    mode = "hourly" if level == "hour" else "daily"
    found = judge_arrays(
        STANDARDS[standard],
        mode,
        {name: np.array([values.get(name, np.nan)]) for name in COLUMNS},
    )
    aqi = int(found.aqi[0])
    primary = ";".join(primary_names(int(found.primary[0])))
    shown = bool(found.published[0])
    row = dict.fromkeys(AQI_ROWS.names)
    row.update(place=place, name=f"name of {place}", start=start, end=start + length)
    for name, column in COLUMNS.items():
        index = int(found.iaqi[name][0])
        row[column] = values.get(name)
        row[f"{column}_iaqi"] = None if index < 0 else index
    row.update(
        aqi=None if aqi < 0 else aqi,
        primary=primary,
        published_aqi=str(aqi) if shown else "NA",
        published_primary=primary if shown else "NA",
        missing=";".join(name for name in COLUMNS if name not in values),
        standard=standard,
        mark="",
        revision=1,
        as_of=start + length + 0.1 * HOUR,
    )
    return row | more


class Air:
    """Answers like `Quality`; ``changed``: (place, start) -> other values and when they came."""

    def __init__(self) -> None:
        self.changed: dict[tuple[str, datetime], tuple[dict[str, float], datetime]] = {}
        self.asked: list[AqiQuestion | RankQuestion] = []
        self.away = ""
        self.since = datetime(2000, 1, 1)

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """The same clean air everywhere, but for what has changed."""
        self.asked.append(question)
        if self.away:
            raise StoreUnavailable(self.away)
        rows = []
        step = HOUR if question.level == "hour" else DAY
        for place in PLACES:
            start = question.start
            while start < question.end:
                values, as_of = self.changed.get((place, start), (CLEAN, None))
                if start < self.since:
                    values = {}
                more = {"as_of": as_of} if as_of else {}
                rows.append(aqi_row(place, question.level, start, values, **more))
                start += step
        return pa.Table.from_pylist(rows, schema=AQI_ROWS)

    def rank(self, question: RankQuestion) -> pa.Table:
        """Two regions, in that order."""
        self.asked.append(question)
        rows = [
            dict.fromkeys(RANK_ROWS.names)
            | {
                "rank": rank,
                "of": 2,
                "place": place,
                "name": place,
                "start": question.start,
                "end": question.end,
                "value": 2.0 + rank,
                "index": 2.0 + rank,
                "main": "O3",
                "method": "rank2014",
                "standard": "GB3095-2026-transition",
                "mark": "",
                "as_of": question.end,
            }
            for rank, place in enumerate(("region:330100", "region:330200"), 1)
        ]
        return pa.Table.from_pylist(rows, schema=RANK_ROWS)


class Desk:
    """A service with all that is around it; its registry is a real file."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder = folder
        self.clock = Clock()
        self.air = Air()
        self.now = now
        self.closed: datetime | None = now
        self.registry: Registry = self.open()
        self.times = Times()
        self.service = self.make()

    def open(self) -> Registry:
        """The registry of the folder."""
        return open_registry(f"sqlite:///{self.folder / 'registry.db'}", self.folder / "key")

    def make(self, **settings: Any) -> BulletinService:
        """A service, as after the start of a hub; `turn` lets it work."""
        self.times = Times()
        self.service = BulletinService(
            self.clock,
            drafting=Drafting(self.air),
            closed_us=lambda: None if self.closed is None else us(self.closed),
            places=lambda: 3,
            registry=self,
            slow=Now(),
            calendar=self.times,
            settings=msgspec.structs.replace(
                BulletinsSettings(hour_corrections_h=6, day_corrections_days=3), **settings
            ),
            now_us=lambda: us(self.now),
        )
        self.service.startService()
        return self.service

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """The registry's thread, at once."""

        def together() -> Any:
            with self.registry.together():
                return work(self.registry, *args)

        return maybeDeferred(together)

    def turn(self, seconds: float = 30.0) -> None:
        """Let time pass and all work end."""
        self.clock.advance(seconds)
        while self.service.status()["working"] or self.clock.getDelayedCalls():
            calls = self.clock.getDelayedCalls()
            if not any(call.getTime() <= self.clock.seconds() for call in calls):
                return
            self.clock.advance(0)

    def book(self, kind: str) -> list[tuple[str, datetime, int, bool]]:
        """Place, start, version and correction of all bulletins of a kind, in order."""
        found = self.registry.bulletins.list(kind=kind, limit=100_000)
        return sorted(
            (one.place, one.start.replace(tzinfo=None), one.version, one.correction)
            for one in found
        )
