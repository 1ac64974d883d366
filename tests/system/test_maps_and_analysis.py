"""Frames of a day become maps and roses: by the API of a real daemon, by command, and from the
store that it leaves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.error import HTTPError

import pytest
from PIL import Image
from running_daemon import WITH_API, WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.wire.build import frame

BEIJING = timezone(timedelta(hours=8))
CODES = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
PLACES = {"S1": (120.0, 30.0), "S2": (120.3, 30.0), "S3": (120.0, 30.2), "S4": (120.2, 30.3)}
CONFIG = f"""{WITH_API}[means]
every_s = 1
late_every_s = 1
first_days = 5
[completeness]
fill = false
""" + "".join(
    f'[[site]]\nmn = "{mn}"\nregion = "330100"\nmedium = "air"\n'
    f"longitude = {longitude}\nlatitude = {latitude}\n"
    for mn, (longitude, latitude) in PLACES.items()
)
DAY = datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
SPAN = {"from": f"{DAY:%Y-%m-%d}", "to": f"{DAY + timedelta(days=1):%Y-%m-%d}"}
EIGHT = f"{DAY:%Y-%m-%d}T08:00"  # the hour from 07:00 to 08:00


def value(mn: str, hour: int, code: str) -> float:
    """More at later stations and hours; CO is small."""
    found = 20.0 + hour + 15 * list(PLACES).index(mn)
    return round(found / 40, 1) if code == "a21005" else found


def frames(mn: str) -> Iterator[bytes]:
    """24 hours; one station has wind, from the east, calm at night."""
    for hour in range(24):
        at = DAY + timedelta(hours=hour)
        values = [f"{code}-Avg={value(mn, hour, code)},{code}-Flag=N" for code in CODES]
        if mn == "S1":
            speed = 0.2 if hour < 6 else 2.0
            values += [f"a01007-Avg={speed},a01007-Flag=N", "a01008-Avg=90,a01008-Flag=N"]
        yield frame(
            f"QN={at + timedelta(hours=1):%Y%m%d%H%M%S}000;ST=22;CN=2061;PW=123456;MN={mn};"
            f"Flag=5;CP=&&DataTime={at:%Y%m%d%H%M%S};{';'.join(values)}&&".encode()
        )


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One of four stations that has made its means of the day."""
    data = configured(tmp_path_factory.mktemp("maps") / "data", CONFIG)
    with serving(data) as running:
        for mn in PLACES:
            running.send(*frames(mn))
        wait_until(
            lambda: all(
                analysed(running, f"calendar?place={mn}")["rows"][0]["aqi"] for mn in PLACES
            ),
            "the day of each station",
            WITHIN_S,
        )
        yield running


def analysed(daemon: Daemon, path: str) -> dict[str, Any]:
    """An answer of /api/analysis over the day."""
    span = "&".join(f"{name}={text}" for name, text in SPAN.items())
    return daemon.get(f"analysis/{path}&{span}")


def run(daemon: Daemon, *words: str) -> Any:
    """JSON on the standard output of a command."""
    return json.loads(daemon.say(*words))


def test_rose_and_pattern_over_the_api(daemon: Daemon) -> None:
    """The wind as it was sent: six calm hours, all others from the east."""
    rose = analysed(daemon, "rose?place=S1")
    assert (rose["n"], rose["calm"], rose["skipped"]) == (24, 6, 0)
    assert [row["sector"] for row in rose["rows"] if row["n"]] == ["E"]
    brought = analysed(daemon, "rose?place=region:330100&wind=S1&factor=PM2.5")
    hours = [
        sum(value(mn, hour, "a34004") for mn in PLACES) / len(PLACES) for hour in range(6, 24)
    ]
    assert brought["rows"][4]["mean"] == pytest.approx(sum(hours) / len(hours), abs=1e-3)
    pattern = analysed(daemon, "patterns?place=S2&factor=O3")
    assert [row["mean"] for row in pattern["rows"]] == [
        value("S2", hour, "a05024") for hour in range(24)
    ]


def test_maps_over_the_api(daemon: Daemon) -> None:
    """Contours and a moving picture, drawn by a child of the hub; wrong wishes are refused."""
    job, file = daemon.made(
        "maps", {"factor": "PM2.5", "at": EIGHT, "format": "geojson", "cell_m": 2000}
    )
    found = json.loads(file)
    assert job["title"] == f"PM2.5 {DAY:%Y-%m-%d} 08:00"
    stations = {
        one["properties"]["name"]: one["properties"]["value"]
        for one in found["features"]
        if one["properties"]["kind"] == "station"
    }
    assert stations == {mn: value(mn, 7, "a34004") for mn in PLACES}
    span = {"from": f"{DAY:%Y-%m-%d}T06:00", "to": EIGHT}
    _, moving = daemon.made("maps", {"format": "gif", "cell_m": 4000, **span})
    assert Image.open(io.BytesIO(moving)).n_frames == 2
    with pytest.raises(HTTPError) as refused:
        daemon.api("maps", {"format": "gif"})
    assert refused.value.code == 400
    refused.value.close()


def test_same_map_from_daemon_and_store(daemon: Daemon) -> None:
    """Numbers of the command while the daemon runs, and when only its store is left."""
    words = ("map", "--level", "day", "--at", SPAN["from"], "--cell-m", "4000")
    asked = (*words, "--format", "json", "--output", "-")
    running = run(daemon, *asked)
    assert running["what"] == "AQI"
    assert len(running["stations"]) == len(PLACES)
    rose = run(daemon, "analyse", "rose", "--place", "S1", "--from", SPAN["from"], "--json")
    assert rose["calm"] == 6
    daemon.stop()
    assert run(daemon, *asked) == running
