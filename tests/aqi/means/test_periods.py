"""Ten days to years, made of days."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from means_tables import days_from, means

from aqi.means.calendar import DAY_US, Level, moment_of, span_of
from aqi.means.periods import Span, need_of, period_rows
from aqi.means.stations import Judging
from aqi.means.validity import rules

RULES = rules()
PLAIN = Judging(RULES)


def of(level: Level, first: date, values: list[float | None], **more: Any) -> list[dict[str, Any]]:
    """Rows of a period, of days one after the other."""
    rows: list[dict[str, Any]] = period_rows(
        days_from(moment_of(first), values, **more), level, PLAIN
    ).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("month", "there", "mark"),
    [(3, 27, ""), (3, 26, "short"), (2, 25, ""), (2, 24, "short"), (4, 27, "")],
)
def test_a_month_needs_27_days_and_february_25(month: int, there: int, mark: str) -> None:
    """GB 3095-2012 table 4."""
    (row,) = of("month", date(2026, month, 1), [20.0] * there + [None])
    assert (row["mark"], row["value"], row["n"]) == (mark, 20.0, there)
    assert row["need"] == (25 if month == 2 else 27)


def test_a_year_needs_324_days_and_each_of_its_months() -> None:
    """340 days of which one month has 26 are not enough."""
    full: list[float | None] = [10.0] * 365
    (row,) = of("year", date(2026, 1, 1), full)
    assert (row["mark"], row["n"], row["need"]) == ("", 365, 324)
    holes = full.copy()
    holes[31 + 28 : 31 + 28 + 5] = [None] * 5  # five days of March
    (row,) = of("year", date(2026, 1, 1), holes)
    assert (row["mark"], row["n"]) == ("short", 360)
    spread = full.copy()
    for month in range(1, 13):
        first = (date(2026, month, 1) - date(2026, 1, 1)).days
        spread[first : first + 3] = [None] * 3
    (row,) = of("year", date(2026, 1, 1), spread)
    assert (row["mark"], row["n"]) == ("", 329)


def test_a_quarter_needs_each_of_its_months() -> None:
    """January to March: 27, 25 and 27 days."""
    (row,) = of("quarter", date(2026, 1, 1), [10.0] * 90)
    assert (row["mark"], row["n"], row["need"]) == ("", 90, 79)
    (row,) = of("quarter", date(2026, 1, 1), [10.0] * 62 + [None] * 28)
    assert row["mark"] == "short"
    (row,) = of("quarter", date(2026, 4, 1), [10.0] * 58 + [None] * 5 + [10.0] * 28)
    assert (row["mark"], row["n"], row["need"]) == ("", 86, 81)


def test_shorter_periods_need_three_quarters_of_their_days() -> None:
    """8 of 10, 6 of 8 at the end of February, 6 of 7 in a week, 10 of 13 in a span."""
    air = RULES["air"]
    days = (date(2026, 2, 21) - date(1970, 1, 1)).days
    assert need_of("tenday", air, days - 10, days) == 8
    assert need_of("tenday", air, days, days + 8) == 6
    assert need_of("week", air, days, days + 7) == 6
    assert need_of("span", air, days, days + 13) == 10


def test_a_free_span_is_just_its_days() -> None:
    """The 10th to the 22nd: the days around it are left out."""
    days = days_from(moment_of(date(2026, 10, 1)), [float(day) for day in range(1, 32)])
    span = Span(*span_of("2026-10-10..22"))
    (row,) = period_rows(days, "span", PLAIN, span).to_pylist()
    assert (row["value"], row["n"], row["need"], row["min"], row["max"]) == (16.0, 13, 10, 10, 22)


def test_each_statistic_is_averaged_in_its_way() -> None:
    """Levels by energy, directions as vectors, totals added, largest and least."""
    first = moment_of(date(2026, 10, 1))
    rows = [
        {"start": first + day * DAY_US, "factor": stat, "stat": stat, "value": value}
        for stat, values in {
            "ld": [60.0, 70.0],
            "vector": [350.0, 10.0],
            "total": [3.5, 4.0],
            "max": [70.0, 90.0],
            "min": [30.0, 20.0],
        }.items()
        for day, value in enumerate(values)
    ]
    found = {
        row["stat"]: row["value"] for row in period_rows(means(*rows), "month", PLAIN).to_pylist()
    }
    assert found["ld"] == pytest.approx(10 * math.log10((1e6 + 1e7) / 2))
    assert found["vector"] == pytest.approx(0.0, abs=1e-9)
    assert (found["total"], found["max"], found["min"]) == (7.5, 90.0, 20.0)


def test_a_period_without_a_valid_day_says_why() -> None:
    """No number."""
    (row,) = of("week", date(2026, 10, 5), [None, None])
    assert (row["value"], row["mark"], row["n"]) == (None, "short", 0)


@given(
    st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    st.lists(st.one_of(st.none(), st.integers(0, 400_000)), min_size=1, max_size=80),
    st.sampled_from(["tenday", "week", "month", "quarter", "year"]),
)
def test_periods_are_those_of_fractions(
    first: date, values: list[int | None], level: Level
) -> None:
    """Grouped day by day, added as fractions."""
    rows = of(level, first, [None if one is None else one / 1000 for one in values])
    groups: dict[date, list[Fraction]] = {}
    for number, value in enumerate(values):
        day = first + timedelta(days=number)
        match level:
            case "tenday":
                begun = day.replace(day=1 if day.day < 11 else 11 if day.day < 21 else 21)
            case "week":
                begun = day - timedelta(days=day.weekday())
            case "month":
                begun = day.replace(day=1)
            case "quarter":
                begun = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            case _:
                begun = day.replace(day=1, month=1)
        group = groups.setdefault(begun, [])
        if value is not None:
            group.append(Fraction(value, 1000))
    assert len(rows) == len(groups)
    for row, (_, group) in zip(rows, sorted(groups.items()), strict=True):
        assert row["n"] == len(group)
        if group:
            assert abs(Fraction(row["value"]) - sum(group) / len(group)) < Fraction(1, 10**9)
            assert (row["min"], row["max"]) == (float(min(group)), float(max(group)))
        else:
            assert row["value"] is None
