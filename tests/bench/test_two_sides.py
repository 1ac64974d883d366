"""The platform's requests and the simulated instrument, both made from the standard, agree."""

from __future__ import annotations

import msgspec
import pytest
from asking import arguments

from bench.instruments import roster
from bench.instruments.answering import Answering
from bench.instruments.behaviour import Behaviour
from bench.instruments.state import State
from bench.instruments.station import Station
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.exchange import Exchange, Send
from hj212d.wire.frame import Device, Frame
from hj212d.wire.requests import RequestSpec, build_request, find, requests

NOON = 1_784_001_600.0  # 2026-07-14 12:00 in Beijing
QN = "20260714120000123"
KEY = b"0123456789abcdef"
PLAIN = [(spec, version, False) for spec in requests() for version in spec.versions]
SECRET = [(spec, version, True) for spec, version, _ in PLAIN if version == "2025"]
IDS = [f"{each[0].name}-{each[1]}" for each in PLAIN]
IDS += [f"{each[0].name}-encrypted" for each in SECRET]


def station(version: str, kind: str, key: bytes = b"") -> Station:
    found = next(each for each in roster.make(85, 1, odd_share=0) if each.kind == kind)
    return msgspec.structs.replace(found, version=version, key=key, habits=frozenset())


class Pair:
    """An instrument and one request of the platform on its way."""

    def __init__(
        self,
        spec: RequestSpec,
        who: Station,
        behaviour: Behaviour = Behaviour.ORDERLY,
        acknowledged: bool = False,
    ) -> None:
        self.state = State(who, NOON)
        self.answering = Answering(self.state, behaviour, acknowledged=acknowledged)
        if spec.name == "alarm-records":
            self.state.limits = dict.fromkeys(self.state.polids, (0.0, 0.001))
        raw = build_request(
            spec,
            version=who.version,
            qn=QN,
            st=who.st,
            pw=who.password,
            mn=who.mn,
            args=arguments(spec.name, self.state, NOON),
            key=who.key or None if spec.encrypted else None,
        )
        self.exchange = Exchange(spec, QN, 10.0, 3, raw=raw)
        self.answers: list[Frame] = []
        self.now = NOON

    def run(self) -> Exchange:
        """Until the request has ended; replies at once, silence as long as it takes."""
        events = self.exchange.start(self.now)
        for _ in range(20):
            for event in events:
                if isinstance(event, Send):
                    self._deliver(event.raw)
            if self.exchange.ended or self.exchange.next_at is None:
                break
            self.now = self.exchange.next_at
            events = self.exchange.tick(self.now)
        return self.exchange

    def _deliver(self, raw: bytes) -> None:
        key = self.state.station.key
        (cut,) = Cutter().feed(raw)
        for piece in self.answering.request(self.answering.read(cut), self.now):
            (answer,) = Cutter().feed(piece.data)
            frame = decode(answer, Device(keys=(key,) if key else ()))
            self.answers.append(frame)
            self.exchange.heard(frame, self.now)


@pytest.mark.parametrize(("spec", "version", "secret"), PLAIN + SECRET, ids=IDS)
def test_each_request_comes_to_its_end(spec: RequestSpec, version: str, secret: bool) -> None:
    """Understood, carried out, and its data known as such, in plain and under a key."""
    kind = "noise" if spec.name == "noise" else "sewage"
    pair = Pair(spec, station(version, kind, KEY if secret else b""))
    exchange = pair.run()
    assert (exchange.state, exchange.why) == ("done", "")
    (heard,) = pair.answering.heard
    assert (heard.cn, heard.warnings, heard.repairs.labels) == (spec.cn, [], [])
    data = [each for each in pair.answers if each.cn == spec.results]
    assert bool(data) >= bool(spec.results)
    assert exchange.answers == len(data)


@pytest.mark.parametrize("version", ["2005", "2017", "2025"])
@pytest.mark.parametrize(
    ("behaviour", "state", "answers", "heard"),
    [
        (Behaviour.NINE012_FIRST, "done", 1, 1),
        (Behaviour.TWICE, "done", 2, 1),
        (Behaviour.ONLY_9012, "done", 1, 1),
        (Behaviour.SLOW, "done", 1, 1),
        (Behaviour.BUSY, "failed", 0, 1),
        (Behaviour.REFUSES, "refused", 0, 1),
        (Behaviour.WRONG_PW, "refused", 0, 1),
        (Behaviour.NEVER, "timeout", 0, 0),
        (Behaviour.SILENT_AFTER_9011, "timeout", 0, 1),
    ],
)
def test_each_behaviour_has_its_outcome(
    version: str, behaviour: Behaviour, state: str, answers: int, heard: int
) -> None:
    """What the platform makes of instruments that stray."""
    spec = find("read-clock", version)
    assert spec is not None
    pair = Pair(spec, station(version, "sewage"), behaviour)
    exchange = pair.run()
    assert (exchange.state, len(pair.answering.heard)) == (state, heard)
    assert exchange.answers == answers
    if state != "done":
        assert exchange.why
