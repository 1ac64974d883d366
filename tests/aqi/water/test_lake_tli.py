"""The trophic level index of lakes."""

from __future__ import annotations

import math

import pytest

from aqi.water.lake_tli import part, tli
from aqi.water.table import trophics

LAKE = {"chla": 10.0, "TP": 0.05, "TN": 1.0, "SD": 1.0, "CODMn": 4.0}


def test_parts_by_hand() -> None:
    """ln 1 = 0 leaves the constants; the rest is a calculator's work."""
    assert part("TN", 1.0) == pytest.approx(54.53)
    assert part("SD", 1.0) == pytest.approx(51.18)
    assert part("chla", 10.0) == pytest.approx(10 * (2.5 + 1.086 * 2.302585), abs=1e-5)
    assert part("CODMn", 4.0) == pytest.approx(10 * (0.109 + 2.661 * math.log(4)))


def test_weights_make_one() -> None:
    """The published figures add up."""
    assert math.fsum(each.weight for each in trophics().values()) == pytest.approx(1)


def test_index_and_level() -> None:
    """The weighted sum of the five."""
    found = tli(LAKE)
    # 0.2663*50.0061 + 0.1879*45.7088 + 0.179*54.53 + 0.1834*51.18 + 0.1834*37.9793
    assert found.value == pytest.approx(48.0187, abs=1e-3)
    assert found.level == "mesotrophic"
    assert found.missing == ()


def test_a_missing_item_leaves_no_index() -> None:
    """Unless the weights of the others are scaled, which is said."""
    lake = {**LAKE, "SD": None}
    found = tli(lake)
    assert found.value is None
    assert found.missing == ("SD",)
    scaled = tli(lake, of_those_there=True)
    assert scaled.value is not None
    assert scaled.missing == ("SD",)
    assert tli({"TP": 0.0}, of_those_there=True).value is None


def test_no_logarithm_of_nothing() -> None:
    """A clarity of 0 is a wrong value."""
    with pytest.raises(ValueError, match="above 0"):
        part("SD", 0.0)
