"""Background noise taken off."""

from __future__ import annotations

import pytest

from aqi.noise.background import corrected


@pytest.mark.parametrize(
    ("measured", "background", "value", "mark"),
    [
        (60, 48, 60, ""),
        (60, 49.5, 60, ""),
        (60, 50, 59, ""),
        (60, 54, 59, ""),
        (60, 55, 58, ""),
        (60, 56, 58, ""),
        (60, 57, 57, ""),
        (60, 58, None, "background"),
        (60, 61, None, "background"),
        (60, None, None, "none"),
        (None, 40, None, "none"),
    ],
)
def test_steps(
    measured: float | None, background: float | None, value: float | None, mark: str
) -> None:
    """Nothing above 10 dB, then one to three; too near to tell below three."""
    found = corrected(measured, background)
    assert (found.value, found.mark) == (value, mark)
