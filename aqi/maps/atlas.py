"""One network, many maps: plane, grid and buffer are settled once, then each time is a surface.

So a sequence of hours has one extent, one grid and one scale of colours. Tests:
tests/aqi/test_map_index.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aqi.maps.field import Field, Method, interpolate
from aqi.maps.grid import Grid, grid_over, usual_buffer_m
from aqi.maps.index_map import IndexMap, index_map
from aqi.maps.notes import Note
from aqi.maps.plane import Kind, plane_for
from aqi.maps.stations import Stations, gather
from aqi.maps.surface import Surface, surface_of_field
from aqi.standards import Mode, Standard

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """How to interpolate: see `field.interpolate`."""

    method: Method = "idw"
    log: bool = False
    with_sigma: bool = False


class Atlas:
    """Stations by name with coordinates in degrees (WGS-84, NaN where unknown).

    ``cell_m``: width of a cell, ``buffer_m``: how far beyond the hull is shown; None: as usual.
    ValueError when no station has coordinates, or the cells would be too many.
    """

    def __init__(
        self,
        names: Sequence[str],
        lon: ArrayLike,
        lat: ArrayLike,
        *,
        cell_m: float | None = None,
        buffer_m: float | None = None,
        plane: Kind = "utm",
    ) -> None:
        self._names, self._lon, self._lat = list(names), lon, lat
        known = gather(names, lon, lat, {})
        if not len(known):
            raise ValueError("no station has coordinates, so there is nothing to map")
        if buffer_m is not None and not buffer_m > 0:
            raise ValueError(f"a buffer of {buffer_m:g} m shows nothing: give more than 0")
        self._plane = plane_for(known.lon, known.lat, plane)
        self.points: Floats = np.column_stack(self._plane.forward(known.lon, known.lat))
        self._buffer_m = usual_buffer_m(self.points) if buffer_m is None else buffer_m
        self.grid: Grid = grid_over(self._plane, self.points, self._buffer_m, cell_m)

    def concentration(
        self,
        pollutant: str,
        values: ArrayLike,
        standard: Standard,
        mode: Mode,
        choice: Choice = Choice(),
    ) -> Surface:
        """The surface of one pollutant from one value a station (ug/m3, CO mg/m3; NaN: none).

        ValueError when HJ 633 has no sub-index for the pollutant.
        """
        stations = self._stations({pollutant: values})
        field = self._field(stations, pollutant, choice)
        return surface_of_field(field, pollutant, standard, mode, stations, self.points)

    def index(
        self,
        values: Mapping[str, ArrayLike],
        standard: Standard,
        mode: Mode,
        choice: Choice = Choice(),
    ) -> IndexMap:
        """The map of the AQI from the values of each pollutant, one a station."""
        stations = self._stations(values)
        fields = {p: self._field(stations, p, choice) for p in values}
        return index_map(standard, mode, self.grid, fields, stations, self.points)

    def _stations(self, values: Mapping[str, ArrayLike]) -> Stations:
        found = gather(self._names, self._lon, self._lat, values)
        if not self._plane.wide:
            return found
        return Stations(
            found.names, found.lon, found.lat, found.values, (*found.notes, Note("wide"))
        )

    def _field(self, stations: Stations, pollutant: str, choice: Choice) -> Field:
        return interpolate(
            self.grid,
            self.points,
            stations.values[pollutant],
            buffer_m=self._buffer_m,
            method=choice.method,
            log=choice.log,
            with_sigma=choice.with_sigma,
            names=stations.names,
        )
