"""Cells of a map and the reach of a network."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.maps.grid import grid_over, on_one_line, reach_of, usual_buffer_m
from aqi.maps.plane import Plane

PLANE = Plane("EPSG:32651")
SQUARE = np.array([[0.0, 0.0], [10_000.0, 0.0], [10_000.0, 5_000.0], [0.0, 5_000.0]])


def test_grid_covers_the_stations_and_the_buffer() -> None:
    """Squares of the asked width, at least as far as the buffer."""
    grid = grid_over(PLANE, SQUARE, 1_000.0, 500.0)
    assert grid.shape == (15, 25)
    assert grid.extent() == (-1_250.0, 11_250.0, -1_250.0, 6_250.0)
    assert (grid.x[0], grid.x[-1]) == (-1_000.0, 11_000.0)
    np.testing.assert_allclose(np.diff(grid.x), 500.0)
    assert grid.centres().shape == (15 * 25, 2)
    assert max(grid_over(PLANE, SQUARE, 1_000.0).shape) == 201


def test_too_many_cells_are_refused() -> None:
    """A typing error in the cell size does not fill the memory."""
    with pytest.raises(ValueError, match="make them larger"):
        grid_over(PLANE, SQUARE, 1_000.0, 1.0)
    with pytest.raises(ValueError, match="is no cell"):
        grid_over(PLANE, SQUARE, 1_000.0, 0.0)


def test_mask_is_the_hull_with_a_buffer() -> None:
    """Its area is that of the square, four strips and a circle of the buffer."""
    grid = grid_over(PLANE, SQUARE, 1_000.0, 47.0)
    inside = grid.inside(reach_of(SQUARE, 1_000.0))
    area = inside.sum() * grid.cell_m**2
    assert area == pytest.approx(50e6 + 2 * 15e6 + np.pi * 1e6, rel=1e-2)


def test_mask_of_one_and_of_two_stations() -> None:
    """A circle, and a strip with round ends."""
    assert reach_of(SQUARE[:1], 1_000.0).area == pytest.approx(np.pi * 1e6, rel=2e-3)
    assert reach_of(SQUARE[:2], 1_000.0).area == pytest.approx(20e6 + np.pi * 1e6, rel=2e-3)
    assert reach_of(SQUARE[:0], 1_000.0).is_empty


def test_usual_buffer_is_the_way_to_neighbours() -> None:
    """The median, within 1 and 50 km."""
    assert usual_buffer_m(SQUARE) == 5_000.0
    assert usual_buffer_m(SQUARE[:1]) == 1_000.0
    assert usual_buffer_m(SQUARE * 1_000) == 50_000.0
    assert usual_buffer_m(SQUARE / 1_000) == 1_000.0


def test_one_line() -> None:
    """Three stations along a road make no area."""
    road = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]) * 1_000
    assert on_one_line(road)
    assert not on_one_line(SQUARE)
    assert not on_one_line(road[:2])
