"""Limits of ambient air and which of them apply."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from aqi.limits import decimals_of, limit_sets, limits_at, limits_for, limits_named


def test_by_the_date_of_the_data() -> None:
    """The sets follow each other without a gap."""
    days = [date(2013, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2030, 12, 31)]
    names = [limits_at(day).name for day in [*days, date(2031, 1, 1)]]
    assert names == [
        *["GB3095-2012"] * 2,
        *["GB3095-2026-transition"] * 2,
        "GB3095-2026-final",
    ]
    for one, following in zip(limit_sets(), limit_sets()[1:], strict=False):
        assert (following.since - one.last).days == 1


@pytest.mark.parametrize(
    ("name", "pm25", "pm10", "so2", "no2"),
    [
        ("GB3095-2012", (35, 75), (70, 150), (60, 150), (40, 80)),
        ("GB3095-2026-transition", (30, 60), (60, 120), (60, 150), (40, 80)),
        ("GB3095-2026-final", (25, 50), (50, 100), (20, 50), (30, 50)),
    ],
)
def test_class_2(
    name: str,
    pm25: tuple[int, int],
    pm10: tuple[int, int],
    so2: tuple[int, int],
    no2: tuple[int, int],
) -> None:
    """Year and day, in ug/m3; CO and ozone have none of a year."""
    found = limits_named(name)
    expected = {"PM2.5": pm25, "PM10": pm10, "SO2": so2, "NO2": no2, "CO": (None, 4)}
    for pollutant, both in expected.items():
        assert (found.limit(pollutant, "year"), found.daily(pollutant)) == both
    assert found.daily("O3") == 160


def test_other_classes_and_what_there_is_not() -> None:
    """Class 1 has its own; no hour of PM2.5, no such class, no such set."""
    old, final = limits_named("GB3095-2012"), limits_named("GB3095-2026-final")
    assert (old.limit("PM2.5", "year", 1), final.limit("PM2.5", "year", 1)) == (15, 10)
    assert old.daily("O3", 1) == 100
    assert old.limit("PM2.5", "1h") is None
    assert old.limit("lead", "year") is None
    assert decimals_of(old.items["BaP"].limits["24h"][0]) == 4
    assert decimals_of(Decimal(35)) == 0
    with pytest.raises(ValueError, match="class 3"):
        old.limit("PM2.5", "year", 3)
    with pytest.raises(ValueError, match="GB3095-1996"):
        limits_named("GB3095-1996")


def test_one_set_for_a_span() -> None:
    """A year that spans the change is judged by one set, and says that it was needed."""
    year = (date(2026, 1, 1), date(2026, 12, 31))
    for chosen, name in [
        ("auto", "GB3095-2026-transition"),
        ("old", "GB3095-2012"),
        ("new", "GB3095-2026-transition"),
        ("GB3095-2026-final", "GB3095-2026-final"),
    ]:
        limits, crosses = limits_for(*year, chosen)
        assert (limits.name, crosses) == (name, True)
    january = (date(2026, 1, 1), date(2026, 1, 31))
    assert [limits_for(*january, one)[0].name for one in ("auto", "new")] == [
        "GB3095-2012",
        "GB3095-2026-transition",
    ]
    assert limits_for(*january)[1] is False


def test_each_fact_has_a_source() -> None:
    """And says how sure it is."""
    for one in limit_sets():
        for item in one.items.values():
            assert item.source.startswith("GB 3095-")
            assert item.sure in ("confirmed", "one source", "background knowledge")
