"""What the clock's messages need of the registry, and how they get into it: functions for its
thread.

A run and its messages are one transaction: a kill leaves both or none. Of many messages the first
ones are added before; told again the outbox knows them.
Tests: tests/hub/schedules/test_killed_telling.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alerts.schedules.due import DAY, RANKING, Run
from alerts.schedules.ranking import Ranking, ranking_of
from alerts.schedules.recipients import People
from store.registry.alert_records import (
    OPEN_INCIDENTS,
    AlarmRecord,
    IncidentRecord,
    MessageRecord,
    PlanRecord,
    RunRecord,
)
from store.registry.open import Registry

LATELY = 7 * DAY  # a network of which a ranking was published in this time has one
MOST_INCIDENTS = 20_000
MOST_ALARMS = 10_000
_NO_RANKING = Ranking()


class RankingFound(msgspec.Struct, frozen=True):
    """``told``: the run that told it. ``ranking``: as published, None when it is not yet;
    ``lately``: whether one was in the days before."""

    told: RunRecord | None
    ranking: Ranking | None
    before: Ranking
    lately: bool


class IntervalFound(msgspec.Struct, frozen=True):
    """What the registry knows of an interval."""

    incidents: Sequence[IncidentRecord]
    limits: Sequence[AlarmRecord]
    ranking: Ranking


def people(registry: Registry) -> People:
    """All contacts, what they subscribed to and answer for."""
    return People(
        registry.contacts.all(), registry.subscriptions.all(), registry.site_contacts.all()
    )


def subscribed(registry: Registry) -> People:
    """The same without who answers for what, which are many."""
    return People(registry.contacts.all(), registry.subscriptions.all(), ())


def run_of(registry: Registry, run: Run) -> RunRecord | None:
    """The run as it was made; None when nobody made it."""
    made = registry.runs.of(run.schedule, run.start)
    return next((one for one in made if one.period == run.period), None)


def ranking_found(registry: Registry, run: Run) -> RankingFound:
    """What there is of the ranking of a day."""
    told = run_of(registry, run._replace(schedule=RANKING))
    ranking = _ranking(registry, run.start)
    if ranking is None:
        since = run.start - LATELY
        lately = registry.bulletins.list(RANKING, None, since, run.start, limit=1)
        return RankingFound(told, None, _NO_RANKING, bool(lately))
    before = _ranking(registry, run.start - DAY) or _NO_RANKING
    return RankingFound(told, ranking, before, lately=True)


def interval_found(registry: Registry, run: Run) -> IntervalFound:
    """Incidents and values over a limit of an interval; of a day its ranking, too."""
    incidents = registry.incidents
    found = incidents.list(states=OPEN_INCIDENTS, limit=MOST_INCIDENTS)
    # An incident is closed a day after it is over unless somebody closes it before.
    closed = incidents.list(states=("closed",), start=run.start - LATELY, limit=MOST_INCIDENTS)
    limits = registry.alarms.find(
        kind="over_limit", start=run.start, end=run.end, limit=MOST_ALARMS
    )
    of_day = run.end - run.start == DAY
    ranking = (_ranking(registry, run.start) if of_day else None) or _NO_RANKING
    return IntervalFound([*found, *closed], limits, ranking)


def plans_in_force(registry: Registry) -> tuple[list[PlanRecord], People]:
    """Emergency plans, and whom to tell of them."""
    return registry.plans.search(state="in_force"), subscribed(registry)


def add(registry: Registry, messages: Sequence[MessageRecord]) -> int:
    """Messages into the outbox; how many are new."""
    return len(registry.outbox.add(messages))


def tell(
    registry: Registry,
    run: Run,
    messages: Sequence[MessageRecord],
    before: int,
    now: datetime,
    note: str = "",
) -> int | None:
    """Note a run as made and add its last messages; how many it has, ``before`` of which were
    added before. None, and nothing is added, when it was made already."""
    total = before + len(messages)
    if not registry.runs.begin(run.schedule, run.period, now, total, note):
        return None
    registry.outbox.add(messages)
    return total


def _ranking(registry: Registry, day: datetime) -> Ranking | None:
    found = registry.bulletins.list(
        RANKING, None, day, day + timedelta(microseconds=1), newest_only=True
    )
    if not found:
        return None
    # As they are configured, of which the first counts: kept in that order.
    ordered = sorted(found, key=lambda one: one.id)
    return ranking_of((one.version, _content(one.content)) for one in ordered)


def _content(text: str) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(text)
    return decoded
