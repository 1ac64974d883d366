"""A real daemon alerts: a value over its limit, a station that falls silent and comes back, and a
hub that is killed at any moment in between; everybody is told once."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from running_daemon import WITHIN_S, configured, serving
from waiting import wait_until

from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame
from store.registry.alert_records import (
    ContactRecord,
    IncidentRecord,
    MessageRecord,
    RuleRecord,
    SubscriptionRecord,
)
from store.registry.open import Registry, open_registry

CONFIG = """[alerts]
look_every_s = 0.2
snapshot_every_s = 2
group_wait_s = 1
recover_hold_s = 0
most_single = 1000
[completeness]
fill = false
"""
HIGH = RuleRecord(
    key="high",
    kind="over_limit",
    severity="severe",
    params={"by": "value", "period": "realtime", "high": 5, "in_a_row": 2, "wait_s": 0},
)
# Nobody is registered here: whoever spoke is missed.
KNOWN = {"stranger_frames": 0, "stranger_s": 0}
SILENT = RuleRecord(key="silent", kind="offline", params={"after_s": 4, **KNOWN})
ROUNDS = 6
KILLED = 3


class Seconds:
    """Data times that go on, one second a frame."""

    def __init__(self) -> None:
        self._at = datetime.now(BEIJING) - timedelta(minutes=30)

    def frame(self, mn: str, value: float) -> bytes:
        """A real-time value of an hour ago or less."""
        self._at += timedelta(seconds=1)
        return frame(
            f"QN={self._at:%Y%m%d%H%M%S}000;ST=32;CN=2011;PW=123456;MN={mn};Flag=5;"
            f"CP=&&DataTime={self._at:%Y%m%d%H%M%S};w01018-Rtd={value},w01018-Flag=N&&".encode()
        )


def registry_of(data: Path) -> closing[Registry]:
    """Another view of the daemon's registry."""
    return closing(open_registry(f"sqlite:///{data}/registry.db", data / "registry.key"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two rules, and somebody who is told of these alone."""
    folder = configured(tmp_path / "data", CONFIG)
    with registry_of(folder) as registry:
        for rule in (HIGH, SILENT):
            registry.rules.put(rule, "test")
        contact = registry.contacts.put(ContactRecord(name="one", ways={"app": ""}), "test")
        subscription = SubscriptionRecord(contact_id=contact.id, rules=["high", "silent"])
        registry.subscriptions.put(subscription, "test")
    return folder


def incidents(data: Path, rule: str) -> list[IncidentRecord]:
    """Of a rule."""
    with registry_of(data) as registry:
        return registry.incidents.list(rules=[rule], limit=1000)


def messages(data: Path) -> list[MessageRecord]:
    """All of the outbox."""
    with registry_of(data) as registry:
        return registry.outbox.find(limit=1000)


def steps(data: Path, incident: IncidentRecord) -> list[str]:
    """What was told of an incident."""
    about = f"incident:{incident.id}"
    return sorted(one.step for one in messages(data) if one.about == about)


def test_over_the_limit_and_silent(data: Path) -> None:
    """A value is told within seconds of its frame, silence after its time, each once, and that
    they are over; a hub that is killed in between changes nothing."""
    with serving(data) as daemon:
        seconds = Seconds()
        daemon.send(seconds.frame("A", 6.0), seconds.frame("A", 7.0))
        wait_until(lambda: incidents(data, "high"), "an incident", WITHIN_S)
        (high,) = incidents(data, "high")
        assert (high.mn, high.value, high.limit, high.state) == ("A", 7.0, 5.0, "open")
        wait_until(lambda: incidents(data, "silent"), "silence", WITHIN_S)
        (silent,) = incidents(data, "silent")
        assert silent.mn == "A"
        daemon.kill_hub()
        daemon.send(seconds.frame("A", 1.0), seconds.frame("A", 1.0))
        wait_until(
            lambda: incidents(data, "silent")[0].state in ("recovered", "closed"),
            "it is back",
            WITHIN_S,
        )
        wait_until(lambda: incidents(data, "high")[0].state == "recovered", "below", WITHIN_S)
        assert steps(data, high) == ["opened", "recovered"]
        assert steps(data, silent)[:2] == ["opened", "recovered"]
        status = daemon.client.call("status")["alerts"]
        assert (status["faults_total"], status["dropped_signals_total"]) == (0, 0)


def test_killed_at_any_moment(data: Path) -> None:
    """Episodes of many stations while the hub is killed again and again: each is one alarm and
    one message."""
    with registry_of(data) as registry:
        registry.rules.put(RuleRecord(key="silent", kind="offline", on=False), "test")
    moments = random.Random(4711)
    with serving(data) as daemon:
        seconds = Seconds()
        kills = sorted(moments.sample(range(ROUNDS), KILLED))
        for number in range(ROUNDS):
            mns = [f"M{number:02d}{which}" for which in range(3)]
            daemon.send(*(seconds.frame(mn, 6.0) for mn in mns))
            if number in kills:
                time.sleep(moments.uniform(0.0, 0.4))  # the moment is what is tried
                daemon.kill_hub()
            daemon.send(*(seconds.frame(mn, 7.0) for mn in mns))
        wanted = {f"M{number:02d}{which}" for number in range(ROUNDS) for which in range(3)}
        wait_until(lambda: {one.mn for one in incidents(data, "high")} == wanted, "all", WITHIN_S)
        daemon.kill_hub()
        daemon.send(seconds.frame("Z", 6.0), seconds.frame("Z", 7.0))
        wait_until(
            lambda: "Z" in {one.mn for one in incidents(data, "high")}, "one more", WITHIN_S
        )
        found = incidents(data, "high")
        assert Counter(one.mn for one in found) == Counter({*wanted, "Z"})
        told = Counter((one.about, one.step) for one in messages(data))
        assert set(told.values()) == {1}
        assert {one.step for one in messages(data)} == {"opened"}
        assert len(told) == len(found)
        with registry_of(data) as registry:
            assert len(registry.alarms.find(rule="high", limit=1000)) == len(found)
