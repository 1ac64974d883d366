"""Pictures of maps: opened again and looked at by their colours."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from admin.fonts import find_font
from aqi.maps.atlas import Atlas, Choice
from aqi.maps.picture import Dress, borders_of, draw
from aqi.standards import HJ633_2026

RANDOM = np.random.default_rng(9)
COUNT = 12
LON, LAT = 119.8 + RANDOM.random(COUNT), 29.8 + RANDOM.random(COUNT) * 0.8
VALUES = 10 + 190 * (LON - LON.min()) / np.ptp(LON)
NAMES = [f"测点{n}" for n in range(COUNT)]
ATLAS = Atlas(NAMES, LON, LAT, cell_m=2_000.0)
NAN = float("nan")


@pytest.fixture(scope="module")
def dress() -> Dress:
    """A font that draws Chinese, and words."""
    return Dress(
        find_font().for_matplotlib(), "杭州市 PM2.5", "2026-03-05 08:00（北京时间）", dpi=60
    )


def pixels(png: bytes) -> Any:
    """Rows, columns and three colours."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def share(image: Any, colour: tuple[int, int, int], off: int = 60) -> float:
    """The part of the picture that has about this colour."""
    return float((np.abs(image - colour).sum(axis=2) < off).mean())


@pytest.mark.parametrize("style", ["levels", "smooth"])
def test_colours_of_levels_are_seen(dress: Dress, style: Any) -> None:
    """Six levels are measured: green, yellow, orange and red cover visible parts."""
    made = ATLAS.concentration("PM2.5", VALUES, HJ633_2026, "daily", Choice("kriging"))
    image = pixels(draw(made, Dress(**{**vars(dress), "style": style})))
    assert image.shape[1] == 600
    assert image.shape[0] > 300
    for colour in ((255, 255, 46), (255, 148, 46), (255, 46, 46)):
        assert share(image, colour, 90) > 0.01
    assert share(image, (255, 255, 255), 5) > 0.2


def test_missing_values_and_notes_are_drawn(dress: Dress) -> None:
    """A note needs a line: the picture grows by it."""
    whole = draw(ATLAS.concentration("PM2.5", VALUES, HJ633_2026, "daily"), dress)
    values = VALUES.copy()
    values[4] = NAN
    noted = draw(ATLAS.concentration("PM2.5", values, HJ633_2026, "daily"), dress)
    assert pixels(noted).shape[0] > pixels(whole).shape[0]


def test_nothing_measured_is_an_empty_map(dress: Dress) -> None:
    """No colour of a level on the ground, and no error."""
    image = pixels(
        draw(ATLAS.concentration("PM2.5", np.full(COUNT, NAN), HJ633_2026, "daily"), dress)
    )
    assert share(image, (0, 228, 0)) < 0.005
    assert share(image, (244, 245, 247), 6) > 0.2


def test_map_of_the_index(dress: Dress) -> None:
    """Six pollutants, and one station alone: both are drawn."""
    made = ATLAS.index({"PM2.5": VALUES, "O3": VALUES}, HJ633_2026, "hourly")
    assert share(pixels(draw(made.surface, dress)), (255, 255, 46), 90) > 0.01
    alone = Atlas(["甲"], [120.0], [30.0], cell_m=100.0)
    small = alone.concentration("PM2.5", [20.0], HJ633_2026, "daily")
    assert share(pixels(draw(small, dress)), (46, 233, 46), 90) > 0.05


def test_borders_are_laid_over(dress: Dress) -> None:
    """A polygon of a GeoJSON changes the picture where it runs."""
    made = ATLAS.concentration("PM2.5", VALUES, HJ633_2026, "daily")
    ring = [[119.9, 29.9], [120.6, 29.9], [120.6, 30.5], [119.9, 29.9]]
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {},
                    "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
                },
                {"type": "Feature", "properties": {}, "geometry": None},
            ],
        }
    )
    lines = borders_of(text)
    np.testing.assert_array_equal(lines[0], ring)
    with_lines = draw(made, Dress(**{**vars(dress), "borders": lines}))
    assert (pixels(with_lines) != pixels(draw(made, dress))).any()


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"type": "Point"}', '{"type": "Feature"}', '{"a": 1}']
)
def test_borders_that_are_none(text: str) -> None:
    """One sentence, whatever the file holds."""
    with pytest.raises(ValueError, match="borders"):
        borders_of(text)


def test_many_stations_have_no_numbers(dress: Dress) -> None:
    """A hundred stations are dots; their numbers would hide the map."""
    lon, lat = 119.5 + RANDOM.random(100), 29.5 + RANDOM.random(100)
    many = Atlas([str(n) for n in range(100)], lon, lat, cell_m=3_000.0)
    made = many.concentration("PM2.5", 30 + RANDOM.random(100) * 60, HJ633_2026, "daily")
    assert share(pixels(draw(made, dress)), (255, 255, 255), 5) > 0.2
