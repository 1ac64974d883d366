"""Where the cells of a model's file lie, and its values at stations, bilinear between centres.

A regular grid of longitudes and latitudes (CAMS and others by the CF convention), or a projected
one by the attributes of IOAPI (CMAQ). Stations outside the grid get nothing.
Tests: tests/aqi/forecast/test_model_grid.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from aqi.forecast.baselines import Hours

# IOAPI's sphere (radius in metres) and its kinds of grids.
_EARTH_M = 6_370_000.0
_LONLAT, _LAMBERT, _MERCATOR, _POLAR = 1, 2, 7, 6


class ModelGrid(msgspec.Struct, frozen=True):
    """Centres of the cells, ascending: ``x`` of columns, ``y`` of rows, in degrees or, with a
    ``projection`` (PROJ text), in metres of it."""

    x: Hours
    y: Hours
    projection: str = ""

    def place(self, longitude: Hours, latitude: Hours) -> tuple[Hours, Hours]:
        """Fractional column and row of positions in degrees; NaN outside the centres."""
        east, north = np.asarray(longitude, float), np.asarray(latitude, float)
        if self.projection:
            from pyproj import Transformer

            to_plane = Transformer.from_crs("EPSG:4326", self.projection, always_xy=True)
            east, north = to_plane.transform(east, north)
        elif self.x[0] >= 0 and self.x[-1] > 180:
            east = east % 360
        return _between(self.x, np.asarray(east)), _between(self.y, np.asarray(north))

    def at(self, fields: Hours, longitude: Hours, latitude: Hours) -> Hours:
        """Values of shape (positions, times) from fields of shape (times, rows, columns)."""
        column, row = self.place(longitude, latitude)
        inside = np.isfinite(column) & np.isfinite(row)
        found = np.full((len(column), len(fields)), np.nan)
        left = np.minimum(column[inside].astype(int), len(self.x) - 2)
        below = np.minimum(row[inside].astype(int), len(self.y) - 2)
        right, above = column[inside] - left, row[inside] - below
        found[inside] = (
            fields[:, below, left] * ((1 - above) * (1 - right))
            + fields[:, below, left + 1] * ((1 - above) * right)
            + fields[:, below + 1, left] * (above * (1 - right))
            + fields[:, below + 1, left + 1] * (above * right)
        ).T
        return found


def ioapi_grid(attributes: Mapping[str, Any]) -> ModelGrid:
    """From the global attributes of an IOAPI file. ValueError names what is missing or of a kind
    that we do not read."""
    try:
        kind = int(attributes["GDTYP"])
        x = _centres(attributes["XORIG"], attributes["XCELL"], attributes["NCOLS"])
        y = _centres(attributes["YORIG"], attributes["YCELL"], attributes["NROWS"])
        alpha, beta = float(attributes["P_ALP"]), float(attributes["P_BET"])
        gamma = float(attributes["P_GAM"])
        latitude = float(attributes["YCENT"])
    except KeyError as missing:
        raise ValueError(f"the file has no attribute {missing.args[0]}") from missing
    if kind == _LONLAT:
        return ModelGrid(x, y)
    if kind == _LAMBERT:
        plane = f"+proj=lcc +lat_1={alpha} +lat_2={beta} +lat_0={latitude} +lon_0={gamma}"
    elif kind == _POLAR:
        plane = f"+proj=stere +lat_0={90 * alpha} +lat_ts={beta} +lon_0={gamma}"
    elif kind == _MERCATOR:
        plane = f"+proj=merc +lat_ts={alpha} +lon_0={gamma}"
    else:
        raise ValueError(f"grids of IOAPI's kind GDTYP={kind} are not read; 1, 2, 6 and 7 are")
    return ModelGrid(x, y, f"{plane} +x_0=0 +y_0=0 +R={_EARTH_M} +units=m +no_defs")


def _centres(origin: Any, cell: Any, count: Any) -> Hours:
    centres: Hours = float(origin) + (np.arange(int(count), dtype=np.float64) + 0.5) * float(cell)
    return centres


def _between(centres: Hours, wanted: Hours) -> Hours:
    place: Hours = np.interp(wanted, centres, np.arange(len(centres), dtype=float))
    outside = ~((wanted >= centres[0]) & (wanted <= centres[-1]))
    place[outside] = np.nan
    return place
