"""A real daemon makes a case of a value above its limit: set up, followed and ended by commands
and API, as people do; what was stored tells the same when the rule is tried on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from running_daemon import WITH_API, WITHIN_S, Daemon, configured, serving
from waiting import wait_until

from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame

CONFIG = f"""{WITH_API}
[alerts]
look_every_s = 0.2
group_wait_s = 0
recover_hold_s = 0
[completeness]
fill = false
"""


class Instrument:
    """One whose data times go on by a second a frame."""

    def __init__(self, daemon: Daemon) -> None:
        self.begun = datetime.now(BEIJING).replace(microsecond=0) - timedelta(minutes=30)
        self.at = self.begun
        self._daemon = daemon

    def sends(self, *values: float) -> None:
        """PM2.5."""
        frames = []
        for value in values:
            self.at += timedelta(seconds=1)
            text = (
                f"QN={self.at:%Y%m%d%H%M%S}000;ST=22;CN=2011;PW=123456;MN=A;Flag=5;"
                f"CP=&&DataTime={self.at:%Y%m%d%H%M%S};a34004-Rtd={value},a34004-Flag=N&&"
            )
            frames.append(frame(text.encode()))
        self._daemon.send(*frames)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose incidents open at once."""
    return configured(tmp_path / "data", CONFIG)


def eventually(ask: Callable[[], Any], what: str) -> Any:
    """What is found once something is."""
    wait_until(lambda: bool(ask()), what, WITHIN_S)
    return ask()


def test_from_a_frame_to_a_case_and_its_end(data: Path) -> None:
    """Two samples open it, one does not; recovery is attached; voided, a new incident opens
    another; the same over command line and API, and after a restart."""
    with serving(data) as daemon:
        instrument = Instrument(daemon)
        daemon.say("contact", "add", "王工", "--way", "app", "--login", "test")
        daemon.say("subscription", "add", "王工", "--rule", "pm25")
        words = ("by=value", "period=realtime", "high=75", "wait_s=0", "in_a_row=2")
        daemon.say(
            "rule", "set", "pm25", *words, "--kind", "over_limit", "--factor", "PM2.5",
            "--mn", "A", "--case", "open", "--severity", "severe",
        )  # fmt: skip
        instrument.sends(50.0, 50.0)
        instrument.sends(90.0, 50.0, 50.0)
        daemon.wait_stored(5)
        instrument.sends(180.0, 190.0)
        eventually(lambda: daemon.get("cases")["cases"], "a case")
        (case,) = daemon.lines("case", "list", "--json")
        assert (case["class_code"], case["mn"], case["factor"]) == ("90001", "A", "a34004")
        assert "PM2.5" in case["title"]
        assert "限值 75" in case["text"]
        (incident,) = daemon.get("incidents", rule="pm25")["incidents"]
        assert (incident["case_no"], incident["severity"]) == (case["case_no"], "severe")
        assert "王工" in daemon.say("incident", "show", incident["no"])
        (message,) = eventually(lambda: daemon.get("messages")["messages"], "a message")
        assert incident["no"] in message["text"]

        daemon.say("incident", "ack", incident["no"], "--note", "在路上")
        instrument.sends(50.0, 50.0, 50.0)
        events = ["report", "recovered"]
        eventually(lambda: events_of(daemon, case["case_no"]) == events, "its recovery")
        daemon.kill_hub()
        assert events_of(daemon, case["case_no"]) == events
        assert daemon.get(f"cases/{case['case_no']}")["case"]["state"] == "reported"

        body = {"reason": "标定"}
        voided = json.loads(daemon.api(f"cases/{case['case_no']}/void", body))
        assert voided["case"]["state"] == "voided"
        with pytest.raises(HTTPError) as refused:
            daemon.api(f"cases/{case['case_no']}/void", body)
        assert refused.value.code == 400
        refused.value.close()
        assert daemon.say("case", "verify") == "1 cases verified\n"
        span = ("--from", f"{instrument.begun:%Y-%m-%dT%H:%M:%S}", "--to", "now", "--mn", "A")
        assert len(daemon.lines("rule", "test", "pm25", *span, "--json")) == 1
        assert daemon.lines("rule", "test", "pm25", "high=1000", *span, "--json") == []
        assert len(daemon.get("incidents", rule="pm25")["incidents"]) == 1


def events_of(daemon: Daemon, no: str) -> list[str]:
    """The events of a case's log."""
    return [entry["event"] for entry in daemon.get(f"cases/{no}")["log"]]
