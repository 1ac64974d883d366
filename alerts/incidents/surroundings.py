"""What stands of a rule when its waiting alarms are looked at: its incidents, what was noticed of
late, and what is usual. Each is asked of the registry once, and only when it is needed.

Tests: tests/alerts/incidents/test_trickling_outages.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from alerts.incidents.keeper import Keeper
from alerts.incidents.standing import HUB, MANY, is_group
from alerts.rules.book import Rule
from alerts.rules.regions import holds
from store.registry.alert_records import AlarmRecord, IncidentRecord

LASTING = ("open", "acknowledged", "silenced")
_USUAL_WITHIN = timedelta(days=1)


class Around:
    """Of one rule and factor, within one transaction."""

    def __init__(
        self, keeper: Keeper, rule: Rule, factor: str, held: Callable[[str, str], bool]
    ) -> None:
        """``held``: whether a station, by MN and region, is being maintained."""
        self._keeper = keeper
        self._held = held
        self._rule = rule
        self._factor = factor
        self._merged: set[int] = set()

    def lasting(self) -> list[IncidentRecord]:
        """Incidents of the rule that last."""
        return [one for one in self._lasting if one.id not in self._merged]

    def merged(self, incidents: Iterable[IncidentRecord]) -> None:
        """These last no longer."""
        self._merged.update(one.id for one in incidents)

    def standing(self) -> Mapping[str, int]:
        """See :class:`alerts.incidents.grouping.Surroundings`. So for all below."""
        return {
            one.place: one.active
            for one in self._lasting
            if is_group(one) and one.factor == self._factor and one.place != MANY
        }

    def recent(self) -> list[tuple[str, str]]:
        """MN and region of what was noticed of late."""
        return [
            (mn, region)
            for mn, region, seen in self._noticed
            if not self._left(region, seen) and not self._held(mn, region)
        ]

    def usual(self) -> Mapping[str, float]:
        """By the day before: what stood for itself then."""
        until = self._keeper.now - self._within
        found = self._keeper.registry.incidents.of_stations(
            self._rule.key, until - _USUAL_WITHIN, until
        )
        share = self._within / _USUAL_WITHIN
        return {region: many * share for region, many in found.items()}

    def is_left(self, alarm: AlarmRecord) -> bool:
        """Seen before an outage of its region recovered."""
        return self._left(alarm.region, alarm.seen_at)

    def _left(self, region: str, seen: datetime) -> bool:
        return any(
            one.recovered_at is not None
            and seen <= one.recovered_at
            and (one.place in (HUB, MANY) or holds(one.region, region))
            for one in self._over
        )

    @property
    def _within(self) -> timedelta:
        return timedelta(seconds=self._keeper.settings.group_within_s)

    @cached_property
    def _lasting(self) -> list[IncidentRecord]:
        return self._keeper.registry.incidents.list(
            states=LASTING, rules=[self._rule.key], limit=None
        )

    @cached_property
    def _over(self) -> list[IncidentRecord]:
        """Groups that have recovered."""
        found = self._keeper.registry.incidents.list(
            states=("recovered",), rules=[self._rule.key], mn="", limit=None
        )
        return [one for one in found if is_group(one)]

    @cached_property
    def _noticed(self) -> list[tuple[str, str, datetime]]:
        since = self._keeper.now - self._within
        return self._keeper.registry.alarms.noticed(self._rule.key, since, self._factor or None)
