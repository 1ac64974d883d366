"""Evaluates heavy-pollution warnings by the newest forecasts, and hands what changed to incidents.

Evaluating again says nothing new. Where nothing can be said, the status says why.
Tests: tests/hub/schedules/test_warner.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from twisted.internet.defer import inlineCallbacks
from twisted.logger import Logger

from alerts.rules.book import Rule, rules_in_force
from alerts.rules.params import HeavyPollution
from alerts.schedules.settings import SchedulesSettings
from alerts.signals import Signal
from alerts.warnings.level import Day, level
from alerts.warnings.signals import KIND, RULE, Evaluated, signals
from alerts.warnings.table import Table, table_of
from alerts.warnings.windows import believed, windows
from hj212d.hub.quality.places_asked import NoSuchPlace
from hj212d.hub.schedules.courses import NO_FORECAST, Courses, Kept, courses
from hj212d.hub.schedules.ranking_teller import Asked
from hj212d.hub.schedules.telling import Steps, Telling
from store.registry.open import Registry

NO_RULE = "the rule heavy-pollution is off"
NO_SKILL = "the forecast is above the level, but has not shown the skill that is asked for"
TOO_SHORT = "the forecast does not reach far enough for any 24 h"
NO_REGION = "no station lies in it"

Take = Callable[[Registry, Sequence[Signal], datetime], object]


class Regions(Protocol):
    """The regions that texts name: region:* and the like."""

    def __call__(self, places: Sequence[str]) -> dict[str, bool]:
        """Their codes, and whether stations lie in them; NoSuchPlace."""


class Warner:
    """``take``: keeps signals, in the registry's transaction. ``regions`` blocks."""

    _log = Logger()

    def __init__(
        self,
        telling: Telling,
        store: Kept,
        quality: Asked,
        regions: Regions,
        take: Take,
        settings: SchedulesSettings,
    ) -> None:
        self.settings = settings
        self.status: dict[str, Any] = {"evaluated_at": "", "regions": 0, "warned": [], "why": {}}
        self._telling = telling
        self._store = store
        self._quality = quality
        self._regions = regions
        self._take = take
        self._due = True  # a start is a reason
        self._over_at: datetime | None = None

    def wake(self) -> None:
        """There may be something new: evaluate at the next look."""
        self._due = True

    @inlineCallbacks
    def look(self) -> Steps:
        """Evaluate if there is a reason; each hour end those whose time is over."""
        now = self._telling.now()
        if not self._due:
            if self._over_at is None or now >= self._over_at:
                self._over_at = now + timedelta(hours=1)
                yield self._telling.registry.call(self._keep, [], now)
            return
        self._due = False
        try:
            rule = yield self._telling.registry.call(rule_in_force)
            if rule is None:
                self._say(now, [], NO_RULE)
                return
            found = yield self._telling.slowly(lambda: self.evaluated(rule, now))
            given = yield self._telling.registry.call(self._keep, found, now)
        except BaseException:
            self._due = True
            raise
        self._over_at = now + timedelta(hours=1)
        self._say(now, found)
        if given:
            self._log.info("event=warnings_changed signals={given}", given=given)

    def evaluated(self, rule: Rule, now: datetime) -> list[Evaluated]:
        """What the newest forecasts give each region. Blocks; StoreUnavailable."""
        settings = self.settings
        assert isinstance(rule.params, HeavyPollution)
        table = table_of(rule.params.table, settings.warning_levels)
        if not settings.warning_blue:
            table = table.without("blue")
        asked = self._asked(settings.warning_places)
        regions = sorted(one for one in asked if rule.concerns("", one))
        since = now - timedelta(hours=settings.warning_stale_h)
        found: dict[str, Evaluated] = {}
        for some in courses(self._store, self._quality, regions, since):
            found |= self._of_issue(some, table)
        return [
            found.get(one) or Evaluated(one, None, None, NO_FORECAST if asked[one] else NO_REGION)
            for one in regions
        ]

    def _of_issue(self, some: Courses, table: Table) -> dict[str, Evaluated]:
        days = windows(
            some.course, calendar=self.settings.warning_days == "calendar", above=table.least
        )
        return {
            region: self._of_region(region, some.issued, mine, table)
            for region, mine in zip(some.regions, days, strict=True)
        }

    def _of_region(
        self, region: str, issued: datetime, days: list[Day], table: Table
    ) -> Evaluated:
        if not any(day.ahead_h == 24 and day.aqi is not None for day in days):
            return Evaluated(region, None, None, TOO_SHORT)
        sure = believed(days, self.settings.warning_least_skill)
        warning = level(table, sure)
        if warning is None and level(table, days) is not None:
            return Evaluated(region, None, None, NO_SKILL)
        return Evaluated(region, issued, warning)

    def _asked(self, places: Sequence[str]) -> dict[str, bool]:
        try:
            return self._regions(places)
        except NoSuchPlace:
            return {}

    def _keep(self, registry: Registry, found: Sequence[Evaluated], now: datetime) -> int:
        """In the registry's thread: tell what is different from what is in force."""
        told = signals(found, registry.alarms.active(rule=RULE), now)
        if told:
            self._take(registry, told, now)
        return len(told)

    def _say(self, now: datetime, found: Sequence[Evaluated], why: str = "") -> None:
        reasons = Counter(one.why for one in found if one.why)
        if why:
            reasons[why] = 1
        elif not found:
            reasons[NO_REGION] = 1
        self.status = {
            "evaluated_at": now.isoformat(timespec="seconds"),
            "regions": len(found),
            "warned": [
                f"{one.region} {one.warning.level}" for one in found if one.warning is not None
            ],
            "why": dict(reasons),
        }


def rule_in_force(registry: Registry) -> Rule | None:
    """The rule by which warnings are given; None: it is off."""
    rules = [one for one in rules_in_force(registry.rules.all()) if one.kind == KIND]
    return next((one for one in rules if one.key == RULE), None)
