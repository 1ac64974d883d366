"""Degrees to metres and back, and the shift of Chinese map tiles."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.maps.plane import plane_for
from aqi.maps.tile_shift import bd09, from_gcj02, gcj02


def test_zone_by_the_middle() -> None:
    """Hangzhou stands in UTM zone 51 and in the Gauss-Kruger zone of 120 degrees east."""
    assert plane_for([120.2], [30.3]).name == "WGS 84 / UTM zone 51N"
    assert (
        plane_for([120.2], [30.3], "cgcs2000").name == "CGCS2000 / 3-degree Gauss-Kruger CM 120E"
    )
    assert plane_for([-70.0], [-33.0]).crs == "EPSG:32719"
    assert plane_for([10.0], [50.0], "cgcs2000").crs == "EPSG:32632"


def test_there_and_back() -> None:
    """A plane loses nothing, to a millimetre."""
    lon, lat = np.array([119.1, 120.2, 121.9]), np.array([28.0, 30.3, 31.1])
    for kind in ("utm", "cgcs2000"):
        plane = plane_for(lon, lat, kind)  # type: ignore[arg-type]
        again = plane.back(*plane.forward(lon, lat))
        np.testing.assert_allclose(again, [lon, lat], rtol=0, atol=1e-8)


def test_known_point_of_gauss_kruger() -> None:
    """One degree of latitude along the central meridian is the length of the meridian's arc."""
    plane = plane_for([120.0], [30.0], "cgcs2000")
    x, y = plane.forward([120.0, 120.0], [30.0, 31.0])
    np.testing.assert_allclose(x, 500_000.0, atol=1e-3)
    # Meridian arc from 30 to 31 degrees of the GRS80 ellipsoid by its radius of curvature.
    angle = np.radians(np.linspace(30, 31, 10_001))
    radius = (
        6378137.0 * (1 - 0.00669438002290) / (1 - 0.00669438002290 * np.sin(angle) ** 2) ** 1.5
    )
    assert y[1] - y[0] == pytest.approx(np.trapezoid(radius, angle), abs=0.01)


def test_wide_networks_take_an_equal_area_plane() -> None:
    """The whole country fits no zone, and the map says so."""
    plane = plane_for([80.0, 125.0], [40.0, 45.0])
    assert plane.wide
    assert plane.name == "Albers equal area"
    assert not plane_for([116.0, 122.0], [28.0, 31.0]).wide


def test_no_station_no_plane() -> None:
    """The sentence says what is missing."""
    with pytest.raises(ValueError, match="at least one station"):
        plane_for([], [])


def test_tiles_shift_by_hundreds_of_metres_inside_china_only() -> None:
    """Tiananmen as maps show it: the numbers that open libraries agree on."""
    lon, lat = gcj02(116.391349, 39.907375)
    assert (float(lon), float(lat)) == pytest.approx((116.397592, 39.908776), abs=2e-5)
    lon, lat = bd09(116.391349, 39.907375)
    assert (float(lon), float(lat)) == pytest.approx((116.403963, 39.915118), abs=3e-5)
    assert [float(v) for v in gcj02(2.35, 48.85)] == [2.35, 48.85]


def test_tiles_shift_back() -> None:
    """The way back is found to a millimetre."""
    lon, lat = np.array([116.39, 120.2, 87.6]), np.array([39.9, 30.3, 43.8])
    np.testing.assert_allclose(from_gcj02(*gcj02(lon, lat)), [lon, lat], rtol=0, atol=1e-8)
