"""How many values are expected: grids, boundaries of days, changes of the interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hj212d.hub.completeness.expected import (
    ALWAYS,
    DAY_US,
    SECOND_US,
    Rhythm,
    Step,
    believed,
    changed_at,
    day_of,
    days,
    fixed,
    learned,
    registered,
)

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    """A Beijing time in microseconds."""
    moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)
    return (moment - EPOCH) // timedelta(microseconds=1)


def fixed_rhythm(period: str) -> Rhythm:
    """The rhythm of hours or days."""
    found = fixed(period)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("06-01", "06-02", 1440),
        ("06-01", "06-01T23:59:59", 1440),
        ("06-01T00:00:01", "06-02", 1439),
        ("06-01T23:59:59", "06-02", 0),
        ("06-01T23:59:59", "06-02T00:00:01", 1),
        ("06-01T10:30:20", "06-01T10:32", 1),
        ("06-02", "06-01", 0),
    ],
)
def test_minutes_of_a_stretch(start: str, end: str, expected: int) -> None:
    """A slot counts when its start lies in the stretch, the end of which does not count."""
    rhythm = registered("minute", 60)
    assert rhythm.count(at(start), at(end)) == expected
    assert len(rhythm.slots(at(start), at(end))) == expected


def test_hours_and_days_are_those_of_beijing() -> None:
    """June has 720 hours and 30 days; the first of the month begins at midnight in Beijing."""
    start, end = at("06-01"), at("07-01")
    assert fixed_rhythm("hour").count(start, end) == 720
    assert fixed_rhythm("day").count(start, end) == 30
    assert fixed_rhythm("day").slots(start, at("06-03")).tolist() == [start, start + DAY_US]
    assert fixed("minute") is None


def test_an_instrument_installed_in_the_middle_of_a_day() -> None:
    """It owes the slots that begin after that: no day, thirteen hours, and so on."""
    start, end = at("06-01T10:30:20"), at("06-02")
    assert fixed_rhythm("day").count(start, end) == 0
    assert fixed_rhythm("hour").count(start, end) == 13
    assert registered("minute", 600).count(start, end) == 80


def test_an_interval_changed_at_noon() -> None:
    """Ten minutes before, one minute after."""
    noon = at("06-01T12:00")
    rhythm = Rhythm("minute", (Step(ALWAYS, 600, "learned"), Step(noon, 60, "learned")))
    assert rhythm.count(at("06-01"), at("06-02")) == 72 + 720
    assert rhythm.count(at("06-01T11:00"), at("06-01T13:00")) == 6 + 60
    assert rhythm.slots(noon - 600 * SECOND_US, noon + 120 * SECOND_US).tolist() == [
        noon - 600 * SECOND_US,
        noon,
        noon + 60 * SECOND_US,
    ]


def test_the_future_is_not_due() -> None:
    """A slot is due once its period is over and the grace has passed; a moment at once."""
    noon = at("06-01T12:00")
    hours = fixed_rhythm("hour")
    before = hours.due_before(noon, 0)
    assert hours.count(at("06-01"), before) == 12
    assert hours.count(at("06-01"), hours.due_before(noon - 1, 0)) == 11
    assert hours.count(at("06-01"), hours.due_before(noon, 1)) == 11
    moments = registered("realtime", 30)
    assert moments.count(at("06-01T11:59"), moments.due_before(noon, 0)) == 3


def test_what_the_data_say() -> None:
    """The commonest step of each day; days that say little are like their neighbours."""
    first, second, third = (at(f"06-0{day}") for day in (1, 2, 3))
    rhythm = learned("minute", [(third, 60, 700), (first, 3600, 3), (second, 601, 143)])
    assert rhythm == Rhythm("minute", (Step(ALWAYS, 600, "learned"), Step(third, 60, "learned")))
    assert learned("minute", [(third, 60, 2), (second, 120, 2), (first, 60, 1)]) == Rhythm(
        "minute", (Step(ALWAYS, 60, "learned"),)
    )
    assert learned("minute", [(first, 60, 1)]) is None


@pytest.mark.parametrize(
    ("period", "spacing_s", "interval_s"),
    [
        ("minute", 60, 60),
        ("minute", 61, 60),
        ("minute", 299, 300),
        ("minute", 480, 480),
        ("realtime", 31, 30),
        ("realtime", 5, 5),
        ("realtime", 1, 1),
        ("realtime", 58, 60),
    ],
)
def test_a_step_is_believed_to_be_an_interval(
    period: str, spacing_s: int, interval_s: int
) -> None:
    """Intervals that can be set are near; other ones stay as they are."""
    assert believed(period, spacing_s) == interval_s


def test_when_an_interval_was_changed() -> None:
    """The first time that the new step follows, gaps on both sides notwithstanding."""
    noon = at("06-01T12:00")
    before = [noon - minutes * 60 * SECOND_US for minutes in (90, 80, 70, 40, 30, 20, 10)]
    after = [noon + minutes * 60 * SECOND_US for minutes in (0, 1, 2, 5, 6, 7)]
    assert changed_at([*before, *after], 600, 60) == noon
    assert changed_at(before, 600, 60) is None


def test_days_that_a_stretch_touches() -> None:
    """Each with its part, the last second before midnight in its own day."""
    start, end = at("06-01T23:59:59"), at("06-03T00:00:01")
    assert list(days(start, end)) == [
        (at("06-01"), start, at("06-02")),
        (at("06-02"), at("06-02"), at("06-03")),
        (at("06-03"), at("06-03"), end),
    ]
    assert day_of(at("06-02") - 1) == at("06-01")
