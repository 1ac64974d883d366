"""Readings as arrays are the readings of single stations."""

from __future__ import annotations

import numpy as np
import pytest

from bench.instruments import reading_arrays, roster
from bench.instruments.station import KINDS, measure

START = 1_784_001_600.0  # a Tuesday noon in Beijing


@pytest.mark.parametrize("kind", list(reading_arrays.READ))
def test_the_same_as_one_by_one(kind: str) -> None:
    """Value and mark of every factor, over a week with its nights and its Sunday."""
    stations = [each for each in roster.make(60, 3) if each.kind == kind][:5]
    moments = np.arange(START, START + 8 * 86_400, 2341.0)
    values = reading_arrays.truth(stations, moments)
    shown = {}
    for factor in KINDS[kind].factors:
        state = reading_arrays.marks(stations, factor.code, moments)
        shown[factor.code] = reading_arrays.reported(
            stations, factor.code, values[factor.code], state
        )
    for row, station in enumerate(stations):
        for column, moment in enumerate(moments):
            for code, (value, mark) in measure(station, float(moment)).items():
                factor = next(each for each in station.factors if each.code == code)
                printed = float(factor.text(value, station.version))
                digit = 10.0**-factor.decimals
                assert values[code][row, column] == pytest.approx(printed, abs=1.01 * digit)
                assert shown[code][row, column] == mark
