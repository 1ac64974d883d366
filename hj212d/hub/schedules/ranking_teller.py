"""Tells yesterday's ranking when it is published, or that there is none when it is late.

Tests: tests/hub/schedules/test_ranking_teller.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pyarrow as pa
from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.logger import Logger

from alerts.notify.plain import plain
from alerts.schedules.due import DAY, MISSING, RANKING, Run, at, beijing_day, ranking_due
from alerts.schedules.messages import records
from alerts.schedules.ranking import Ranking, StationDay, ranking_facts
from alerts.schedules.recipients import Reader, ranking_readers
from alerts.schedules.settings import SchedulesSettings
from alerts.schedules.wording import Words
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.schedules import keeping
from hj212d.hub.schedules.telling import Steps, Telling
from hj212d.hub.site import Site
from store.registry.alert_records import MessageRecord
from store.timeseries import StoreUnavailable

AGAIN = "ranking-again"
# After so long it is told without the stations' own AQI: the store does not serve.
PATIENCE = timedelta(minutes=30)


class Asked(Protocol):
    """Who answers about air quality (`Quality`); blocks."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""


class Sites(Protocol):
    """The book of sites."""

    def site(self, mn: str) -> Site:
        """What is known of a station."""

    def name(self, mn: str) -> str:
        """What people call it."""


class RankingTeller:
    """``status``: what came of the last look."""

    _log = Logger()

    def __init__(
        self,
        telling: Telling,
        quality: Asked,
        sites: Sites,
        words: Words,
        settings: SchedulesSettings,
    ) -> None:
        self.settings = settings
        self.status: dict[str, Any] = {"period": "", "state": "", "messages": 0}
        self._telling = telling
        self._quality = quality
        self._sites = sites
        self._words = words
        self._done: set[str] = set()

    def look(self) -> Deferred[Any]:
        """Tell what is due and was not told."""
        run = ranking_due(self._telling.now(), self.settings)
        if run is None or run.about in self._done:
            return succeed(None)
        return self._look(run)

    @inlineCallbacks
    def _look(self, run: Run) -> Steps:
        found = yield self._telling.registry.call(keeping.ranking_found, run)
        if run.schedule == MISSING:
            yield self._missing(run, found)
        elif found.ranking is None:
            self._say(run, "not published yet")
        elif found.told is None:
            yield self._tell(run, found)
        elif not self.settings.ranking_again:
            self._finished(run, "told", found.told.messages)
        elif _told_version(found.told.note) < (version := found.ranking.version):
            again = run._replace(schedule=AGAIN, period=f"{run.period}/{version}")
            if again.about not in self._done:
                yield self._tell(again, found, f"correction:{version}")

    @inlineCallbacks
    def _tell(self, run: Run, found: keeping.RankingFound, step: str = "sent") -> Steps:
        people = yield self._telling.registry.call(keeping.people)
        readers = ranking_readers(people, self.settings.ranking_owners)
        mns = {mn for one in readers for mn in one.mns}
        try:
            stations = yield self._telling.slowly(lambda: self._stations(mns, run))
        except StoreUnavailable:
            if self._telling.now() < at(beijing_day(run.end), self.settings.ranking_at) + PATIENCE:
                raise
            stations = self._named(mns, {})
        day = run.start.isoformat()[:10]

        def draw(reader: Reader) -> list[MessageRecord]:
            facts = ranking_facts(
                reader,
                day,
                found.ranking or Ranking(),
                found.before,
                stations,
                self.settings.lines,
            )
            message = self._words.message("ranking", reader.contact.language, facts)
            return records(
                reader, message, about=f"{RANKING}:{day}", step=step, expires_at=run.end + DAY
            )

        version = found.ranking.version if found.ranking else 0
        told = yield self._telling.tell(run, readers, draw, f"version {version}")
        self._finished(run, "told", told)

    @inlineCallbacks
    def _missing(self, run: Run, found: keeping.RankingFound) -> Steps:
        """Only where there is something to be missed, and where it was not told."""
        if found.told is not None:
            self._finished(run, "told", found.told.messages)
            return
        if found.ranking is not None or not found.lately:
            why = "published, too late to be told" if found.ranking else "none is published here"
            yield self._telling.tell(run, (), lambda _: [], why)
            self._finished(run, why, 0)
            return
        people = yield self._telling.registry.call(keeping.people)
        facts = {"day": run.period, "until": self.settings.late_until}

        def draw(reader: Reader) -> list[MessageRecord]:
            message = self._words.message("missing", reader.contact.language, facts)
            return records(
                reader,
                message,
                about=f"{RANKING}:{run.period}",
                step="missing",
                expires_at=run.end + DAY,
            )

        readers = ranking_readers(people, self.settings.ranking_owners)
        told = yield self._telling.tell(run, readers, draw, "not published")
        self._finished(run, "not published", told)

    def _stations(self, mns: Iterable[str], run: Run) -> dict[str, StationDay]:
        """The AQI of stations of the air on that day."""
        air = tuple(mn for mn in sorted(mns) if self._sites.site(mn).medium == "air")
        if not air:
            return {}
        start, end = (_naive(moment) for moment in (run.start, run.end))
        rows = self._quality.aqi(AqiQuestion(air, "day", start, end))
        columns = (
            rows[name].to_pylist() for name in ("place", "published_aqi", "published_primary")
        )
        return self._named(
            air, {mn: (aqi, primary) for mn, aqi, primary in zip(*columns, strict=True)}
        )

    def _named(
        self, mns: Iterable[str], said: Mapping[str, tuple[str | None, str | None]]
    ) -> dict[str, StationDay]:
        found = {}
        for mn in mns:
            site = self._sites.site(mn)
            if site.medium != "air":
                continue
            aqi, primary = said.get(mn, (None, None))
            shown = aqi is not None and aqi.isdigit()
            found[mn] = StationDay(
                mn,
                plain(self._sites.name(mn)),
                site.region,
                int(aqi) if shown and aqi else None,
                tuple(one for one in (primary or "").split(";") if one) if shown else (),
            )
        return found

    def _finished(self, run: Run, state: str, messages: int | None) -> None:
        self._done.add(run.about)
        self._say(run, state, messages)
        if messages:
            self._log.info(
                "event=ranking_told period={period} state={state} messages={messages}",
                period=run.period,
                state=state,
                messages=messages,
            )

    def _say(self, run: Run, state: str, messages: int | None = 0) -> None:
        self.status = {"period": run.period, "state": state, "messages": messages or 0}


def _told_version(note: str) -> int:
    return int(note.rpartition(" ")[2] or 0) if note.startswith("version ") else 0


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
