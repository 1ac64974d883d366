"""Cases of alerts: their class, their words, and that one alone is open of a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts import case_words
from alerts.case_classes import class_name, class_of, problem
from alerts.cases import confirmed, unconfirmed
from store.registry.alert_records import AlarmRecord, IncidentRecord, RuleRecord

T0 = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)


class Places:
    """Two stations of Hangzhou; names as people type them."""

    def name(self, mn: str) -> str:
        """As registered."""
        return {"A": "西湖\n站", "B": "<b>乙</b>"}.get(mn, mn)

    def region(self, mn: str) -> str:
        """All in one county."""
        return "330106" if mn else ""

    def region_name(self, code: str) -> str:
        """Of the county alone."""
        return {"330106": "西湖区"}.get(code, code)

    def position(self, mn: str) -> tuple[float, float] | None:
        """Of A alone."""
        return (120.1, 30.2) if mn == "A" else None


def incident(**said: object) -> IncidentRecord:
    """PM2.5 above its limit at A."""
    fields: dict[str, object] = {
        "id": 1,
        "no": "A20260301-0001",
        "rule": "air-over",
        "kind": "over_limit",
        "place": "mn:A",
        "mn": "A",
        "region": "330106",
        "factor": "a34004",
        "began": T0,
        "opened_at": T0 + timedelta(seconds=30),
        "value": 180.0,
        "limit": 150.0,
        "unit": "ug/m3",
    }
    return IncidentRecord(**{**fields, **said})  # type: ignore[arg-type]


def alarm(mn: str = "A", **said: object) -> AlarmRecord:
    """One of it."""
    fields: dict[str, object] = {
        "rule": "air-over",
        "kind": "over_limit",
        "subject": f"mn:{mn}",
        "mn": mn,
        "factor": "a34004",
        "began": T0,
        "seen_at": T0 + timedelta(seconds=30),
    }
    return AlarmRecord(**{**fields, **said})  # type: ignore[arg-type]


def rule(**said: object) -> RuleRecord:
    """One that opens cases."""
    fields: dict[str, object] = {"key": "air-over", "kind": "over_limit", "case": "open"}
    return RuleRecord(**{**fields, **said})  # type: ignore[arg-type]


def test_class_by_kind_and_medium() -> None:
    """What telemetry reports has a class of the platform; the platform's own troubles none."""
    assert class_of("over_limit", "air") == "90001"
    assert class_of("over_limit", "dust") == "90004"
    assert class_of("over_limit", "noise") == "90005"
    assert class_of("over_limit", "water") == "90006"
    assert (class_of("offline", "water"), class_of("stuck"), class_of("disk")) == (
        "90002",
        "90003",
        "",
    )
    assert class_name("90003") == "数据异常（恒值/突变）"
    assert problem("9001")
    assert not problem("08004")


def test_words_of_a_case() -> None:
    """Numbers with units, Beijing time, name and position of the station."""
    assert case_words.title("污染物超标", incident(), Places()) == (
        "污染物超标：西湖 站（A） PM2.5"
    )
    assert case_words.report(incident(), [alarm()], Places()) == (
        "2026-03-01 08:00:00（北京时间）起，西湖 站（A） PM2.5 超过限值，监测值 180 µg/m³，"
        "限值 150 µg/m³，超标 20.0%。级别：警告；规则：air-over；告警事件：A20260301-0001，"
        "告警 1 条。位置：120.100000, 30.200000（WGS-84）；所属区域：330106 西湖区。"
    )


def test_words_of_a_region() -> None:
    """One case tells of all its stations, by name the first of them."""
    outage = incident(
        kind="offline", place="region:330106", mn="", factor="", count=23, value=None, limit=None
    )
    assert case_words.title("监测点位断线", outage, Places()) == "监测点位断线：西湖区（330106）"
    text = case_words.report(outage, [alarm("A"), alarm("B"), alarm("B")], Places())
    assert "西湖区（330106）无数据上报，共 23 个站点或因子。" in text
    assert "涉及站点：西湖 站、<b>乙</b>。" in text
    many = case_words.report(outage, [alarm(f"M{n}") for n in range(11)], Places())
    assert "、M9等。" in many


def test_words_of_a_recovery() -> None:
    """How long it lasted, and that the case stays open."""
    text = case_words.recovered(incident(), T0 + timedelta(days=1, minutes=125), Places())
    assert "历时 1 天 2 小时 5 分钟" in text
    assert text.endswith("可作为核查依据，案件不因此结案。")
    assert "不到 1 分钟" in case_words.recovered(incident(), T0, Places())


def test_one_sample_confirms_nothing() -> None:
    """Two do, and a mean of an hour, and whatever is not about a limit."""
    one, two = {"period": "realtime", "samples": 1}, {"period": "realtime", "samples": 2}
    assert not confirmed(rule(), [alarm(detail=one)])
    assert confirmed(rule(), [alarm(detail=one), alarm(detail=two)])
    assert confirmed(rule(), [alarm(detail={"samples": 1, "period": "hour"})])
    assert confirmed(rule(), [alarm(kind="offline", detail=one)])
    assert not confirmed(rule(params={"in_a_row": 1}), [alarm(detail={"period": "minute"})])
    assert confirmed(rule(params={"in_a_row": 2}), [alarm(detail={"period": "minute"})])


def test_cases_of_single_samples_are_refused() -> None:
    """A rule that opens or suggests cases waits for two samples; means need not."""
    single = {"period": "realtime", "in_a_row": 1}
    assert "in_a_row = 1" in unconfirmed(rule(params=single, case="suggest"))
    assert unconfirmed(rule(params=single, case="none")) == ""
    assert unconfirmed(rule(params={**single, "period": "hour"})) == ""
    assert unconfirmed(rule(kind="offline", params=single)) == ""
