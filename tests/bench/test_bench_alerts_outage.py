"""The bench of outages (bench/alerts_outage.py), in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from bench import alerts_outage
from bench.alerts_province import Province


def test_a_city_and_all(tmp_path: Path) -> None:
    """One incident each, told to the people of the city and the chief, or of all cities: opened,
    a reminder each hour, recovered."""
    found = alerts_outage.run(tmp_path, stations=60, region=20, contacts=12, hours=1.5, look_s=10)
    city, whole = found["region"], found["all"]
    for one, silent in ((city, 20), (whole, 60)):
        assert (one["incidents"], one["alarms"], one["recovered"]) == (1, silent, 1)
        assert one["signals"] == 2 * silent
        assert {"opened", "reminder", "recovered"} <= set(one["by_step"])
        assert one["by_step"]["opened"] == one["by_step"]["recovered"]
    assert city["told"] == 2
    assert whole["told"] > 2
    assert city["messages"] < 20


def test_frames_of_a_province() -> None:
    """One of each station that speaks, in order of arrival; a city is ten counties."""
    province = Province(100, 40, 10)
    speaking = np.arange(100) >= 40
    frames = province.frames(1_793_667_600.0, speaking)
    assert frames.num_rows == 60
    assert set(frames["mn"].to_pylist()) == set(province.mns[40:])
    assert pc.min(pc.equal(frames["reason"], "ok")).as_py()
    assert province.places.stations_in("330100") == 40
    assert province.places.stations_in("") == 100
