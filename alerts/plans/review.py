"""Which emergency plans somebody must look at again, and what their contacts are told. Pure.

A plan is overdue ``review_days`` after its last review or, never reviewed, after it was put down.
Its contacts are told on the first day and then every so many days.
Tests: tests/alerts/plans/test_plan_review.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from alerts.notify.plain import plain
from aqi.means.calendar import BEIJING
from store.registry.alert_records import PlanRecord


class Overdue(NamedTuple):
    """``since``: the Beijing day by which it had to be reviewed; ``times``: how often its contacts
    ought to have been told until today, from 1."""

    plan: PlanRecord
    since: date
    times: int

    @property
    def about(self) -> str:
        """What its messages are about."""
        return f"plan:{self.plan.code}"

    @property
    def step(self) -> str:
        """One for each time; a review begins them anew."""
        return f"review:{self.since.isoformat()}:{self.times}"


def overdue(plans: Iterable[PlanRecord], today: date, repeat_days: int) -> list[Overdue]:
    """Plans in force that are overdue on a Beijing day, in order of code. Who was told this time
    already is the outbox's to know."""
    found = []
    for plan in plans:
        since = review_by(plan)
        if plan.state == "in_force" and since is not None and today > since:
            times = ((today - since).days - 1) // repeat_days + 1
            found.append(Overdue(plan, since, times))
    return sorted(found, key=lambda one: one.plan.code)


def review_by(plan: PlanRecord) -> date | None:
    """The Beijing day by which it is to be reviewed; None when nobody says since when it is."""
    last = plan.reviewed_at or plan.changed_at
    if last is None:
        return None
    return _day(last) + timedelta(days=plan.review_days)


def review_facts(one: Overdue, today: date) -> dict[str, Any]:
    """What the template "review" is filled from."""
    plan = one.plan
    return {
        "code": plan.code,
        "title": plain(plan.title),
        "region": plan.region,
        "level": plan.level,
        "due": one.since.isoformat(),
        "overdue_days": (today - one.since).days,
        "reviewed": _day(plan.reviewed_at).isoformat() if plan.reviewed_at else "",
    }


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
