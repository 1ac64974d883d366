"""A real daemon judges a stack: site, limit and readings come in, verdicts go out on the command
line and the API, and are the same from the store that it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_means_of_a_hub import CONFIG, HOUR, WITHIN_S, Daemon
from waiting import wait_until

from hj212d.hub.means.rolling import midnight
from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

MN = "STACK1"
OUTLETS = """
[[site]]
mn = "STACK1"
outlet = {table = "GB13223-2011/coal/new"}
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that knows what table the stack is under."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "hj212d.toml").write_text(CONFIG + OUTLETS)
    running = Daemon(data)
    running.start()
    yield running
    if running.process.poll() is None:
        running.stop()


def hour(at: datetime, so2: float) -> bytes:
    """A frame of CN 2061: 9 % oxygen, 50 m3/s."""
    local = at.replace(tzinfo=UTC).astimezone(BEIJING)
    now = datetime.now(BEIJING)
    qn = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return frame(
        f"QN={qn};ST=31;CN=2061;PW=123456;MN={MN};Flag=5;CP=&&DataTime={local:%Y%m%d%H%M%S};"
        f"a00000-Avg=50.0,a00000-Flag=N;a19001-Avg=9.0,a19001-Flag=N;"
        f"a21026-Avg={so2:.2f},a21026-Flag=N&&".encode()
    )


def test_a_stack_is_judged(daemon: Daemon) -> None:
    """One hour of yesterday is above the national limit, all are above the permit that a person
    adds; emissions are of the measured values."""
    yesterday = midnight(datetime.now(UTC).replace(tzinfo=None)) - timedelta(days=1)
    values = [60.0] * 23 + [100.0]
    daemon.send(*(hour(yesterday + number * HOUR, each) for number, each in enumerate(values)))

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
