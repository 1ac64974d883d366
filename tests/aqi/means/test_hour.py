"""Hours made of sums."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from means_tables import DAY, sums

from aqi.means.calendar import HOUR_US
from aqi.means.hour import hour_rows
from aqi.means.stations import Judging, Station
from aqi.means.validity import rules

RULES = rules()
FULL = (1 << 60) - 1
PLAIN = Judging(RULES)


def one(*rows: dict[str, Any], judging: Judging = PLAIN) -> dict[str, Any]:
    """The row of an hour that has one."""
    (row,) = hour_rows(sums(*rows), judging).to_pylist()
    return row


def minutes(count: int, value: float = 20.0, **more: Any) -> dict[str, Any]:
    """Real-time values of the first so many minutes."""
    return {
        "n": count,
        "minute_bits": (1 << count) - 1,
        "sum_e6": round(value * count * 1e6),
        "min": value,
        "max": value,
        **more,
    }


def reported(value: float, **more: Any) -> dict[str, Any]:
    """The instrument's own hour value."""
    return {"period": "hour", "n": 1, "minute_bits": 1, "sum_e6": round(value * 1e6), **more}


@pytest.mark.parametrize(("count", "mark"), [(45, ""), (44, "short"), (60, "")])
def test_an_hour_needs_45_minutes(count: int, mark: str) -> None:
    """One less is too short; the mean is shown with its mark."""
    row = one(minutes(count))
    assert (row["mark"], row["value"], row["n"], row["need"]) == (mark, 20.0, count, 45)
    assert row["source"] == "realtime"


def test_the_instruments_own_hour_counts_first_and_ours_stands_beside() -> None:
    """Unless the site says otherwise."""
    row = one(minutes(60), reported(21.5))
    assert (row["value"], row["source"]) == (21.5, "reported")
    assert (row["reported"], row["computed"]) == (21.5, 20.0)
    ours = Judging(RULES, lambda _: Station(hour_from=("minute", "realtime")))
    row = one(minutes(60), reported(21.5), judging=ours)
    assert (row["value"], row["source"], row["reported"]) == (20.0, "realtime", 21.5)


def test_the_next_source_counts_where_the_first_is_not_valid() -> None:
    """A marked hour value, and minute data that are too few, leave real-time values."""
    row = one(
        {"period": "hour", "n_marked": 1},
        minutes(30, 30.0, period="minute"),
        minutes(50),
    )
    assert (row["value"], row["source"], row["mark"]) == (20.0, "realtime", "")
    assert (row["reported"], row["computed"]) == (None, 20.0)


@pytest.mark.parametrize(
    ("counted", "mark"),
    [
        ({"n_marked": 60}, "flag"),
        ({"n_absurd": 60}, "absurd"),
        ({"n_future": 60}, "future"),
        ({"n_excluded": 1, "n_marked": 59}, "review"),
        ({}, "none"),
    ],
)
def test_an_hour_without_a_value_says_why(counted: dict[str, int], mark: str) -> None:
    """Never a silent number."""
    row = one(counted)
    assert (row["value"], row["mark"], row["n"]) == (None, mark, 0)


def test_below_zero_counts_only_where_it_can_be() -> None:
    """PM2.5 of -3 is marked and shown, a temperature is not marked; a deployment may keep both."""
    assert (one(minutes(60, -3.0))["mark"], one(minutes(60, -3.0))["value"]) == ("negative", -3.0)
    assert one(minutes(60, -3.0, factor="a01001"))["mark"] == ""
    assert one(minutes(60, -3.0), judging=Judging(RULES, keep_negative=True))["mark"] == ""


def test_sound_is_averaged_by_energy_and_wind_by_direction() -> None:
    """60 and 70 dB are 67.4; 350 and 10 degrees are 0; opposite winds have no direction."""
    row = one(minutes(60, factor="Leq", energy_e3=30 * (10**9 + 10**10)))
    assert row["stat"] == "leq"
    assert row["value"] == pytest.approx(67.4036, abs=1e-4)
    wind = {"factor": "a01008", "sin_e9": 0, "cos_e9": 59 * 10**9}
    assert (one(minutes(60, **wind))["value"], one(minutes(60, **wind))["stat"]) == (0.0, "vector")
    calm = {"factor": "a01008", "sin_e9": 0, "cos_e9": 0}
    assert (one(minutes(60, **calm))["value"], one(minutes(60, **calm))["mark"]) == (None, "none")


def test_converted_values_and_totals_have_rows_of_their_own() -> None:
    """Zs and Cou of minute data, with the same marks."""
    rows = hour_rows(
        sums(
            minutes(60, period="minute", zs_n=60, zs_sum_e6=60 * 25_000_000, cou_e6=7_500_000),
            minutes(60, cou_e6=99_000_000),
        ),
        PLAIN,
    ).to_pylist()
    assert [(row["stat"], row["value"], row["source"]) for row in rows] == [
        ("mean", 20.0, "minute"),
        ("total", 7.5, "minute"),
        ("zs", 25.0, "minute"),
    ]
    assert [row["min"] for row in rows] == [20.0, None, None]


def test_what_could_not_be_converted_covers_nothing() -> None:
    """One converted value beside sixty measured ones is no hour; of the instrument's own hour one
    value is enough, also where it sends no other."""
    few = minutes(60, zs_n=1, zs_sum_e6=25_000_000)
    rows = {row["stat"]: row for row in hour_rows(sums(few), PLAIN).to_pylist()}
    assert (rows["mean"]["mark"], rows["zs"]["mark"]) == ("", "short")
    assert (rows["zs"]["n"], rows["zs"]["value"], rows["zs"]["computed"]) == (1, 25.0, None)
    own = {"period": "hour", "zs_n": 1, "zs_sum_e6": 25_000_000}
    rows = {row["stat"]: row for row in hour_rows(sums(own), PLAIN).to_pylist()}
    assert (rows["zs"]["mark"], rows["zs"]["value"]) == ("", 25.0)


def test_the_figures_are_those_of_the_medium() -> None:
    """A station of surface water measures once in four hours."""
    water = Judging(RULES, lambda _: Station(medium="water"))
    assert one(minutes(1, factor="w01018"), judging=water)["mark"] == ""
    assert one(minutes(1, factor="w01018"))["mark"] == "short"


def test_minute_data_of_known_length() -> None:
    """One value of an hour that is all there is, and the device says: 60 minutes."""
    known = Judging(RULES, lambda _: Station(minute_length=60))
    row = one(minutes(1, period="minute"), judging=known)
    assert (row["mark"], row["n"]) == ("", 60)


VALUE = st.integers(-50_000_000, 900_000_000)
SIDE = st.fixed_dictionaries(
    {
        "n": st.integers(0, 90),
        "minutes": st.sets(st.integers(0, 59), min_size=1),
        "value": VALUE,
        "n_marked": st.integers(0, 2),
        "n_excluded": st.integers(0, 1),
        "n_future": st.integers(0, 1),
        "n_absurd": st.integers(0, 1),
    }
)
HOUR = st.dictionaries(st.sampled_from(["hour", "minute", "realtime"]), SIDE, min_size=1)
ORDERS = st.permutations(["hour", "minute", "realtime"]).flatmap(
    lambda order: st.integers(1, 3).map(lambda count: tuple(order[:count]))
)


def slow(hour: dict[str, Any], order: tuple[str, ...]) -> tuple[Any, ...]:
    """The rule as one would say it to a person: value, mark, source."""
    judged = {}
    for period, side in hour.items():
        if not side["n"]:
            for name, mark in (
                ("n_excluded", "review"),
                ("n_marked", "flag"),
                ("n_absurd", "absurd"),
                ("n_future", "future"),
            ):
                if side[name]:
                    judged[period] = (None, mark)
                    break
            else:
                judged[period] = (None, "none")
            continue
        ordered = sorted(side["minutes"])
        steps = [after - before for before, after in pairwise(ordered)]
        rows = sum(side[name] for name in side if name.startswith("n"))
        step = min(min(steps, default=1), max(1, 60 // rows))
        cover = len(ordered) * (1 if period == "realtime" else step)
        enough = period == "hour" or cover >= 45
        mark = "negative" if side["value"] < 0 else "" if enough else "short"
        judged[period] = (side["value"] / 1e6, mark)
    there = [period for period in order if period in judged]
    for fits in (
        lambda period: judged[period][1] == "",
        lambda period: judged[period][0] is not None,
        lambda _: True,
    ):
        for period in there:
            if fits(period):
                name = "reported" if period == "hour" else period
                return *judged[period], name
    return None, "none", ""


@given(st.lists(HOUR, min_size=1, max_size=6), ORDERS)
def test_hours_are_those_of_the_rule_said_slowly(
    hours: list[dict[str, Any]], order: tuple[str, ...]
) -> None:
    """Every mixture of sources, marks and orders."""
    table = sums(
        *(
            {
                "start": DAY + number * HOUR_US,
                "period": period,
                "n": side["n"],
                **{name: side[name] for name in side if name.startswith("n_")},
                "minute_bits": sum(1 << minute for minute in side["minutes"]) if side["n"] else 0,
                "sum_e6": side["n"] * side["value"],
            }
            for number, hour in enumerate(hours)
            for period, side in hour.items()
        )
    )
    judging = Judging(RULES, lambda _: Station(hour_from=order))
    rows = hour_rows(table, judging).to_pylist()
    assert [(row["value"], row["mark"], row["source"]) for row in rows] == [
        slow(hour, order) for hour in hours
    ]
