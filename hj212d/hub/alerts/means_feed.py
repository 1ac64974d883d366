"""Means and AQI of the last hours and days for the evaluator, each time some were made.

Late hours are among them: the evaluator passes over what it has judged. Asking happens in a thread
of our own; while the store is away nothing comes. Event loop only, but for asking.
Tests: tests/hub/alerts/test_means_feed.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from alerts.rules.book import Rule
from alerts.rules.params import OverLimit
from hj212d.hub.means.question import MeansQuestion
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.slow_work import Busy, TookTooLong
from store.means import Level
from store.timeseries import StoreUnavailable

HOURS = 3  # that are looked at again for late data
# Means that are judged in one look: the first hour of 432,000 keys takes 7.5 s of a processor,
# in which frames would wait.
AT_ONCE = 40_000
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_BEIJING = timedelta(hours=8)
_NOT_NOW = (StoreUnavailable, Busy, TookTooLong)


class Made(Protocol):
    """Who knows means (hub/means/asking.py)."""

    def table(self, question: MeansQuestion) -> pa.Table:
        """Rows of MEANS."""


class Asked(Protocol):
    """Who knows the AQI (hub/quality/asking.py)."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """Rows of AQI_ROWS."""


class Slow(Protocol):
    """A thread that asks (`SlowWork`)."""

    def defer(self, reactor: Any, work: Callable[[], Any]) -> Deferred[Any]:
        """Do something there."""

    def close(self) -> None:
        """Take no more."""


class Wants(msgspec.Struct, frozen=True):
    """Of what rules judge means."""

    means: frozenset[Level] = frozenset()
    aqi: frozenset[Level] = frozenset()


class Fed(msgspec.Struct):
    """What is new: rows of MEANS, and of AQI_ROWS for stations. ``newest``: the newest as_of among
    the former."""

    means: list[pa.Table] = []
    aqi: list[pa.Table] = []
    newest: dict[Level, datetime] = {}


class MeansFeed:
    """``upto``: means of all hours before are made (naive UTC), None: of none."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        means: Made,
        quality: Asked,
        upto: Callable[[], datetime | None],
        slow: Slow,
    ) -> None:
        self.wants = Wants()
        self.faults = 0
        self._reactor = reactor
        self._means = means
        self._quality = quality
        self._upto = upto
        self._slow = slow
        self._fed = Fed()
        self._due = True  # after a start, what was made before
        self._asking = False
        self._seen: dict[Level, datetime] = {}  # newest as_of of the rows that were fed

    def made(self) -> None:
        """Some means are new."""
        self._due = True
        self.go_on()

    def go_on(self) -> None:
        """Ask, if there is something new and nobody asks."""
        upto = self._upto()
        wanted = self.wants.means or self.wants.aqi
        if self._asking or not self._due or upto is None or not wanted or self._waits:
            return
        self._due, self._asking = False, True
        wants = self.wants
        asked = self._slow.defer(self._reactor, lambda: self._ask(wants, upto))
        asked.addCallbacks(self._take, self._failed)

    def take(self) -> Fed:
        """What is new since the last time, a part of it; the rest comes the next times."""
        means, aqi = self._fed.means, self._fed.aqi
        if means:
            size = _whole(means[0]["mn"], AT_ONCE)
            rest = means[0].slice(size)
            self._fed.means = [*([rest] if rest.num_rows else []), *means[1:]]
            return Fed(means=[means[0].slice(0, size)])
        self._fed.aqi = []
        return Fed(aqi=aqi)

    def close(self) -> None:
        """Ask nobody any more."""
        self._asking = True
        self._slow.close()

    @property
    def _waits(self) -> bool:
        return bool(self._fed.means or self._fed.aqi)

    def _take(self, fed: Fed) -> None:
        self._asking = False
        self._seen |= fed.newest
        self._fed = fed

    def _failed(self, failure: Failure) -> None:
        self._asking = False
        self._due = True
        if not failure.check(*_NOT_NOW):
            self.faults += 1
            if self.faults == 1:
                self._log.failure("means could not be had for alerts", failure)

    def _ask(self, wants: Wants, upto: datetime) -> Fed:
        """In the thread."""
        fed = Fed()
        for level in ("hour", "day"):
            begin, end = _window(level, upto)
            if level in wants.means:
                rows = self._new(level, self._means.table(MeansQuestion(level, begin, end)))
                if rows.num_rows:
                    fed.means.append(rows)
                    fed.newest[level] = pc.max(rows["as_of"]).as_py()
            if level in wants.aqi:
                fed.aqi += self._aqi(level, begin, end)
        return fed

    def _new(self, level: Level, rows: pa.Table) -> pa.Table:
        """Rows that were made since the last time, in order of start."""
        seen = self._seen.get(level)
        if seen is not None:
            rows = rows.filter(pc.greater(rows["as_of"], seen))
        return rows.sort_by("start")

    def _aqi(self, level: Level, begin: datetime, end: datetime) -> list[pa.Table]:
        try:
            rows = self._quality.aqi(AqiQuestion(("stations:*",), level, begin, end))
        except NoSuchPlace:  # no station of the air
            return []
        rows = rows.filter(pc.is_valid(rows["aqi"])).sort_by("start")
        return [rows] if rows.num_rows else []


def _whole(mns: pa.ChunkedArray, size: int) -> int:
    """At least so many rows, and those of the last station all: one value may have several."""
    while size < len(mns) and mns[size] == mns[size - 1]:
        size += 1
    return size


def wanted_by(rules: Collection[Rule]) -> Wants:
    """What rules want to judge."""
    means: set[Level] = set()
    aqi: set[Level] = set()
    for rule in rules:
        params = rule.params
        if isinstance(params, OverLimit) and params.period in ("hour", "day"):
            level: Level = "day" if params.period == "day" else "hour"
            (aqi if params.by == "aqi" else means).add(level)
    return Wants(frozenset(means), frozenset(aqi))


def _window(level: str, upto: datetime) -> tuple[datetime, datetime]:
    """The last hours, or the last full Beijing day."""
    if level == "hour":
        return upto - HOURS * _HOUR, upto
    local = upto + _BEIJING
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) - _BEIJING
    return midnight - _DAY, midnight
