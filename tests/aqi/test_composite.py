"""The composite index against published results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from aqi.composite import SUMMED, Index, composite, main_names, method, methods
from aqi.factors import POLLUTANTS
from aqi.limits import limits_named

OLD = limits_named("GB3095-2012")
NEW = limits_named("GB3095-2026-transition")


def statistics(**values: float) -> dict[tuple[str, str], np.ndarray]:
    """One place, pollutants in the order of the report."""
    given = zip(POLLUTANTS, values.values(), strict=True)
    return {(name, SUMMED[name][0]): np.array([value]) for name, value in given}


FIRST = statistics(pm25=23, pm10=77, so2=9, no2=14, co=1.1, o3=96)
SECOND = statistics(pm25=13, pm10=16, so2=3, no2=13, co=0.9, o3=87)


@pytest.mark.parametrize(("given", "total", "main"), [(FIRST, 3.14, "PM10"), (SECOND, 1.73, "O3")])
def test_published(given: Mapping[tuple[str, str], np.ndarray], total: float, main: str) -> None:
    """Two published rankings: unrounded sums would be 3.132 and 1.744, half-up 1.75."""
    found = composite(method("rank2014"), given, OLD)
    assert found.total.tolist() == [total]
    assert main_names(found.main[0]) == main


def test_single_indices_by_hand() -> None:
    """0.9 / 4 is a tie and goes to the even 0.22."""
    found = composite(method("rank2014"), SECOND, OLD)
    assert found.items[0].tolist() == [0.37, 0.23, 0.05, 0.32, 0.22, 0.54]


def test_by_the_new_limits() -> None:
    """PM2.5 by 30 and PM10 by 60: 0.77 + 1.28 + 0.15 + 0.35 + 0.28 + 0.60."""
    assert composite(method("rank2014"), FIRST, NEW).total.tolist() == [3.43]


def test_weights() -> None:
    """The preset of one platform is not confirmed; other weights make another method."""
    preset = methods()["w2026_unconfirmed"]
    assert not preset.confirmed
    assert methods()["rank2014"].confirmed
    # 23/30 = .767, 77/60 = 1.283, 9/60 = .15, 14/40 = .35, 1.1/4 = .275, 96/160 = .6
    expected = 3 * 0.767 + 1.283 + 0.15 + 2 * 0.35 + 0.275 + 2 * 0.6
    assert composite(preset, FIRST, NEW).total[0] == pytest.approx(expected, abs=1e-9)
    own = method("rank2014", {"PM2.5": 0.5})
    assert own.name == "rank2014*"
    assert not own.confirmed
    # 0.66 x 0.5 = 0.33 less than before
    assert composite(own, FIRST, OLD).total.tolist() == [2.81]


def test_appendix_c() -> None:
    """Each I is the worse of its two quotients; CO and O3 have one."""
    given = {
        ("PM2.5", "mean"): np.array([35.0]),
        ("PM2.5", "p95"): np.array([150.0]),
        ("PM10", "mean"): np.array([70.0]),
        ("PM10", "p95"): np.array([75.0]),
        ("SO2", "mean"): np.array([6.0]),
        ("SO2", "p98"): np.array([15.0]),
        ("NO2", "mean"): np.array([20.0]),
        ("NO2", "p98"): np.array([80.0]),
        ("CO", "mean"): np.array([4.0]),
        ("CO", "p95"): np.array([2.0]),
        ("O3", "p90"): np.array([160.0]),
    }
    found: Index = composite(method("HJ663-C"), given, OLD)
    assert found.items[0].tolist() == [2.0, 1.0, 0.1, 1.0, 0.5, 1.0]
    assert found.total.tolist() == [5.6]


def test_five_items_make_no_index() -> None:
    """A sum of five is not comparable with one of six; equal largest items are both main."""
    given = dict(FIRST)
    given["CO", "p95"] = np.array([np.nan])
    found = composite(method("rank2014"), given, OLD)
    assert np.isnan(found.total).all()
    assert not found.main.any()
    both = statistics(pm25=35, pm10=70, so2=0, no2=0, co=0.0, o3=0)
    assert main_names(composite(method("rank2014"), both, OLD).main[0]) == "PM2.5;PM10"


@pytest.mark.parametrize(
    ("name", "weights"),
    [("rank2099", None), ("rank2014", {"TSP": 1.0}), ("rank2014", {"O3": -1.0})],
)
def test_wrong_methods(name: str, weights: dict[str, float] | None) -> None:
    """They are refused by name."""
    with pytest.raises(ValueError, match=r"rank2014|TSP|O3"):
        method(name, weights)
