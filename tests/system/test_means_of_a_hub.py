"""A real daemon makes means of what stations send: late data, a hub that is killed; the same rows
from the command line, the API and the store itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running_daemon import WITH_API, WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.hub.means.rolling import midnight
from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

CONFIG = f"""{WITH_API}[means]
every_s = 1
late_every_s = 1
first_days = 2
[completeness]
fill = false
"""
HOUR = timedelta(hours=1)


def means(daemon: Daemon, *words: str) -> list[dict[str, Any]]:
    """Rows of `hj212d means`."""
    return daemon.lines("means", *words, "--json")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that looks for late data every second."""
    with serving(configured(tmp_path / "data", CONFIG)) as running:
        yield running


def hour_value(mn: str, at: datetime, value: float) -> bytes:
    """A frame of CN 2061; ``at``: the beginning of the hour, naive UTC."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return frame(
        f"QN={qn};ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};"
        f"a34004-Avg={value:.1f},a34004-Flag=N&&".encode()
    )


def test_means_follow_what_stations_send(daemon: Daemon) -> None:
    """Yesterday's hours arrive today; one comes once more with another value, a person takes two
    out, the hub dies in between, and nothing else changes."""
    yesterday = midnight(datetime.now(UTC).replace(tzinfo=None)) - timedelta(days=1)
    for mn, low in (("A", 10.0), ("B", 30.0)):
        daemon.send(
            *(hour_value(mn, yesterday + number * HOUR, low + number) for number in range(24))
        )
    day = ("--level", "day", "--span", f"{yesterday + timedelta(hours=8):%Y-%m-%d}")
    wait_until(lambda: [row["n"] for row in means(daemon, *day)] == [24, 24], "days", WITHIN_S)
    first = {row["mn"]: row for row in means(daemon, *day)}
    assert (first["A"]["value"], first["B"]["value"]) == (21.5, 41.5)

    daemon.kill_hub()
    daemon.send(hour_value("A", yesterday + 5 * HOUR, 39.0))
    wait_until(lambda: means(daemon, "A", *day)[0]["value"] == 22.5, "a late value", WITHIN_S)
    rows = {row["mn"]: row for row in means(daemon, *day)}
    assert rows["A"]["revision"] > first["A"]["revision"]
    assert rows["B"] == first["B"]
    hours = means(daemon, "A", *day, "--level", "hour")
    assert [row["revision"] for row in hours].count(1) == 23
    assert hours[5]["value"] == 39.0

    daemon.stop()
    alone = {row["mn"]: row for row in means(daemon, *day)}
    assert alone == rows
    daemon.start()

    month = means(daemon, "A", "--level", "month", "--from", f"{yesterday.isoformat()}Z")
    assert (month[0]["n"], month[0]["mark"], month[0]["value"]) == (1, "short", 22.5)
    asked = daemon.get(
        "means",
        level="day",
        mn="A",
        **{"from": f"{yesterday.isoformat()}Z", "to": f"{(yesterday + HOUR).isoformat()}Z"},
    )
    assert [row["value"] for row in asked["means"]] == [22.5]
    query = daemon.say("query", "--mn", "A", "--level", "month", "--format", "json")
    assert json.loads(query.splitlines()[-1])["value"] == 22.5
    status = daemon.client.call("status")["means"]
    assert (status["faults_total"], status["on"]) == (0, True)
    said = daemon.say(
        "means", "recompute", "--from", yesterday.isoformat(), "--to", "now", "--json"
    )
    assert json.loads(said)["hours"] > 20
    wait_until(lambda: daemon.client.call("status")["means"]["hours_wanted"] == 0, "all of it")
    assert {row["mn"]: row for row in means(daemon, *day)} == rows
