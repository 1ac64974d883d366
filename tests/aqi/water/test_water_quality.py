"""Words, colours and main pollutants of surface water."""

from __future__ import annotations

import pytest

from aqi.water.classes import rate
from aqi.water.quality import main_of_river, main_pollutants, multiple_of, quality


@pytest.mark.parametrize(
    ("number", "zh", "colour"),
    [
        (1, "优", "blue"),
        (2, "优", "blue"),
        (3, "良好", "green"),
        (4, "轻度污染", "yellow"),
        (5, "中度污染", "orange"),
        (6, "重度污染", "red"),
    ],
)
def test_words_and_colours(number: int, zh: str, colour: str) -> None:
    """Two classes are excellent, each other has its word."""
    found = quality(number)
    assert found is not None
    assert (found.zh, found.colour) == (zh, colour)


def test_no_words_without_a_class() -> None:
    """Nothing was rated."""
    assert quality(0) is None


def test_multiples_of_class_three() -> None:
    """(C - C_III) / C_III; none for oxygen and pH."""
    assert multiple_of("NH3-N", 1.5) == 0.5
    assert multiple_of("TP", 0.1, "lake") == 1.0
    assert multiple_of("TP", 0.1) == -0.5
    assert multiple_of("DO", 1.0) is None
    assert multiple_of("pH", 5.0) is None


def test_main_pollutants_in_order() -> None:
    """Cyanide and heavy metals first, then the worst class, then the multiple; three at most."""
    values = {"COD": 35.0, "NH3-N": 1.8, "TP": 0.38, "DO": 2.5, "Pb": 0.07, "CODMn": 6.5}
    rating = rate(values)
    found = main_pollutants(rating, values)
    assert [each.item for each in found] == ["Pb", "TP", "NH3-N"]
    assert [each.multiple for each in found] == pytest.approx([0.4, 0.9, 0.8])
    assert found[1].text == "总磷（0.9）"
    everything = main_pollutants(rating, values, most=9)
    assert [each.item for each in everything] == ["Pb", "TP", "NH3-N", "COD", "DO", "CODMn"]
    assert everything[-2].text == "溶解氧"


def test_no_main_pollutants_of_good_water() -> None:
    """Class III is good enough."""
    values = {"NH3-N": 1.0}
    assert main_pollutants(rate(values), values) == ()


def test_main_pollutants_of_a_river_by_shares() -> None:
    """By how many of the sections with a value are above class III."""
    sections = [rate(each) for each in ({"NH3-N": 1.2, "TP": 0.1}, {"NH3-N": 0.5}, {"TP": 0.3})]
    assert main_of_river(sections) == (("NH3-N", 50.0), ("TP", 50.0))
