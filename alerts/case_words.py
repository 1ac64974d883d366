"""The Chinese sentences of cases that come of alerts: numbers with units, Beijing time.

Plain text; whoever shows it escapes it. Tests: tests/alerts/test_cases.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Protocol

from aqi.factors import pollutant_of
from store.registry.alert_records import AlarmRecord, IncidentRecord

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_NAMES_SHOWN = 10
_KINDS = {
    "over_limit": "超过限值",
    "offline": "无数据上报",
    "stuck": "数值长时间不变",
    "swing": "数值突变",
    "drift": "数值逐渐偏离周边站点",
    "clock": "仪器时钟偏差过大",
    "completeness": "数据完整率不足",
    "bad_frames": "错误报文增多",
    "forward": "数据转发滞后",
    "store_lag": "入库滞后",
    "disk": "磁盘空间不足",
    "key_age": "密钥超期未更换",
    "heavy_pollution": "重污染天气预警",
}
_SEVERITIES = {"notice": "提示", "warning": "警告", "severe": "严重", "critical": "紧急"}


class Whereabouts(Protocol):
    """What is known of stations and regions."""

    def name(self, mn: str) -> str:
        """What people call a station; its MN where it has no name."""

    def region(self, mn: str) -> str:
        """The code of its region, "" for none."""

    def region_name(self, code: str) -> str:
        """What a region is called; its code where nobody says."""

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude, degrees, WGS 84; None where they are not known."""


def moment(at: datetime) -> str:
    """2026-01-31 08:30:00 in Beijing time."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def place_words(place: str, whereabouts: Whereabouts) -> str:
    """What a place of an incident is called."""
    what, _, name = place.partition(":")
    match what:
        case "mn":
            called = _line(whereabouts.name(name))
            return f"{called}（{name}）" if called != name else name
        case "region":
            called = _line(whereabouts.region_name(name))
            return f"{called}（{name}）" if called != name else f"区域 {name}"
        case "forward":
            return f"转发目标 {name}"
    return "多个区域" if place == "many" else "平台"


def title(class_name: str, incident: IncidentRecord, whereabouts: Whereabouts) -> str:
    """One line: what, where, of which factor."""
    what = class_name or _KINDS[incident.kind]
    of = f" {factor_name(incident.factor)}" if incident.factor else ""
    return f"{what}：{place_words(incident.place, whereabouts)}{of}"


def report(
    incident: IncidentRecord, alarms: Sequence[AlarmRecord], whereabouts: Whereabouts
) -> str:
    """What is reported when a case is opened."""
    sentences = [
        f"{moment(incident.began)}（北京时间）起，{_happened(incident, whereabouts)}",
        f"级别：{_SEVERITIES[incident.severity]}；规则：{incident.rule}；"
        f"告警事件：{incident.no}，告警 {incident.count} 条",
    ]
    if not incident.mn and (names := _stations(alarms, whereabouts)):
        sentences.append(f"涉及站点：{names}")
    where = _where(incident, whereabouts)
    return "。".join(sentences + ([where] if where else [])) + "。"


def joined(
    incident: IncidentRecord, alarms: Sequence[AlarmRecord], whereabouts: Whereabouts
) -> str:
    """A comment: further alarms of the same kind."""
    last = max((alarm.began for alarm in alarms), default=incident.began)
    return (
        f"{moment(last)}（北京时间），{_happened(incident, whereabouts)}；"
        f"告警事件：{incident.no}，累计告警 {incident.count} 条，未恢复 {incident.active} 条。"
    )


def recovered(incident: IncidentRecord, at: datetime, whereabouts: Whereabouts) -> str:
    """A comment: all is well again, offered to whoever checks the case."""
    lasted = at - incident.began
    return (
        f"{moment(at)}（北京时间），{place_words(incident.place, whereabouts)}已恢复正常，"
        f"历时 {_span(lasted)}；告警事件：{incident.no}。可作为核查依据，案件不因此结案。"
    )


def factor_name(factor: str) -> str:
    """A pollutant of the air by its name, any other by its code."""
    return pollutant_of(factor) or factor


def unit_words(unit: str) -> str:
    """ug/m3 as people write it."""
    return unit.replace("ug/", "µg/").replace("m3", "m³").replace("m2", "m²")


def _happened(incident: IncidentRecord, whereabouts: Whereabouts) -> str:
    of = f" {factor_name(incident.factor)} " if incident.factor else ""
    words = f"{place_words(incident.place, whereabouts)}{of}{_KINDS[incident.kind]}"
    if not incident.mn and incident.count > 1:
        return f"{words}，共 {incident.count} 个站点或因子"
    return words + _figures(incident)


def _figures(incident: IncidentRecord) -> str:
    if incident.kind not in ("over_limit", "swing", "drift", "completeness"):
        return ""
    said = []
    unit = f" {unit_words(incident.unit)}" if incident.unit else ""
    if incident.value is not None:
        said.append(f"监测值 {incident.value:.6g}{unit}")
    if incident.limit is not None:
        said.append(f"限值 {incident.limit:.6g}{unit}")
    if incident.kind == "over_limit" and incident.value is not None and incident.limit:
        over = incident.value / incident.limit - 1
        if over > 0:
            said.append(f"超标 {over:.1%}")
    return "，" + "，".join(said) if said else ""


def _stations(alarms: Sequence[AlarmRecord], whereabouts: Whereabouts) -> str:
    mns = list(dict.fromkeys(alarm.mn for alarm in alarms if alarm.mn))
    names = "、".join(_line(whereabouts.name(mn)) for mn in mns[:_NAMES_SHOWN])
    return f"{names}等" if len(mns) > _NAMES_SHOWN else names


def _where(incident: IncidentRecord, whereabouts: Whereabouts) -> str:
    said = []
    if incident.mn and (position := whereabouts.position(incident.mn)) is not None:
        said.append(f"位置：{position[0]:.6f}, {position[1]:.6f}（WGS-84）")
    if incident.mn and incident.region:
        name = _line(whereabouts.region_name(incident.region))
        known = f" {name}" if name != incident.region else ""
        said.append(f"所属区域：{incident.region}{known}")
    return "；".join(said)


def _span(lasted: timedelta) -> str:
    minutes = max(0, round(lasted.total_seconds() / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "天"), (hours, "小时"), (minutes, "分钟"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "不到 1 分钟"


def _line(name: str) -> str:
    return " ".join(name.split())
