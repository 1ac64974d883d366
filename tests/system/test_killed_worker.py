"""A worker that is killed in the middle of a command: a real daemon, an instrument on a socket."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from waiting import wait_until

from bench.daemon import Daemon, Process
from bench.instruments import envelope
from bench.instruments.answering import Answering
from bench.instruments.clock import qn_text
from bench.instruments.schedule import Due
from bench.instruments.state import State
from bench.instruments.station import Station
from hj212d.wire.cutter import Cutter
from hj212d.wire.frame import Frame

CONFIG = "[commands]\nsettle_s = 0.0\npause_ms = 0\nexecution_s = 10.0\n"
CONNECT_S = 90.0
Instruments = Callable[[str], "Instrument"]


class Instrument:
    """One that says what the test lets it say, and comes back when its link is gone."""

    def __init__(self, mn: str, address: tuple[str, int]) -> None:
        self.station = Station(mn, "污水厂", "sewage", "2017", "123456", 7, 10)
        self.answering = Answering(State(self.station, time.time()), acknowledged=False)
        self._address = address
        self._cutter = Cutter(9999)
        self._frames: list[Frame] = []
        self.connect()

    def connect(self) -> None:
        """A new link, and a report on it."""
        wait_until(self._connected, "a worker takes the link")
        now = time.time()
        due = Due(now, "2011", now, 0)
        for upload in envelope.uploads(self.station, due, [qn_text(int(now * 1000))] * 9):
            self.link.sendall(upload.raw)

    def request(self) -> Frame:
        """The next thing that it is asked."""
        wait_until(self.asked, f"{self.station.mn} is asked something")
        return self._frames.pop(0)

    def answers(self, request: Frame) -> list[bytes]:
        """All that it has to say to a request, which is carried out."""
        return [line.data for line in self.answering.request(request, time.time())]

    def gone(self) -> None:
        """Its link is closed by the other side."""
        while select.select([self.link], [], [], CONNECT_S)[0]:
            try:
                if not self.link.recv(65536):
                    break
            except ConnectionResetError:
                break
        self.link.close()
        self._cutter = Cutter(9999)

    def _connected(self) -> bool:
        try:
            self.link = socket.create_connection(self._address, timeout=CONNECT_S)
        except ConnectionError:
            return False
        return True

    def asked(self) -> bool:
        """Whether there is something that it has not looked at."""
        if select.select([self.link], [], [], 0)[0]:
            for cut in self._cutter.feed(self.link.recv(65536)):
                frame = self.answering.read(cut)
                if not frame.cn.startswith("9"):
                    self._frames.append(frame)
        return bool(self._frames)


class Site:
    """The daemon and who asks it."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        assert daemon.ready is not None
        self.address = (daemon.ready.host, daemon.ready.port)

    def ask(self, mn: str, name: str, **args: str) -> int:
        """Submit a command; its number."""
        lines = list(self.daemon.control.stream("send", mn=mn, name=name, args=args, wait_s=0))
        return int(lines[-1]["command"]["id"])

    def record(self, number: int) -> dict[str, Any]:
        """The command as it is now."""
        found: dict[str, Any] = self.daemon.control.call("command", id=number)
        return found["command"] | {"events": [one["event"] for one in found["events"]]}

    def wait(self, number: int, state: str) -> dict[str, Any]:
        """The same once it is in a state."""
        wait_until(lambda: self.record(number)["state"] == state, f"{number} is {state}")
        return self.record(number)

    def worker(self) -> Process:
        """The only one."""
        found: list[Process] = []

        def there() -> bool:
            found[:] = [one for one in self.daemon.processes() if one.role == "worker"]
            return bool(found)

        wait_until(there, "a worker runs")
        return found[0]

    def knows(self, mn: str) -> bool:
        """Whether a report of this MN was heard."""
        rows = self.daemon.control.call("devices")["devices"]
        return any(row["mn"] == mn and row.get("version") for row in rows)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A daemon with one worker."""
    folder = tmp_path_factory.mktemp("killed")
    config = folder / "hj212d.toml"
    config.write_text(CONFIG)
    daemon = Daemon(folder / "data", config=config, workers=1)
    daemon.start()
    try:
        yield Site(daemon)
    finally:
        assert daemon.terminate() == 0


@pytest.fixture
def instruments(site: Site) -> Iterator[Instruments]:
    """Makes one that the daemon has heard."""
    made: list[Instrument] = []

    def make(mn: str) -> Instrument:
        made.append(Instrument(mn, site.address))
        wait_until(lambda: site.knows(mn), "its report is known")
        return made[-1]

    yield make
    for one in made:
        one.link.close()


def test_before_the_request_left(site: Site, instruments: Instruments) -> None:
    """The worker had it and sent nothing: the instrument is asked once, over its next link."""
    instrument = instruments("A" * 24)
    worker = site.worker()
    os.kill(worker.pid, signal.SIGSTOP)
    number = site.ask(instrument.station.mn, "calibrate", PolId="w01018")
    site.wait(number, "sent")
    site.daemon.kill(worker)
    instrument.gone()
    instrument.connect()
    for reply in instrument.answers(instrument.request()):
        instrument.link.sendall(reply)
    site.wait(number, "done")
    assert not instrument.asked()
    assert len(instrument.answering.heard) == 1


def test_after_the_request_left(site: Site, instruments: Instruments) -> None:
    """The instrument heard it and its answer is lost: it gets the same bytes again, by which it
    can tell that it is the same request."""
    instrument = instruments("B" * 24)
    number = site.ask(instrument.station.mn, "read-clock")
    first = instrument.request()
    site.daemon.kill(site.worker())
    instrument.gone()
    instrument.connect()
    again = instrument.request()
    assert again.raw == first.raw
    for reply in instrument.answers(again):
        instrument.link.sendall(reply)
    record = site.wait(number, "done")
    assert (record["attempts"], record["answers"]) == (2, 1)
    assert not instrument.asked()


def test_between_acceptance_and_result(site: Site, instruments: Instruments) -> None:
    """What an instrument works on is not asked twice: its result is taken from the next link."""
    instrument = instruments("C" * 24)
    number = site.ask(instrument.station.mn, "calibrate", PolId="w01018")
    accepted, done = instrument.answers(instrument.request())
    instrument.link.sendall(accepted)
    site.wait(number, "accepted")
    site.daemon.kill(site.worker())
    instrument.gone()
    instrument.connect()
    wait_until(lambda: "returned" in site.record(number)["events"], "its return is noted")
    instrument.link.sendall(done)
    record = site.wait(number, "done")
    assert (record["attempts"], record["qn_rtn"], record["exe_rtn"]) == (1, 1, 1)
    assert not instrument.asked()
