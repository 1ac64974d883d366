"""Overdue plans: their contacts, and no others, are told on the first day and then each week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from schedules_rig import Stage, beijing

from store.registry.alert_records import PlanRecord


def plan(stage: Stage, **more: Any) -> PlanRecord:
    """A plan put down on 2026-11-01, to be reviewed each ten days."""
    stage.now = beijing("2026-11-01T12:00")
    record = PlanRecord(title="重污染天气应急预案", review_days=10, reviewed_at=stage.now)
    return stage.registry.plans.put(msgspec.structs.replace(record, **more), "t")


def test_until_somebody_has_looked(stage: Stage) -> None:
    """From the day after, weekly, in each one's language; a review ends it."""
    li, ann = stage.person("Li", sms="13800000000"), stage.person("Ann", "en")
    stage.subscribe(ann, "plans")
    code = plan(stage, contact_ids=[li, ann, 99]).code
    days = [beijing("2026-11-10T09:00") + timedelta(days=n) for n in range(15)]
    for day in days:
        stage.look(day)
        stage.restart()
    told = [(one.step, one.contact_id) for one in stage.told() if one.channel != "app"]
    assert sorted(told) == [
        *(("review:2026-11-11:1", one) for one in (li, ann)),
        *(("review:2026-11-11:2", one) for one in (li, ann)),
    ]
    zh, en = (
        next(one for one in stage.told() if one.contact_id == who and one.channel == way)
        for who, way in ((li, "sms"), (ann, "email"))
    )
    assert f"应急预案 {code}《重污染天气应急预案》应于 2026-11-11 前复审，已逾期1天。" in zh.text
    assert "had to be reviewed by 2026-11-11, 1 day ago" in en.text
    stage.registry.plans.reviewed(code, "li", stage.now)
    before = len(stage.told())
    stage.look("2026-11-26T09:00")
    assert len(stage.told()) == before
    assert stage.service.status()["reviews"]["overdue"] == []


def test_a_plan_that_nobody_is_told_of(stage: Stage) -> None:
    """The status names it."""
    code = plan(stage).code
    stage.look("2026-11-20T09:00")
    assert stage.told() == []
    found = stage.service.status()["reviews"]
    assert (found["overdue"], found["nobody"]) == ([code], [code])


def test_plans_that_do_not_hold(stage: Stage) -> None:
    """Drafts and withdrawn ones are overdue for nobody."""
    li = stage.person("Li")
    plan(stage, contact_ids=[li], state="draft")
    gone = plan(stage, contact_ids=[li])
    stage.registry.plans.withdraw(gone.code, "li")
    stage.look("2026-11-20T09:00")
    assert stage.told() == []
