"""Rivers by the shares of their sections, or by the means of a few."""

from __future__ import annotations

import pytest

from aqi.water.rivers import by_shares, mean_values, river


@pytest.mark.parametrize(
    ("good", "worse", "sections", "en"),
    [
        (9, 1, 10, "excellent"),
        (8, 2, 10, "good"),
        (15, 0, 20, "good"),
        (7, 1, 10, "lightly polluted"),
        (7, 2, 10, "moderately polluted"),
        (6, 3, 10, "moderately polluted"),
        (5, 4, 10, "heavily polluted"),
        (6, 4, 10, "heavily polluted"),  # in no row of the table
    ],
)
def test_quality_by_shares(good: int, worse: int, sections: int, en: str) -> None:
    """The ladder, on its edges."""
    assert by_shares(good, worse, sections).en == en


def test_shares_must_be_possible() -> None:
    """Eleven of ten is our fault."""
    with pytest.raises(ValueError, match="more good"):
        by_shares(9, 2, 10)


def test_a_river_of_five_sections_is_rated_by_shares() -> None:
    """Sections without a class do not count."""
    found = river([{"NH3-N": 0.4}] * 4 + [{"NH3-N": 3.0}] + [{}])
    assert (found.method, found.sections) == ("shares", 5)
    assert (found.good_share, found.worse_share) == (80.0, 20.0)
    assert found.quality is not None
    assert found.quality.en == "good"


def test_a_few_sections_are_averaged_first() -> None:
    """Four sections: the class of the means, not the mean of classes."""
    found = river([{"NH3-N": 0.4}, {"NH3-N": 0.4}, {"NH3-N": 0.4}, {"NH3-N": 3.0}])
    assert found.method == "means"
    assert found.rating is not None
    assert found.rating.number == 4  # mean 1.05
    assert found.quality is not None
    assert found.quality.en == "lightly polluted"


def test_means_leave_out_what_is_missing_or_negative() -> None:
    """And are rounded to the item's decimals, half to even."""
    assert mean_values([{"TP": 0.1, "NH3-N": None}, {"TP": 0.105, "NH3-N": -1.0}, {"x": 1.0}]) == {
        "TP": 0.102
    }


def test_a_river_without_values() -> None:
    """Has no quality."""
    assert river([]).method == "none"
    assert river([{"pH": 20.0}]).quality is None
