"""Overdue plans: from the day after, told once and then each week, until somebody has looked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alerts.plans.review import overdue, review_by, review_facts
from store.registry.alert_records import PlanRecord

PLAN = PlanRecord(
    code="YA-330100-2026-0001",
    title="重污染天气应急预案",
    review_days=30,
    # The second already in Beijing.
    reviewed_at=datetime(2026, 10, 1, 18, 0, tzinfo=UTC),
)


def changed(**more: Any) -> PlanRecord:
    """The plan with something else."""
    return msgspec.structs.replace(PLAN, **more)


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2026, 11, 1), 0),
        (date(2026, 11, 2), 1),
        (date(2026, 11, 8), 1),
        (date(2026, 11, 9), 2),
        (date(2026, 11, 15), 2),
        (date(2026, 11, 16), 3),
        (date(2027, 11, 1), 53),
    ],
)
def test_when_its_contacts_are_told(day: date, times: int) -> None:
    """Once a week, and a day that was missed is caught up with by the next."""
    assert review_by(PLAN) == date(2026, 11, 1)
    found = overdue([PLAN], day, 7)
    assert [one.times for one in found] == ([times] if times else [])
    if found:
        assert found[0].about == "plan:YA-330100-2026-0001"
        assert found[0].step == f"review:2026-11-01:{times}"


def test_each_week_of_a_year_once() -> None:
    """Looked at each day, the steps are 53."""
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(366)]
    steps = [one.step for day in days for one in overdue([PLAN], day, 7)]
    assert len(set(steps)) == 53


def test_which_plans() -> None:
    """Those in force; one never reviewed counts from when it was put down."""
    today = date(2026, 12, 1)
    never = changed(code="B", reviewed_at=None, changed_at=datetime(2026, 10, 1, tzinfo=UTC))
    others = [
        changed(code="C", state="draft"),
        changed(code="D", state="withdrawn"),
        changed(code="E", reviewed_at=datetime(2026, 11, 30, tzinfo=UTC)),
        changed(code="F", reviewed_at=None, changed_at=None),
    ]
    found = overdue([*others, never, PLAN], today, 7)
    assert [one.plan.code for one in found] == ["B", PLAN.code]
    facts = review_facts(found[0], today)
    assert (facts["due"], facts["overdue_days"], facts["reviewed"]) == ("2026-10-31", 31, "")
    assert review_facts(found[1], today)["reviewed"] == "2026-10-02"
