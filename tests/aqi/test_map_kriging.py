"""Ordinary kriging against small systems solved by hand and against loops."""

from __future__ import annotations

import numpy as np
import pytest
from pykrige.ok import OrdinaryKriging

from aqi.maps import kriging
from aqi.maps.kriging import Kriging, NoVariogram, Variogram

RANDOM = np.random.default_rng(633)
POINTS = RANDOM.random((30, 2)) * 60_000
VALUES = 50 + 20 * np.sin(POINTS[:, 0] / 12_000) + 10 * np.cos(POINTS[:, 1] / 9_000)
TARGETS = RANDOM.random((60, 2)) * 60_000
LINEAR = Variogram("linear", (2.0, 0.0))
SPHERICAL = Variogram("spherical", (300.0, 40.0, 5.0))


def solved(points: np.ndarray, values: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """The kriging system of the variogram 2 h (h in km), written out and solved."""
    count = len(points)
    matrix = np.ones((count + 1, count + 1))
    matrix[:count, :count] = 2.0 * np.hypot(*(points[:, None] - points).transpose(2, 0, 1)) / 1000
    matrix[count, count] = 0.0
    right = np.ones(count + 1)
    right[:count] = 2.0 * np.hypot(*(points - target).T) / 1000
    weights = np.linalg.solve(matrix, right)
    return float(weights[:count] @ values), float(weights @ right)


def test_equal_to_the_system_solved_by_hand() -> None:
    """Values and variances of five stations, in the middle and outside."""
    points, values = POINTS[:5], VALUES[:5]
    whole = Kriging(points, values, variogram=LINEAR)
    said, variance = whole.at(TARGETS[:10]), whole.variance_at(TARGETS[:10])
    hand = [solved(points, values, target) for target in TARGETS[:10]]
    np.testing.assert_allclose(said, [value for value, _ in hand], rtol=1e-9)
    np.testing.assert_allclose(variance, [var for _, var in hand], rtol=1e-9)


@pytest.mark.parametrize("log", [False, True])
def test_exact_at_stations(log: bool) -> None:
    """Whatever was fitted: a station's own place has its value, and no variance."""
    whole = Kriging(POINTS, VALUES, log=log)
    np.testing.assert_allclose(whole.at(POINTS), VALUES, rtol=1e-6)
    np.testing.assert_allclose(whole.variance_at(POINTS), 0.0, atol=1e-6)


def test_equal_to_pykrige() -> None:
    """The library that fitted the variogram says the same of values and variances."""
    said = Kriging(POINTS, VALUES, variogram=SPHERICAL)
    theirs = OrdinaryKriging(
        *(POINTS.T / 1000),
        VALUES,
        variogram_model="spherical",
        variogram_parameters={"psill": 300.0, "range": 40.0, "nugget": 5.0},
    ).execute("points", *(TARGETS.T / 1000))
    np.testing.assert_allclose(said.at(TARGETS), theirs[0], rtol=1e-9)
    np.testing.assert_allclose(said.variance_at(TARGETS), theirs[1], rtol=1e-9)


@pytest.mark.parametrize("log", [False, True])
def test_without_each_is_the_loop(log: bool) -> None:
    """One inverse says what leaving each station out in turn says."""
    whole = Kriging(POINTS, VALUES, log=log, variogram=SPHERICAL)
    loop = []
    for n in range(len(POINTS)):
        others = Kriging(
            np.delete(POINTS, n, 0), np.delete(VALUES, n), log=log, variogram=SPHERICAL
        )
        loop.append(others.at(POINTS[n : n + 1])[0])
    np.testing.assert_allclose(whole.without_each(), loop, rtol=1e-8)


def test_smooth_field_is_met() -> None:
    """Between stations the error is a part of the field's own spread."""
    truth = 50 + 20 * np.sin(TARGETS[:, 0] / 12_000) + 10 * np.cos(TARGETS[:, 1] / 9_000)
    said = Kriging(POINTS, VALUES).at(TARGETS)
    assert np.sqrt(np.mean((said - truth) ** 2)) < 0.5 * truth.std()


def test_many_stations_go_by_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all others among the nearest, the moving window says what the whole says."""
    whole = Kriging(POINTS, VALUES, variogram=SPHERICAL)
    everywhere, variance = whole.at(TARGETS), whole.variance_at(TARGETS)
    left_out = whole.without_each()
    monkeypatch.setattr(kriging, "ALL_AT_ONCE", 10)
    monkeypatch.setattr(kriging, "CLOSEST", len(POINTS) - 1)
    window = Kriging(POINTS, VALUES, variogram=SPHERICAL)
    near, near_variance = window.at(TARGETS), window.variance_at(TARGETS)
    assert np.abs(near - everywhere).max() < 1.0
    assert np.abs(near_variance / variance - 1).max() < 0.05
    np.testing.assert_allclose(window.without_each(), left_out, rtol=1e-8)


def test_what_was_fitted_can_be_given_again() -> None:
    """A variogram that came out goes in, and the field stays."""
    first = Kriging(POINTS, VALUES)
    again = Kriging(POINTS, VALUES, variogram=first.variogram)
    np.testing.assert_allclose(again.at(TARGETS), first.at(TARGETS), rtol=1e-12)


@pytest.mark.parametrize("factor", [1e-9, 1e6])
def test_units_do_not_matter(factor: float) -> None:
    """Tiny and huge values are kriged like others; the sill goes with their square."""
    plain = Kriging(POINTS, VALUES)
    other = Kriging(POINTS, VALUES * factor)
    np.testing.assert_allclose(other.at(TARGETS), plain.at(TARGETS) * factor, rtol=1e-6)
    np.testing.assert_allclose(
        other.variance_at(TARGETS), plain.variance_at(TARGETS) * factor**2, rtol=1e-5
    )
    assert other.variogram.parameters[0] == pytest.approx(
        plain.variogram.parameters[0] * factor**2, rel=1e-5
    )


def test_a_system_that_is_nearly_singular_has_no_variogram(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its numbers would be noise, so there are none."""
    monkeypatch.setattr(kriging, "_WORST_CONDITION", 1.0)
    with pytest.raises(NoVariogram):
        Kriging(POINTS, VALUES)
