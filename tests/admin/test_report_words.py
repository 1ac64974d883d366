"""The words of reports: periods, marks, names."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from admin.reports.words import (
    against,
    doubts,
    joined,
    mark_words,
    period_words,
    remarks,
    short_label,
)

MIDNIGHT = datetime(2026, 9, 30, 16)  # 2026-10-01 in Beijing
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("level", "start", "end", "words"),
    [
        ("hour", MIDNIGHT + 23 * timedelta(hours=1), MIDNIGHT + DAY, "2026年10月1日24时"),
        ("hour", MIDNIGHT, MIDNIGHT + 2 * DAY, "2026年10月1日1时至10月2日24时"),
        ("day", MIDNIGHT, MIDNIGHT + DAY, "2026年10月1日"),
        ("tenday", MIDNIGHT + 20 * DAY, MIDNIGHT + 31 * DAY, "2026年10月下旬"),
        ("week", MIDNIGHT + 4 * DAY, MIDNIGHT + 11 * DAY, "2026年第41周（10月5日至10月11日）"),
        ("month", MIDNIGHT, MIDNIGHT + 31 * DAY, "2026年10月"),
        ("quarter", MIDNIGHT, MIDNIGHT + 92 * DAY, "2026年第4季度"),
        ("year", MIDNIGHT, MIDNIGHT + 92 * DAY, "2026年"),
        ("span", MIDNIGHT + 9 * DAY, MIDNIGHT + 22 * DAY, "2026年10月10日至10月22日"),
        ("span", MIDNIGHT, MIDNIGHT + 100 * DAY, "2026年10月1日至2027年1月8日"),
    ],
)
def test_periods(level: str, start: datetime, end: datetime, words: str) -> None:
    """As people call them; hours by their end, Beijing days."""
    assert period_words(level, start, end) == words


def test_short_labels() -> None:
    """On the axis of a chart the year is left out where the title has it."""
    last = MIDNIGHT + 23 * timedelta(hours=1)
    assert short_label("hour", last, MIDNIGHT + DAY) == "10-01 24:00"
    assert short_label("month", MIDNIGHT, MIDNIGHT + 31 * DAY) == "2026-10"


def test_marks() -> None:
    """Several, with what they are about; one without words stays visible."""
    assert mark_words("short;PM10:none") == "有效数据不足、PM10无数据"
    assert mark_words("new_mark;CO:odd") == "new_mark、CO:odd"
    six = ";".join(f"{name}:short" for name in ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3"))
    assert mark_words(six) == "六项有效数据不足"
    assert mark_words(f"NA;{six};O3:review") == "NA、六项有效数据不足、O3人工审核剔除"
    assert mark_words(None) == mark_words("") == ""


def test_names() -> None:
    """Cut where there are many, with how many there are."""
    assert joined("甲乙", 2, "点位") == "甲、乙"
    assert joined("甲乙丙", 2, "点位") == "甲、乙等3个点位"


def test_marks_against_a_value() -> None:
    """A remark is none; of a pollutant its own marks and those of all count."""
    assert doubts("two_standards;assumed_formula") == ""
    assert doubts("short;two_standards") == "有效数据不足"
    assert remarks("short;assumed_formula") == "三年均值算法为推定"
    assert against("O3:short;none", "O3") == "有效数据不足、无数据"
    assert against("O3:short", "PM2.5") == ""
