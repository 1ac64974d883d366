"""Bands of a surface as polygons, in the plane and as GeoJSON (WGS-84, RFC 7946).

The whole rectangle is contoured and then cut with the reach of the network, so that the rim is as
smooth as the hull. Tests: tests/aqi/test_map_contours.py.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from aqi.extras import needed
from aqi.maps.bands import Band
from aqi.maps.grid import Grid
from aqi.maps.surface import Surface

_LOWEST, _HIGHEST = -1.0, 1e12  # instead of 0 and infinity: values lie between
# A plain that lies exactly on a border belongs to the cleaner side, as a node does.
_JUST_ABOVE = 1 + 1e-9
_DEGREES = 1e-6  # coordinates are rounded to 0.1 m


def polygons(surface: Surface) -> list[tuple[Band, Any]]:
    """Each band that is seen, with its polygon or polygons in the plane (shapely), all valid."""
    contourpy, shapely = needed("contourpy"), needed("shapely")
    values = surface.values
    if not np.isfinite(values).any() or surface.reach.is_empty:
        return []
    generator = contourpy.contour_generator(
        surface.grid.x,
        surface.grid.y,
        np.ma.masked_invalid(values),
        fill_type=contourpy.FillType.OuterOffset,
    )
    found = []
    for band in surface.bands:
        lower = _LOWEST if band.lower <= 0 else band.lower * _JUST_ABOVE
        upper = _HIGHEST if np.isinf(band.upper) else band.upper * _JUST_ABOVE
        pieces = [
            shapely.Polygon(points[ends[0] : ends[1]], _holes(points, ends))
            for points, ends in zip(*generator.filled(lower, upper), strict=True)
        ]
        whole = shapely.union_all([shapely.make_valid(piece) for piece in pieces])
        seen = _areas(shapely.intersection(whole, surface.reach))
        if not seen.is_empty:
            found.append((band, seen))
    return found


def geojson(surface: Surface, **said: Any) -> dict[str, Any]:
    """A FeatureCollection: one MultiPolygon a band, the stations as points.

    ``said``: further members of its "map" (time, place …). Extra members are allowed by RFC 7946,
    6.1.
    """
    features = [
        {
            "type": "Feature",
            "geometry": in_degrees(area, surface.grid),
            "properties": {
                "kind": "band",
                "lower": band.lower,
                "upper": None if np.isinf(band.upper) else band.upper,
                "level": band.level,
                "category": band.category,
                "colour": band.colour,
            },
        }
        for band, area in polygons(surface)
    ]
    return {
        "type": "FeatureCollection",
        "map": head(surface) | said,
        "features": features + _stations(surface),
    }


def head(surface: Surface) -> dict[str, Any]:
    """What must be said with the numbers: quantity, unit, method, error, notes."""
    return {
        "what": surface.what,
        "unit": surface.unit,
        "standard": surface.standard,
        "mode": surface.mode,
        "method": surface.how[1],
        "method_zh": surface.how[0],
        "leave_one_out": surface.score.as_json() | {"level_hits": surface.level_hits},
        "plane": surface.grid.plane.name,
        "cell_m": round(surface.grid.cell_m, 3),
        "notes": [note.as_json() for note in surface.notes],
    }


def in_degrees(area: Any, grid: Grid) -> dict[str, Any]:
    """A polygon of the plane as a GeoJSON geometry: always a MultiPolygon, outer rings left-handed
    (counter-clockwise)."""
    shapely = needed("shapely")
    moved = shapely.transform(
        area, lambda points: np.column_stack(grid.plane.back(points[:, 0], points[:, 1]))
    )
    rounded = shapely.set_precision(shapely.make_valid(moved), _DEGREES)
    whole = shapely.orient_polygons(_areas(rounded))
    if whole.is_empty:  # thinner than the rounding
        return {"type": "MultiPolygon", "coordinates": []}
    geometry: dict[str, Any] = shapely.geometry.mapping(whole)
    if geometry["type"] == "Polygon":
        return {"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]}
    return geometry


def _holes(points: Any, ends: Any) -> list[Any]:
    return [points[a:b] for a, b in pairwise(ends[1:])]


def _areas(geometry: Any) -> Any:
    """Polygons only: cuts leave points and lines behind."""
    shapely = needed("shapely")
    parts = shapely.get_parts(shapely.make_valid(geometry))
    parts = shapely.get_parts(parts)  # of collections within collections
    return shapely.union_all([one for one in parts if one.geom_type == "Polygon" and one.area > 0])


def _stations(surface: Surface) -> list[dict[str, Any]]:
    lon, lat = surface.grid.plane.back(surface.points[:, 0], surface.points[:, 1])
    return [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [round(float(lon[n]), 6), round(float(lat[n]), 6)],
            },
            "properties": {
                "kind": "station",
                "name": name,
                "value": _number(surface.measured[n]),
                "said_by_others": _number(surface.said[n]),
            },
        }
        for n, name in enumerate(surface.names)
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)
