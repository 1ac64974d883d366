"""Words of messages: every step of every kind in both languages, names that mean harm, speed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from alerts.incidents.terms import Telling
from alerts.notify.wording import LANGUAGES, Wording, render
from store.registry.alert_records import AlarmRecord, IncidentRecord, RuleKind

BEGAN = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)
KINDS = get_args(RuleKind)
STEPS = (
    "opened",
    "worse:2",
    "grown:1",
    "reminder:3",
    "escalated:2",
    "flapping",
    "recovered",
    "reopened:1",
)
PLACES = ("mn:A1", "region:330100", "forward:UP", "hub", "many")
EMPTY = r"None|\{|\}|\(\)|（）|  |[：:] *$|[，,：:][，,：:]|^[，,：: ]|[，, ]$"
HARM = '西湖"</b>{{ 7*7 }}\r\nBcc: a@b\n**[x](http://e)** <at user_id="all">'


class Places:
    """Names of places."""

    def __init__(self, name: str = "西湖站") -> None:
        self._name = name

    def name(self, mn: str) -> str:
        """The same of all."""
        return self._name if mn else ""

    def region_name(self, code: str) -> str:
        """Of one region."""
        return {"330100": "杭州市"}.get(code, code)

    def region(self, mn: str) -> str:
        """The same of all."""
        return "330100" if mn else ""

    def stations_in(self, region: str) -> int:
        """Some."""
        return 300 if region else 0

    def position(self, mn: str) -> None:
        """Nowhere."""
        del mn


def incident(**changes: Any) -> IncidentRecord:
    """PM2.5 of a station, too high."""
    said: dict[str, Any] = {
        "no": "A20261121-0001",
        "rule": "pm25",
        "kind": "over_limit",
        "place": "mn:A1",
        "mn": "A1",
        "region": "330100",
        "factor": "a34004",
        "began": BEGAN,
        "opened_at": BEGAN,
        "value": 182.04,
        "limit": 75.0,
        "unit": "ug/m3",
    }
    return IncidentRecord(**{**said, **changes})


def telling(
    step: str = "opened",
    language: str = "zh",
    name: str = "西湖站",
    *,
    detail: dict[str, Any] | None = None,
    why: str = "",
    **changes: Any,
) -> Telling:
    """A step of it, 90 minutes after it began."""
    now = BEGAN + timedelta(minutes=90)
    if step == "recovered":
        changes = {"recovered_at": now, **changes}
    made = incident(**changes)
    alarms = [
        AlarmRecord(
            rule=made.rule,
            kind=made.kind,
            subject=f"mn:{mn}",
            mn=mn,
            factor=made.factor,
            began=BEGAN,
            seen_at=BEGAN,
            detail=detail or {},
        )
        for mn in ("A1", "A2")
    ]
    return Telling(
        step=step,
        incident=made,
        alarms=alarms,
        language=language,
        places=Places(name),
        now=now,
        why=why,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbers", [True, False], ids=["numbers", "none"])
def test_nothing_is_left_empty(kind: str, language: str, numbers: bool) -> None:
    """No step of a kind leaves brackets, colons or blanks around nothing, or a program's words."""
    figures = {} if numbers else {"value": None, "limit": None, "unit": ""}
    for step in STEPS:
        for place in PLACES:
            for count in (1, 37):
                for factor in ("", "a34004"):
                    told = telling(
                        step,
                        language,
                        kind=kind,
                        place=place,
                        count=count,
                        factor=factor,
                        mn="A1" if place.startswith("mn:") else "",
                        region="" if place in ("hub", "many") else "330100",
                        **figures,
                    )
                    message = render(told)
                    short = message.facts["short"]
                    for text in (message.subject, message.text, short):
                        assert not re.search(
                            EMPTY,
                            text,
                            re.MULTILINE,
                        ), text
                    assert "\n" not in message.subject + short
                    assert message.facts["step"] == step.partition(":")[0]
                    if language == "en":
                        assert not re.search("[，。：【】]", message.text.replace("西湖站", ""))


def test_what_it_says() -> None:
    """In Chinese and in English."""
    wording = Wording(factor_name=lambda _code, _language: "PM2.5", link="https://h/i/{no}")
    message = wording.render(telling("recovered"))
    assert message.subject == "【恢复】西湖站 PM2.5 超出限值 75 µg/m³"
    assert message.text.splitlines() == [
        "已经恢复。",
        "",
        "对象：西湖站（A1）",
        "地区：杭州市",
        "因子：PM2.5（a34004）",
        "内容：超出限值 75 µg/m³",
        "级别：警告",
        "开始：2026-11-21 14:04（北京时间）",
        "恢复：2026-11-21 15:34，历时 1 小时 30 分钟",
        "编号：A20261121-0001",
        "https://h/i/A20261121-0001",
    ]
    message = wording.render(telling("reminder:3", "en"))
    assert message.subject == (
        "[Warning, reminder 3] 西湖站 PM2.5: 182 µg/m³ is above the limit of 75 µg/m³"
    )
    assert "It is not over yet; this is reminder 3." in message.text


@pytest.mark.parametrize(
    ("kind", "changes", "detail", "zh", "en"),
    [
        (
            "over_limit",
            {},
            {"period": "hour"},
            "小时值 182 µg/m³，超出限值 75 µg/m³",
            "hourly value 182 µg/m³ is above the limit of 75 µg/m³",
        ),
        (
            "over_limit",
            {"value": 5.1, "limit": 6.0, "unit": ""},
            {},
            "5.1，低于下限 6",
            "5.1 is below the limit of 6",
        ),
        (
            "offline",
            {"factor": ""},
            {"link": "closed"},
            "没有收到数据，连接已断开",
            "no data received, the connection is closed",
        ),
        ("offline", {}, {}, "没有收到该因子的数据", "no data of this factor"),
        (
            "clock",
            {"value": -400.0, "limit": 300.0, "unit": "s"},
            {"clock": "behind"},
            "设备时钟慢 6 分钟",
            "the clock of the instrument is 6 min behind",
        ),
        (
            "drift",
            {"value": 1.27, "limit": None, "unit": ""},
            {},
            "数值逐渐偏离周边站点（+27%）",
            "the value drifts away from its neighbours (+27%)",
        ),
        (
            "completeness",
            {"value": 0.62, "limit": 0.75, "unit": ""},
            {},
            "数据完整率 62%，低于目标 75%",
            "completeness of 62% is below its target of 75%",
        ),
        (
            "key_age",
            {"value": 400.0, "limit": 365.0, "unit": "d"},
            {},
            "密钥使用过久（已 400 天），请更换",
            "the key is too old (400 d) and should be changed",
        ),
        (
            "forward",
            {"value": 7200.0, "limit": 600.0, "unit": "s"},
            {},
            "数据转发滞后 2 小时",
            "forwarding is behind by 2 h",
        ),
    ],
)
def test_what_is_wrong(
    kind: str, changes: dict[str, Any], detail: dict[str, Any], zh: str, en: str
) -> None:
    """As detectors say it, in words and units that people use."""
    for language, sentence in (("zh", zh), ("en", en)):
        text = render(telling("opened", language, kind=kind, detail=detail, **changes)).text
        assert sentence in text


def test_why_it_is_over() -> None:
    """When it is not because the thing itself came right."""
    assert "说明：the rule changed" in render(telling("recovered", why="the rule\nchanged")).text
    assert "已持续：1 小时 30 分钟" in render(telling("reminder:3")).text
    assert "最后收到：2026-11-21 13:49" in (
        render(telling(kind="offline", detail={"last_seen": "2026-11-21T05:49:00+00:00"})).text
    )


def test_a_group_names_some() -> None:
    """The number of all, and the first by name."""
    message = render(
        telling("opened", place="region:330100", mn="", factor="", kind="offline", count=37)
    )
    assert message.subject == "【警告】杭州市 37 处没有收到数据"
    assert "其中：西湖站、西湖站 等" in message.text


def test_shares_are_percent() -> None:
    """Of what is a share; a unit that says percent is not multiplied again."""
    disk = {"kind": "disk", "place": "hub", "mn": "", "factor": "", "unit": ""}
    assert "剩余 3.4%" in render(telling(**disk, value=0.034, limit=0.1)).subject
    disk["unit"] = "%"
    assert "剩余 3.4%" in render(telling(**disk, value=3.4, limit=10.0)).subject


def test_names_that_mean_harm() -> None:
    """They stay in their line; templates do not fill them."""
    for language in LANGUAGES:
        message = render(telling("opened", language, HARM, acknowledged_by="x\r\ny: z"))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", message.subject + message.text)
        assert "\n" not in message.subject
        assert len(message.subject) <= 120
        assert "{{ 7*7 }}" in message.text
        plain = render(telling("opened", language, acknowledged_by="x y: z"))
        assert message.text.count("\n") == plain.text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        '{% include "text.txt" %}',  # for ever
        "{% for one in range(100000) %}{% for other in range(100000) %}{% endfor %}{% endfor %}",
        "{% for one in range(100) %}{{ 'x' * 10000 }}{% endfor %}",
        "{{ 'x' * 1000000000000000 }}",
        "{{ what.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{% broken",
        "\xff\xfe",
        "",
    ],
)
def test_templates_that_do_harm(tmp_path: Path, text: str) -> None:
    """Ours take their place, whatever they do: an incident is never without words."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "text.txt").write_bytes(text.encode("latin-1"))
    wording = Wording(str(tmp_path))
    said = telling()
    assert wording.render(said) == render(said)
    assert wording.faults == 1


def test_templates_of_the_operator(tmp_path: Path) -> None:
    """They take the place of ours, one by one."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "subject.txt").write_text("报警 {{ no }}", encoding="utf-8")
    wording = Wording(str(tmp_path))
    assert wording.render(telling()).subject == "报警 A20261121-0001"
    assert "对象：西湖站" in wording.render(telling()).text
    assert wording.render(telling(language="en")).subject.startswith("[Warning]")


@pytest.mark.parametrize(
    "broken",
    [
        "{{ nothing }}",
        "{% if %}",
        "",
        "{{ 1 // 0 }}",
        "{{ value.__class__.__mro__ }}",
        "{{ stations[99] }}",
        "{{ value + no }}",
    ],
)
def test_templates_that_fail(tmp_path: Path, broken: str) -> None:
    """Ours are taken, so that nobody goes untold; the fault is known."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "subject.txt").write_text(broken, encoding="utf-8")
    wording = Wording(str(tmp_path))
    assert wording.render(telling()).subject == render(telling()).subject
    assert wording.faults == 1
    assert wording.fault


def test_what_is_not_known_yet() -> None:
    """A kind or step without a template is told all the same."""
    message = render(telling("moved:1", kind="smell"))
    assert message.subject
    assert message.text


def test_digests() -> None:
    """Subjects, and how many more there are."""
    for language in LANGUAGES:
        message = Wording().digest(language, ["一", "二"], 10)
        assert "12" in message.subject
        assert "1. 一\n2. 二" in message.text
        assert "10" in message.text.splitlines()[-1]
        assert message.facts["count"] == 12
