"""`hj212d forecast`: made, shown, scored and imported, with a daemon and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pyarrow as pa
import pytest
from command_line import Hj212d
from netCDF4 import Dataset
from running_daemon import serving

from aqi.factors import code_of
from store.means import DERIVED, ForecastQuery
from store.open import open_store
from store.registry.open import open_registry
from store.registry.records import DeviceRecord
from store.settings import StoreSettings

HOUR = timedelta(hours=1)
DAYS = 30
LEVELS = {"PM2.5": 40.0, "PM10": 70.0, "SO2": 8.0, "NO2": 30.0, "CO": 0.8, "O3": 90.0}
TOKEN = "abcdefghijkl"
CONFIG = f"""
[hub]
api_tokens = ["test:{TOKEN}"]
[forecast]
on = false
history_days = {DAYS}
models = ["damped"]
"""


def this_hour() -> datetime:
    """Naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None, minute=0, second=0, microsecond=0)


def hours_of(mn: str, factor: float) -> list[dict[str, Any]]:
    """A month of hours with a daily course, up to now."""
    draw = np.random.default_rng(8)
    rows = []
    for pollutant, level in LEVELS.items():
        for hour in range(1, DAYS * 24 + 1):
            start = this_hour() - hour * HOUR
            course = 1 + 0.3 * np.sin(2 * np.pi * start.hour / 24) + 0.05 * draw.normal()
            known = {
                "level": "hour",
                "start": start,
                "mn": mn,
                "factor": code_of(pollutant),
                "stat": "mean",
                "value": float(level * factor * course),
                "n": 60,
                "need": 45,
                "mark": "",
                "source": "minute",
                "as_of": datetime(2026, 11, 1),
            }
            rows.append({name: known.get(name) for name in DERIVED.names})
    return rows


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What a daemon left: two stations of a city with coordinates."""
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "config.toml").write_text(CONFIG)
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    rows = [*hours_of("A", 1.0), *hours_of("B", 2.0)]
    store.put_derived(pa.Table.from_pylist(rows, schema=DERIVED))
    store.close()
    registry = open_registry(f"sqlite:///{folder}/registry.db", folder / "registry.key")
    for mn, name, longitude in (("A", "翠苑", 120.1), ("B", "滨江", 120.2)):
        registry.devices.put(
            DeviceRecord(
                mn,
                name=name,
                region="330106",
                st="22",
                longitude=longitude,
                latitude=30.2,
                position_source="manual",
            ),
            "test",
        )
    registry.close()
    return folder


def options(data: Path) -> tuple[str, Path, str, Path]:
    """Which daemon."""
    return "--data", data, "--config", data.parent / "config.toml"


def cams(path: Path, factor: float, first: datetime) -> Path:
    """A model that says ``factor`` times what station A measures on average, PM2.5 only."""
    with Dataset(path, "w") as file:
        for name, values in (
            ("time", np.arange(96)),
            ("latitude", np.array([31.0, 30.0])),
            ("longitude", np.array([120.0, 121.0])),
        ):
            file.createDimension(name, len(values))
            file.createVariable(name, "f8", (name,))[:] = values
        file["time"].units = f"hours since {first:%Y-%m-%d %H:%M:%S}"
        pm = file.createVariable("pm2p5", "f8", ("time", "latitude", "longitude"))
        pm.units = "kg m**-3"
        pm[:] = LEVELS["PM2.5"] * factor * 1e-9
    return path


def test_a_forecast_is_made_kept_and_shown(hj212d: Hj212d, data: Path) -> None:
    """Three whole days of each station, judged, about as high as its past."""
    done = hj212d("forecast", "make", *options(data), "--json")
    assert (done.status, done.err) == (0, "")
    made = json.loads(done.out)
    assert made["models"] == ["climatology", "damped", "persistence", "yesterday"]
    # Both stations, and the region that they are all of.
    shown = hj212d("forecast", "show", *options(data), "--json")
    rows = [json.loads(line) for line in shown.out.splitlines()]
    days = {place: [row for row in rows if row["place"] == place] for place in ("A", "B")}
    assert [len(some) for some in days.values()] == [3, 3]
    for row, level in ((days["A"][1], 40.0), (days["B"][1], 80.0)):
        assert row["pm25"] == pytest.approx(level, rel=0.1)
        assert row["aqi"] > 50
        assert row["published_aqi"] == str(row["aqi"])
        assert row["skill"] is not None
    table = hj212d("forecast", "show", "A", *options(data))
    assert table.out.splitlines()[0].split()[:3] == ["place", "issued", "start"]
    assert not list((data / "forecasts").iterdir())


def test_hours_of_one_factor_by_every_model(hj212d: Hj212d, data: Path) -> None:
    """All models, or the one that was best; days cannot be judged from all at once."""
    assert hj212d("forecast", "make", "A", *options(data)).status == 0
    words = ("forecast", "show", "A", "--level", "hour", "--factor", "a34004", "--json")
    every = hj212d(*words, "--model", "all", *options(data)).out.splitlines()
    best = hj212d(*words, *options(data)).out.splitlines()
    assert len(every) == 4 * len(best)
    refused = hj212d("forecast", "show", "A", "--model", "all", *options(data))
    assert refused.status == 2
    assert "days are judged from all factors of one model" in refused.err


def test_models_are_tried(hj212d: Hj212d, data: Path) -> None:
    """Each pollutant and the AQI, three days and what is left of today; hits are shares."""
    done = hj212d("forecast", "score", "A", *options(data), "--json")
    assert done.status == 0, done.err
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert {row["pollutant"] for row in rows} == {*LEVELS, "AQI"}
    mine = [row for row in rows if (row["model"], row["pollutant"]) == ("damped", "PM2.5")]
    assert all(row["rmse"] < 10 for row in mine)
    judged = [row for row in rows if row["pollutant"] == "AQI"]
    assert all(0 <= row["level_hits"] <= 1 for row in judged)


def test_a_numerical_model_is_imported_and_corrected(hj212d: Hj212d, data: Path) -> None:
    """One that says half: the second import knows it from the first."""
    past, coming = this_hour() - 96 * HOUR, this_hour()
    first = cams(data.parent / "past.nc", 0.5, past)
    second = cams(data.parent / "coming.nc", 0.5, coming)
    for file in (first, second):
        done = hj212d("forecast", "import", file, "--model", "cams", *options(data))
        assert done.status == 0, done.err
        assert "PM10: not in the file" in done.out
    store = open_store(f"duckdb:///{data}/hj212d.duckdb", StoreSettings())
    said = {
        model: np.mean(
            store.forecasts(ForecastQuery(place="A", model=model, issued_from=coming))["value"]
        )
        for model in ("cams-raw", "cams")
    }
    store.close()
    assert said["cams-raw"] == pytest.approx(20, rel=0.01)
    assert 25 < said["cams"] < 42
    kept = hj212d("forecast", "score", "A", "B", "--kept", "10", *options(data), "--json")
    rows = [json.loads(line) for line in kept.out.splitlines()]
    assert {row["model"] for row in rows} == {"cams", "cams-raw"}


def test_what_cannot_be_done_is_said(hj212d: Hj212d, data: Path) -> None:
    """A model that there is not, a file that is none, a place that measured nothing."""
    done = hj212d("forecast", "make", "--model", "crystal", *options(data))
    assert (done.status, done.err.strip()) == (
        2,
        "hj212d: there is no model 'crystal'; there are damped and mstl",
    )
    junk = data.parent / "junk.nc"
    junk.write_bytes(b"junk")
    done = hj212d("forecast", "import", junk, "--model", "cams", *options(data))
    assert done.status == 2
    assert "junk.nc cannot be used" in done.err


def test_a_daemon_keeps_and_answers(hj212d: Hj212d, data: Path) -> None:
    """Made beside a running daemon, which takes the rows; the API shows the days."""
    with serving(
        data, "--config", str(data.parent / "config.toml"), "--http", "127.0.0.1:0"
    ) as on:
        done = hj212d("forecast", "make", "A", *options(data))
        assert done.status == 0, done.err
        request = Request(
            f"http://{on.ready['http']}/api/forecasts?place=A",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        with urlopen(request, timeout=90) as answer:
            rows = json.load(answer)["rows"]
        assert len(rows) == 3
        assert {row["place"] for row in rows} == {"A"}
