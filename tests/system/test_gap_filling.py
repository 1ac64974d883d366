"""A station that was silent for a day: its hours, its day and its minutes come without anybody
asking, the averages are those with them; one that never answers is left in peace."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from running_daemon import WITH_API, Daemon, configured, serving
from waiting import wait_until

from bench.instruments import envelope
from bench.instruments.answering import Answering
from bench.instruments.behaviour import Behaviour
from bench.instruments.clock import qn_text
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.schedule import Due
from bench.instruments.state import State
from bench.instruments.station import Station
from hj212d.wire.cutter import Cutter

CONFIG = f"""{WITH_API}[completeness]
fill_days = 5
settle_s = 0.5
quiet_s = 0
requests_per_minute = 600
"""
MINUTES = 10
PERIODS = {"2051": MINUTES * 60, "2061": 3600, "2031": DAY_S}
FILLED_WITHIN_S = 180.0


class Silent:
    """A station whose uploads of one day, ``start`` to ``end``, never went out; it knows them
    still. Since midnight it sends as if nothing had been."""

    def __init__(self, mn: str, behaviour: Behaviour = Behaviour.ORDERLY) -> None:
        self.station = Station(mn, "污水厂", "sewage", "2017", "123456", 7, MINUTES)
        state = State(self.station, time.time())
        self.answering = Answering(state, behaviour, acknowledged=False, pace_s=0.0)
        self.end = (time.time() + BEIJING_S) // DAY_S * DAY_S - BEIJING_S - DAY_S
        self.start = self.end - DAY_S

    def reports(self) -> list[bytes]:
        """What it sent of the day before that day, and since."""
        spans = ((self.start - DAY_S, self.start), (self.end, time.time()))
        frames = []
        for cn, seconds in PERIODS.items():
            for start, end in spans:
                at = start
                while at + seconds <= end:
                    due = Due(at + seconds, cn, at, seconds)
                    qn = qn_text(int((at + seconds) * 1000))
                    frames += [one.raw for one in envelope.uploads(self.station, due, [qn] * 9)]
                    at += seconds
        return frames

    @property
    def asked(self) -> tuple[str, ...]:
        """Words of a command that asks for that day."""
        bounds = (datetime.fromtimestamp(at, UTC).isoformat() for at in (self.start, self.end))
        start, end = bounds
        return ("--mn", self.station.mn, "--from", start, "--to", end)

    def speak(self, link: socket.socket, ending: threading.Event) -> None:
        """Answer what is asked, until the end."""
        cutter = Cutter(9999)
        while not ending.is_set():
            if not select.select([link], [], [], 0.05)[0]:
                continue
            for cut in cutter.feed(link.recv(65536)):
                lines = self.answering.request(self.answering.read(cut), time.time())
                self.say(link, [line.data for line in lines])

    def say(self, link: socket.socket, answers: list[bytes]) -> None:
        """What is answered to one request."""
        link.sendall(b"".join(answers))


class Watched(Silent):
    """A station that stops in the middle of its answer to each request until it may go on."""

    def __init__(self, mn: str) -> None:
        super().__init__(mn)
        self.in_the_middle = threading.Event()
        self.go_on = threading.Event()

    def say(self, link: socket.socket, answers: list[bytes]) -> None:
        """Half of it, and the rest when that is allowed."""
        if not answers:  # what came was no request
            return
        half = len(answers) // 2
        super().say(link, answers[:half])
        self.in_the_middle.set()
        assert self.go_on.wait(FILLED_WITHIN_S)
        self.go_on.clear()
        super().say(link, answers[half:])


def report(daemon: Daemon, frames: list[bytes]) -> None:
    """Send frames over a link that is closed then, and wait until they are stored."""
    before = daemon.client.call("status")["store"]["frames"] or 0
    daemon.send(*frames)
    daemon.wait_stored(before + len(frames))
    wait_until(lambda: daemon.client.call("status")["links"] == 0)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon whose hub looks at an instrument as soon as it is back."""
    data = configured(tmp_path_factory.mktemp("gaps") / "data", CONFIG)
    with serving(data) as running:
        yield running


@contextmanager
def back(daemon: Daemon, station: Silent) -> Iterator[None]:
    """The station on a link of its own again; it says one thing, so that its MN is known."""
    ending = threading.Event()
    with socket.create_connection(daemon.address, timeout=90) as link:
        link.sendall(station.reports()[-1])
        speaking = threading.Thread(target=station.speak, args=(link, ending))
        speaking.start()
        try:
            yield
        finally:
            ending.set()
            speaking.join()


def completeness(daemon: Daemon, station: Silent) -> dict[str, dict[str, Any]]:
    """Rates of that day by period, the factors of the station together."""
    _, mn, _, start, _, end = station.asked
    rows = {}
    for period in ("hour", "minute", "day"):
        asked = {"mn": mn, "start": start, "end": end, "period": period, "summed": True}
        (rows[period],) = daemon.client.table("completeness", **asked).to_pylist()
    return rows


def test_a_silent_day_comes_by_itself(daemon: Daemon) -> None:
    """Nothing of that day before; all of it after: expected and received, hour by hour, minute
    by minute; what is computed from it is there, too."""
    station = Silent("A" * 24)
    mn = station.station.mn
    report(daemon, station.reports())
    before = completeness(daemon, station)
    print(daemon.say("completeness", *station.asked))
    assert {period: row["received"] for period, row in before.items()} == {
        "hour": 0, "minute": 0, "day": 0,
    }  # fmt: skip
    computed = (
        "query",
        *station.asked,
        "--level",
        "day",
        "--computed",
        "minute",
        "--format",
        "json",
    )
    assert daemon.lines(*computed) == []
    with back(daemon, station):
        wait_until(
            lambda: len(daemon.client.call("gaps", mn=mn, state="filled")["gaps"]) >= 3,
            "three gaps filled",
            FILLED_WITHIN_S,
        )
    after = completeness(daemon, station)
    print(daemon.say("completeness", *station.asked))
    factors = len(station.station.factors)
    for period, slots in (("hour", 24), ("minute", 24 * 60 // MINUTES), ("day", 1)):
        assert before[period]["expected"] == after[period]["expected"] == slots * factors
        assert after[period]["received"] == slots * factors
        assert after[period]["transfer_rate"] == 1.0
        assert after[period]["late"] == slots * factors
    bounds = {"from": station.asked[3], "to": station.asked[5]}
    rows = daemon.get("completeness", mn=mn, **bounds)["rates"]
    assert [row["transfer_rate"] for row in rows] == [1.0] * factors
    averages = daemon.lines(*computed)
    assert len(averages) == factors
    assert all(row["n"] + row["n_marked"] == 24 * 60 // MINUTES for row in averages)
    assert daemon.client.call("gaps", mn=mn)["gaps"] == []
    print(daemon.say("gaps", "--mn", mn, "--state", "all"))
    commands = daemon.client.call("commands", mn=mn)["commands"]
    assert [one["name"] for one in reversed(commands)] == ["hours", "days", "minutes"]
    assert {(one["origin"], one["state"]) for one in commands} == {("fill", "done")}
    status = daemon.client.call("status")["completeness"]
    assert (status["gaps_open"], status["filled_total"], status["requests_total"]) == (0, 3, 3)


def test_a_station_that_never_answers(daemon: Daemon) -> None:
    """One request is under way and no other; its gaps stay in the book."""
    station = Silent("B" * 24, Behaviour.NEVER)
    mn = station.station.mn
    report(daemon, station.reports())
    with back(daemon, station):
        wait_until(lambda: daemon.client.call("gaps", mn=mn, state="asked")["gaps"])
        wait_until(lambda: daemon.client.call("commands", mn=mn, state=["sent"])["commands"])
        (one,) = daemon.client.call("commands", mn=mn)["commands"]
        assert one["name"] == "hours"
    rows = daemon.get("gaps", mn=mn)["gaps"]
    assert {(row["period"], row["state"]) for row in rows} == {
        ("hour", "asked"), ("day", "open"), ("minute", "open"),
    }  # fmt: skip


def test_a_hub_that_is_killed_while_it_fills(daemon: Daemon) -> None:
    """kill -9 in the middle of each answer: the next hub goes on. Nothing is asked twice, and all
    of the day comes."""
    station = Watched("C" * 24)
    mn = station.station.mn
    report(daemon, station.reports())
    with back(daemon, station):
        for _ in PERIODS:
            wait_until(station.in_the_middle.is_set, "a request", FILLED_WITHIN_S)
            daemon.kill_hub()
            station.in_the_middle.clear()
            station.go_on.set()
        wait_until(
            lambda: len(daemon.client.call("gaps", mn=mn, state="filled")["gaps"]) >= 3,
            "three gaps filled",
            FILLED_WITHIN_S,
        )
    assert [frame.cn for frame in station.answering.heard] == ["2061", "2031", "2051"]
    commands = daemon.client.call("commands", mn=mn)["commands"]
    assert [one["name"] for one in reversed(commands)] == ["hours", "days", "minutes"]
    assert {one["state"] for one in commands} == {"done"}
    for row in completeness(daemon, station).values():
        assert row["received"] == row["expected"]
