"""Moving pictures and the list that a page plays them by."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from aqi.maps.atlas import Atlas
from aqi.maps.frames import Frame, animation, manifest
from aqi.standards import HJ633_2026

ATLAS = Atlas(["a", "b", "c"], [120.0, 120.2, 120.1], [30.0, 30.0, 30.2], cell_m=5_000.0)


def png(colour: str, height: int = 20) -> bytes:
    """One picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (30, height), colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_frames_in_order_and_of_one_size(kind: str) -> None:
    """Three frames, the lower one filled up, the last one longer."""
    pictures = [png("red"), png("green", 26), png("blue")]
    made = animation(pictures, kind, 200)  # type: ignore[arg-type]
    moving = Image.open(io.BytesIO(made))
    assert moving.n_frames == 3
    assert moving.size == (30, 26)
    seen, durations = [], []
    for n in range(3):
        moving.seek(n)
        seen.append(moving.convert("RGB").getpixel((5, 5)))
        durations.append(moving.info["duration"])
    assert seen == [(255, 0, 0), (0, 128, 0), (0, 0, 255)]
    assert durations == [200, 200, 600]
    assert moving.info["loop"] == 0


def test_list_for_a_page() -> None:
    """Files, Beijing times, errors and bounds; plain JSON."""
    start = datetime(2026, 3, 4, 16)
    frames = []
    for n in range(3):
        values = np.array([10.0, 20.0, 30.0]) * (n + 1)
        surface = ATLAS.concentration("PM2.5", values, HJ633_2026, "hourly")
        begin = start + timedelta(hours=n)
        frames.append(
            Frame(begin, begin + timedelta(hours=1), f"0{n + 1}:00", f"frame_{n}.png", surface)
        )
    made = json.loads(json.dumps(manifest(frames, "cloud.gif", 300), allow_nan=False))
    assert [frame["file"] for frame in made["frames"]] == [f"frame_{n}.png" for n in range(3)]
    assert made["frames"][0]["start"] == "2026-03-05T00:00:00+08:00"
    assert made["frames"][0]["leave_one_out"]["n"] == 3
    assert made["legend"][0] == {
        "level": 1,
        "category": "优",
        "range": "0-35",
        "colour": "#00E400",
    }
    west, south, east, north = made["bounds"]
    assert west < 120.0 < 120.2 < east
    assert south < 30.0 < 30.2 < north


def test_no_frames() -> None:
    """Nothing to play is refused."""
    with pytest.raises(ValueError, match="at least one frame"):
        animation([])
    with pytest.raises(ValueError, match="at least one"):
        manifest([])
