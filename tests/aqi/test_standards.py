"""Versions by date, levels, colours and words."""

from __future__ import annotations

from datetime import date

import pytest

from aqi.standards import (
    HJ633_2012,
    HJ633_2026,
    level_of,
    levels,
    missing_colour,
    sensitive_groups,
    standard_at,
)


@pytest.mark.parametrize(
    ("day", "standard"),
    [
        (date(2010, 1, 1), HJ633_2012),
        (date(2026, 2, 28), HJ633_2012),
        (date(2026, 3, 1), HJ633_2026),
        (date(2031, 1, 1), HJ633_2026),
    ],
)
def test_version_by_the_date_of_the_data(day: date, standard: object) -> None:
    """The change is at midnight before 2026-03-01."""
    assert standard_at(day) is standard


@pytest.mark.parametrize(
    ("aqi", "level", "category"),
    [
        (0, 1, "优"),
        (50, 1, "优"),
        (51, 2, "良"),
        (100, 2, "良"),
        (101, 3, "轻度污染"),
        (150, 3, "轻度污染"),
        (200, 4, "中度污染"),
        (201, 5, "重度污染"),
        (300, 5, "重度污染"),
        (301, 6, "严重污染"),
        (500, 6, "严重污染"),
    ],
)
def test_bounds_of_the_levels(aqi: int, level: int, category: str) -> None:
    """The upper bound belongs to the level."""
    assert (level_of(aqi).level, level_of(aqi).category) == (level, category)


def test_colours_and_words() -> None:
    """Each level has its colour and words for people."""
    assert [one.hex for one in levels()] == [
        "#00E400",
        "#FFFF00",
        "#FF7E00",
        "#FF0000",
        "#99004C",
        "#7E0023",
    ]
    assert all(one.effect and one.advice and one.effect_en and one.advice_en for one in levels())
    assert missing_colour() == "#DDDDDD"


def test_sensitive_groups_of_2026() -> None:
    """Per pollutant, in both languages."""
    assert sensitive_groups("CO") == ("心血管疾病患者",)
    assert "older people" in sensitive_groups("O3", english=True)
    assert sensitive_groups("TSP") == ()
