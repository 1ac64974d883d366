"""What the hub tells workers: requests for links, and devices, a piece at a time."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from hj212d.hub.requests import Worker
from hj212d.hub.routes import Routes
from hj212d.hub.sendings import SEND_TIMEOUT_S
from hj212d.hub.telling import PIECE, Telling
from hj212d.hub.worker_desk import UNNAMED_LINKS, WorkerDesk, WorkerLine
from hj212d.hub.workers import Workers
from hj212d.wire.settings import DeviceSettings

TURN_S = 1e-6


class Line:
    """A worker's end of its connection."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        """Keep what the hub says."""
        self.written += data

    def loseConnection(self) -> None:
        """The hub closes."""
        self.closed = True

    def heard(self) -> list[dict[str, Any]]:
        """What the hub said since the last call."""
        lines = [msgspec.json.decode(line) for line in self.written.splitlines()]
        self.written = b""
        return lines


class Turns(Clock):
    """A clock on which what is put off comes a turn later, not in the same one."""

    def callLater(self, when: float, what: Any, *args: Any, **kw: Any) -> Any:
        """As the reactor's."""
        return super().callLater(when or TURN_S, what, *args, **kw)

    def turn(self) -> None:
        """One turn of the loop."""
        self.advance(TURN_S)


def test_links_without_an_mn_have_an_address() -> None:
    """A device that asks for its MN; of very many links the oldest are forgotten."""
    desk = WorkerDesk(Clock(), Workers(), Routes(), lambda: 0)
    worker = desk.hello(Worker(0, 1, "0"), Line())
    worker.data(b'{"op":"unnamed","link":7,"peer":"10.0.0.7:5000"}\n')
    worker.data(b'{"op":"identified","mn":"A","link":8,"peer":"10.0.0.8:5000"}\n')
    assert desk.peer_of("", 7) == "10.0.0.7:5000"
    assert desk.peer_of("A", 8) == "10.0.0.8:5000"
    assert desk.peer_of("A", 9) == ""
    for link in range(100, 100 + UNNAMED_LINKS):
        worker.data(b'{"op":"unnamed","link":%d,"peer":"x"}\n' % link)
    assert desk.peer_of("", 7) == ""


def test_it_is_known_when_the_workers_were_told_all() -> None:
    """What is sent after that meets workers that know the devices."""
    clock = Turns()
    desk = WorkerDesk(clock, Workers(), Routes(), lambda: 0)
    assert desk.all_told
    desk.hello(Worker(0, 1, "0"), Line())
    desk.devices([DeviceSettings(f"M{n}") for n in range(2 * PIECE)])
    assert not desk.all_told
    clock.turn()
    assert desk.all_told


class Office:
    """A desk, a clock, and workers that connect."""

    def __init__(self) -> None:
        self.clock = Turns()
        self.routes = Routes()
        self.desk = WorkerDesk(self.clock, Workers(), self.routes, lambda: 1)

    def worker(self, slot: int = 0, pid: int = 1) -> tuple[Line, WorkerLine]:
        """A worker that said hello."""
        line = Line()
        return line, self.desk.hello(Worker(slot, pid, str(slot)), line)

    def turns(self) -> int:
        """Let the loop go on until nothing is left to do at once; how many turns that took."""
        turns = 0
        while self.clock.getDelayedCalls():
            self.clock.turn()
            turns += 1
        return turns


def said(deferred: Deferred[str]) -> list[str]:
    """What it fired with; [] while it did not."""
    fired: list[str] = []
    deferred.addCallback(fired.append)
    return fired


def devices(*mns: str, password: str = "") -> list[DeviceSettings]:
    """Devices of these MNs."""
    return [DeviceSettings(mn, password=password) for mn in mns]


def test_a_request_goes_to_the_worker_and_its_word_comes_back() -> None:
    """Bytes go as base64 with a number; the worker answers by it, in any order."""
    office = Office()
    line, worker = office.worker(3)
    first = said(office.desk.send(3, 77, b"##0001\xff\r\n"))
    second = said(office.desk.send(3, 78, b"x"))
    one, other = line.heard()
    assert one == {
        "op": "send", "id": one["id"], "link": 77,
        "data": base64.b64encode(b"##0001\xff\r\n").decode(),
    }  # fmt: skip
    worker.data(b'{"op":"sent","id":%d,"why":"no_link"}\n' % other["id"])
    assert (first, second) == ([], ["no_link"])
    worker.data(b'{"op":"sent","id":%d}\n' % one["id"])
    worker.data(b'{"op":"sent","id":%d,"why":"again"}\n' % one["id"])
    assert first == [""]
    assert office.clock.getDelayedCalls() == []


def test_a_worker_that_is_gone_or_silent_sends_nothing() -> None:
    """Each is told by a word, none waits for ever, and another worker cannot answer for it."""
    office = Office()
    assert said(office.desk.send(0, 1, b"x")) == ["worker_gone"]
    line, worker = office.worker(0)
    _, other = office.worker(1)
    silent = said(office.desk.send(0, 1, b"x"))
    other.data(b'{"op":"sent","id":%d}\n' % line.heard()[0]["id"])
    assert silent == []
    office.clock.advance(SEND_TIMEOUT_S)
    assert silent == ["no_answer"]
    broken = said(office.desk.send(0, 1, b"x"))
    worker.gone()
    assert broken == ["worker_gone"]
    replaced = office.worker(1)
    assert said(office.desk.send(0, 1, b"x")) == ["worker_gone"]
    assert replaced[0].heard() == []


def test_a_worker_that_takes_anothers_place_gets_the_requests() -> None:
    """Those of the old connection are answered as gone."""
    office = Office()
    old, _ = office.worker(0)
    lost = said(office.desk.send(0, 1, b"x"))
    new, _ = office.worker(0, pid=2)
    assert old.closed
    assert lost == ["worker_gone"]
    office.desk.send(0, 2, b"y")
    assert [heard["link"] for heard in new.heard()] == [2]


def test_nothing_is_told_before_the_registry_was_read() -> None:
    """A worker waits for the whole overlay; part of one would be taken for all of it."""
    office = Office()
    line, _ = office.worker()
    office.desk.changed(devices("A"))
    assert line.heard() == []
    office.desk.devices([])
    assert line.heard() == [{"op": "devices", "devices": [], "more": False}]
    late, _ = office.worker(1)
    assert late.heard() == [{"op": "devices", "devices": [], "more": False}]


def test_many_devices_go_a_piece_a_turn_and_changes_behind_them() -> None:
    """3,500 devices take four turns; what changes meanwhile comes after them, in order."""
    office = Office()
    line, _ = office.worker()
    office.desk.devices(devices(*(f"M{n}" for n in range(3500))))
    office.desk.changed(devices("M1", password="one"))
    office.desk.changed(devices("M1", password="two"))
    assert office.turns() >= 4
    heard = line.heard()
    assert [len(piece["devices"]) for piece in heard[:4]] == [PIECE, PIECE, PIECE, 500]
    assert [piece["more"] for piece in heard[:4]] == [True, True, True, False]
    assert [one["device"]["password"] for one in heard[4:]] == ["one", "two"]
    late, _ = office.worker(1)
    office.turns()
    told = [device for piece in late.heard() for device in piece["devices"]]
    assert len(told) == 3500
    assert {device["password"] for device in told if device["mn"] == "M1"} == {"two"}


def test_a_worker_that_goes_in_the_middle_is_told_no_more() -> None:
    """Nothing is left on the clock."""
    office = Office()
    line, worker = office.worker()
    office.desk.devices(devices(*(f"M{n}" for n in range(3500))))
    worker.gone()
    assert office.turns() == 0
    assert len(line.heard()) == 1


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("whole"), st.sets(st.sampled_from("ABCDE"))),
            st.tuples(st.just("changed"), st.sets(st.sampled_from("ABCDE"), min_size=1)),
            st.just(("turn", frozenset[str]())),
        ),
        max_size=12,
    )
)
def test_the_worker_ends_with_what_the_desk_knows(steps: list[tuple[str, set[str]]]) -> None:
    """Whatever is replaced and changed while pieces are on their way."""
    clock = Turns()
    line = Line()
    telling = Telling(clock, line.write)
    known: dict[str, str] = {}
    telling.overlay([])
    for number, (what, mns) in enumerate(steps):
        news = devices(*sorted(mns), password=str(number))
        if what == "whole":
            # Padding makes a whole overlay take several turns.
            pad = devices(*(f"P{n}" for n in range(PIECE)))
            known = {device.mn: device.password for device in pad + news}
            telling.overlay(pad + news)
        elif what == "changed":
            known |= {device.mn: device.password for device in news}
            telling.changed(news)
        else:
            clock.turn()
    while clock.getDelayedCalls():
        clock.turn()
    ends: dict[str, str] = {}
    coming: dict[str, str] = {}
    for heard in line.heard():
        if heard["op"] == "devices":
            coming |= {device["mn"]: device["password"] for device in heard["devices"]}
            if not heard["more"]:
                ends, coming = coming, {}
        else:
            ends[heard["device"]["mn"]] = heard["device"]["password"]
    assert ends == known


def test_hooks_hear_of_each_link_once() -> None:
    """New links and those that left, not what a worker repeats; a worker's end is the end of all
    of its links."""
    office = Office()
    news: list[tuple[str, str, int, int]] = []
    office.routes.identified_hooks.append(
        lambda mn, link, slot: news.append(("+", mn, link, slot))
    )
    office.routes.left_hooks.append(lambda mn, link, slot: news.append(("-", mn, link, slot)))
    _, worker = office.worker(2)
    note = b'{"op":"identified","mn":"A","link":5,"peer":"p","at":1}\n'
    worker.data(note + note)
    worker.data(b'{"op":"identified","mn":"A","link":6}\n{"op":"left","mn":"A","link":5}\n')
    worker.data(b'{"op":"left","mn":"A","link":5}\n')
    worker.gone()
    assert news == [("+", "A", 5, 2), ("+", "A", 6, 2), ("-", "A", 5, 2), ("-", "A", 6, 2)]
