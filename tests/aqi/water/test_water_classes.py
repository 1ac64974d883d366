"""Classes of surface water by GB 3838-2002."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqi.water.classes import WORSE, item_class, mark_of, rate
from aqi.water.table import items


@pytest.mark.parametrize(
    ("item", "value", "number"),
    [
        ("COD", 15, 1),
        ("COD", 15.1, 3),  # I and II share their limit
        ("COD", 40, 5),
        ("COD", 40.1, WORSE),
        ("NH3-N", 0.15, 1),
        ("NH3-N", 1.0, 3),
        ("NH3-N", 1.01, 4),
        ("NH3-N", 2.01, WORSE),
        ("TP", 0.2, 3),
        ("CODMn", 6.1, 4),
        ("DO", 7.5, 1),
        ("DO", 7.4, 2),
        ("DO", 5.0, 3),
        ("DO", 2.0, 5),
        ("DO", 1.9, WORSE),
        ("pH", 6.0, 1),
        ("pH", 9.0, 1),
        ("pH", 5.9, WORSE),
        ("pH", 9.1, WORSE),
        ("Hg", 0.0001, 3),
    ],
)
def test_class_of_a_value_of_a_river(item: str, value: float, number: int) -> None:
    """A value on a limit keeps the class; oxygen counts the other way, pH is a range."""
    assert item_class(item, value) == number


def test_lakes_have_limits_of_their_own_for_phosphorus() -> None:
    """0.05 mg/L is class II in a river and class III in a lake."""
    assert item_class("TP", 0.05) == 2
    assert item_class("TP", 0.05, "lake") == 3
    assert item_class("CODMn", 4.0, "lake") == 2  # the rest are those of rivers


def test_oxygen_at_ninety_percent_saturation_is_class_one() -> None:
    """Warm water cannot hold 7.5 mg/L."""
    assert item_class("DO", 6.9) == 2
    assert item_class("DO", 6.9, saturation=90) == 1
    assert item_class("DO", 6.9, saturation=89.9) == 2


def test_the_worst_item_decides() -> None:
    """Single-factor method; what is not rated does not decide."""
    rating = rate(
        {"DO": 8.0, "CODMn": 4.5, "NH3-N": 1.2, "TP": 0.25, "TN": 9.0, "temperature": 18}
    )
    assert rating.number == 4
    assert rating.name == "IV"
    assert rating.decisive == ("NH3-N", "TP")
    assert rating.classes == {"DO": 1, "CODMn": 3, "NH3-N": 4, "TP": 4}
    assert rating.aside == {}


def test_nitrogen_of_a_lake_is_told_aside() -> None:
    """It has a class there, but the lake's class is that of the other items."""
    rating = rate({"TN": 1.6, "CODMn": 2.0}, "lake")
    assert rating.number == 1
    assert rating.aside == {"TN": 5}


def test_bad_values_are_marked_and_left_out() -> None:
    """pH 20, negative, missing, unknown: a mark each, never a class."""
    rating = rate({"pH": 20.0, "TP": -0.1, "COD": None, "NH3-N": float("inf"), "gold": 1.0})
    assert rating.number == 0
    assert rating.name == ""
    assert rating.marks == {
        "pH": "absurd",
        "TP": "negative",
        "COD": "none",
        "NH3-N": "absurd",
        "gold": "unknown",
    }
    assert mark_of("temperature", -0.5) == ""


def test_no_class_without_a_limit_or_a_value() -> None:
    """Temperature has no limits; negative, infinite and impossible values no class."""
    assert item_class("temperature", 7.0) == 0
    assert item_class("NH3-N", -1.0) == item_class("NH3-N", float("inf")) == 0
    assert [item_class("pH", each) for each in (7.0, 20.0, 5.0, -1.0)] == [1, 0, 6, 0]


@given(
    st.sampled_from(sorted(name for name in items() if items()[name].rivers)),
    st.decimals(0, 50, places=4),
)
def test_class_by_the_table_in_exact_fractions(item: str, value: object) -> None:
    """The best class whose limit holds, in fractions."""
    row, number = items()[item], Fraction(str(value))
    limits = [Fraction(str(each)) for each in row.rivers]
    holds = [number >= each if row.direction == "ge" else number <= each for each in limits]
    wanted = next((n for n, each in enumerate(holds, 1) if each), WORSE)
    assert item_class(item, float(number)) == wanted


def test_limits_never_get_stricter_towards_class_five() -> None:
    """Counting broken limits is the same as looking for the best class."""
    for item in items().values():
        for limits in (item.rivers, item.lakes):
            ordered = sorted(limits, reverse=item.direction == "ge")
            assert list(limits) == ordered
            assert len(limits) in (0, 5)
