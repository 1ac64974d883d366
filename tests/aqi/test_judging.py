"""Values against limits."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.judging import Limit, chosen, decimals_of, judge, judge_array

DAY = date(2025, 6, 1)


def limit(high: float = 35.0, **more: object) -> Limit:
    """At most 35 mg/m3 in an hour, at the reference oxygen."""
    said = {"item": "SO2", "period": "hour", "stat": "zs", "unit": "mg/m3", "high": high, **more}
    return Limit(**said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "high", "exceeded", "multiple"),
    [
        (35.0, 35, False, None),
        (35.4, 35, False, None),  # reads 35 at the limit's decimals
        (35.5, 35, True, 1 / 35),  # half to even: 36
        (36.5, 36, False, None),  # half to even: 36
        (70.0, 35, True, 1.0),
        (0.034, 0.03, False, None),
        (0.036, 0.03, True, 1 / 3),
    ],
)
def test_compared_after_rounding_to_the_limits_decimals(
    value: float, high: float, exceeded: bool, multiple: float | None
) -> None:
    """GB/T 8170, then the comparison; the multiple is of what was compared."""
    found = judge(value, "mg/m3", limit(high))
    assert found.exceeded is exceeded
    assert found.multiple == (None if multiple is None else pytest.approx(multiple))


def test_other_directions() -> None:
    """Oxygen at least 5, pH 6 to 9: no multiples."""
    oxygen = Limit(item="DO", period="day", unit="mg/L", op="ge", low=5, decimals=1)
    assert judge(4.96, "mg/L", oxygen).exceeded is False
    assert judge(4.94, "mg/L", oxygen).exceeded is True
    assert judge(4.94, "mg/L", oxygen).multiple is None
    ph = Limit(item="pH", period="day", unit="", op="between", low=6, high=9, decimals=1)
    assert [judge(each, "", ph).exceeded for each in (5.9, 6.0, 9.0, 9.1)] == [
        *(True, False, False, True)
    ]
    assert (ph.text, oxygen.text, limit().text) == ("6 - 9", ">= 5", "<= 35")


def test_units_are_brought_together_or_marked() -> None:
    """40,000 ug/m3 are 40 mg/m3; degrees are no mass."""
    found = judge(40_000, "ug/m3", limit())
    assert (found.value, found.exceeded) == (40.0, True)
    for unit in ("degC", "furlong", "mg/L"):
        odd = judge(40, unit, limit())
        assert (odd.exceeded, odd.mark) == (None, "unit")


def test_no_verdict_without_a_good_value() -> None:
    """The mark of the value goes on; the value is still shown."""
    assert judge(None, "mg/m3", limit()).mark == "none"
    assert judge(float("inf"), "mg/m3", limit()).mark == "absurd"
    assert judge(99, "mg/m3", None).mark == "no limit"
    short = judge(99, "mg/m3", limit(), "short")
    assert (short.value, short.exceeded, short.mark) == (99, None, "short")


def test_own_limits_come_first() -> None:
    """Of own ones that in force last; a date decides; other periods do not matter."""
    nation = limit(100)
    permit = limit(35, own=True, since=date(2024, 1, 1), id=1)
    newer = limit(30, own=True, since=date(2025, 1, 1), until=date(2026, 1, 1), id=2)
    all_of_them = [nation, permit, newer, limit(10, own=True, period="day")]

    def of(day: date) -> Limit | None:
        return chosen(all_of_them, ["a21026", "SO2"], "hour", "zs", day)

    assert of(date(2023, 12, 31)) == nation
    assert of(date(2024, 1, 1)) == permit
    assert of(DAY) == newer
    assert of(date(2026, 1, 1)) == permit
    assert chosen(all_of_them, ["NOx"], "hour", "zs", DAY) is None


def test_decimals_a_limit_is_written_with() -> None:
    """35.0 has none."""
    assert [decimals_of(limit(each)) for each in (35.0, 0.5, 0.025, 1e-4, 100.0)] == [
        0,
        1,
        3,
        4,
        0,
    ]


@given(st.decimals(0, 1000, places=3), st.decimals("0.1", 100, places=1))
def test_exceeding_is_monotonous(value: object, high: object) -> None:
    """Far below is kept, far above is not, and the verdict only flips once."""
    top = float(high)  # type: ignore[arg-type]
    low = judge(float(value), "mg/m3", limit(top))  # type: ignore[arg-type]
    more = judge(float(value) + 1, "mg/m3", limit(top))  # type: ignore[arg-type]
    assert not (low.exceeded and not more.exceeded)


@given(st.lists(st.decimals(0, 1000, places=2), max_size=20), st.sampled_from([35.0, 0.5, 0.03]))
def test_arrays_say_what_single_values_say(values: list[object], high: float) -> None:
    """The same rounding, verdict and multiple."""
    numbers = np.array([float(each) for each in values])  # type: ignore[arg-type]
    many = judge_array(numbers, "mg/m3", limit(high))
    for place, number in enumerate(numbers.tolist()):
        one = judge(number, "mg/m3", limit(high))
        assert (many.values[place], many.exceeded[place]) == (one.value, one.exceeded)
        assert one.multiple == pytest.approx(many.multiple[place]) or not one.exceeded
    assert judge_array(numbers * 1000, "ug/m3", limit(high)).exceeded.tolist() == (
        many.exceeded.tolist()
    )
