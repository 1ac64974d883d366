"""The cells of a map, and how far a network of stations reaches.

Cells are squares in the plane, named by their centres; rows go from south to north. Outside the
convex hull of the stations plus a buffer nothing is shown. Tests: tests/aqi/test_map_grid.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aqi.extras import needed
from aqi.maps.plane import Plane

Floats = NDArray[np.float64]

CELLS = 200  # of the longer side, when no cell size is asked for
MOST_CELLS = 2_000_000
_LEAST_BUFFER_M, _MOST_BUFFER_M = 1_000.0, 50_000.0


@dataclass(frozen=True)
class Grid:
    """Centres ``x`` (nx) and ``y`` (ny) in metres of ``plane``; cells are ``cell_m`` wide."""

    plane: Plane
    x: Floats
    y: Floats
    cell_m: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    def centres(self) -> Floats:
        """All centres as rows x, y, in the order of a raveled field."""
        x, y = np.meshgrid(self.x, self.y)
        return np.column_stack([x.ravel(), y.ravel()])

    def inside(self, reach: Any) -> NDArray[np.bool_]:
        """Which centres lie in a polygon of the plane."""
        x, y = np.meshgrid(self.x, self.y)
        return np.asarray(needed("shapely").contains_xy(reach, x, y), dtype=bool)

    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top in metres, to the edges of the cells."""
        half = self.cell_m / 2
        return (
            float(self.x[0]) - half,
            float(self.x[-1]) + half,
            float(self.y[0]) - half,
            float(self.y[-1]) + half,
        )


def usual_buffer_m(points: Floats) -> float:
    """The median way to the nearest neighbour, 1 to 50 km: what a station stands for."""
    if len(points) < 2:
        return _LEAST_BUFFER_M
    way, _ = needed("scipy.spatial").cKDTree(points).query(points, k=2)
    return float(np.clip(np.median(way[:, 1]), _LEAST_BUFFER_M, _MOST_BUFFER_M))


def reach_of(points: Floats, buffer_m: float) -> Any:
    """Convex hull of the stations plus a buffer, a polygon of the plane; empty without any."""
    shapely = needed("shapely")
    return shapely.MultiPoint(points).convex_hull.buffer(buffer_m, quad_segs=16)


def on_one_line(points: Floats) -> bool:
    """True when three or more stations stand on one line, to a thousandth of its length."""
    if len(points) < 3:
        return False
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(spread[1] <= 1e-3 * spread[0])


def grid_over(plane: Plane, points: Floats, buffer_m: float, cell_m: float | None = None) -> Grid:
    """The rectangle that holds the reach of these stations.

    ``cell_m`` None: 200 cells on the longer side. ValueError when the cells would be too many or
    the size is no size.
    """
    low = points.min(axis=0) - buffer_m
    high = points.max(axis=0) + buffer_m
    size = float((high - low).max()) / CELLS if cell_m is None else float(cell_m)
    if not size > 0 or not np.isfinite(size):
        raise ValueError(f"a cell of {cell_m} m is no cell: give its width in metres")
    # The outermost centres lie on the rim or beyond it, so that contours reach it.
    count = np.maximum(np.ceil((high - low) / size - 1e-9), 1).astype(int) + 1
    if int(count[0]) * int(count[1]) > MOST_CELLS:
        raise ValueError(
            f"cells of {size:g} m make {count[0]} x {count[1]} of them, "
            f"more than {MOST_CELLS:,}: make them larger"
        )
    middle = (low + high) / 2
    x = middle[0] + (np.arange(count[0]) - (count[0] - 1) / 2) * size
    y = middle[1] + (np.arange(count[1]) - (count[1] - 1) / 2) * size
    return Grid(plane, x, y, size)
