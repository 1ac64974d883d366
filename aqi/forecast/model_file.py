"""Hourly surface concentrations at stations from a NetCDF file of a numerical model.

CMAQ (IOAPI: TFLAG, attributes of the grid) and files by the CF convention (CAMS: time, latitude,
longitude). Steps longer than an hour are bridged in a straight line, which the result says.
netCDF4 comes with the extra "analysis". Tests: tests/aqi/forecast/test_model_file.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.forecast.baselines import Hours
from aqi.forecast.model_grid import ModelGrid, ioapi_grid
from aqi.forecast.species import species, to_concentration, variable_of

HOUR_S = 3600
MOST_HOURS = 24 * 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGITUDES = ("longitude", "lon")
_LATITUDES = ("latitude", "lat")
_TIMES = ("valid_time", "time")
_SURFACE_LAST = ("level", "hybrid", "model_level")  # ECMWF counts levels downwards


class ModelFileError(Exception):
    """The file cannot be used; the text is one sentence."""


class StationForecast(msgspec.Struct, frozen=True):
    """``hours``: their beginnings, seconds since 1970, UTC; ``values``: pollutant -> shape
    (stations, hours), ug/m3 and CO mg/m3, NaN where a station lies outside the grid; ``missing``:
    pollutants that the file does not have; ``step_h``: of the file."""

    hours: NDArray[np.int64]
    values: dict[str, Hours]
    missing: tuple[str, ...]
    step_h: float


def read_model_file(path: Path, longitude: Hours, latitude: Hours) -> StationForecast:
    """Positions in degrees, WGS 84. ModelFileError for what is no NetCDF, has no grid or times
    that we know, or none of the six pollutants; also when netCDF4 is not installed."""
    try:
        from netCDF4 import Dataset
    except ImportError as missing:
        raise ModelFileError("reading NetCDF needs netCDF4: pip install 'hj212d[analysis]'") from (
            missing
        )
    try:
        with Dataset(path) as file:
            return _read(file, np.asarray(longitude, float), np.asarray(latitude, float))
    except (OSError, ValueError, KeyError, IndexError) as problem:
        raise ModelFileError(f"{path.name} cannot be used: {problem}") from problem


def _read(file: Any, longitude: Hours, latitude: Hours) -> StationForecast:
    ioapi = "TFLAG" in file.variables
    grid, flip = (ioapi_grid(_attributes(file)), (False, False)) if ioapi else _cf_grid(file)
    seconds = _ioapi_times(file) if ioapi else _cf_times(file)
    if len(seconds) > MOST_HOURS:
        raise ValueError(f"it has {len(seconds)} times, more than {MOST_HOURS}")
    order = np.argsort(seconds)
    seconds = seconds[order]
    hours = np.arange(-(-seconds[0] // HOUR_S), seconds[-1] // HOUR_S + 1) * HOUR_S
    values, missing = {}, []
    for pollutant in species().pollutants:
        name = variable_of(pollutant, file.variables)
        if name is None:
            missing.append(pollutant)
            continue
        variable = file.variables[name]
        fields = _surface(variable, len(seconds))[order]
        if flip[0]:
            fields = fields[:, ::-1]
        if flip[1]:
            fields = fields[:, :, ::-1]
        at = to_concentration(
            grid.at(fields, longitude, latitude), str(getattr(variable, "units", "")), pollutant
        )
        values[pollutant] = _hourly(at, seconds, hours)
    if not values:
        raise ValueError("it has none of the six pollutants under a name that we know")
    step = float(np.median(np.diff(seconds))) / HOUR_S if len(seconds) > 1 else 1.0
    return StationForecast(hours, values, tuple(missing), step)


def _attributes(file: Any) -> dict[str, Any]:
    return {name: file.getncattr(name) for name in file.ncattrs()}


def _surface(variable: Any, times: int) -> Hours:
    """Fields as (times, rows, columns) of the layer at the ground."""
    fields: Hours = np.ma.filled(np.ma.asarray(variable[:], dtype=float), np.nan)
    if fields.ndim == 4:
        last = variable.dimensions[1] in _SURFACE_LAST
        fields = fields[:, -1 if last else 0]
    if fields.ndim != 3 or len(fields) != times:
        raise ValueError(
            f"{variable.name} has the shape {variable.shape}, not times, rows and columns"
        )
    return np.asarray(fields, dtype=float)


def _hourly(at: Hours, seconds: NDArray[np.int64], hours: NDArray[np.int64]) -> Hours:
    return np.stack([np.interp(hours, seconds, series) for series in at])


def _cf_grid(file: Any) -> tuple[ModelGrid, tuple[bool, bool]]:
    """The grid, and whether rows and columns of the file run downwards."""
    x = _axis(file, _LONGITUDES, "longitudes")
    y = _axis(file, _LATITUDES, "latitudes")
    flip = bool(y[0] > y[-1]), bool(x[0] > x[-1])
    return ModelGrid(np.sort(x), np.sort(y)), flip


def _axis(file: Any, names: tuple[str, ...], what: str) -> NDArray[np.float64]:
    for name in names:
        if name in file.variables and file.variables[name].ndim == 1:
            axis = np.asarray(file.variables[name][:], dtype=float)
            if len(axis) < 2:
                raise ValueError(f"it has fewer than two {what}")
            return axis
    raise ValueError(f"it has no {what} ({' or '.join(names)})")


def _cf_times(file: Any) -> NDArray[np.int64]:
    from netCDF4 import num2date

    for name in _TIMES:
        if name in file.variables and file.variables[name].ndim == 1:
            variable = file.variables[name]
            moments: Any = num2date(
                variable[:],
                variable.units,
                getattr(variable, "calendar", "standard"),
                only_use_cftime_datetimes=False,
            )
            return np.array([_seconds(moment.replace(tzinfo=UTC)) for moment in moments], np.int64)
    raise ValueError(f"it has no times ({' or '.join(_TIMES)})")


def _ioapi_times(file: Any) -> NDArray[np.int64]:
    """TFLAG: year and day of the year, hours, minutes and seconds, as digits."""
    found = []
    for date, clock in np.asarray(file.variables["TFLAG"])[:, 0, :].tolist():
        day = datetime(date // 1000, 1, 1, tzinfo=UTC) + timedelta(days=date % 1000 - 1)
        seconds = clock // 10000 * HOUR_S + clock // 100 % 100 * 60 + clock % 100
        found.append(_seconds(day) + seconds)
    return np.array(found, np.int64)


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())
