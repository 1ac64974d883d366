"""What is drawn and handed out: one quantity over a grid, with bands, stations, error and notes.

Made of a field (one pollutant) or of an index map; contours, pictures, frames and files take it
from here. Tests: tests/aqi/test_map_index.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aqi.maps.bands import Band, bands_of_pollutant
from aqi.maps.field import Field
from aqi.maps.grid import Grid
from aqi.maps.notes import Note
from aqi.maps.scoring import Score
from aqi.maps.stations import Stations
from aqi.standards import Mode, Standard

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Surface:
    """``values`` are known in the whole rectangle and shown where ``inside`` (cells of ``reach``).

    ``what``: "PM2.5" … or "AQI"; ``decimals`` as stations' values are shown; ``points``: stations
    in metres of the plane, ``measured`` their values, ``said`` what the others say of them;
    ``how``: method and variogram in words (Chinese, English).
    """

    what: str
    unit: str
    decimals: int
    standard: str
    mode: Mode
    grid: Grid
    values: Floats
    inside: NDArray[np.bool_]
    reach: Any
    bands: tuple[Band, ...]
    names: tuple[str, ...]
    points: Floats
    measured: Floats
    said: Floats
    score: Score
    how: tuple[str, str]
    notes: tuple[Note, ...]
    sigma: Floats | None = None
    level_hits: int | None = None

    def shown(self) -> Floats:
        """The values where they may be shown, NaN elsewhere."""
        return np.where(self.inside, self.values, np.nan)

    def show(self, value: float) -> str:
        """A station's value as text; "" for NaN."""
        return "" if np.isnan(value) else f"{value:.{self.decimals}f}"


def surface_of_field(
    field: Field,
    what: str,
    standard: Standard,
    mode: Mode,
    stations: Stations,
    points: Floats,
) -> Surface:
    """The surface of one pollutant. ValueError when HJ 633 has no sub-index for it (confirmed)."""
    return Surface(
        what,
        "mg/m³" if what == "CO" else "μg/m³",
        1 if what == "CO" else 0,
        standard.name,
        mode,
        field.grid,
        field.values,
        field.inside,
        field.reach,
        bands_of_pollutant(standard, what, mode),
        stations.names,
        points,
        field.measured,
        field.said,
        field.score,
        words_of_method(field),
        (*stations.notes, *field.notes),
        field.sigma,
    )


def words_of_method(field: Field) -> tuple[str, str]:
    """Chinese and English words for how a field was made."""
    if field.method == "idw":
        return "反距离加权", "inverse distance weighting"
    assert field.variogram is not None
    model = field.variogram.model
    chinese = {"spherical": "球状", "exponential": "指数", "gaussian": "高斯", "linear": "线性"}
    how = f"普通克里金（{chinese[model]}模型"
    english = f"ordinary kriging ({model}"
    if len(field.variogram.parameters) == 3:
        reach_km = field.variogram.parameters[1]
        how += f"，变程 {reach_km:.0f} km"
        english += f", range {reach_km:.0f} km"
    if field.log:
        how += "，对数"
        english += ", of the logarithm"
    return how + "）", english + ")"
