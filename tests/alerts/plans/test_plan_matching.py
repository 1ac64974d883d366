"""Plans that fit an incident: kind, factor, place, severity, level; the closest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.plans.matching import suggested
from store.registry.alert_records import IncidentRecord, PlanRecord

AT = datetime(2026, 11, 21, tzinfo=UTC)
MN = "A110000_0001"


def incident(**more: Any) -> IncidentRecord:
    """Over the limit at a station in Hangzhou's Xihu district."""
    said: dict[str, Any] = {
        "rule": "over-limit",
        "kind": "over_limit",
        "place": f"mn:{MN}",
        "mn": MN,
        "region": "330106",
        "factor": "a21026",
        "severity": "severe",
        "began": AT,
        "opened_at": AT,
    }
    return IncidentRecord(**(said | more))


def plan(code: str, **more: Any) -> PlanRecord:
    """A plan in force, for everything severe."""
    return PlanRecord(code=code, title=code, **more)


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"kinds": ["over_limit", "offline"]}, True),
        ({"kinds": ["offline"]}, False),
        ({"factors": ["a21026"]}, True),
        ({"factors": ["a34004"]}, False),
        ({"region": "330100"}, True),
        ({"region": "330000"}, True),
        ({"region": "330106"}, True),
        ({"region": "330200"}, False),
        ({"region": "330106001"}, False),
        ({"mns": [MN], "region": "110000"}, True),
        ({"mns": ["ELSEWHERE"]}, False),
        ({"severity": "critical"}, False),
        ({"severity": "notice"}, True),
        ({"level": "I"}, True),
        ({"state": "draft"}, False),
        ({"state": "withdrawn"}, False),
    ],
)
def test_what_a_plan_says_must_be_so(more: dict[str, Any], fits: bool) -> None:
    """What it does not name does not matter."""
    assert bool(suggested([plan("P", **more)], incident())) is fits


def test_level_of_a_warning() -> None:
    """A red warning has plans of level I and those without a level, whatever their severity."""
    red = incident(
        kind="heavy_pollution",
        place="region:330100",
        region="",
        mn="",
        factor="",
        severity="critical",
    )
    plans = [plan(f"P{level}", level=level) for level in ("I", "II", "III", "IV")]
    assert [one.code for one in suggested([*plans, plan("ALL")], red)] == ["PI", "ALL"]
    orange = incident(kind="heavy_pollution", severity="severe")
    assert [one.code for one in suggested(plans, orange)] == ["PII"]
    elsewhere = plan("N", level="I", region="330200")
    assert suggested([elsewhere], red) == []


def test_the_closest_first() -> None:
    """A station's own before a district's before a province's before one for all."""
    plans = [
        plan("D"),
        plan("C", region="330000"),
        plan("B", region="330106"),
        plan("A", mns=[MN]),
        plan("B2", region="330106", kinds=["over_limit"]),
    ]
    found = [one.code for one in suggested(plans, incident())]
    assert found == ["A", "B2", "B", "C", "D"]
    assert len(suggested([plan(f"{n:03}") for n in range(40)], incident())) == 5


def test_place_of_a_group() -> None:
    """An incident of a region has no station and no factor; a plan for a factor is not for it."""
    group = incident(place="region:330100", region="", mn="", factor="", kind="offline")
    assert suggested([plan("R", region="330100")], group)
    assert not suggested([plan("D", region="330106"), plan("F", factors=["a21026"])], group)
    assert not suggested([plan("M", mns=[MN])], group)
    assert not suggested([plan("R", region="33")], incident(region="", place="hub", mn=""))
