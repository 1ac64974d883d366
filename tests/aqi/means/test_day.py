"""Days made of hours."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from means_tables import DAY, hours_of, means, sums

from aqi.means.calendar import DAY_US, HOUR_US
from aqi.means.day import day_rows
from aqi.means.stations import Judging, Station
from aqi.means.validity import rules

RULES = rules()
PLAIN = Judging(RULES)
O3 = "a05024"


def stats(hours: pa.Table, reports: pa.Table | None = None, judging: Judging = PLAIN) -> Any:
    """Statistic -> its row, of one station, factor and day."""
    return {row["stat"]: row for row in day_rows(hours, reports, judging).to_pylist()}


@pytest.mark.parametrize(("there", "mark"), [(20, ""), (19, "short"), (24, "")])
def test_a_day_needs_20_hours(there: int, mark: str) -> None:
    """Of its 24; the mean is that of the valid ones."""
    row = stats(hours_of([30.0] * there + [None] * (24 - there)))["mean"]
    assert (row["mark"], row["value"], row["n"], row["need"]) == (mark, 30.0, there, 20)
    assert row["source"] == "hour"


def test_the_last_hour_of_a_day_is_its_own() -> None:
    """Label 24:00 belongs to the day, the next one to the next day."""
    hours = means(
        *({"start": DAY + number * HOUR_US, "value": float(number)} for number in range(48))
    )
    rows = day_rows(hours, None, PLAIN).to_pylist()
    assert [(row["value"], row["min"], row["max"]) for row in rows] == [
        (11.5, 0.0, 23.0),
        (35.5, 24.0, 47.0),
    ]
    assert rows[0]["start"] < rows[1]["start"]


def test_ozone_is_told_by_windows_of_eight_hours() -> None:
    """17 windows end 08:00 to 24:00; the largest mean counts."""
    values: list[float | None] = [10.0] * 24
    values[12:20] = [170.0] * 8
    found = stats(hours_of(values, factor=O3))
    assert (found["mda8"]["value"], found["mda8"]["n"], found["mda8"]["mark"]) == (170.0, 17, "")
    assert (found["max1h"]["value"], found["max1h"]["mark"]) == (170.0, "")
    assert found["mean"]["value"] == pytest.approx((16 * 10 + 8 * 170) / 24)


@pytest.mark.parametrize(
    ("value", "mark"),
    [(100.0, "short"), (160.0, "short"), (160.4, "short"), (160.6, ""), (161.0, "")],
)
def test_few_windows_count_only_over_the_limit(value: float, mark: str) -> None:
    """Less than 14 of them say nothing of a clean day, but enough of a bad one: one that is judged
    to be over the limit."""
    row = stats(hours_of([value] * 12 + [None] * 12, factor=O3))["mda8"]
    assert (row["mark"], row["value"], row["need"]) == (mark, value, 14)
    assert row["n"] == 7


def test_ozone_in_other_units_is_held_against_the_same_limit() -> None:
    """0.2 mg/m3 are 200 ug/m3."""
    judging = Judging(RULES, lambda _: Station(to_ug=1000.0))
    row = stats(hours_of([0.2] * 12 + [None] * 12, factor=O3), judging=judging)["mda8"]
    assert (row["mark"], row["value"]) == ("", 0.2)


def test_noise_has_a_day_a_night_and_both() -> None:
    """Ld of 06:00 to 22:00, Ln of the other hours; Ldn weighs the night 10 dB more."""
    values: list[float | None] = [45.0] * 6 + [60.0] * 16 + [45.0] * 2
    found = stats(hours_of(values, factor="Leq", stat="leq"))
    assert (found["ld"]["value"], found["ln"]["value"]) == (60.0, 45.0)
    ldn = 10 * math.log10((16 * 10**6.0 + 8 * 10**5.5) / 24)
    assert found["ldn"]["value"] == pytest.approx(ldn)
    assert found["leq"]["value"] == pytest.approx(10 * math.log10((16e6 + 8 * 10**4.5) / 24))
    night = stats(hours_of([None] * 6 + values[6:], factor="Leq", stat="leq"))
    assert (night["ld"]["mark"], night["ln"]["mark"], night["ldn"]["mark"]) == (
        "",
        "short",
        "short",
    )


def test_totals_add_up_and_directions_go_round() -> None:
    """Flows of 24 hours; winds of 350 and 10 degrees."""
    assert stats(hours_of([2.5] * 24, stat="total"))["total"]["value"] == 60.0
    wind = hours_of([350.0, 10.0] * 12, factor="a01008", stat="vector")
    assert stats(wind)["vector"]["value"] == pytest.approx(0.0, abs=1e-6)


def test_a_day_without_a_valid_hour_says_why() -> None:
    """By the first of the marks of its hours."""
    hours = means(
        {"mark": "none"},
        {"start": DAY + HOUR_US, "mark": "flag"},
        {"start": DAY + 2, "mark": "short"},
    )
    row = stats(hours)["mean"]
    assert (row["value"], row["mark"], row["n"]) == (None, "flag", 0)


def test_the_instruments_own_day_stands_beside_ours() -> None:
    """It counts where ours is not valid, or where that is wanted."""
    said = sums({"period": "day", "n": 1, "minute_bits": 1, "sum_e6": 33_000_000})
    row = stats(hours_of([30.0] * 24), said)["mean"]
    assert (row["value"], row["source"], row["reported"], row["computed"]) == (
        30.0,
        "hour",
        33,
        30,
    )
    row = stats(hours_of([30.0] * 5 + [None] * 19), said)["mean"]
    assert (row["value"], row["source"], row["mark"], row["computed"]) == (
        33,
        "reported",
        "",
        None,
    )
    wanted = Judging(RULES, day_from=("day", "hour"))
    assert stats(hours_of([30.0] * 24), said, wanted)["mean"]["value"] == 33.0


def test_a_day_that_only_the_instrument_knows() -> None:
    """It is there; where only hours are to count it counts for nothing."""
    said = sums({"period": "day", "n": 1, "minute_bits": 1, "sum_e6": 33_000_000})
    row = stats(hours_of([]), said)["mean"]
    assert (row["value"], row["source"], row["mark"]) == (33.0, "reported", "")
    row = stats(hours_of([]), said, Judging(RULES, day_from=("hour",)))["mean"]
    assert (row["value"], row["source"], row["mark"], row["reported"]) == (None, "", "none", 33.0)


DAYS = st.lists(
    st.lists(st.one_of(st.none(), st.integers(0, 400_000)), min_size=24, max_size=24),
    min_size=1,
    max_size=5,
)


@given(DAYS)
def test_days_are_those_of_fractions(days: list[list[int | None]]) -> None:
    """Means and windows of exact numbers, hour by hour."""
    tables = []
    for number, values in enumerate(days):
        hours = hours_of([None if one is None else one / 1000 for one in values], factor=O3)
        moved = [
            {**row, "start": row["start"].replace(day=row["start"].day + number)}
            for row in hours.to_pylist()
        ]
        tables.append(pa.Table.from_pylist(moved, schema=hours.schema))
    rows = day_rows(pa.concat_tables(tables).sort_by("start"), None, PLAIN).to_pylist()
    found = {(row["start"], row["stat"]): row for row in rows}
    assert len(found) == 3 * len(days)
    starts = sorted({start for start, _ in found})
    for start, values in zip(starts, days, strict=True):
        there = [Fraction(one, 1000) for one in values if one is not None]
        mean = found[start, "mean"]
        assert mean["n"] == len(there)
        assert (mean["mark"] == "") == (len(there) >= 20)
        if there:
            assert abs(Fraction(mean["value"]) - sum(there) / len(there)) < Fraction(1, 10**9)
        windows = []
        for end in range(8, 25):
            inside = [Fraction(one, 1000) for one in values[end - 8 : end] if one is not None]
            if len(inside) >= 6:
                windows.append(sum(inside) / len(inside))
        mda8 = found[start, "mda8"]
        assert mda8["n"] == len(windows)
        if windows:
            assert abs(Fraction(mda8["value"]) - max(windows)) < Fraction(1, 10**9)
            assert (mda8["mark"] == "") == (len(windows) >= 14 or max(windows) > 160)
        else:
            assert mda8["value"] is None


def test_days_of_many_are_those_of_each_alone() -> None:
    """The same bits whatever else is in the table."""
    alone, together = [], []
    for number in range(7):
        hours = hours_of([0.1 * number + 0.7 * hour for hour in range(24)], mn=f"M{number}")
        together.append(hours)
        alone.append(day_rows(hours, None, PLAIN))
    many = pa.concat_tables(together).sort_by([("start", "ascending"), ("mn", "ascending")])
    assert day_rows(many, None, PLAIN).equals(pa.concat_tables(alone))
    assert DAY_US == 24 * HOUR_US
