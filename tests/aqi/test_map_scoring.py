"""The error that is shown with each map."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.maps.scoring import Score, score

NAN = float("nan")


def test_known_errors() -> None:
    """Errors 1, -3 and 2: mean square 14/3, mean absolute 2, mean 0."""
    found = score(np.array([10.0, 10.0, 10.0]), np.array([11.0, 7.0, 12.0]))
    assert found.n == 3
    assert found.rmse == pytest.approx((14 / 3) ** 0.5)
    assert found.mae == pytest.approx(2.0)
    assert found.bias == pytest.approx(0.0)


def test_missing_stations_do_not_count() -> None:
    """Neither those without a value nor those that nobody could judge."""
    found = score(np.array([10.0, NAN, 10.0]), np.array([11.0, 7.0, NAN]))
    assert found == Score(1, 1.0, 1.0, 1.0)


def test_nothing_to_score() -> None:
    """No number, and in JSON none either."""
    found = score(np.array([5.0]), np.array([NAN]))
    assert found.n == 0
    assert found.as_json() == {"n": 0, "rmse": None, "mae": None, "bias": None}
