"""Alarms that waited for others become incidents, join some, or are set aside.

Set aside is what was over before its wait was, and what began and ended while its station was
being maintained: no incident comes of it, the alarm is kept.
Tests: tests/alerts/incidents/test_alert_deeds.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.incidents import damping
from alerts.incidents.grouping import ONE_TROUBLE, Group, grouped, singles
from alerts.incidents.keeper import Keeper
from alerts.incidents.maintenance import maintained_until
from alerts.incidents.merging import merged_into
from alerts.incidents.patience import ready_at
from alerts.incidents.standing import MANY
from alerts.incidents.surroundings import LASTING, Around
from alerts.rules.book import Rule
from store.registry.alert_records import AlarmRecord, IncidentRecord, MaintenanceRecord

MOST_AT_ONCE = 4_000


class Opened:
    """What came of it. ``next_at``: when the next alarm has waited long enough; None: none
    does."""

    def __init__(self) -> None:
        self.opened = 0
        self.joined = 0
        self.reopened = 0
        self.next_at: datetime | None = None

    def look(self, at: datetime) -> None:
        """Something is to be done at a moment."""
        self.next_at = at if self.next_at is None else min(self.next_at, at)


def open_waiting(keeper: Keeper) -> Opened:
    """All that is ready, at most MOST_AT_ONCE alarms."""
    done = Opened()
    alarms = keeper.registry.alarms.waiting(limit=MOST_AT_ONCE)
    if not alarms:
        return done
    windows = keeper.registry.maintenance.list(
        start=min(alarm.began for alarm in alarms),
        end=keeper.now + timedelta(microseconds=1),
        limit=None,
    )
    buckets: dict[tuple[str, str], list[AlarmRecord]] = defaultdict(list)
    for alarm in alarms:
        buckets[alarm.rule, alarm.factor if alarm.kind not in ONE_TROUBLE else ""].append(alarm)
    for (key, factor), some in buckets.items():
        rule = keeper.terms.rules.get(key)
        if rule is None:
            keeper.end_by_rule([alarm for alarm in some if alarm.ended is None])
            keeper.registry.alarms.join([alarm.id for alarm in some], 0)
        else:
            _Bucket(keeper, rule, factor, windows, done).open(some)
    if len(alarms) == MOST_AT_ONCE:
        done.look(keeper.now)
    return done


class _Bucket:
    """Alarms of one rule, and of one factor where each is a trouble of its own."""

    def __init__(
        self,
        keeper: Keeper,
        rule: Rule,
        factor: str,
        windows: Sequence[MaintenanceRecord],
        done: Opened,
    ) -> None:
        self._keeper = keeper
        self._rule = rule
        self._factor = factor
        self._windows = windows
        self._done = done
        wait_s = rule.params.wait_s
        self._wait = timedelta(seconds=keeper.settings.group_wait_s if wait_s is None else wait_s)
        self._around = Around(keeper, rule, factor, self._held)

    def open(self, alarms: Sequence[AlarmRecord]) -> None:
        """Make of them what is to be made now."""
        now = self._keeper.now
        there = self._remaining(alarms)
        waits = [self._wait_over(alarm) for alarm in there]
        ready = ready_at(there, self._wait, now) if self._rule.params.group else waits
        rest = there
        if any(at <= now for at in waits):
            told = {alarm.id for alarm, at in zip(there, ready, strict=True) if at <= now}
            rest = self._open(there, told)
        left = {alarm.id for alarm in rest}
        for alarm, first, last in zip(there, waits, ready, strict=True):
            if alarm.id in left:
                self._done.look(first if first > now else last)

    def _open(self, alarms: list[AlarmRecord], ready: set[int]) -> list[AlarmRecord]:
        """The alarms that go on waiting."""
        keeper = self._keeper
        groups: list[Group] = []
        if self._rule.params.group:
            groups = grouped(
                alarms,
                self._around,
                keeper.terms.places.stations_in,
                keeper.settings,
                self._factor,
            )
        in_groups = {alarm.id for group in groups for alarm in group.alarms}
        left = [alarm for alarm in alarms if alarm.id not in in_groups]
        groups += singles([alarm for alarm in left if alarm.id in ready], self._rule.kind)
        self._place(groups)
        return [alarm for alarm in left if alarm.id not in ready]

    def _place(self, groups: Sequence[Group]) -> None:
        """Each group into the incident that it belongs to, or a new one."""
        keeper, key = self._keeper, self._rule.key
        since = keeper.now - timedelta(seconds=keeper.settings.flap_within_s)
        names = [(key, group.place, group.factor) for group in groups]
        names += [(key, group.place, "") for group in groups if group.factor]
        latest = keeper.registry.incidents.latest_of(names, since)
        for group in groups:
            found = latest.get((key, group.place, group.factor))
            wider = latest.get((key, group.place, "")) if group.factor else None
            if wider is not None and wider.state in LASTING and not _lasts(found):
                found = wider
            self._place_one(group, found)

    def _place_one(self, group: Group, found: IncidentRecord | None) -> None:
        keeper, done = self._keeper, self._done
        how = damping.back(found, keeper.settings, keeper.now)
        if group.place == MANY and how == "reopen":
            how = "new"  # others than those that recovered
        parts = []
        if found is None or how != "join":
            parts = merged_into(group, self._around.lasting(), keeper.settings, keeper.now)
            self._around.merged(parts)
        if found is None or how == "new":
            keeper.open(group, parts)
            done.opened += 1
        elif how == "join":
            keeper.join(found, group.alarms)
            done.joined += len(group.alarms)
        elif any(alarm.ended is None for alarm in group.alarms):
            keeper.reopen(found, group.alarms, parts)
            done.reopened += 1
        else:  # it was back and is over again
            keeper.registry.alarms.join([alarm.id for alarm in group.alarms], found.id)

    def _remaining(self, alarms: Sequence[AlarmRecord]) -> list[AlarmRecord]:
        """Those that are not maintained; what is to be set aside is."""
        there, aside = [], []
        for alarm in alarms:
            if alarm.ended is not None:
                if alarm.ended - alarm.began < self._wait or (
                    self._maintained(alarm, alarm.began) and self._maintained(alarm, alarm.ended)
                ):
                    aside.append(alarm.id)
                else:
                    there.append(alarm)
            elif (until := self._maintained(alarm, self._keeper.now)) is not None:
                self._done.look(until)
            else:
                there.append(alarm)
        if aside:
            self._keeper.registry.alarms.join(aside, 0)
        return there

    def _held(self, mn: str, region: str) -> bool:
        at = self._keeper.now
        factor, kind = self._factor, self._rule.kind
        until = maintained_until(self._windows, at, mn=mn, region=region, factor=factor, kind=kind)
        return until is not None

    def _maintained(self, alarm: AlarmRecord, at: datetime) -> datetime | None:
        return maintained_until(
            self._windows,
            at,
            mn=alarm.mn,
            region=alarm.region,
            factor=alarm.factor,
            kind=alarm.kind,
        )

    def _wait_over(self, alarm: AlarmRecord) -> datetime:
        """When it has waited for others; one that was seen in the future, before somebody set the
        clock back, has."""
        now = self._keeper.now
        return now if alarm.seen_at > now else alarm.seen_at + self._wait


def _lasts(incident: IncidentRecord | None) -> bool:
    return incident is not None and incident.state in LASTING
