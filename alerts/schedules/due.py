"""Which runs are due at a moment: the ranking of the day, summaries of intervals, reviews. Pure.

Moments are aware; everything is reckoned in Beijing time, which has no daylight saving, whatever
zone the machine is in. Only the newest period of a schedule is ever due: what was missed for
longer than its time is not told any more. Tests: tests/alerts/schedules/test_schedules_due.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from alerts.schedules.settings import SchedulesSettings
from aqi.means.calendar import BEIJING

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RANKING = "ranking"
MISSING = "ranking-missing"
REVIEWS = "plans"
# Steps of a summary from Beijing midnight on.
INTERVALS: Mapping[str, int] = {"hour": 1, "6h": 6, "12h": 12, "day": 24}
# So long after its time a run that nobody made is still worth telling.
WORTH = HOUR


class Run(NamedTuple):
    """One run of a schedule. ``period``: from ``start`` to ``end``, and as people name it.
    ``late``: there is no more waiting for what it is made of."""

    schedule: str
    period: str
    start: datetime
    end: datetime
    late: bool

    @property
    def about(self) -> str:
        """What its messages are about."""
        return f"{self.schedule}:{self.period}"


def ranking_due(now: datetime, settings: SchedulesSettings) -> Run | None:
    """Yesterday's ranking, from its time on; when it is late, only that it is missing is told,
    within an hour."""
    today = beijing_day(now)
    late_at = at(today, settings.late_until)
    if not at(today, settings.ranking_at) <= now < late_at + WORTH:
        return None
    late = now >= late_at
    return _of_day(MISSING if late else RANKING, today - DAY, late)


def summaries_due(now: datetime, settings: SchedulesSettings) -> list[Run]:
    """The newest summary of each interval, from its time on."""
    found = []
    for every, hours in INTERVALS.items():
        run = _day_summary(now, settings) if every == "day" else _summary(now, hours, settings)
        if run is not None:
            found.append(run)
    return found


def reviews_due(now: datetime, settings: SchedulesSettings) -> Run | None:
    """Today's look at emergency plans."""
    today = beijing_day(now)
    if not at(today, settings.plan_review_at) <= now < at(today, settings.late_until):
        return None
    return _of_day(REVIEWS, today, late=False)


def at(day: date, clock: str) -> datetime:
    """A Beijing time of day."""
    return datetime.combine(day, time.fromisoformat(clock), BEIJING)


def beijing_day(moment: datetime) -> date:
    """The Beijing day in which a moment lies."""
    return moment.astimezone(BEIJING).date()


def _of_day(schedule: str, day: date, late: bool) -> Run:
    start = at(day, "00:00")
    return Run(schedule, day.isoformat(), start, start + DAY, late)


def _day_summary(now: datetime, settings: SchedulesSettings) -> Run | None:
    today = beijing_day(now)
    begin = at(today, settings.summary_day_at)
    over = at(today, settings.late_until)
    if not begin <= now < over:
        return None
    wait = timedelta(minutes=settings.summary_late_minutes)
    late = now >= min(begin + wait, over - timedelta(minutes=1))
    return _of_day("summary:day", today - DAY, late)


def _summary(now: datetime, hours: int, settings: SchedulesSettings) -> Run | None:
    here = now.astimezone(BEIJING)
    end = here.replace(hour=here.hour // hours * hours, minute=0, second=0, microsecond=0)
    past = now - end
    if not timedelta(minutes=settings.summary_minute) <= past < WORTH:
        return None
    start = end - hours * HOUR
    every = next(name for name, length in INTERVALS.items() if length == hours)
    late = past >= timedelta(minutes=settings.summary_late_minutes)
    return Run(f"summary:{every}", f"{start:%Y-%m-%dT%H}", start, end, late)
