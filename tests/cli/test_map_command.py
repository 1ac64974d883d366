"""`hj212d map`, of what a daemon left: pictures, contours, numbers, sequences, refusals."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import air_network
import numpy as np
import pytest
from command_line import Hj212d
from PIL import Image

AT = ("--at", "2026-10-10T08:00")
CELLS = ("--cell-m", "3000")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten stations, one of them without coordinates."""
    folder = tmp_path_factory.mktemp("left")
    air_network.make(folder)
    return folder


def opened(file: Path) -> Any:
    """A picture, its file closed."""
    return Image.open(io.BytesIO(file.read_bytes()))


def test_picture_and_what_is_said_of_it(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """The file is a PNG; method, error and the station that is left out are said."""
    file = tmp_path / "aqi.png"
    done = hj212d("map", "--data", data, *AT, *CELLS, "--output", file)
    assert (done.status, done.err) == (0, "")
    assert opened(file).width == 1200
    lines = done.out.splitlines()
    assert lines[0].endswith("AQI of 2026-10-10 08:00, 9 stations, inverse distance weighting")
    assert lines[1].startswith("leave one out: RMSE ")
    assert lines[2] == "  测点9: left out, without coordinates"


def test_numbers_are_those_of_the_hour_that_ends(hj212d: Hj212d, data: Path) -> None:
    """08:00 is the hour from 07:00 to 08:00; grid and stations as JSON on standard output."""
    done = hj212d(
        *("map", "--data", data, *AT, *CELLS, "--factor", "pm2.5"),
        *("--format", "json", "--output", "-"),
    )
    assert done.status == 0
    found = json.loads(done.out)
    assert found["what"] == "PM2.5"
    assert found["start"] == "2026-10-10 07:00:00"
    assert found["stations"][0]["value"] == air_network.value("PM2.5", 0, 7)
    values = np.array(found["values"], dtype=float)
    assert values.shape == (len(found["y"]), len(found["x"]))
    measured = [one["value"] for one in found["stations"]]
    assert min(measured) <= np.nanmin(values) <= np.nanmax(values) <= max(measured)


def test_kriging_gives_errors_too(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """Nine stations can be kriged; NPZ has the standard error; eight of them in the region."""
    file = tmp_path / "map.npz"
    asked = ("map", "--data", data, *AT, *CELLS, "--method", "kriging", "--factor", "PM2.5")
    done = hj212d(*asked, "--output", file, "--json")
    assert done.status == 0
    said = json.loads(done.out)
    assert said["method"].startswith("ordinary kriging")
    assert said["leave_one_out"]["n"] == 9
    with np.load(file) as found:
        assert found["sigma"].shape == found["values"].shape == found["lon"].shape
        assert json.loads(str(found["head"]))["label"] == "2026-10-10 08:00"
    few = hj212d(*asked, "--place", "S1", "--place", "S2", "--place", "S3", "--output", file)
    assert "too few stations for kriging, so weighted by distance (3)" in few.out
    region = hj212d(*asked, "--place", "region:330205", "--output", file)
    assert "1 stations" in region.out
    assert "one station alone makes this map" in region.out


def test_contours_of_a_day(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """GeoJSON of the AQI's levels, judged as a daily report."""
    file = tmp_path / "day.geojson"
    done = hj212d(
        *("map", "--data", data, "--level", "day", "--at", "2026-10-11", *CELLS),
        *("--output", file),
    )
    assert done.status == 0
    found = json.loads(file.read_text("utf-8"))
    assert (found["map"]["mode"], found["map"]["label"]) == ("daily", "2026-10-11")
    levels = [
        one["properties"]["level"]
        for one in found["features"]
        if one["properties"]["kind"] == "band"
    ]
    assert levels == sorted(levels)
    assert len(levels) >= 2


def test_frames_into_a_folder(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """Three hours: three pictures, a moving one, and the list that a page plays them by."""
    folder = tmp_path / "cloud"
    done = hj212d(
        *("map", "--data", data, "--factor", "PM2.5", *CELLS, "--frames"),
        *("--from", "2026-10-10T07:00", "--to", "2026-10-10T10:00", "--output", folder),
    )
    assert (done.status, done.err) == (0, "")
    assert done.out == f"{folder}: 3 frames of PM2.5\n"
    names = sorted(file.name for file in folder.iterdir())
    assert names == [
        "cloud.gif",
        "frame_001.png",
        "frame_002.png",
        "frame_003.png",
        "frames.json",
    ]
    listed = json.loads((folder / "frames.json").read_text("utf-8"))
    assert [one["label"][-5:] for one in listed["frames"]] == ["08:00", "09:00", "10:00"]
    assert [note["names"] for note in listed["frames"][1]["notes"]] == [["测点9"], ["测点1"]]
    moving = opened(folder / "cloud.gif")
    assert moving.n_frames == 3


def test_frames_into_one_file(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """A name of a moving picture gets that alone; steps are JSON lines for programs."""
    file = tmp_path / "cloud.png"
    done = hj212d(
        *("map", "--data", data, "--factor", "O3", *CELLS, "--frames", "--progress-json"),
        *("--from", "2026-10-10", "--to", "2026-10-10T02:00", "--output", file),
    )
    assert done.status == 0
    assert opened(file).n_frames == 2
    steps = [json.loads(line) for line in done.out.splitlines()]
    said = {"file": str(file), "title": "O3 2026-10-10 00:00:00", "what": "O3", "frames": 2}
    assert steps[-1] == {"made": said}
    assert steps[0] == {"stage": "查询数据", "done": 0, "total": 1}


def test_borders_and_style(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """Lines of a file are laid over it; a file that is none is refused."""
    lines, wrong, file = tmp_path / "lines.json", tmp_path / "wrong.json", tmp_path / "map.png"
    lines.write_text(
        json.dumps({"type": "LineString", "coordinates": [[120.0, 30.0], [120.3, 30.3]]})
    )
    wrong.write_text("{}")
    asked = ("map", "--data", data, *AT, *CELLS, "--style", "smooth", "--output", file)
    assert hj212d(*asked, "--borders", lines).status == 0
    done = hj212d(*asked, "--borders", wrong)
    assert done.status == 1
    assert done.err.startswith("hj212d: the borders are no GeoJSON")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--factor", "TSP"], "--factor TSP: there are maps of AQI, PM2.5"),
        (["--from", "2026-10-10"], "--from and --to go with --frames"),
        (["--frames", "--from", "2026-10-10"], "--frames needs --from and --to"),
        (["--output", "x.tif"], "--output x.tif: the format tif is none of"),
        (
            ["--frames", "--from", "2026-10-01", "--to", "2026-10-05", "--animation", "png"],
            "96 frames are too many for an APNG, which takes 72",
        ),
        (["--cell-m", "1", *AT], "cells of 1 m make"),
        (["--buffer-m", "-5", *AT], "a buffer of -5 m shows nothing"),
        (["--place", "region:33a"], '"stations:33a": a region has a code'),
        (["--place", "S9", *AT], "no station has coordinates"),
        (
            ["--frames", "--from", "2026-10-11", "--to", "2026-10-10"],
            "--from must be before --to",
        ),
    ],
)
def test_refusals(
    hj212d: Hj212d, data: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    """One sentence, and no file."""
    output = () if "--output" in words else ("--output", tmp_path / "map.png")
    done = hj212d("map", "--data", data, *words, *output)
    assert done.status in (1, 2)
    assert done.err.startswith(f"hj212d: {sentence}")
    assert done.err.count("\n") == 1
    assert list(tmp_path.glob("map*")) == []
