"""Readings for the tests of means, a hub's thread that rolls them up, and its clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from hj212d.hub.decisions.settings import SiteSettings
from hj212d.hub.devices import Devices
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.site_book import SiteBook
from store.means import DerivedQuery, Store
from store.registry.decisions import ReviewRecord
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

MIDNIGHT = datetime(2026, 10, 8, 16)  # the 9th of October begins in Beijing
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PM25, O3 = "a34004", "a05024"
CNS = {"realtime": "2011", "minute": "2051", "hour": "2061", "day": "2031"}


class Field:
    """Stations that send. ``now``: the clock of hub and stations."""

    def __init__(
        self,
        store: Store,
        settings: MeansSettings | None = None,
        sites: Iterable[SiteSettings] = (),
    ) -> None:
        self.store = store
        self.now = MIDNIGHT
        self.marks = Marks()
        self.marks.take([])
        self.sites = SiteBook(Devices([]), list(sites))
        self.settings = settings or MeansSettings(first_days=1)
        self.start()
        self._position = 0
        self._rows: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []

    def start(self) -> None:
        """A hub's thread, as after a start."""
        roster = Roster(self.store, self.sites, self.settings)
        self.rolling = Rolling(self.store, roster, self.marks, self.settings, lambda: self.now)

    def send(
        self,
        mn: str,
        at: datetime,
        values: dict[str, float],
        period: str = "realtime",
        *,
        flag: str = "N",
        received: datetime | None = None,
        **more: float,
    ) -> None:
        """One frame; it is stored with the next ``arrive``."""
        self._position += 100
        place = {
            "mn": mn,
            "data_time": at,
            "received_at": received or max(self.now, at + HOUR),
            "lane": "0",
            "position": self._position,
            "rf": False,
        }
        raw = f"{mn} {at} {period} {values} {self._position}".encode()
        digest = int.from_bytes(blake2b(raw, digest_size=8).digest(), "little")
        frame = dict.fromkeys(FRAMES.names) | place
        frame |= {"link": 1, "st": "22", "cn": CNS[period], "qn": "", "version": "2017"}
        frame |= {"encrypted": False, "reason": "ok", "repairs": "", "warnings": ""}
        frame |= {"key_time": at, "raw": raw, "digest": digest}
        column = "rtd" if period == "realtime" else "avg"
        samples = [
            dict.fromkeys(SAMPLES.names)
            | place
            | {"factor": factor, "period": period, column: value, "flag": flag}
            | more
            for factor, value in values.items()
        ]
        self._rows.append((frame, samples))

    def arrive(self) -> None:
        """Store what was sent."""
        frames = [frame for frame, _ in self._rows]
        samples = [sample for _, samples in self._rows for sample in samples]
        self._rows.clear()
        self.store.commit(
            Batch(
                frames=pa.Table.from_pylist(frames, FRAMES),
                samples=pa.Table.from_pylist(samples, SAMPLES),
                links=LINKS.empty_table(),
                counts=COUNTS.empty_table(),
                cursors={"0": self._position + 100},
            )
        )

    def hour(self, mn: str, start: datetime, value: float, factor: str = PM25) -> None:
        """An hour of minutely real-time values."""
        for minute in range(1, 61):
            self.send(mn, start + timedelta(minutes=minute), {factor: value})

    def day(self, mn: str, value: float, start: datetime = MIDNIGHT, factor: str = PM25) -> None:
        """A day of hour values."""
        for number in range(24):
            self.send(mn, start + number * HOUR, {factor: value + number}, "hour")

    def mark(self, number: int, mn: str, start: datetime, end: datetime, **more: Any) -> None:
        """A person's mark."""
        self.marks.take(
            [
                ReviewRecord(
                    id=more.pop("id", number),
                    mn=mn,
                    start=start.replace(tzinfo=UTC),
                    end=end.replace(tzinfo=UTC),
                    change=number,
                    **more,
                )
            ]
        )

    def roll(self, most: int = 1000) -> None:
        """All that is to be done now."""
        for _ in range(most):
            if not self.rolling.step(self.now):
                return
        raise AssertionError("rolling up does not come to an end")

    def derived(self, level: Any = "hour", **more: Any) -> list[dict[str, Any]]:
        """Rows as they are kept."""
        rows: list[dict[str, Any]] = self.store.derived(DerivedQuery(level, **more)).to_pylist()
        return rows

    def versions(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """Key -> value, revision, as_of of every row."""
        return {
            tuple(row[name] for name in ("level", "mn", "start", "factor", "stat")): (
                row["value"],
                row["mark"],
                row["revision"],
                row["as_of"],
            )
            for level in ("hour", "day")
            for row in self.derived(level)
        }
