"""One pollutant at one time as a field: interpolated, masked and scored.

The field is known in all cells of the rectangle; `inside` says where it may be shown. Tests:
tests/aqi/test_map_fields.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aqi.maps.grid import Grid, on_one_line, reach_of
from aqi.maps.idw import idw, idw_without_each
from aqi.maps.kriging import LEAST_STATIONS, Kriging, NoVariogram, Variogram
from aqi.maps.notes import Note
from aqi.maps.scoring import Score, score

Floats = NDArray[np.float64]
Method = Literal["idw", "kriging"]


@dataclass(frozen=True)
class Field:
    """``values`` (rows south to north) in the unit of the stations' values.

    ``sigma``: standard error by kriging (of the logarithm when ``log``), else None; ``said``: what
    the others say of each station's place; ``reach``: polygon of the plane, ``inside`` its cells.
    """

    grid: Grid
    values: Floats
    sigma: Floats | None
    inside: NDArray[np.bool_]
    reach: Any
    method: Method
    variogram: Variogram | None
    log: bool
    measured: Floats
    said: Floats
    score: Score
    notes: tuple[Note, ...]

    def shown(self) -> Floats:
        """The values where they may be shown, NaN elsewhere."""
        return np.where(self.inside, self.values, np.nan)


def interpolate(
    grid: Grid,
    points: Floats,
    measured: Floats,
    *,
    buffer_m: float,
    method: Method = "idw",
    log: bool = False,
    with_sigma: bool = False,
    names: tuple[str, ...] = (),
) -> Field:
    """The field of one pollutant from stations at ``points`` (metres), NaN values left out.

    Kriging needs eight stations with different values; with fewer the field is weighted by
    distance and a note says so. ``log``: krige the logarithm; ``with_sigma``: standard errors too;
    ``names`` are for the notes.
    """
    there = ~np.isnan(measured)
    spots, values = points[there], measured[there]
    notes = _notes(spots, values, [n for n, has in zip(names, there, strict=False) if not has])
    reach = reach_of(spots, buffer_m)
    inside = grid.inside(reach)
    if len(values) == 0:
        nothing = np.full(grid.shape, np.nan)
        empty = score(measured, measured)
        return Field(
            grid,
            nothing,
            None,
            inside,
            reach,
            "idw",
            None,
            False,
            measured,
            measured,
            empty,
            notes,
        )
    kriging = None
    if method == "kriging" and not _flat(values):
        kriging, why = _kriging(spots, values, log)
        notes += why
    if kriging is None:
        cells, sigma = idw(spots, values, grid.centres()), None
        without = idw_without_each(spots, values)
    else:
        cells = kriging.at(grid.centres())
        sigma = None
        if with_sigma:
            sigma = np.sqrt(kriging.variance_at(grid.centres())).reshape(grid.shape)
        without = np.maximum(kriging.without_each(), 0.0)
        below = int((cells[inside.ravel()] < 0).sum())
        notes += (Note("clipped", count=below),) if below else ()
        cells = np.maximum(cells, 0.0)
    said = np.full(len(measured), np.nan)
    said[there] = without
    return Field(
        grid,
        cells.reshape(grid.shape),
        sigma,
        inside,
        reach,
        "idw" if kriging is None else "kriging",
        None if kriging is None else kriging.variogram,
        log and kriging is not None,
        measured,
        said,
        score(measured, said),
        notes,
    )


def _kriging(spots: Floats, values: Floats, log: bool) -> tuple[Kriging | None, tuple[Note, ...]]:
    if len(values) < LEAST_STATIONS:
        return None, (Note("few_for_kriging", count=len(values)),)
    try:
        return Kriging(spots, values, log=log), ()
    except NoVariogram:
        return None, (Note("no_variogram"),)


def _flat(values: Floats) -> bool:
    return bool(np.ptp(values) <= 1e-9 * np.abs(values).max())


def _notes(spots: Floats, values: Floats, silent: list[str]) -> tuple[Note, ...]:
    found = [Note("no_value", tuple(silent))] if silent else []
    if len(values) == 0:
        found.append(Note("no_station"))
    elif len(values) == 1:
        found.append(Note("one_station"))
    elif _flat(values):
        found.append(Note("all_equal"))
    if on_one_line(spots):
        found.append(Note("one_line"))
    return tuple(found)
