"""Emergency plans with their codes, maintenance windows, and runs of schedules."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from turned_clock import START, TurnedClock

from store.registry.alert_records import MaintenanceRecord, PlanRecord
from store.registry.open import Registry

HOUR = timedelta(hours=1)
PLAN = PlanRecord(
    title="重污染天气应急预案",
    region="330100",
    level="II",
    kinds=["heavy_pollution"],
    factors=["a34004"],
    text="停止土石方作业",
    keywords=["Smog", "橙色"],
    contact_ids=[1, 2],
)


def test_plans_are_numbered_by_region_and_year(registry: Registry, clock: TurnedClock) -> None:
    """Of the Beijing clock; what a plan is called stays, whatever becomes of it."""
    put = registry.plans.put
    first = put(PLAN, "anna")
    assert first == msgspec.structs.replace(
        PLAN, id=first.id, code="YA-330100-2026-0001", who="anna", changed_at=clock.now
    )
    assert put(PLAN, "anna").code == "YA-330100-2026-0002"
    assert put(msgspec.structs.replace(PLAN, region=""), "anna").code == "YA-000000-2026-0001"
    clock.now = START.replace(month=12, day=31, hour=16)
    assert put(PLAN, "anna").code == "YA-330100-2027-0001"
    moved = put(msgspec.structs.replace(first, region="330200"), "bert")
    assert (moved.code, moved.id, moved.who) == (first.code, first.id, "bert")
    assert registry.plans.get(first.code) == moved
    assert put(moved, "carl") == moved
    assert registry.plans.get("YA") is None
    with pytest.raises(KeyError, match="there is no plan YA-1"):
        put(msgspec.structs.replace(PLAN, code="YA-1"), "anna")


def test_plans_are_looked_at_and_withdrawn(registry: Registry) -> None:
    """Both are noted."""
    code = registry.plans.put(PLAN, "anna").code
    assert registry.plans.reviewed(code, "bert", START).reviewed_at == START
    assert registry.plans.withdraw(code, "carl").state == "withdrawn"
    withdrawn, looked, _ = registry.audit.find()
    assert (withdrawn.who, withdrawn.after) == ("carl", {"state": "withdrawn"})
    assert (looked.who, list(looked.after)) == ("bert", ["reviewed_at"])
    with pytest.raises(KeyError, match="there is no plan YA-1"):
        registry.plans.withdraw("YA-1", "carl")


def test_searching_plans(registry: Registry) -> None:
    """Quickly: by words wherever they stand, kind, level, region above or below, state."""
    smog = registry.plans.put(PLAN, "a").code
    spill = PlanRecord(title="化学品泄漏 spill", region="330000", state="draft")
    spill_code = registry.plans.put(spill, "a").code
    every = registry.plans.put(PlanRecord(title="通用", kinds=["offline"]), "a").code

    def found(*args: str, **more: str) -> set[str]:
        return {plan.code for plan in registry.plans.search(*args, **more)}

    assert found() == {smog, spill_code, every}
    assert found("smog 橙色") == found("土石方") == found("yA-330100") == {smog}
    assert found("SPILL smog") == set()
    assert found(kind="heavy_pollution") == {smog, spill_code}
    assert found(level="II") == {smog, spill_code, every}
    assert found(level="I") == {spill_code, every}
    assert found(region="330106") == {smog, spill_code, every}
    assert found(region="330000") == {smog, spill_code, every}
    assert found(region="330200") == {spill_code, every}
    assert found(region="110000") == {every}
    assert found(state="draft") == {spill_code}


def window(**more: object) -> MaintenanceRecord:
    """An hour at one station."""
    values = {"mns": ["A"], "start": START, "end": START + HOUR, "reason": "calibration"}
    return MaintenanceRecord(**{**values, **more})  # type: ignore[arg-type]


def test_maintenance_windows(registry: Registry, clock: TurnedClock) -> None:
    """Kept, found while they may hold, and cancelled once."""
    book = registry.maintenance
    once = book.add(window(), "anna")
    assert once == msgspec.structs.replace(window(), id=once.id, who="anna", at=clock.now)
    weekly = book.add(window(every="week", regions=["3301"], mns=[]), "anna")
    assert book.active(START - HOUR) == []
    assert book.active(START) == [once, weekly]
    assert book.active(START + HOUR) == [weekly]
    assert book.list() == [weekly, once]
    assert book.list(limit=1) == [weekly]
    assert book.list(start=START + HOUR) == [weekly]
    assert book.list(end=START) == []
    cancelled = book.cancel(weekly.id, "bert")
    assert (cancelled.cancelled_by, cancelled.cancelled_at) == ("bert", clock.now)
    assert book.cancel(weekly.id, "carl") == cancelled
    assert book.active(START) == [once]
    assert book.list(cancelled=True) == [cancelled]
    assert book.list(cancelled=False) == [once]
    assert book.get(once.id) == once
    assert [note.what for note in registry.audit.find()] == [
        "maintenance cancelled",
        "maintenance added",
        "maintenance added",
    ]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"end": START}, "a window ends after it begins"),
        ({"mns": []}, "a window names stations, regions or kinds"),
        ({"mns": [], "factors": ["a"]}, "a window names stations, regions or kinds"),
    ],
)
def test_windows_that_make_no_sense(registry: Registry, more: dict[str, object], why: str) -> None:
    """Refused in one sentence; nobody silences everything by forgetting a field."""
    with pytest.raises(ValueError, match=why):
        registry.maintenance.add(window(**more), "anna")
    with pytest.raises(KeyError, match="there is no maintenance 99"):
        registry.maintenance.cancel(99, "anna")


def test_a_schedule_runs_once_for_a_period(registry: Registry) -> None:
    """Also when two processes begin it."""
    runs = registry.runs
    assert runs.begin("ranking", "2026-02-28", START, 12, "on time")
    assert not runs.begin("ranking", "2026-02-28", START + HOUR)
    assert runs.begin("ranking", "2026-03-01", START + 24 * HOUR)
    assert runs.begin("summary", "2026-02-28", START)
    last = runs.last("ranking")
    assert last is not None
    assert (last.period, last.messages) == ("2026-03-01", 0)
    assert [run.period for run in runs.of("ranking", START)] == ["2026-02-28", "2026-03-01"]
    (first,) = runs.of("ranking", START - HOUR)[:1]
    assert (first.at, first.messages, first.note) == (START, 12, "on time")
    assert runs.of("ranking", START + 25 * HOUR) == []
    assert runs.last("other") is None
