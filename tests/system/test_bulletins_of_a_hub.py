"""A real daemon publishes the air of what stations send: once, through a kill, corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running_daemon import WITH_API, WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

CONFIG = f"""{WITH_API}[means]
every_s = 1
late_every_s = 1
first_days = 3
[completeness]
fill = false
[bulletins]
day_at = "00:00"
ranking_at = "00:00"
hour_minute = 0
[[site]]
mn = "HZ1"
region = "330106"
medium = "air"
[[site]]
mn = "NB1"
region = "330205"
medium = "air"
"""
PLACES = ("HZ1", "NB1", "region:330100", "region:330200")
AIR = "a34002-Avg={0:.1f},a21026-Avg=9,a21004-Avg=20,a21005-Avg=0.6,a05024-Avg=70"
HOUR = timedelta(hours=1)


def book(daemon: Daemon, **asked: Any) -> list[dict[str, Any]]:
    """All versions in the book."""
    found = daemon.client.call("bulletins", versions=True, limit=10_000, **asked)
    rows: list[dict[str, Any]] = found["bulletins"]
    return rows


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One of two stations in two cities."""
    with serving(configured(tmp_path / "data", CONFIG)) as running:
        yield running


def hour_frame(mn: str, at: datetime, pm25: float) -> bytes:
    """A frame of CN 2061; ``at``: the beginning of the hour, naive UTC."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    values = f"a34004-Avg={pm25:.1f},a34004-Flag=N;" + AIR.format(pm25 * 2).replace(",", ";")
    return frame(
        f"QN={qn};ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};"
        f"{values}&&".encode()
    )


def test_published_once_and_corrected(daemon: Daemon) -> None:
    """Yesterday's hours, the day and its ranking; a killed hub; a late value."""
    now = datetime.now(BEIJING)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    yesterday = today.replace(tzinfo=None) - timedelta(days=1)
    for mn, low in (("HZ1", 20.0), ("NB1", 30.0)):
        daemon.send(
            *(hour_frame(mn, yesterday + number * HOUR, low + number) for number in range(24))
        )
    day = f"{yesterday + 8 * HOUR:%Y-%m-%d}"
    span = {"start": day, "end": f"{today.astimezone(BEIJING):%Y-%m-%d}"}
    words = ("--from", span["start"], "--to", span["end"])
    wait_until(
        lambda: daemon.client.call("status")["bulletins"]["rankings_upto"], "a ranking", WITHIN_S
    )
    wait_until(lambda: len(book(daemon, kind="day", **span)) == 4, "four places", WITHIN_S)

    daemon.kill_hub()
    for kind in ("hour", "day", "ranking"):
        daemon.client.call("bulletin_publish", kind=kind, **span)
    hours = book(daemon, kind="hour", **span)
    assert Counter(row["place"] for row in hours) == dict.fromkeys(PLACES, 24)
    assert {row["version"] for row in hours} == {1}
    assert len({(row["place"], row["start"]) for row in hours}) == len(hours)
    (ranking,) = book(daemon, kind="ranking", **span)
    ranked = ranking["content"]["rankings"]["day"]["rows"]
    assert [(row["rank"], row["place"]) for row in ranked] == [
        (1, "region:330100"),
        (2, "region:330200"),
    ]
    (city,) = book(daemon, kind="day", place="region:330100", **span)
    assert (city["content"]["period"], city["content"]["aqi"]) == (day, 60)  # PM10 63

    late = yesterday + 5 * HOUR
    daemon.send(hour_frame("HZ1", late, 99.0))
    at = f"{late + 8 * HOUR:%Y-%m-%dT%H:%M}"
    wait_until(
        lambda: '"value":99.0' in daemon.say("means", "HZ1", "--level", "hour", *words, "--json"),
        "the late value",
        WITHIN_S,
    )
    daemon.say("bulletin", "publish", "hour", *words)
    corrected = [row for row in book(daemon, kind="hour", **span) if row["correction"]]
    assert sorted((row["place"], row["version"]) for row in corrected) == [
        ("HZ1", 2),
        ("region:330100", 2),
    ]
    shown = daemon.get(f"bulletin?kind=hour&place=HZ1&start={at}")
    assert [row["version"] for row in shown["versions"]] == [2, 1]
    assert shown["bulletin"]["content"]["primary"] == ["PM2.5"]
    status = daemon.client.call("status")["bulletins"]
    assert (status["faults_total"], status["error"]) == (0, "")
