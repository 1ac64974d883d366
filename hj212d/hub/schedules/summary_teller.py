"""Tells summaries of hours, 6 h, 12 h and days, as soon as their means are made.

All readers of an interval are told from one question about the air and one look into the
registry. Tests: tests/hub/schedules/test_summary_teller.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from twisted.internet.defer import inlineCallbacks
from twisted.logger import Logger

from alerts.schedules.air import Air, air_of
from alerts.schedules.due import DAY, HOUR, Run, summaries_due
from alerts.schedules.messages import records
from alerts.schedules.recipients import Reader, subscribers
from alerts.schedules.settings import SchedulesSettings
from alerts.schedules.summary import Interval, Summaries, Whereabouts
from alerts.schedules.wording import Words
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.schedules import keeping
from hj212d.hub.schedules.ranking_teller import Asked, Sites
from hj212d.hub.schedules.telling import Steps, Telling
from store.registry.alert_records import MessageRecord
from store.timeseries import StoreUnavailable

TOPIC = "summary"
ALL = ("region:*", "stations:*")
# How long a summary is worth being delivered.
LASTS = {"hour": 2 * HOUR, "6h": 6 * HOUR, "12h": 12 * HOUR, "day": DAY}


class Names(Sites, Whereabouts, Protocol):
    """Sites, and the names of places."""


class SummaryTeller:
    """``closed_us``: means of all hours before are made, None when there are none yet; blocks.
    ``status``: what came of the last run of each interval."""

    _log = Logger()

    def __init__(
        self,
        telling: Telling,
        quality: Asked,
        sites: Sites,
        places: Whereabouts,
        closed_us: Callable[[], int | None],
        words: Words,
        settings: SchedulesSettings,
    ) -> None:
        self.settings = settings
        self.status: dict[str, dict[str, Any]] = {}
        self._telling = telling
        self._quality = quality
        self._sites = sites
        self._places = places
        self._closed_us = closed_us
        self._words = words
        self._done: set[str] = set()

    @inlineCallbacks
    def look(self) -> Steps:
        """Tell what is due and was not told."""
        for run in summaries_due(self._telling.now(), self.settings):
            if run.about not in self._done:
                yield self._look(run)

    @inlineCallbacks
    def _look(self, run: Run) -> Steps:
        made = yield self._telling.registry.call(keeping.run_of, run)
        if made is not None:
            self._done.add(run.about)
            return
        people = yield self._telling.registry.call(keeping.subscribed)
        readers = subscribers(people, TOPIC, run.schedule.partition(":")[2])
        if not readers:  # who subscribes in this hour is told from the next on
            self._done.add(run.about)
            return
        closed = yield self._telling.slowly(lambda: self._is_closed(run))
        if not closed and not run.late:
            return
        air = yield self._telling.slowly(lambda: self._air(run))
        found = yield self._telling.registry.call(keeping.interval_found, run)
        interval = Interval(
            run,
            bool(closed),
            air,
            [one for one in found.limits if self._sites.site(one.mn).medium != "air"],
            found.incidents,
            found.ranking,
        )
        yield self._tell(interval, readers)

    @inlineCallbacks
    def _tell(self, interval: Interval, readers: list[Reader]) -> Steps:
        run = interval.run
        summaries = Summaries(interval, self._places, self.settings.lines)
        expires = run.end + LASTS[interval.every]
        if interval.every == "day":
            expires = run.end + DAY

        def draw(reader: Reader) -> list[MessageRecord]:
            message = self._words.message(
                "summary", reader.contact.language, summaries.facts(reader)
            )
            return records(reader, message, about=run.about, expires_at=expires)

        note = "" if interval.made else "not all means were made"
        told = yield self._telling.tell(run, readers, draw, note)
        self._done.add(run.about)
        self.status[interval.every] = {"period": run.period, "messages": told or 0, "note": note}
        self._log.info(
            "event=summary_told every={every} period={period} readers={readers} messages={told}",
            every=interval.every,
            period=run.period,
            readers=len(readers),
            told=told or 0,
        )

    # In the thread.

    def _is_closed(self, run: Run) -> bool:
        try:
            closed = self._closed_us()
        except StoreUnavailable:
            return False
        return closed is not None and closed >= run.end.timestamp() * 1_000_000

    def _air(self, run: Run) -> Air | None:
        level: Any = "day" if run.end - run.start == DAY else "hour"
        question = AqiQuestion(ALL, level, _naive(run.start), _naive(run.end))
        try:
            rows = self._quality.aqi(question)
        except NoSuchPlace:  # not every hub hears stations of the air
            return None
        except StoreUnavailable:
            if not run.late:
                raise
            return None
        return air_of(rows, lambda mn: self._sites.site(mn).region)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
