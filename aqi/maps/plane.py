"""A plane for interpolation: metres instead of degrees, by pyproj, and back.

Coordinates of stations are WGS-84; CGCS2000 differs from it by centimetres and is taken as equal.
Offsets of map tiles are in `tile_shift.py`. Tests: tests/aqi/test_map_plane.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

Floats = NDArray[np.float64]
Kind = Literal["utm", "cgcs2000"]

_WIDEST_ZONE_DEG = 9.0  # beyond, a transverse Mercator stretches by more than 3 in 1,000
# Albers with the parallels that China's own small-scale maps use (25 and 47 degrees north).
_EQUAL_AREA = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0={lon:g} +datum=WGS84 +units=m"
_CGCS2000_FIRST, _CGCS2000_FIRST_CM = 4534, 75  # EPSG: 3-degree Gauss-Kruger, CM 75E to 135E


@dataclass(frozen=True)
class Plane:
    """``crs``: what pyproj understands; ``wide``: the area is wider than a zone is good for."""

    crs: str
    wide: bool = False

    @property
    def name(self) -> str:
        """As people know it: "WGS 84 / UTM zone 50N"."""
        return "Albers equal area" if self.wide else CRS.from_user_input(self.crs).name

    @cached_property
    def _there(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def forward(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees (WGS-84) to metres east and north."""
        x, y = self._there.transform(
            np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        )
        return np.asarray(x), np.asarray(y)

    def back(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Metres to degrees (WGS-84)."""
        lon, lat = self._there.transform(
            np.asarray(x, dtype=np.float64),
            np.asarray(y, dtype=np.float64),
            direction="INVERSE",
        )
        return np.asarray(lon), np.asarray(lat)


def plane_for(lon: ArrayLike, lat: ArrayLike, kind: Kind = "utm") -> Plane:
    """The zone in whose middle these stations stand.

    ``utm``: WGS-84 UTM; ``cgcs2000``: the 3-degree Gauss-Kruger zone of China's own frame (75 to
    135 degrees east, else UTM). Wider than 9 degrees: an equal-area cone, ``wide`` says so.
    ValueError when there is no station.
    """
    east = np.asarray(lon, dtype=np.float64)
    north = np.asarray(lat, dtype=np.float64)
    if east.size == 0:
        raise ValueError("a plane needs at least one station with coordinates")
    low, high = float(east.min()), float(east.max())
    middle = (low + high) / 2
    if high - low > _WIDEST_ZONE_DEG:
        return Plane(_EQUAL_AREA.format(lon=round(middle)), wide=True)
    meridian = round(middle / 3) * 3
    if kind == "cgcs2000" and _CGCS2000_FIRST_CM <= meridian <= 135:
        return Plane(f"EPSG:{_CGCS2000_FIRST + (meridian - _CGCS2000_FIRST_CM) // 3}")
    zone = min(int((middle + 180) // 6) + 1, 60)
    south = float(north.mean()) < 0
    return Plane(f"EPSG:{(32700 if south else 32600) + zone}")
