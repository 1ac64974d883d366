"""Bias correction takes away what is systematic and cannot run wild."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.forecast.bias import fit


def pairs(n: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """A model and a station that measures ``factor`` of it, with some noise."""
    draw = np.random.default_rng(5)
    said = np.exp(draw.normal(3.5, 0.5, n))
    return said, said * factor * np.exp(draw.normal(0, 0.1, n))


@pytest.mark.parametrize("method", ["line", "quantiles"])
def test_a_model_that_says_twice_too_much_is_halved(method: str) -> None:
    """After enough pairs, to within a tenth."""
    said, found = pairs(2000, 0.5)
    fitted = fit(said, found, method)  # type: ignore[arg-type]
    assert fitted.method == method
    assert np.allclose(fitted.apply(np.array([20.0, 40.0, 80.0])), [10, 20, 40], rtol=0.1)


def test_few_pairs_correct_nothing_and_some_a_little() -> None:
    """Drawn towards no correction."""
    said, found = pairs(2000, 0.5)
    none = fit(said[:20], found[:20])
    some = fit(said[:60], found[:60])
    assert none.method == "none"
    assert none.apply(np.array([40.0]))[0] == 40.0
    assert 21 < some.apply(np.array([40.0]))[0] < 39


def test_quantiles_fall_back_to_the_line() -> None:
    """A month of hours is the least."""
    said, found = pairs(300, 0.5)
    assert fit(said, found, "quantiles").method == "line"


def test_bad_pairs_are_left_out_and_the_result_is_bounded() -> None:
    """NaN and negative values do not count; at most ten times what was said, at least nought."""
    said, found = pairs(2000, 0.5)
    said[:100], found[100:200] = np.nan, -1.0
    fitted = fit(said, found)
    assert fitted.n == 1800
    wild = fit(*pairs(2000, 50.0))
    corrected = wild.apply(np.array([0.0, 5.0, np.nan]))
    assert corrected[0] == 0.0
    assert corrected[1] <= 50.0
    assert np.isnan(corrected[2])
