"""The ranking of yesterday: told when published, said to be missing when late, once a person."""

from __future__ import annotations

import pytest
from schedules_rig import Stage

TODAY = "2026-11-21"
YESTERDAY = "2026-11-20"


def test_each_owner_in_his_language(stage: Stage) -> None:
    """Rank of yesterday and of the month as published, the change, and the station's own AQI."""
    li, ann = stage.person("Li"), stage.person("Ann", "en")
    stage.owns(li, "mn:A1")
    stage.owns(ann, "mn:A1")
    stage.owns(ann, "region:330200")
    stage.air.polluted["A1"] = 132
    stage.publish("2026-11-19", ("330200", "330100", "330300"), index=3.5)
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T08:29")
    assert stage.told() == []
    stage.look(f"{TODAY}T08:30")
    by_mail = {one.contact_id: one for one in stage.told() if one.channel == "email"}
    zh, en = by_mail[li], by_mail[ann]
    assert zh.about == en.about == f"ranking:{YESTERDAY}"
    assert "City 330100 第1名（共3）" in zh.subject
    assert "昨日第1名（共3），前一日第2名，综合指数3.10（-0.60）" in zh.text
    assert "本月第1名（共3）" in zh.text
    assert "Station A1：AQI 132（轻度污染），首要污染物PM2.5" in zh.text
    assert "City 330200: rank 2 of 3 yesterday (the day before 1), index 3.20 (-0.40)" in en.text
    assert "Station A1: AQI 132 (Lightly polluted), primary pollutant PM2.5" in en.text
    assert "第1名" in zh.facts["short"]
    assert zh.facts["stations"][0]["aqi"] == 132
    assert stage.service.status()["ranking"]["messages"] == 4  # two people, e-mail and pages


def test_not_published_at_half_past_eight(stage: Stage) -> None:
    """It is told as soon as it is."""
    stage.owns(stage.person("Li", email="a@b.cn"), "mn:A1")
    stage.look(f"{TODAY}T08:30")
    stage.look(f"{TODAY}T09:59")
    assert stage.told() == []
    assert stage.service.status()["ranking"]["state"] == "not published yet"
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T10:00")
    assert len(stage.told("ranking")) == 2
    stage.look(f"{TODAY}T12:00")
    assert {one.step for one in stage.told()} == {"sent"}


@pytest.mark.parametrize("published_late", [False, True])
def test_none_when_it_is_late(stage: Stage, published_late: bool) -> None:
    """At noon it is said that there is none; what comes afterwards is not sent any more."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish("2026-11-18")
    stage.look(f"{TODAY}T11:59")
    assert stage.told() == []
    stage.look(f"{TODAY}T12:00")
    (one,) = stage.told()
    assert (one.step, one.about) == ("missing", f"ranking:{YESTERDAY}")
    assert "尚未发布" in one.text
    if published_late:
        stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T12:01")
    stage.restart()
    stage.look(f"{TODAY}T12:59")
    assert len(stage.told()) == 1


def test_nothing_is_missed_where_there_never_was_one(stage: Stage) -> None:
    """A network of outlets has no ranking: nobody is told each day that there is none."""
    stage.owns(stage.person("Li"), "mn:W1")
    stage.look(f"{TODAY}T12:00")
    assert stage.told() == []
    assert stage.service.status()["ranking"]["state"] == "none is published here"


def test_a_hub_that_comes_too_late(stage: Stage) -> None:
    """Published in time, told by nobody: neither a late ranking nor a false word."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T12:30")
    assert stage.told() == []
    assert stage.service.status()["ranking"]["state"] == "published, too late to be told"


def test_corrections(stage: Stage) -> None:
    """Not told again by itself; where it is wanted, each version once."""
    stage.subscribe(stage.person("Li"), "ranking")
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T08:30")
    stage.publish(YESTERDAY, index=4.0)
    stage.look(f"{TODAY}T08:31")
    stage.restart()
    assert len(stage.told()) == 1
    stage.restart(ranking_again=True)
    for _ in range(2):
        stage.look(f"{TODAY}T08:33")
    stage.restart(ranking_again=True)
    assert [one.step for one in stage.told()] == ["sent", "correction:2"]
    assert "第2版" in stage.told()[1].text
    stage.publish(YESTERDAY, index=5.0)
    stage.look(f"{TODAY}T08:34")
    assert [one.step for one in stage.told()] == ["sent", "correction:2", "correction:3"]


def test_scopes(stage: Stage) -> None:
    """A province's cities, a district's city, all, and a region that does not exist."""
    everybody, province, district, nowhere = (stage.person(name) for name in "abcd")
    stage.subscribe(everybody, "ranking")
    stage.subscribe(province, "ranking", regions=["330000"])
    stage.subscribe(district, "ranking", regions=["330106"])
    stage.subscribe(nowhere, "ranking", regions=["999999"], mns=["NOBODY"])
    stage.publish(YESTERDAY)
    stage.look(f"{TODAY}T08:30")
    told = {one.contact_id: one for one in stage.told()}
    assert len(told[everybody].facts["whole"]["best"]) == 3
    assert [one["rank"] for one in told[province].facts["places"]] == [1, 2, 3]
    assert [one["name"] for one in told[district].facts["places"]] == ["City 330100"]
    assert "999999、NOBODY" in told[nowhere].text


def test_store_that_does_not_serve(stage: Stage) -> None:
    """Half an hour of patience, then without the stations' own AQI."""
    stage.owns(stage.person("Li"), "mn:A1")
    stage.publish(YESTERDAY)
    stage.air.away = "the store is locked"
    stage.look(f"{TODAY}T08:30")
    stage.look(f"{TODAY}T08:59")
    assert stage.told() == []
    assert stage.service.status()["error"] == "the store is locked"
    stage.look(f"{TODAY}T09:00")
    assert {one.facts["stations"][0]["aqi"] for one in stage.told()} == {None}
    assert stage.service.status()["error"] == ""


def test_owners_may_be_left_out(stage: Stage) -> None:
    """By the settings; subscribers are told."""
    li, ann = stage.person("Li"), stage.person("Ann")
    stage.owns(li, "mn:A1")
    stage.subscribe(ann, "ranking")
    stage.publish(YESTERDAY)
    stage.restart(ranking_owners=False)
    stage.look(f"{TODAY}T08:30")
    assert {one.contact_id for one in stage.told()} == {ann}
