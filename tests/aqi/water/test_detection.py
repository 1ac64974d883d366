"""Results below the detection limit."""

from __future__ import annotations

import pytest

from aqi.water.detection import Detected, detected, for_means


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("0.025L", Detected(0.025, below=True)),
        ("<0.025", Detected(0.025, below=True)),
        (" 0.31 ", Detected(0.31, below=False)),
        ("5e-5L", Detected(5e-5, below=True)),
        ("<0.025L", None),
        ("ND", None),
        ("-0.1", None),
    ],
)
def test_texts_of_the_laboratory(text: str, result: Detected | None) -> None:
    """L and < mean not detected; both at once, or a word, is no result."""
    assert detected(text) == result


def test_half_the_limit_in_means_only() -> None:
    """0.025L counts 0.0125."""
    assert Detected(0.025, below=True).for_means == 0.0125
    assert for_means(0.01, 0.025) == 0.0125
    assert for_means(0.03, 0.025) == 0.03
    assert for_means(0.01, None) == 0.01
