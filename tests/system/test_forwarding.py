"""Forwarding by a real daemon: what platforms get, and what an operator can do about it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

from bench.daemon import PROGRAM, Daemon
from bench.forwards import Plan, run
from bench.oracle import Ledger, Sent, crc_text
from bench.superior import Manner, Received, Superior

MN = "F0000000000000000000000A"
CONFIG = """\
[[forward]]
name = "province"
host = "127.0.0.1"
port = {port}
timeout_s = 0.3
resends = 1
refusals_before_dead = 2
backoff_first_s = 0.1
backoff_last_s = 0.3
start = "oldest"
downlink = ["1011"]
"""


def test_each_gets_its_frames_once_and_in_order(tmp_path: Path) -> None:
    """A steady, a dead and a flapping platform, and a hub that is killed."""
    result = run(Plan(frames=2500, links=100, kills=2, seed=7), tmp_path)
    assert result["breaches"] == []
    assert result["kills"] >= 1
    assert result["targets"]["dead"]["received"] > 500


class Town:
    """A daemon with one target, and a link that sends numbered frames."""

    def __init__(self, folder: Path, platform: Superior) -> None:
        self.platform = platform
        self.config = folder / "hub.toml"
        self.config.write_text(CONFIG.format(port=platform.port))
        self.daemon = Daemon(folder / "data", config=self.config, workers=1)
        self.ledger = Ledger()
        self.daemon.start()

    def send(self, count: int) -> list[Sent]:
        """So many new frames, acknowledged."""
        sent = [self.ledger.issue(MN) for _ in range(count)]
        self.send_these(sent)
        return sent

    def send_these(self, sent: list[Sent]) -> None:
        """Frames over a link of their own, until all are acknowledged."""
        assert self.daemon.ready is not None
        address = (self.daemon.ready.host, self.daemon.ready.port)
        with socket.create_connection(address, 10) as link:
            link.sendall(b"".join(one.raw + b"\r\n" for one in sent))
            answers = b""
            while answers.count(b"CN=9014") < len(sent):
                answers += link.recv(65536)

    def cli(self, *words: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            [str(PROGRAM), *words, "--data", str(self.daemon.data)],
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def row(self) -> dict[str, Any]:
        """The target, as the daemon tells of it."""
        row: dict[str, Any] = self.daemon.control.call("forwards")["forwards"][0]
        return row

    def arrived(self) -> int:
        """Frames that the platform got."""
        return len(self.platform.received)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One daemon for this file."""
    with Superior() as platform:
        found = Town(tmp_path_factory.mktemp("town"), platform)
        try:
            yield found
            assert found.daemon.terminate() == 0
        finally:
            found.daemon.end()


def test_a_target_is_shown(town: Town) -> None:
    """In status, on /metrics, and as a table."""
    town.send(5)
    wait_until(lambda: town.arrived() == 5)
    wait_until(lambda: town.row()["acknowledged"] == 5)
    row = town.daemon.control.call("status")["forward"][0]
    assert (row["name"], row["state"]) == ("province", "up")
    assert "province" in town.cli("forward", "ls")
    shown = json.loads(town.cli("forward", "ls", "--json"))
    assert {"lag_bytes", "lag_seconds", "sent", "acknowledged", "resent", "refused"} <= set(shown)
    assert {"doubled", "looped", "filtered", "error"} <= set(shown)
    assert "province up" in town.cli("status")


def test_a_pause_outlives_a_restart(town: Town) -> None:
    """Nothing leaves while it is paused; everything does afterwards."""
    before = town.arrived()
    town.cli("forward", "pause", "province")
    town.send(3)
    assert town.daemon.terminate() == 0
    town.daemon.start()
    wait_until(lambda: town.row()["state"] == "paused")
    town.send(3)
    assert town.arrived() == before
    assert town.cli("forward", "resume", "province") == "province goes on\n"
    wait_until(lambda: town.arrived() == before + 6)
    assert not town.platform.doubled


def test_a_frame_that_is_never_acknowledged_becomes_a_dead_letter(town: Town) -> None:
    """Those around it arrive; it can be looked at and sent again."""
    mute: set[str] = set()
    town.platform.manner = Manner(answers=lambda key: key[1] not in mute)
    before = town.arrived()
    first = town.ledger.issue(MN)
    mute.add(first.qn)
    town.send_these([first])
    sent = 1

    def goes_on_until_it_is_dead() -> bool:
        nonlocal sent
        sent += len(town.send(1))
        return bool(town.row()["refused"] == 1)

    wait_until(goes_on_until_it_is_dead)
    wait_until(lambda: town.arrived() == before + sent)
    row = town.row()
    assert row["dead"] == 1
    assert row["resent"] >= 2
    letters = [json.loads(line) for line in town.cli("forward", "dead", "--json").splitlines()]
    assert [letter["raw"].encode() for letter in letters] == [first.raw]
    assert letters[0]["tries"] == 2
    assert "not acknowledged" in town.cli("forward", "dead", "province")
    town.platform.manner = Manner()
    assert town.cli("forward", "again", "province").startswith("1 dead letter is sent")
    wait_until(lambda: town.row()["dead"] == 0)


def test_a_replay_to_a_target_sends_frames_once_more(town: Town) -> None:
    """Those that it has already, as it can tell; and it is over soon."""
    wait_until(lambda: town.row()["unacknowledged"] == 0)
    doubled = sum(town.platform.doubled.values())
    arrived = town.arrived()
    said = town.cli("replay", "--from", "-1h", "--to", "now", "--target", "province")
    assert said.startswith("replay 1 to province: ")
    wait_until(lambda: sum(town.platform.doubled.values()) == doubled + arrived)
    wait_until(lambda: town.row()["replays"] == [])
    assert town.arrived() == arrived


def test_a_reload_brings_another_target(town: Town) -> None:
    """The one that is there does not notice."""
    connects = town.platform.connects
    with Superior() as other:
        more = CONFIG.format(port=other.port).replace("province", "city")
        before = town.config.read_text()
        town.config.write_text(before + more)
        assert town.daemon.pid is not None
        os.kill(town.daemon.pid, signal.SIGHUP)
        wait_until(lambda: len(other.received) == town.arrived())
        assert town.platform.connects == connects
        town.config.write_text(before)
        os.kill(town.daemon.pid, signal.SIGHUP)
        wait_until(lambda: len(town.daemon.control.call("forwards")["forwards"]) == 1)


def test_skipping_goes_past_the_first_frame(town: Town) -> None:
    """A platform that answers nothing holds its first frame up until it is skipped."""
    town.platform.close()
    before = town.arrived()
    sent = town.send(3)
    wait_until(lambda: town.row()["state"] == "down")
    assert town.cli("forward", "skip", "province") == "one frame is a dead letter now\n"
    town.platform.open()
    wait_until(lambda: town.arrived() == before + 2)
    letters = [json.loads(line) for line in town.cli("forward", "dead", "--json").splitlines()]
    assert letters[0]["raw"].encode() == sent[0].raw
    assert letters[0]["why"].startswith("skipped by")
    assert town.row()["dead"] == 1
    assert town.cli("forward", "again", "province").startswith("1 dead")
    wait_until(lambda: town.arrived() == before + 3)
    wait_until(lambda: town.row()["dead"] == 0)


def test_a_request_of_the_platform_reaches_the_instrument(town: Town) -> None:
    """And its replies the platform; a request that is not allowed is refused at once."""
    assert town.daemon.ready is not None
    address = (town.daemon.ready.host, town.daemon.ready.port)
    wait_until(lambda: town.row()["state"] == "up")
    with socket.create_connection(address, 20) as link:
        link.sendall(town.ledger.issue(MN).raw + b"\r\n")
        heard = link.recv(65536)
        assert b"CN=9014" in heard
        asked = _frame("1011", "CP=&&PolId=a34004&&")
        town.platform.say(asked)
        while asked not in heard:
            heard += link.recv(65536)
        link.sendall(_frame("9011", "CP=&&QnRtn=1&&", flag=4))
        link.sendall(_frame("1011", "CP=&&PolId=a34004;SystemTime=20261121000000&&", flag=4))
        link.sendall(_frame("9012", "CP=&&ExeRtn=1&&", flag=4))
        wait_until(lambda: {"9011", "1011", "9012"} <= {one.key[2] for one in _said(town)})
        wait_until(lambda: _state(town) == "done")
    town.platform.say(_frame("1012", "CP=&&SystemTime=20261121000000&&", qn=OTHER_QN))
    wait_until(lambda: any(one.key[1] == OTHER_QN for one in _said(town)))
    (refused,) = [one for one in _said(town) if one.key[1] == OTHER_QN]
    assert b"QnRtn=2" in refused.raw


QN, OTHER_QN = "20261121000000001", "20261121000000002"


def _frame(cn: str, cp: str, *, qn: str = QN, flag: int = 5) -> bytes:
    segment = f"QN={qn};ST=22;CN={cn};PW=123456;MN={MN};Flag={flag};{cp}".encode()
    return b"##%04d%b%b\r\n" % (len(segment), segment, crc_text(segment))


def _said(town: Town) -> list[Received]:
    return [one for one in town.platform.received if one.key[1] in (QN, OTHER_QN)]


def _state(town: Town) -> str:
    commands = town.daemon.control.call("commands")["commands"]
    return str(next(one["state"] for one in commands if one["qn"] == QN))
