"""Maps as files: PNG, GeoJSON, JSON, NPZ, and sequences with a moving picture and a list.

Tests: tests/cli/test_map_command.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from aqi.maps.contours import geojson, head
from aqi.maps.frames import FRAME_MS, Frame, animation, manifest
from aqi.maps.picture import Dress, draw
from hj212d.cli.mapping import Sheet, Wanted, label_of
from hj212d.cli.times import show_time

if TYPE_CHECKING:
    from aqi.maps.surface import Surface

Form = Literal["png", "geojson", "json", "npz"]

LIST = "frames.json"


def one_file(form: Form, wanted: Wanted, sheet: Sheet, dress: Callable[[Sheet], Dress]) -> bytes:
    """The bytes of one map."""
    said = {
        "level": wanted.level,
        "label": label_of(wanted.level, sheet),
        "start": show_time(sheet.start),
        "end": show_time(sheet.end),
        "places": list(wanted.places),
    }
    match form:
        case "png":
            return draw(sheet.surface, dress(sheet))
        case "geojson":
            return _plain(geojson(sheet.surface, **said))
        case "json":
            return _plain(numbers(sheet) | said)
        case "npz":
            return arrays(sheet, said)


def numbers(sheet: Sheet) -> dict[str, Any]:
    """Grid, cells and stations as plain JSON; null where nothing is shown. Rows go from south to
    north, ``x`` and ``y`` are metres of the plane."""
    surface = sheet.surface
    grid = surface.grid
    found = head(surface) | {
        "crs": grid.plane.crs,
        "x": [round(float(v), 2) for v in grid.x],
        "y": [round(float(v), 2) for v in grid.y],
        "values": _rows(surface.shown(), 3),
        "stations": [
            {
                "name": name,
                "x": round(float(surface.points[n, 0]), 2),
                "y": round(float(surface.points[n, 1]), 2),
                "value": _number(surface.measured[n]),
                "said_by_others": _number(surface.said[n]),
            }
            for n, name in enumerate(surface.names)
        ],
    }
    if surface.sigma is not None:
        found["sigma"] = _rows(np.where(surface.inside, surface.sigma, np.nan), 4)
    if sheet.index is not None:
        judged = sheet.index.judged
        found["aqi"] = _rows(np.where(judged.aqi < 0, np.nan, judged.aqi), 0)
        found["level_of_cells"] = judged.level.tolist()
    return found


def arrays(sheet: Sheet, said: dict[str, Any]) -> bytes:
    """The same as NumPy arrays; what is said stands in ``head`` as JSON text."""
    surface = sheet.surface
    lon, lat = _cells_in_degrees(surface)
    columns: dict[str, Any] = {
        "x": surface.grid.x,
        "y": surface.grid.y,
        "lon": lon,
        "lat": lat,
        "values": surface.shown(),
        "inside": surface.inside,
        "station_points": surface.points,
        "station_values": surface.measured,
        "station_said_by_others": surface.said,
        "station_names": np.array(surface.names),
        "head": np.array(_text(head(surface) | {"crs": surface.grid.plane.crs} | said)),
    }
    if surface.sigma is not None:
        columns["sigma"] = surface.sigma
    if sheet.index is not None:
        judged = sheet.index.judged
        columns |= {"aqi": judged.aqi, "level": judged.level, "primary": judged.primary}
        columns |= {f"field_{p}": field.shown() for p, field in sheet.index.fields.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **columns)
    return file.getvalue()


def sequence(
    wanted: Wanted,
    made: Iterable[Sheet],
    dress: Callable[[Sheet], Dress],
    target: Path,
    kind: Literal["gif", "png"],
    frame_ms: int = FRAME_MS,
) -> int:
    """Frames, moving picture and list into a folder; into a file (.gif, .png) the moving picture
    alone. How many frames there are. OSError."""
    alone = bool(target.suffix)
    if not alone:
        target.mkdir(parents=True, exist_ok=True)
    pictures: list[bytes] = []
    frames: list[Frame] = []
    for number, sheet in enumerate(made, 1):
        name = f"frame_{number:03}.png"
        pictures.append(draw(sheet.surface, dress(sheet)))
        label = label_of(wanted.level, sheet)
        frames.append(Frame(sheet.start, sheet.end, label, name, sheet.surface))
        if not alone:
            (target / name).write_bytes(pictures[-1])
    moving = animation(pictures, kind, frame_ms)
    if alone:
        target.write_bytes(moving)
    else:
        (target / f"cloud.{kind}").write_bytes(moving)
        listed = manifest(frames, f"cloud.{kind}", frame_ms)
        (target / LIST).write_bytes(_plain(listed))
    return len(frames)


def _cells_in_degrees(surface: Surface) -> tuple[Any, Any]:
    x, y = np.meshgrid(surface.grid.x, surface.grid.y)
    return surface.grid.plane.back(x, y)


def _rows(values: Any, decimals: int) -> list[list[float | None]]:
    rounded = np.round(values, decimals).astype(object)
    rounded[np.isnan(values)] = None
    listed: list[list[float | None]] = rounded.tolist()
    return listed


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def _text(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, allow_nan=False)


def _plain(found: dict[str, Any]) -> bytes:
    return _text(found).encode() + b"\n"
