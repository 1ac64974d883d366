"""A real daemon judges a stack and a river: site, limit and readings come in, verdicts go out on
the command line and the API, and are the same from the store that it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running_daemon import WITHIN_S, Daemon, configured, serving
from test_means_of_a_hub import CONFIG, HOUR
from waiting import wait_until

from hj212d.hub.means.rolling import midnight
from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

MN = "STACK1"
OUTLETS = """
[[site]]
mn = "STACK1"
outlet = {table = "GB13223-2011/coal/new"}

[[site]]
mn = "RIVER1"
water = {target = "III", river = "柳河", detection_w21011 = "0.01L"}
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that knows what table the stack is under."""
    with serving(configured(tmp_path / "data", CONFIG + OUTLETS)) as running:
        yield running


def hour(at: datetime, so2: float) -> bytes:
    """A frame of CN 2061: 9 % oxygen, 50 m3/s."""
    return upload(
        at,
        MN,
        "31",
        f"a00000-Avg=50.0,a00000-Flag=N;a19001-Avg=9.0,a19001-Flag=N;"
        f"a21026-Avg={so2:.2f},a21026-Flag=N",
    )


def section(at: datetime) -> bytes:
    """The same of a river: ammonia of class IV, phosphorus below detection."""
    values = "w21003-Avg=1.5,w21003-Flag=N;w21011-Avg=0.004,w21011-Flag=N"
    return upload(at, "RIVER1", "21", values)


def upload(at: datetime, mn: str, st: str, values: str) -> bytes:
    """A frame of the hour that begins then."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return frame(
        f"QN={qn};ST={st};CN=2061;PW=123456;MN={mn};Flag=5;"
        f"CP=&&DataTime={local:%Y%m%d%H%M%S};{values}&&".encode()
    )


def test_a_river_is_told(daemon: Daemon) -> None:
    """Over the socket, the API and from the store that is left; with indexes, and a trend that
    one day is too short for."""
    yesterday = midnight(datetime.now(UTC).replace(tzinfo=None)) - timedelta(days=1)
    daemon.send(*(section(yesterday + number * HOUR) for number in range(24)))

    def told() -> list[dict[str, Any]]:
        said = daemon.say("assess", "--rivers", "--days", "1", "--json")
        return [json.loads(line) for line in said.splitlines()]

    wait_until(lambda: len(told()) == 24, "hours", WITHIN_S)
    assert {(row["river"], row["share_4"], row["words"]) for row in told()} == {
        ("柳河", 100.0, "Ⅳ类 轻度污染")
    }
    bounds = {
        "from": f"{yesterday.isoformat()}Z",
        "to": f"{(yesterday + timedelta(days=1)).isoformat()}Z",
    }
    rows = daemon.get("assess", mn="RIVER1", percentiles="yes", **bounds)["rows"]
    found = {row["item"]: row for row in rows}
    assert (found["NH3-N"]["index"], found["NH3-N"]["exceeded"]) == (1.5, True)
    assert (found["TP"]["value"], found["TP"]["words"]) == (0.005, "未检出（<0.01）")
    assert len(daemon.get("rivers", level="hour", **bounds)["rows"]) == 24
    trend = daemon.get("analysis/trend", place="RIVER1", factor="w21003", **bounds)
    assert trend["spearman"]["direction"] == "too_few"
    live = told()
    daemon.stop()
    assert told() == live


def test_a_stack_is_judged(daemon: Daemon) -> None:
    """One hour of yesterday is above the national limit, all are above the permit that a person
    adds; emissions are of the measured values."""
    yesterday = midnight(datetime.now(UTC).replace(tzinfo=None)) - timedelta(days=1)
    values = [60.0] * 23 + [100.0]
    daemon.send(*(hour(yesterday + number * HOUR, each) for number, each in enumerate(values)))
    # Its ST says that it is a stack, and that stands in the store a moment after the answer.
    wait_until(lambda: daemon.client.call("devices", mn=MN)["devices"], "the stack", WITHIN_S)

    def assessed(*words: str) -> list[dict[str, Any]]:
        said = daemon.say("assess", MN, "--days", "1", "--json", *words)
        return [row for row in map(json.loads, said.splitlines()) if row["stat"] == "zs"]

    wait_until(lambda: len(assessed()) == 24, "hours", WITHIN_S)
    assert [row["value"] for row in assessed()] == [75.0] * 23 + [125.0]
    assert [row["exceeded"] for row in assessed()] == [False] * 23 + [True]
    daemon.say(
        *(
            "limit",
            "add",
            MN,
            "--factor",
            "a21026",
            "--period",
            "hour",
            "--stat",
            "zs",
            "--high",
            "35",
        ),
        *("--unit", "mg/m3", "--source", "permit"),
    )
    assert len(assessed("--exceeded")) == 24
    bounds = {
        "from": f"{yesterday.isoformat()}Z",
        "to": f"{(yesterday + timedelta(days=1)).isoformat()}Z",
    }
    rows = daemon.get("assess", mn=MN, exceeded="yes", **bounds)["rows"]
    assert {row["limit_source"] for row in rows} == {"permit"}
    (emitted,) = daemon.get("emissions", mn=MN, **bounds)["rows"]
    assert emitted["kg"] == pytest.approx((23 * 60 + 100) * 0.18)

    live = assessed()
    daemon.stop()
    assert assessed() == live
