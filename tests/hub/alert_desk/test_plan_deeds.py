"""Emergency plans at the desk: codes, search, changes, reviews, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk.contact_deeds import ContactPut
from hj212d.hub.alert_desk.incident_deeds import IncidentGet
from hj212d.hub.alert_desk.plan_deeds import (
    MOST_TEXT,
    PlanGet,
    PlanPut,
    PlanReview,
    Plans,
    PlanWithdraw,
)
from hj212d.hub.decisions.deeds import Unknown


def add(desk: Desk, title: str, **said: Any) -> dict[str, Any]:
    """Put one down."""
    found: dict[str, Any] = desk(PlanPut, fields={"title": title, **said})["plan"]
    return found


def codes(desk: Desk, **asked: Any) -> list[str]:
    """Codes of what is found."""
    return [one["code"] for one in desk(Plans, **asked)["plans"]]


def test_codes_by_region_and_year(desk: Desk) -> None:
    """Counted in each by themselves; they stay when the region changes."""
    found = [add(desk, "a", region="330100"), add(desk, "b", region="330100"), add(desk, "c")]
    assert [one["code"] for one in found] == [
        "YA-330100-2026-0001",
        "YA-330100-2026-0002",
        "YA-000000-2026-0001",
    ]
    desk.now += timedelta(days=366)
    desk(PlanPut, code="ya-330100-2026-0002", fields={"region": "330200", "title": "B"})
    kept = desk(PlanGet, code="YA-330100-2026-0002")["plan"]
    assert (kept["region"], kept["title"]) == ("330200", "B")


def test_quick_search(desk: Desk) -> None:
    """All words, in title, keywords, code or text; by kind, level, region and state."""
    red = add(
        desk,
        "重污染天气应急预案",
        region="330100",
        level="I",
        kinds=["heavy_pollution"],
        keywords="停产,限行",
        text="第一条 启动红色预警响应",
    )["code"]
    leak = add(desk, "VOCs 泄漏处置", kinds="over_limit", factors="a24088", state="draft")["code"]
    assert codes(desk, text="限行") == [red]
    assert codes(desk, text="红色 重污染") == [red]
    assert codes(desk, text="vocs") == [leak]
    assert codes(desk, text="0001 处置") == [leak]
    assert codes(desk, text="红色 泄漏") == []
    assert codes(desk, kind="over_limit") == [leak]
    assert codes(desk, level="I") == sorted([leak, red])  # one without a level is for all
    assert codes(desk, region="330106") == sorted([leak, red])
    assert codes(desk, region="440000") == [leak]
    assert codes(desk, state="draft") == [leak]
    answer = desk(Plans, limit=1)
    assert (len(answer["plans"]), answer["more"]) == (1, 1)
    assert "text" not in answer["plans"][0]
    assert answer["plans"][0]["characters"] in (0, 12)


def test_what_follows_from_a_level(desk: Desk) -> None:
    """A severity, unless one is said; a plan that is put down counts as reviewed."""
    assert add(desk, "a", level="III")["severity"] == "warning"
    assert add(desk, "b", level="III", severity="critical")["severity"] == "critical"
    kept = add(desk, "c", review_days="30")
    assert (kept["severity"], kept["review_by"]) == ("severe", "2026-04-01")
    assert add(desk, "d", reviewed_at="2025-01-01")["review_by"] == "2026-01-01"


def test_reviewed_and_withdrawn(desk: Desk) -> None:
    """A review begins the time anew; a withdrawn plan has none, and stays."""
    code = add(desk, "a", review_days=10)["code"]
    desk.now += timedelta(days=20)
    assert desk(PlanReview, code=code)["plan"]["review_by"] == "2026-04-01"
    assert desk(PlanWithdraw, code=code)["plan"]["state"] == "withdrawn"
    assert codes(desk, state="in_force") == []
    assert codes(desk) == [code]
    assert "was withdrawn" in desk.refusal(PlanReview, code=code)


def test_contacts(desk: Desk) -> None:
    """By name or number; a plan without any says so, and so does a region without stations."""
    person = desk(ContactPut, fields={"name": "李工"})["contact"]["id"]
    answer = desk(PlanPut, fields={"title": "a", "contacts": ["李工"], "region": "990000"})
    assert answer["plan"]["contact_ids"] == [person]
    assert answer["warnings"] == ["no station is in region 990000 yet"]
    found = desk(PlanGet, code=answer["plan"]["code"])["plan"]
    assert found["contacts"] == [{"id": person, "name": "李工"}]
    (said,) = desk(PlanPut, fields={"title": "b"})["warnings"]
    assert "it has no contacts" in said
    with pytest.raises(Unknown, match="no contact 王"):
        desk(PlanPut, fields={"title": "c", "contacts": "王"})


def test_a_plan_of_200_kilobytes(desk: Desk) -> None:
    """It is kept whole, found by a word at its end, and listed without its text."""
    long = "第一条 总则。\n" * 22_000 + "末尾"
    code = add(desk, "a", text=long)["code"]
    assert desk(PlanGet, code=code)["plan"]["text"] == long
    assert codes(desk, text="末尾") == [code]
    assert "expected a text of" in desk.refusal(
        PlanPut, fields={"title": "b", "text": "x" * (MOST_TEXT + 1)}
    )


def test_what_is_refused(desk: Desk) -> None:
    """Field and value are named; nothing is kept."""
    code = add(desk, "a")["code"]
    for fields, words in (
        ({}, "title is missing"),
        ({"title": " "}, "title is missing"),
        ({"title": "b", "level": "V"}, 'level = "V"'),
        ({"title": "b", "kinds": ["flood"]}, 'kinds = "flood"'),
        ({"title": "b", "region": "33010"}, 'region = "33010"'),
        ({"title": "b", "severity": "bad"}, 'severity = "bad"'),
        ({"title": "b", "state": "old"}, 'state = "old"'),
        ({"title": "b", "review_days": 0}, "review_days = 0"),
        ({"title": "b", "review_days": True}, "review_days = true"),
        ({"title": "b", "reviewed_at": "soon"}, 'reviewed_at = "soon"'),
        ({"title": "b", "code": "YA-1"}, "a plan has no such field"),
    ):
        assert words in desk.refusal(PlanPut, fields=fields)
    assert codes(desk) == [code]
    for kind in (PlanGet, PlanReview, PlanWithdraw):
        with pytest.raises(Unknown, match="there is no plan"):
            desk(kind, code="YA-1")
    with pytest.raises(Unknown):
        desk(PlanPut, code="YA-000000-2026-0002", fields={"title": "b"})


def test_suggested_with_an_incident(desk: Desk) -> None:
    """Those in force that fit it, the closest first."""
    desk.stations("A")
    near = add(desk, "near", region="330106", severity="notice")["code"]
    far = add(desk, "far", severity="notice")["code"]
    add(desk, "other", region="440000", severity="notice")
    add(desk, "draft", state="draft", severity="notice")
    desk.tells("A")
    desk.later(minutes=5)
    no = desk.registry.incidents.list()[0].no
    found = desk(IncidentGet, no=no)["plans"]
    assert [one["code"] for one in found] == [near, far]
