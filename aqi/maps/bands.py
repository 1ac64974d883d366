"""The colours of a map: borders of levels as concentrations, and as values of the index.

A map of a pollutant changes colour at the nodes of its own sub-index, never at quantiles. Tests:
tests/aqi/test_map_index.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aqi.breakpoints import Nodes, nodes
from aqi.standards import Mode, Standard, levels, missing_colour

Floats = NDArray[np.float64]

BEYOND = "无分指数"


@dataclass(frozen=True)
class Band:
    """From ``lower`` to ``upper`` (infinite at the end) one colour; level 0: no sub-index."""

    lower: float
    upper: float
    level: int
    category: str
    colour: str

    def holds(self, value: float) -> bool:
        """A border belongs to the cleaner side, as a node has its own sub-index."""
        return (self.lower < value or self.lower <= value == 0) and value <= self.upper

    def range_text(self, whole: bool = False) -> str:
        """ "35-60", "> 250"; of whole numbers "51-100"."""
        if np.isinf(self.upper):
            return f"> {self.lower:g}"
        lower = self.lower + 1 if whole and self.lower else self.lower
        return f"{lower:g}-{self.upper:g}"


def nodes_of(standard: Standard, pollutant: str, mode: Mode) -> Nodes:
    """The nodes that the map of a pollutant goes by; ValueError when HJ 633 has none for it
    (confirmed, as breakpoints.py).

    Daily: 24 h, O3 the greatest 8 h mean; hourly: 1 h (particles by their 24 h table, see
    breakpoints.py).
    """
    if mode == "hourly":
        return nodes(standard, pollutant, "1h")
    return nodes(standard, pollutant, "8h" if pollutant == "O3" else "24h")


def bands_of_pollutant(standard: Standard, pollutant: str, mode: Mode) -> tuple[Band, ...]:
    """Bands of concentrations in ug/m3 (CO mg/m3), one a level."""
    found = nodes_of(standard, pollutant, mode)
    scale = 10.0**found.decimals
    borders = {index: step / scale for index, step in zip(found.iaqi, found.steps, strict=True)}
    last = found.iaqi[-1]
    made: list[Band] = []
    lower = 0.0
    for level in levels():
        ends = level.top >= last
        upper = borders[last] if ends else borders[level.top]
        if ends and found.above is not None:
            upper = np.inf
        made.append(Band(lower, upper, level.level, level.category, level.hex))
        lower = upper
        if ends:
            break
    if found.above is None:
        made.append(Band(lower, np.inf, 0, BEYOND, missing_colour()))
    return tuple(made)


def bands_of_index() -> tuple[Band, ...]:
    """Bands of the AQI, the same in both versions of HJ 633 (confirmed)."""
    tops = [float(level.top) for level in levels()]
    tops[-1] = np.inf
    lowers = [0.0, *tops[:-1]]
    return tuple(
        Band(lower, top, level.level, level.category, level.hex)
        for lower, top, level in zip(lowers, tops, levels(), strict=True)
    )


def band_at(bands: tuple[Band, ...], value: float) -> Band | None:
    """The band of a value; None for NaN."""
    return next((band for band in bands if band.holds(value)), None)


def smooth_index(standard: Standard, pollutant: str, mode: Mode, values: Floats) -> Floats:
    """The sub-index without rounding, of concentrations: what contours of the index follow.

    HJ 633's formula before it is rounded up, of the concentration before it is rounded; so borders
    of levels lie at the nodes (the formula confirmed, to leave the rounding out a choice). What
    may be published is `judge_arrays`'. NaN stays NaN.
    """
    found = nodes_of(standard, pollutant, mode)
    steps = np.asarray(found.steps, dtype=np.float64) / 10.0**found.decimals
    index = np.interp(values, steps, np.asarray(found.iaqi, dtype=np.float64))
    if found.above is None:
        index = np.where(values > steps[-1], np.nan, index)
    return np.asarray(np.where(np.isnan(values), np.nan, index))
