"""Summaries of intervals: what they say, to whom, from how many questions, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from schedules_rig import HOUR, Stage, beijing

from alerts.schedules.settings import SchedulesSettings
from store.registry.alert_records import AlarmRecord, IncidentRecord

TODAY = "2026-11-21"


def incident(stage: Stage, opened: str, over: str = "", **more: Any) -> None:
    """One of station A1, opened at a Beijing time."""
    at = beijing(f"{TODAY}T{opened}")
    said: dict[str, Any] = {
        "rule": "offline",
        "kind": "offline",
        "place": "mn:A1",
        "mn": "A1",
        "region": "330106",
        "began": at - timedelta(minutes=15),
        "opened_at": at,
    }
    if over:
        said |= {"state": "recovered", "recovered_at": beijing(f"{TODAY}T{over}")}
    stage.registry.incidents.add(IncidentRecord(**(said | more)))


def test_what_an_hour_says(stage: Stage) -> None:
    """Rank, exceedances with how much, primary pollutant, incidents opened, open and recovered."""
    li, ann = stage.person("Li"), stage.person("Ann", "en")
    for one in (li, ann):
        stage.subscribe(one, "summary", summary_every="hour", regions=["330100"])
    stage.air.polluted |= {"A1": 160, "region:330100": 130}
    incident(stage, "06:30")
    incident(stage, "06:40", "07:20", place="region:330100", mn="", region="330100", count=40)
    incident(stage, "07:10", kind="stuck", severity="severe")
    incident(stage, "07:15", mn="B1", place="mn:B1", region="330200")
    incident(stage, "05:00", "06:59")
    stage.look(f"{TODAY}T08:12")
    zh, en = (one for one in stage.told("summary"))
    assert (zh.about, zh.contact_id) == (f"summary:hour:{TODAY}T07", li)
    assert zh.text.splitlines() == [
        f"{TODAY} 07:00 至 {TODAY} 08:00 小时小结",
        "",
        "空气站点2个，有 AQI 的2个，超标1个。",
        "排名（按本时段 AQI 均值，非正式排名）：",
        "name of region:330100：第3名（共3），AQI 均值130.0",
        "首要污染物：PM2.5（1站次）",
        "超标：",
        "name of A1 PM2.5：1小时，最高 128 µg/m³，分指数160",
        "",
        "事件：新发1起，未恢复2起，已恢复1起。",
        f"A20261121-0003 Station A1 数值不变（严重），{TODAY} 06:55 起",
        f"A20261121-0001 Station A1 离线（警告），{TODAY} 06:15 起",
    ]
    assert "name of region:330100: 3 of 3, mean AQI 130.0" in en.text
    assert "name of A1 PM2.5: 1 h, highest 128 µg/m³, sub-index 160" in en.text
    assert "Incidents: 1 opened, 2 open, 1 recovered." in en.text
    assert zh.facts["short"].startswith(f"小时小结 {TODAY} 07:00：name of region:330100第3名")
    assert zh.expires_at == beijing(f"{TODAY}T10:00")


def test_one_question_for_all_readers(stage: Stage) -> None:
    """However many they are; each sees the stations of his own scope."""
    for number in range(60):
        person = stage.person(f"P{number}")
        scope: dict[str, Any] = ({}, {"regions": ["330200"]}, {"mns": ["C1"]})[number % 3]
        stage.subscribe(person, "summary", summary_every="hour", **scope)
    stage.look(f"{TODAY}T08:12")
    assert len(stage.air.asked) == 1
    assert stage.air.asked[0].places == ("region:*", "stations:*")
    told = stage.told("summary")
    assert len(told) == 60
    assert [one.facts["air"]["stations"] for one in told[:3]] == [4, 1, 1]
    calls = stage.calls
    stage.look(f"{TODAY}T08:13")
    assert stage.calls <= calls + 3  # nothing of it is asked again
    assert len(stage.air.asked) == 1


def test_values_over_a_limit_of_other_media(stage: Stage) -> None:
    """From the alarms; those of the air are told by its sub-indices."""
    li = stage.person("Li")
    stage.subscribe(li, "summary", summary_every="6h")
    begun = beijing(f"{TODAY}T07:10")
    stage.registry.alarms.open(
        AlarmRecord(
            rule="over",
            kind="over_limit",
            subject=f"mn:{mn}",
            mn=mn,
            region="330106",
            factor="w01018",
            began=begun,
            seen_at=begun,
            value=93.5714,
            limit=50.0,
            unit="mg/L",
        )
        for mn in ("W1", "A1")
    )
    stage.closed = beijing(f"{TODAY}T12:00")
    stage.look(f"{TODAY}T12:12")
    (one,) = stage.told("summary")
    assert f"Outlet 化学需氧量：93.6 mg/L（限值 50），{TODAY} 07:10 起" in one.text
    assert one.facts["over_limit_stations"] == 1


def test_day_with_the_ranking_as_published(stage: Stage) -> None:
    """Days are asked for days, and ranked as the bulletin ranks them."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="day")
    stage.publish("2026-11-20", ("330300", "330100", "330200"))
    stage.air.polluted["region:330300"] = 300
    stage.look(f"{TODAY}T08:40")
    (one,) = stage.told("summary")
    assert stage.air.asked[0].level == "day"
    ranks = [(row["name"], row["rank"]) for row in one.facts["air"]["regions"]]
    assert [rank for _, rank in ranks] == [3, 2, 1]
    assert ranks[-1] == ("name of region:330300", 1)
    assert "按已发布的综合指数排名" in one.text


def test_waits_for_means(stage: Stage) -> None:
    """Until it is late; then what there is is told, and that it may lack some."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="hour")
    stage.closed = beijing(f"{TODAY}T07:00")
    stage.look(f"{TODAY}T08:12")
    stage.look(f"{TODAY}T08:39:59")
    assert stage.told() == []
    stage.look(f"{TODAY}T08:40")
    (one,) = stage.told()
    assert "可能不全" in one.text
    assert stage.service.status()["summaries"]["hour"]["note"] == "not all means were made"


def test_store_that_does_not_serve_an_interval(stage: Stage) -> None:
    """Late it is told without the air, with the incidents."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="hour")
    stage.air.away = "the store is locked"
    stage.closed = None
    stage.look(f"{TODAY}T08:12")
    assert stage.told() == []
    stage.look(f"{TODAY}T08:40")
    (one,) = stage.told()
    assert one.facts["air"] is None
    assert "事件：新发0起" in one.text


def test_a_region_that_does_not_exist(stage: Stage) -> None:
    """It is said that no station is there."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="hour", regions=["990000"])
    stage.subscribe(stage.person("Ann"), "summary", summary_every="hour", mns=["NOBODY"])
    stage.look(f"{TODAY}T08:12")
    assert all("订阅范围内没有空气站点" in one.text for one in stage.told())
    assert len(stage.told()) == 2


def test_no_station_has_a_value(stage: Stage) -> None:
    """Nothing to rank; the message stands."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="hour")
    places = (
        "A1",
        "A2",
        "B1",
        "C1",
        *(f"region:{code}" for code in ("330100", "330200", "330300")),
    )
    stage.air.polluted = dict.fromkeys(places, -1)
    stage.look(f"{TODAY}T08:12")
    (one,) = stage.told()
    assert one.facts["air"]["heard"] == 0
    assert one.facts["air"]["regions"] == []
    assert "有 AQI 的0个" in one.text


def test_long_lists_are_cut(stage: Stage) -> None:
    """And it is said how much is left out."""
    stage.subscribe(stage.person("Li"), "summary", summary_every="hour")
    stage.service.configure(SchedulesSettings(lines=2))
    stage.air.polluted = dict.fromkeys(("A1", "A2", "B1"), 210)
    for number in range(5):
        incident(stage, f"07:0{number}")
    stage.look(stage.now + HOUR / 4)
    (one,) = stage.told()
    assert "另有1项未列出" in one.text
    assert "另有3起未列出" in one.text
    assert "另有1个地区未列出" in one.text
