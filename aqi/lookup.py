"""Sub-indices of whole arrays: rounded to steps, then one look-up in a table of integers.

The tables are made by iaqi.py, so both say the same. Arrays of judgements: judge_arrays.py.
Tests: tests/aqi/test_lookup.py.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from aqi.breakpoints import nodes
from aqi.iaqi import iaqi_of_steps
from aqi.rounding import Floats, floats, whole_steps
from aqi.standards import Standard

NONE = -1  # stands for "no sub-index"

Indices = npt.NDArray[np.int16]


def iaqi_array(
    standard: Standard, pollutant: str, average: str, concentrations: npt.ArrayLike
) -> Indices:
    """Sub-indices of concentrations in ug/m3 (CO mg/m3), of any shape; -1 where there is none.

    As `iaqi` of each value as it reads (HJ 633, formula 1; confirmed); NaN, negative and infinite:
    -1. ValueError: this version has none for that pollutant and average.
    """
    values = floats(concentrations)
    table = lookup_table(standard, pollutant, average)
    return look_up(table, values, nodes(standard, pollutant, average).decimals)


@cache
def lookup_table(standard: Standard, pollutant: str, average: str) -> Indices:
    """The sub-index by steps of the concentration; the last entry but one is for all above the
    last node, the last one for "none"."""
    found = nodes(standard, pollutant, average)
    made = [iaqi_of_steps(found, steps) for steps in range(found.steps[-1] + 2)]
    table = np.array([NONE if one is None else one for one in [*made, None]], dtype=np.int16)
    table.setflags(write=False)
    return table


def look_up(table: Indices, values: Floats, decimals: int) -> Indices:
    """The table's entry for each value."""
    beyond = float(len(table) - 2)
    with np.errstate(invalid="ignore"):
        steps = whole_steps(values, decimals)
        valid = values >= 0.0
        valid &= values < np.inf
    np.fmin(steps, beyond, out=steps)
    places = np.full(values.shape, len(table) - 1, dtype=np.intp)
    np.copyto(places, steps, casting="unsafe", where=valid)
    return table.take(places)
