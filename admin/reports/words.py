"""Chinese of reports: kinds, marks, statistics, periods. The one list of these words.

Tests: tests/admin/test_report_words.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast

from aqi.factors import POLLUTANTS
from aqi.means.calendar import Level, label

BEIJING = timedelta(hours=8)

KINDS = {
    "hour": "小时报",
    "day": "日报",
    "tenday": "旬报",
    "week": "周报",
    "month": "月报",
    "quarter": "季报",
    "year": "年报",
    "span": "统计报告",
}
LEVELS = {
    "minute": "分钟",
    "hour": "小时",
    "day": "日",
    "tenday": "旬",
    "week": "周",
    "month": "月",
    "quarter": "季",
    "year": "年",
    "span": "时段",
}
# Marks of means (aqi/means/marks.py) and of judgements.
MARKS = {
    "review": "人工审核剔除",
    "flag": "仪器标记无效",
    "negative": "负值",
    "absurd": "异常值",
    "future": "仪器时钟超前",
    "unit": "单位不符",
    "event": "异常事件剔除",
    "short": "有效数据不足",
    "none": "无数据",
    "missing": "缺项",
    "sites": "有效点位不足",
    "NA": "NA",
    "two_standards": "跨新旧标准，按时段末的标准评价",
    "unconfirmed_method": "方法未经文件确认",
    "assumed_formula": "三年均值算法为推定",
}
# Marks that say something of a value, not against it.
REMARKS = ("two_standards", "unconfirmed_method", "assumed_formula")
STATISTICS = {
    "mean": "平均值",
    "p90": "第90百分位数",
    "p95": "第95百分位数",
    "p98": "第98百分位数",
    "days": "日达标率",
    "index": "综合指数",
    "good_days": "优良天数",
    "good_share": "优良天数比例",
    "heavy_days": "重度及以上污染天数",
    "valid_days": "有效天数",
    "all_items": "全部项目",
    "mda8": "日最大8小时平均",
    "max1h": "日最大1小时平均",
    "leq": "等效声级",
    "ld": "昼间等效声级",
    "ln": "夜间等效声级",
    "ldn": "昼夜等效声级",
    "vector": "矢量平均",
    "total": "累计量",
    "zs": "折算平均值",
}
KEYS = {
    "index": "综合指数",
    "good_days": "优良天数比例",
    "pm25": "PM2.5",
    "pm10": "PM10",
    "so2": "SO2",
    "no2": "NO2",
    "co": "CO",
    "o3": "O3",
}
EVENTS = {"with": "含异常事件", "without": "剔除异常事件"}
STANDARDS = {
    "HJ633-2012": "HJ 633-2012",
    "HJ633-2026": "HJ 633-2026",
    "GB3095-2012": "GB 3095-2012",
    "GB3095-2026-transition": "GB 3095-2026（过渡期限值）",
    "GB3095-2026-final": "GB 3095-2026",
}
SOURCES = {
    "reported": "仪器上报",
    "realtime": "实时数据计算",
    "minute": "分钟数据计算",
    "hour": "小时数据计算",
    "day": "日数据计算",
}
LEVEL_NAMES = ("优", "良", "轻度污染", "中度污染", "重度污染", "严重污染")
UNITS = {
    "ug/m3": "μg/m³",
    "mg/m3": "mg/m³",
    "ng/m3": "ng/m³",
    "m3/s": "m³/s",
    "degC": "℃",
    "deg": "°",
    "dB": "dB",
    "d": "天",
    "1": "",
}
_PARTS = ("上旬", "中旬", "下旬")


@lru_cache(4096)
def mark_words(marks: str | None) -> str:
    """Marks as people read them: ``short;PM10:none`` is 有效数据不足、PM10无数据. A mark that
    has no words here stays as it is; one that all six pollutants have is said once."""
    every = [one for one in (marks or "").split(";") if one]
    for mark, words in MARKS.items():
        six = [f"{pollutant}:{mark}" for pollutant in POLLUTANTS]
        if set(six) <= set(every):
            first = every.index(six[0])
            every = [one for one in every[:first] if one not in six] + [
                f"六项{words}",
                *(one for one in every[first:] if one not in six),
            ]
    return "、".join(_mark(one) for one in every)


@lru_cache(4096)
def doubts(marks: str | None) -> str:
    """In words those marks for which a value does not count: none that only remark something."""
    return mark_words(";".join(one for one in _each(marks) if one not in REMARKS))


@lru_cache(4096)
def remarks(marks: str | None) -> str:
    """In words those that only remark something."""
    return mark_words(";".join(one for one in _each(marks) if one in REMARKS))


def against(marks: str | None, pollutant: str) -> str:
    """The doubts that there are about one pollutant: its own and those about all."""
    own = [one for one in _each(marks) if ":" not in one or one.startswith(f"{pollutant}:")]
    return doubts(";".join(one.rpartition(":")[2] for one in own))


def _each(marks: str | None) -> list[str]:
    return [one for one in (marks or "").split(";") if one]


def _mark(one: str) -> str:
    what, colon, mark = one.rpartition(":")
    known = MARKS.get(mark)
    return what + (known or (colon + mark)) if colon else known or mark


def unit_words(unit: str | None) -> str:
    """ug/m3 as μg/m³."""
    return UNITS.get(unit or "", unit or "")


def beijing(moment: datetime) -> datetime:
    """A naive UTC moment as naive Beijing time."""
    return moment + BEIJING


def hour_label(start: datetime) -> int:
    """1 to 24: the hour that starts then is called by its end."""
    return beijing(start).hour + 1


def period_words(level: str, start: datetime, end: datetime) -> str:
    """A period of naive UTC moments as people call it: 2026年10月, 2026年10月上旬."""
    first = beijing(start)
    last = beijing(end) - timedelta(microseconds=1)
    day = f"{first.year}年{first.month}月{first.day}日"
    match level:
        case "minute":
            return f"{first:%Y-%m-%d %H:%M}"
        case "hour" if end - start <= timedelta(hours=1):
            return f"{day}{first.hour + 1}时"
        case "day" if first.date() == last.date():
            return day
        case "tenday":
            return f"{first.year}年{first.month}月{_PARTS[min(2, (first.day - 1) // 10)]}"
        case "week":
            year, week, _ = first.isocalendar()
            return f"{year}年第{week}周（{_short(first)}至{_short(last)}）"
        case "month":
            return f"{first.year}年{first.month}月"
        case "quarter":
            return f"{first.year}年第{(first.month + 2) // 3}季度"
        case "year":
            return f"{first.year}年"
        case "hour":
            return f"{day}{first.hour + 1}时至{last.month}月{last.day}日{last.hour + 1}时"
    if first.date() == last.date():
        return day
    other_year = f"{last.year}年" if last.year != first.year else ""
    return f"{day}至{other_year}{last.month}月{last.day}日"


def short_label(level: str, start: datetime, end: datetime) -> str:
    """A period for the axis of a chart: 10-01 24:00, 10-01, 2026-10; hours by their end."""
    whole = label(_level(level), _us(start), _us(end))
    return whole[5:] if level in ("minute", "hour", "day") else whole


def joined(names: Iterable[str], most: int, what: str) -> str:
    """Names with 、 between; of more than ``most`` these and how many ``what`` there are."""
    every = list(names)
    cut = "、".join(every[:most])
    return f"{cut}等{len(every)}个{what}" if len(every) > most else cut


def _short(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日"


def _us(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000


def _level(level: str) -> Level:
    assert level in LEVELS
    return cast(Level, level)
