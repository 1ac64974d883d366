"""Offsets of Chinese map tiles: WGS-84 to GCJ-02 and BD-09, and back. For tiles only.

Nothing is interpolated in shifted coordinates. The formulas are not published by their owners;
they are those that open libraries agree on (background knowledge, many copies); outside China
GCJ-02 equals WGS-84. Tests: tests/aqi/test_map_plane.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_AXIS_M = 6378245.0  # Krassowsky 1940
_ECCENTRICITY_2 = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_ROUNDS = 6  # of the way back: each brings the error down about a thousandfold


def gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 degrees as AMap, Tencent and others show them; unchanged outside China's frame."""
    x = np.asarray(lon, dtype=np.float64)
    y = np.asarray(lat, dtype=np.float64)
    inside = (x >= 72.004) & (x <= 137.8347) & (y >= 0.8293) & (y <= 55.8271)
    east, north = _offset(x, y)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 degrees as Baidu shows them."""
    x, y = gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def from_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 degrees to WGS-84, to a millimetre."""
    x = np.asarray(lon, dtype=np.float64)
    y = np.asarray(lat, dtype=np.float64)
    east, north = x, y
    for _ in range(_ROUNDS):
        there_x, there_y = gcj02(east, north)
        east, north = east + x - there_x, north + y - there_y
    return east, north


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    shared = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    bent = 1 - _ECCENTRICITY_2 * np.sin(angle) ** 2
    north = np.degrees(north / ((_AXIS_M * (1 - _ECCENTRICITY_2)) / (bent * np.sqrt(bent))))
    east = np.degrees(east / (_AXIS_M / np.sqrt(bent) * np.cos(angle)))
    return east, north
