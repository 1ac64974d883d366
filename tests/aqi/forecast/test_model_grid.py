"""Values at stations: a plane is met exactly, on degrees and in a projection."""

from __future__ import annotations

import numpy as np
import pytest
from cmaq_grid import CMAQ
from pyproj import Transformer

from aqi.forecast.model_grid import ModelGrid, ioapi_grid


def test_a_plane_over_degrees_is_met_exactly() -> None:
    """Bilinear interpolation knows planes, up to the last centre."""
    grid = ModelGrid(np.arange(118, 122.1, 0.4), np.arange(28, 32.1, 0.4))
    x, y = np.meshgrid(grid.x, grid.y)
    fields = np.stack([2 * x + 3 * y, 100 - x])
    longitude, latitude = (
        np.array([119.11, 118.0, grid.x[-1]]),
        np.array([30.27, 28.0, grid.y[-1]]),
    )
    said = grid.at(fields, longitude, latitude)
    assert np.allclose(said[:, 0], 2 * longitude + 3 * latitude)
    assert np.allclose(said[:, 1], 100 - longitude)


def test_outside_the_grid_there_is_nothing() -> None:
    """NaN, not the value at the edge."""
    grid = ModelGrid(np.array([118.0, 119.0]), np.array([28.0, 29.0]))
    said = grid.at(np.ones((1, 2, 2)), np.array([117.9, 118.5]), np.array([28.5, 29.1]))
    assert np.isnan(said).all()


def test_longitudes_from_nought_to_360_are_met() -> None:
    """A station at 10 degrees west lies at 350."""
    grid = ModelGrid(np.arange(0, 360, 10.0), np.array([0.0, 10.0]))
    fields = np.tile(grid.x, (1, 2, 1))
    assert grid.at(fields, np.array([-10.0]), np.array([5.0]))[0, 0] == pytest.approx(350)


def test_a_grid_of_cmaq_lies_where_its_attributes_say() -> None:
    """A station at the centre of a cell gets the value of the cell."""
    grid = ioapi_grid(CMAQ)
    to_degrees = Transformer.from_crs(grid.projection, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(grid.x[40], grid.y[70])
    assert pytest.approx((longitude, latitude), abs=0.5) == (116.2, 34.3)
    fields = np.arange(100 * 120, dtype=float).reshape(1, 100, 120)
    said = grid.at(fields, np.array([longitude]), np.array([latitude]))
    assert said[0, 0] == pytest.approx(fields[0, 70, 40], abs=0.01)


def test_a_grid_that_is_not_read_is_named() -> None:
    """One sentence with the kind, or with the attribute that is missing."""
    with pytest.raises(ValueError, match="GDTYP=9"):
        ioapi_grid({**CMAQ, "GDTYP": 9})
    with pytest.raises(ValueError, match="XCELL"):
        ioapi_grid({name: value for name, value in CMAQ.items() if name != "XCELL"})
