"""Cases at the desk, and how they come of incidents by themselves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from desk_rig import Desk

from hj212d.hub.alert_desk.case_deeds import CaseGet, CaseList, CaseOpen, CaseVerify, CaseVoid
from hj212d.hub.alert_desk.incident_deeds import IncidentGet
from hj212d.hub.alert_desk.rule_deeds import RulePut
from hj212d.hub.decisions.deeds import Unknown

FRAME = {"lane": "w0", "position": 4096}


def opens(desk: Desk, how: str = "open") -> None:
    """Rule "offline" opens cases."""
    desk(RulePut, key="offline", fields={"case": how})


def again(desk: Desk, mn: str, **after: float) -> str:
    """The alarm of a station ends, is over for good, and comes again; its new incident."""
    (alarm,) = desk.registry.alarms.active(mns=[mn])
    desk.tells(mn, "cleared", began=alarm.began)
    desk.later(**after)
    desk.later(**after)
    return desk.incident(mn)


def test_a_case_is_opened_once_and_followed(desk: Desk) -> None:
    """Text and place, evidence with the raw frame; recovery is attached and closes nothing; a new
    incident joins the case that is open."""
    opens(desk)
    no = desk.incident("A", detail=FRAME)
    (case,) = desk(CaseList)["cases"]
    assert (case["class_code"], case["class_name"]) == ("90002", "监测点位断线")
    assert case["title"] == "监测点位断线：站A（A）"
    assert "2026-03-02 08:00:00（北京时间）起" in case["text"]
    assert (case["longitude"], case["region"], case["mn"]) == (120.1, "330106", "A")
    shown = desk(IncidentGet, no=no)
    assert shown["incident"]["case_no"] == case["case_no"] == shown["case"]["case_no"]
    assert [one["text"] for one in shown["log"] if one["event"] == "case"] == [
        f"case {case['case_no']} opened"
    ]
    second = again(desk, "A", hours=2)
    assert second != no
    assert len(desk(CaseList)["cases"]) == 1
    log = desk(CaseGet, no=case["case_no"])
    assert [entry["event"] for entry in log["log"]] == ["report", "recovered", "comment"]
    assert log["log"][0]["payload"]["frames"] == ["w0:4096"]
    assert log["log"][1]["payload"]["offered_as"] == "check evidence"
    assert "案件不因此结案" in log["log"][1]["text"]
    assert (log["case"]["state"], log["broken"]) == ("reported", None)
    assert desk(IncidentGet, no=second)["incident"]["case_no"] == case["case_no"]


def test_a_suggested_case_is_opened_by_a_person(desk: Desk) -> None:
    """The log suggests it once; opened by hand it is the person's; a second one is refused."""
    opens(desk, "suggest")
    no = desk.incident("A")
    assert desk(CaseList)["cases"] == []
    suggested = [one for one in desk(IncidentGet, no=no)["log"] if one["event"] == "case"]
    assert [one["text"] for one in suggested] == ["case of class 90002 suggested"]
    case = desk(CaseOpen, incident=no)["case"]
    assert desk(CaseGet, no=case["case_no"])["log"][0]["who"] == "anna"
    assert desk.refusal(CaseOpen, incident=no) == (
        f"incident = {no}: has the case {case['case_no']}"
    )


def test_a_voided_case_frees_its_place(desk: Desk) -> None:
    """Of the same incident nothing more comes; a new one opens another."""
    opens(desk)
    no = desk.incident("A")
    (case,) = desk(CaseList)["cases"]
    assert "reason is missing" in desk.refusal(CaseVoid, no=case["case_no"], reason="  ")
    assert desk(CaseVoid, no=case["case_no"], reason="误报")["case"]["state"] == "voided"
    assert "is over: voided" in desk.refusal(CaseVoid, no=case["case_no"], reason="again")
    desk.later(minutes=1)
    assert desk(CaseList)["cases"] == []
    assert desk(IncidentGet, no=no)["case"]["state"] == "voided"
    again(desk, "A", hours=2)
    (other,) = desk(CaseList)["cases"]
    assert other["case_no"] != case["case_no"]
    assert len(desk(CaseList, state=["voided"])["cases"]) == 1


def test_a_region_has_one_case(desk: Desk) -> None:
    """However many of its stations went dark, and however long it grows."""
    opens(desk)
    mns = [f"S{n:02}" for n in range(40)]
    desk.stations(*mns)
    for mn in mns[:20]:
        desk.tells(mn)
    desk.later(minutes=5)
    for mn in mns[20:]:
        desk.tells(mn)
        desk.later(seconds=90)
    cases = desk(CaseList)["cases"]
    regional = [case for case in cases if case["mn"].startswith("region:")]
    assert len(cases) == len(regional) == 1
    (case,) = regional
    assert "西湖区（330106）" in case["title"]
    events = [entry["event"] for entry in desk(CaseGet, no=case["case_no"])["log"]]
    assert events == ["report", "comment"]


def test_logs_of_cases_are_verified(desk: Desk) -> None:
    """A line that somebody changed in the database shows."""
    opens(desk)
    for mn in ("A", "B"):
        desk.incident(mn)
    numbers = [case["case_no"] for case in desk(CaseList)["cases"]]
    assert desk(CaseVerify) == {"verified": 2, "broken": []}
    with desk.registry.cases._database.writing() as connection:
        connection.execute(sa.text("UPDATE case_entries SET text = 'x' WHERE id = 1"))
    broken = desk(CaseVerify)["broken"]
    assert broken == [{"case_no": numbers[1], "entry": 1}]
    assert desk(CaseVerify, no=numbers[0]) == {"verified": 1, "broken": []}
    assert desk(CaseGet, no=numbers[1])["broken"]["id"] == 1
    first = desk(CaseVerify, limit=1)
    assert (first["verified"], "next" in first) == (1, True)


def test_what_is_wrong_with_a_case(desk: Desk) -> None:
    """One sentence."""
    no = desk.incident("A")
    assert desk.refusal(CaseOpen, incident=no, class_code="12").startswith('class_code = "12"')
    assert desk.refusal(CaseList, state=["lost"]).startswith('state = "lost": expected one of')
    with pytest.raises(Unknown, match="there is no incident X"):
        desk(CaseOpen, incident="X")
    with pytest.raises(Unknown, match="there is no case X"):
        desk(CaseGet, no="X")
    assert desk(CaseOpen, incident=no, class_code="08004")["case"]["class_name"] == ""
