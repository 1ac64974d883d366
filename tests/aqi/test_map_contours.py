"""Contours against the cells that they enclose, and as GeoJSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from aqi.maps.atlas import Atlas
from aqi.maps.contours import geojson, polygons
from aqi.maps.surface import Surface
from aqi.standards import HJ633_2026

RANDOM = np.random.default_rng(16)
COUNT = 25
LON, LAT = 119.5 + RANDOM.random(COUNT), 29.8 + RANDOM.random(COUNT) * 0.8
VALUES = 20 + RANDOM.random(COUNT) * 150
ATLAS = Atlas([f"s{n}" for n in range(COUNT)], LON, LAT, cell_m=500.0)
NAN = float("nan")


def surface(values: np.ndarray = VALUES) -> Surface:
    """A day of PM2.5."""
    return ATLAS.concentration("PM2.5", values, HJ633_2026, "daily")


def test_areas_are_those_of_the_cells() -> None:
    """Each band covers what its cells cover, and all of them the reach."""
    made = surface()
    found = polygons(made)
    shown = made.shown()
    assert len(found) >= 4
    for band, area in found:
        cells = ((shown > band.lower) & (shown <= band.upper)).sum() * made.grid.cell_m**2
        assert area.area == pytest.approx(cells, rel=0.03, abs=4e6)
    assert sum(area.area for _, area in found) == pytest.approx(made.reach.area, rel=1e-9)


def test_polygons_are_valid_and_apart() -> None:
    """No overlaps, no slivers outside the reach."""
    areas = [area for _, area in polygons(surface())]
    assert all(area.is_valid for area in areas)
    for n, one in enumerate(areas):
        for other in areas[n + 1 :]:
            assert shapely.intersection(one, other).area < 1.0


def test_stations_lie_in_their_own_band() -> None:
    """Distance weighting is exact at stations, so are the contours, but for a cell."""
    made = surface()
    for band, area in polygons(made):
        for spot, value in zip(made.points, made.measured, strict=True):
            if band.lower + 3 < value < band.upper - 3:
                assert area.distance(shapely.Point(spot)) < made.grid.cell_m


def test_a_hole_stays_a_hole() -> None:
    """One bad station in a clean network lies in a hole of the clean band."""
    values = np.full(COUNT, 10.0)
    middle = int(np.argmin(np.hypot(LON - LON.mean(), LAT - LAT.mean())))
    values[middle] = 500.0
    found = polygons(surface(values))
    assert [band.level for band, _ in found] == [1, 2, 3, 4, 5, 6]
    clean = found[0][1]
    assert sum(len(one.interiors) for one in shapely.get_parts(clean)) >= 1
    assert not clean.contains(shapely.Point(ATLAS.points[middle]))


def test_geojson_is_plain_and_says_its_error() -> None:
    """Rings close, run counter-clockwise and lie around the stations; the head has the score."""
    made = surface()
    whole = json.loads(json.dumps(geojson(made, place="region:330100"), allow_nan=False))
    assert whole["map"]["place"] == "region:330100"
    assert whole["map"]["leave_one_out"]["n"] == COUNT
    assert whole["map"]["leave_one_out"]["rmse"] == pytest.approx(made.score.rmse, abs=1e-4)
    bands = [one for one in whole["features"] if one["properties"]["kind"] == "band"]
    for one in bands:
        geometry = shapely.geometry.shape(one["geometry"])
        assert geometry.geom_type == "MultiPolygon"
        assert geometry.is_valid
        assert all(part.exterior.is_ccw for part in geometry.geoms)
        west, south, east, north = geometry.bounds
        assert west > LON.min() - 0.5
        assert east < LON.max() + 0.5
        assert south > LAT.min() - 0.5
        assert north < LAT.max() + 0.5
    assert bands[0]["properties"]["colour"] == "#00E400"
    assert bands[-1]["properties"]["upper"] is None or bands[-1]["properties"]["upper"] > 100
    stations = [one for one in whole["features"] if one["properties"]["kind"] == "station"]
    assert len(stations) == COUNT
    np.testing.assert_allclose(stations[3]["geometry"]["coordinates"], [LON[3], LAT[3]], atol=1e-6)


def test_empty_and_flat_fields() -> None:
    """Nothing measured: no bands; all equal: one band, the reach itself."""
    assert polygons(surface(np.full(COUNT, NAN))) == []
    empty = geojson(surface(np.full(COUNT, NAN)))
    assert empty["map"]["leave_one_out"]["rmse"] is None
    flat = polygons(surface(np.full(COUNT, 42.0)))
    assert [band.level for band, _ in flat] == [2]
    assert flat[0][1].area == pytest.approx(flat[0][1].area)
    assert shapely.symmetric_difference(flat[0][1], surface().reach).area < 1.0


def test_clean_and_zero_fields_have_a_band() -> None:
    """A measured 0 everywhere is level 1, not nothing."""
    assert [band.level for band, _ in polygons(surface(np.zeros(COUNT)))] == [1]


def test_a_plain_on_a_border_is_of_the_cleaner_side() -> None:
    """Half of the stations say exactly a node: no overlap, no gap."""
    values = np.where(LON.mean() > LON, 60.0, 150.0)
    made = surface(values)
    found = polygons(made)
    assert [band.level for band, _ in found] == [2, 3, 4]
    assert sum(area.area for _, area in found) == pytest.approx(made.reach.area, rel=1e-9)


def test_slivers_of_a_steep_field_stay_valid() -> None:
    """One station a thousand times above the others: rings as thin as the rounding."""
    values = np.full(COUNT, 0.5)
    values[0] = 5000.0
    for one in geojson(surface(values))["features"]:
        if one["properties"]["kind"] == "band":
            assert shapely.geometry.shape(one["geometry"]).is_valid
