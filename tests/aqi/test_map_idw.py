"""Inverse distance weighting against what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.maps.idw import idw, idw_without_each

RANDOM = np.random.default_rng(212)
POINTS = RANDOM.random((40, 2)) * 50_000
VALUES = 20 + RANDOM.random(40) * 80
TARGETS = RANDOM.random((500, 2)) * 60_000 - 5_000


def test_exact_at_stations() -> None:
    """A station's own place has its value, bit by bit."""
    np.testing.assert_array_equal(idw(POINTS, VALUES, POINTS), VALUES)


def test_never_beyond_the_values() -> None:
    """A mean lies between the least and the greatest."""
    said = idw(POINTS, VALUES, TARGETS)
    assert said.min() >= VALUES.min()
    assert said.max() <= VALUES.max()


def test_equal_to_the_formula() -> None:
    """Sorting by hand and weighting by hand gives the same numbers."""
    said = idw(POINTS, VALUES, TARGETS, neighbours=8)
    for target, value in zip(TARGETS[:50], said, strict=False):
        way = np.hypot(*(POINTS - target).T)
        near = np.argsort(way)[:8]
        weight = 1 / way[near] ** 2
        assert value == pytest.approx((weight * VALUES[near]).sum() / weight.sum(), rel=1e-12)


def test_midway_is_the_mean() -> None:
    """Two stations, and the place between them; equal values stay equal."""
    pair = np.array([[0.0, 0.0], [1_000.0, 0.0]])
    assert idw(pair, np.array([10.0, 20.0]), np.array([[500.0, 0.0]])) == pytest.approx([15.0])
    same = idw(POINTS, np.full(40, 35.0), TARGETS)
    np.testing.assert_allclose(same, 35.0, rtol=1e-14)


def test_great_powers_do_not_overflow() -> None:
    """The nearest station wins, however great the power."""
    said = idw(POINTS, VALUES, TARGETS, power=200.0)
    nearest = np.hypot(*(POINTS[:, None] - TARGETS).transpose(2, 0, 1)).argmin(axis=0)
    assert np.isfinite(said).all()
    assert np.mean(np.abs(said - VALUES[nearest]) < 1e-6) > 0.8


def test_without_each_is_the_loop() -> None:
    """Leaving each station out in turn says the same."""
    loop = [
        idw(np.delete(POINTS, n, 0), np.delete(VALUES, n), POINTS[n : n + 1])[0] for n in range(40)
    ]
    np.testing.assert_allclose(idw_without_each(POINTS, VALUES), loop, rtol=1e-12)


def test_few_stations() -> None:
    """One station is all there is; none is refused; one alone cannot be scored."""
    assert idw(POINTS[:1], VALUES[:1], TARGETS[:3]) == pytest.approx([VALUES[0]] * 3)
    assert np.isnan(idw_without_each(POINTS[:1], VALUES[:1])).all()
    np.testing.assert_array_equal(idw_without_each(POINTS[:2], VALUES[:2]), VALUES[:2][::-1])
    with pytest.raises(ValueError, match="no station"):
        idw(POINTS[:0], VALUES[:0], TARGETS)
