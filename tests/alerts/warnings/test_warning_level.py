"""Levels by days in a row: at, below and above each threshold of both national tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alerts.warnings.level import DAY_S, Day, level
from alerts.warnings.table import national, own_table

HOUR_S = 3600


def days(*indices: int | None, start: int = 0, **more: int) -> list[Day]:
    """Days that follow each other, of these AQIs."""
    return [
        Day(start + number * DAY_S, aqi, ("PM2.5",), 0.2, **more)
        for number, aqi in enumerate(indices)
    ]


@pytest.mark.parametrize(
    ("table", "indices", "expected"),
    [
        ("2017", (200, 200, 200, 200), None),
        ("2017", (201,), "blue"),
        ("2017", (201, 150, 201), "blue"),
        ("2017", (201, 201), "yellow"),
        ("2017", (201, 201, 201), "orange"),
        ("2017", (201, None, 201, 201), "yellow"),
        ("2017", (201, 201, 201, 201), "orange"),
        ("2017", (201, 301, 301, 201), "red"),
        ("2017", (301, 201, 201, 301), "orange"),
        ("2017", (201, 301, 300, 301), "orange"),
        ("2017", (499,), "blue"),
        ("2017", (500,), "red"),
        ("2024", (150, 150, 150), None),
        ("2024", (151,), None),
        ("2024", (151, 151), "yellow"),
        ("2024", (151, 150, 151), None),
        ("2024", (200,), None),
        ("2024", (201,), "yellow"),
        ("2024", (151, 151, 151), "orange"),
        ("2024", (201, 201), "orange"),
        ("2024", (201, 201, 300), "orange"),
        ("2024", (201, 201, 301), "red"),
        ("2024", (301, 301, 200), "orange"),
        ("2024", (50, 301, 201, 201, 50), "red"),
        ("2024", (), None),
    ],
)
def test_levels(table: str, indices: Sequence[int | None], expected: str | None) -> None:
    """The gravest that the days give."""
    found = level(national()[table], days(*indices))
    assert (found and found.level) == expected


def test_what_a_warning_says() -> None:
    """The days that give it, the worst of them, and the least skill that it stands on."""
    table = national()["2024"]
    some = [
        Day(0, 90, ("O3",), 0.5),
        Day(DAY_S, 210, ("PM10",), 0.3),
        Day(2 * DAY_S, 260, ("PM2.5",), 0.1),
        Day(3 * DAY_S, 90, ("O3",), -0.9),
    ]
    found = level(table, some)
    assert found is not None
    assert (found.level, found.begins_s, found.until_s) == ("orange", DAY_S, 3 * DAY_S)
    assert (found.peak, found.primary, found.skill) == (260, ("PM2.5",), 0.1)
    assert found.conditions == ((200, 48),)
    assert found.table == "2024"


def test_any_24_hours_in_a_row() -> None:
    """An episode from noon to noon is above on no day of the calendar, and on one of 24 h."""
    table = national()["2024"]
    hourly = [Day(n * HOUR_S, 260 if n == 12 else 160, (), 0.2) for n in range(49)]
    found = level(table, hourly)
    assert found is not None
    assert (found.level, found.begins_s) == ("orange", 0)  # above 150 for 72 h from the start on
    alone = [one._replace(aqi=one.aqi if one.start_s == 12 * HOUR_S else 100) for one in hourly]
    assert (only := level(table, alone)) is not None
    assert (only.level, only.begins_s) == ("yellow", 12 * HOUR_S)
    assert level(table, alone[::24]) is None


def test_the_shorter_lies_within_the_longer() -> None:
    """Two days above 300 at an offset of twelve hours within four days above 200."""
    table = national()["2017"]
    four = days(250, 250, 250, 250)
    above = days(320, 320, start=12 * HOUR_S)
    assert (found := level(table, [*four, *above])) is not None
    assert found.level == "red"
    outside = days(320, 320, start=2 * DAY_S + 12 * HOUR_S)
    assert (found := level(table, [*four, *outside])) is not None
    assert found.level == "orange"


def test_what_was_is_no_warning() -> None:
    """The last day of a run lies ahead by half at least; measured days before it count."""
    table = own_table({"red": ["200 for 72 h"]})
    past = days(250, 250, ahead_h=0)
    for ahead, expected in ((24, "red"), (12, "red"), (11, None)):
        last = Day(2 * DAY_S, 250, (), 0.2, ahead)
        found = level(table, [*past, last])
        assert (found and found.level) == expected
