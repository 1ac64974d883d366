"""hj212d/link/_express.pyx against the ordinary way: same journal, answers, counters, sessions.

The same pieces of the same streams go through two workers without sockets; one of them gives no
badges. Without the compiled modules there is nothing to compare.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
from link_rig import MN, upload

from bench import corpus
from hj212d.journal.record import Kind, Run, decode_all
from hj212d.link import express, replies
from hj212d.link.admission import Admission, Gate
from hj212d.link.connection import Connection
from hj212d.link.counters import Counters
from hj212d.link.express import Commits, Express
from hj212d.link.intake import Intake
from hj212d.link.limits import AddressLimits
from hj212d.link.links import Links
from hj212d.link.log import LimitedLog
from hj212d.link.pauses import TURN
from hj212d.link.sessions import Sessions
from hj212d.link.settings import LinkSettings
from hj212d.wire import build
from hj212d.wire.settings import DeviceSettings

pytestmark = pytest.mark.skipif(not express.COMPILED, reason="the compiled modules are not there")

COUNTED = ("frames", "rejected", "junk", "junk_run", "half_frames", "bytes_in", "pending")
KEY = "0123456789abcdef"
DEVICES = [
    DeviceSettings(mn="WITH-PASSWORD", password="secret"),
    DeviceSettings(mn="WITH-KEY", keys=[KEY]),
    DeviceSettings(mn="NARROW", refuse=["segment_oversize"]),
    DeviceSettings(mn="PLAIN"),
]
SETTINGS = [
    LinkSettings(),
    LinkSettings(answer_without_flag=True, answer_unknown_cn=False),
    LinkSettings(unknown_mn="quarantine", acknowledge_quarantined=True),
    LinkSettings(unknown_mn="close", max_segment_bytes=1024),
]


class Journal:
    """Keeps runs, and says durable when the test lets it."""

    state = "ok"
    immediate = False

    def __init__(self) -> None:
        self.body = b""
        self.done: list[Callable[[], None]] = []

    def submit(self, run: Run, done: Callable[[], None]) -> None:
        """Keep a run."""
        assert len(list(decode_all(run.body))) == run.count
        self.body += run.body
        self.done.append(done)

    def sync(self) -> None:
        """All of it is durable."""
        waiting, self.done = self.done, []
        for done in waiting:
            done()


class Transport:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written += data

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def ignore(self, *_: object) -> None:
        """Nothing to do."""

    set_write_buffer_limits = pause_reading = resume_reading = ignore


class Bench:
    """What a worker is made of, without sockets, thread and clock."""

    def __init__(self, settings: LinkSettings) -> None:
        self.now = 1000.0
        self.soon: list[Callable[[], None]] = []
        self.said: list[tuple[object, ...]] = []
        self.journal = Journal()
        self.commits = Commits(self.journal, self.call_soon, lambda: None)  # type: ignore[arg-type]
        log = LimitedLog(logging.getLogger("test"), lambda: self.now)
        self.counters = Counters(log, self.commits)
        self.sessions = Sessions()
        self.express = Express(self.commits, lambda: self.now, self.now_us, self.sessions.moved)
        self.admission = Admission(settings, (), DEVICES)
        self.intake = Intake(
            settings, self.commits, self.counters, self.sessions, self, self.now_us
        )
        self.limits = AddressLimits(1000, 1e6, 1e9)
        self.links = Links(
            self.intake,
            self.counters,
            self.limits,
            self.express,
            lambda: self.now,
            self.call_soon,
            lambda: None,
        )
        self.set(settings)

    def now_us(self) -> int:
        """UTC."""
        return int(self.now * 1e6)

    def call_soon(self, call: Callable[[], None]) -> None:
        """As a loop's."""
        self.soon.append(call)

    def identified(self, *what: object) -> None:
        """As the hub is told."""
        self.said.append(what)

    left = identified

    def set(self, settings: LinkSettings) -> None:
        """Settings in force from now on."""
        self.admission.set(settings, (), DEVICES)
        self.intake.settings = settings
        self.express.set(
            lambda cn, version, wanted: replies.answer_of(cn, version, wanted, settings),
            settings.link_pending_bytes,
        )
        self.links.outdate()

    def link(self, number: int) -> Connection:
        """A link that stands."""
        address = self.limits.open("192.0.2.1", self.now)
        made = Connection(
            self.links,
            number,
            self.admission.gate(""),
            address,  # type: ignore[arg-type]
            5,
            "127.0.0.1:9212",
            self.now,
        )
        self.links.add(made)
        made.connection_made(Transport())  # type: ignore[arg-type]
        return made

    def turn(self) -> None:
        """What the loop would do until it is idle."""
        while self.soon or self.journal.done:
            soon, self.soon = self.soon, []
            for call in soon:
                call()
            self.journal.sync()


def outcome(bench: Bench, links: Sequence[Connection]) -> dict[str, Any]:
    """All by which the two ways could differ."""
    return {
        "journal": [record for _, record in decode_all(bench.journal.body)],
        "written": [link.transport.written for link in links],  # type: ignore[union-attr]
        "closed": [(link.transport.closed, link.why) for link in links],  # type: ignore[union-attr]
        "counters": bench.counters.snapshot(),
        "identities": sorted(bench.sessions.identities()),
        "conflicts": bench.sessions.conflicts,
        "said": bench.said,
        "links": [
            [getattr(link, name) for name in (*COUNTED, "mn", "active_at", "partial_at", "pauses")]
            for link in links
        ],
    }


def differ(
    monkeypatch: pytest.MonkeyPatch,
    streams: Sequence[bytes],
    settings: LinkSettings,
    seed: int,
    largest: int = 700,
) -> int:
    """Deliver the streams in random cuts to both; the frames that took the express."""

    def run() -> tuple[dict[str, Any], int]:
        chance = random.Random(seed)
        bench = Bench(settings)
        links = [bench.link(number) for number in range(len(streams))]
        at = [0] * len(streams)
        while any(place < len(stream) for place, stream in zip(at, streams, strict=True)):
            which = chance.randrange(len(streams))
            size = chance.randint(1, largest)
            link, data = links[which], streams[which][at[which] : at[which] + size]
            at[which] += size
            if data and not link.transport.closed:  # type: ignore[union-attr]
                link.data_received(data)
                if link.pauses:  # a transport would read nothing
                    bench.turn()
            bench.now += 0.25
            happens = chance.random()
            if happens < 0.3:
                bench.turn()
            elif happens < 0.32:
                bench.set(chance.choice(SETTINGS))
            elif happens < 0.34 and link.mn:
                bench.sessions.supersede(link.mn, link.number, bench.now)
            elif happens < 0.35 and link.partial_at >= 0:
                link.expire(bench.now)
        bench.turn()
        found = outcome(bench, links)
        for link in links:
            link.connection_lost(None)
        bench.turn()
        assert bench.commits.pending_bytes == 0
        return found | {"end": bench.journal.body}, bench.commits.frames

    fast, taken = run()
    with monkeypatch.context() as patch:
        patch.setattr(Gate, "standing", lambda *_: None)
        slow, none = run()
    assert none == 0
    for name, value in slow.items():
        assert fast[name] == value, name
    return taken


def generated(chance: random.Random, count: int) -> bytes:
    """A stream of a device that does all kinds of things."""
    stream = []
    mn = chance.choice([MN, "WITH-PASSWORD", "WITH-KEY", "NARROW", "PLAIN", "A-1"])
    for n in range(count):
        other: dict[str, Any] = {}
        if chance.random() < 0.1:
            other["cn"] = chance.choice(["2011", "2051", "9015", "9014", "9013", "3020", "1062"])
            other["cn"] = chance.choice([other["cn"], "9021", "7777", "2081"])
        if chance.random() < 0.2:
            other["flag"] = chance.choice([None, 0, 1, 4, 5, 8, 9, 13, 133, 255])
        if chance.random() < 0.1:
            other["qn"] = chance.choice(["", "2016", "20160801085857223"])
        if chance.random() < 0.1:
            other["pw"] = chance.choice(["", "wrong!", "p" * chance.choice([880, 890])])
        elif mn == "WITH-PASSWORD":
            other["pw"] = "secret"
        if chance.random() < 0.05:
            extra = ";".join(f"x{code:03}=1" for code in range(chance.choice([60, 180])))
            other["cp"] = f"DataTime=20260601000000;{extra}"
        elif chance.random() < 0.05:
            other["cp"] = f"QN=20160801085857{n % 1000:03};DataTime=20260601000000;011-Rtd={n}.5"
        frame = upload(n, mn=mn, **other)
        damage = chance.random()
        if damage < 0.04:
            place = chance.randrange(len(frame))
            frame = frame[:place] + bytes([chance.randrange(256)]) + frame[place + 1 :]
        elif damage < 0.06:
            frame = frame[: chance.randrange(len(frame))]
        elif damage < 0.08:
            frame = chance.choice([b"#", b"##", b"junk", b"\r\n\0 ", b"###"]) + frame
        elif damage < 0.1:
            frame = frame.rstrip() + chance.choice([b"", b"\r", b"\n\n", b" "])
        stream.append(frame)
        if chance.random() < 0.02:
            mn = chance.choice([MN, "B-2", "PLAIN"])
    return b"".join(stream)


def odd_streams() -> Iterator[bytes]:
    """The streams of the corpus, each behind a good frame and followed by two."""
    for case in corpus.cases():
        yield upload(1) + case.stream + upload(2) + upload(3)


@pytest.mark.parametrize("settings", SETTINGS, ids=["default", "no flag", "quarantine", "close"])
def test_generated_fleets_in_random_cuts(
    monkeypatch: pytest.MonkeyPatch, settings: LinkSettings
) -> None:
    """Devices with passwords, keys, odd forms and damage; reloads and newer links meanwhile."""
    taken = 0
    for seed in range(12):
        chance = random.Random(f"fleet {seed}")
        streams = [generated(chance, 60) for _ in range(4)]
        taken += differ(monkeypatch, streams, settings, seed, chance.choice([40, 700, 5000]))
    assert taken > 100


def test_the_corpus_in_random_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is odd in the field is left to the ordinary way, and what follows is not."""
    streams = list(odd_streams())
    for seed in range(3):
        chance = random.Random(seed)
        chance.shuffle(streams)
        for start in range(0, len(streams), 20):
            differ(monkeypatch, streams[start : start + 20], LinkSettings(), seed, 300)


def test_nearly_all_plain_frames_take_the_express(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frame of a link is judged, the others are not: also behind bad ones, and in
    bursts that are cut in the middle of a frame."""
    stream = b"".join(upload(n) if n % 10 else b"##0009spoilt\r\n" + upload(n) for n in range(300))
    bench = Bench(LinkSettings())
    link = bench.link(1)
    for start in range(0, len(stream), 30_000):
        link.data_received(stream[start : start + 30_000])
        bench.turn()
    assert link.frames == 300
    assert bench.commits.frames > 220
    assert differ(monkeypatch, [stream], LinkSettings(), 1, 20_000) > 150


def test_what_needs_judgement_is_taken_in_turns() -> None:
    """A flood of bad frames is cut into turns, between which others are answered; none is lost,
    also when the link ends meanwhile."""
    bench = Bench(LinkSettings(link_pending_bytes=1 << 20))
    flood, other = bench.link(1), bench.link(2)
    bad = b"".join(b"##0030spoilt %06d............&&FFFF" % n for n in range(5000))
    flood.data_received(bad)
    assert 0 < flood.rejected < 1000
    assert flood.pauses == TURN
    other.data_received(upload(1))
    bench.commits.flush()
    bench.journal.sync()
    assert other.transport.written  # type: ignore[union-attr]
    assert flood.rejected < 1000
    bench.turn()
    assert flood.pauses == 0
    flood.data_received(bad)
    flood.connection_lost(None)
    bench.turn()
    kept = b"".join(r.raw for _, r in decode_all(bench.journal.body) if r.link == 1)
    assert kept == bad + bad


def test_what_takes_a_badge_away() -> None:
    """New settings, another MN, a newer link of the MN: the next frame is judged again."""
    bench = Bench(LinkSettings())
    link = bench.link(1)
    link.data_received(upload(1))
    assert link.badged
    link.data_received(upload(2))
    assert bench.commits.frames == 1
    bench.set(LinkSettings(unknown_mn="quarantine"))
    assert not link.badged
    link.data_received(upload(3))
    assert bench.counters.snapshot()["rejected"] == {"mn_unknown": 1}
    bench.set(LinkSettings())
    link.data_received(upload(4) + upload(5, mn="OTHER") + upload(6, mn="OTHER"))
    assert bench.commits.frames == 2
    bench.sessions.supersede("OTHER", 1, bench.now)
    link.data_received(upload(7, mn="OTHER"))
    assert bench.sessions.conflicts == {"OTHER": 1}
    link.data_received(upload(8, mn="OTHER"))
    assert bench.commits.frames == 3
    bench.turn()


def test_answers_and_records_are_the_specified_ones() -> None:
    """Byte for byte: the record of journal/record.py, the answer of wire/build.py."""
    bench = Bench(LinkSettings())
    link = bench.link(7)
    link.data_received(upload(1))
    bench.turn()
    answered, written = link.transport.written, len(bench.journal.body)  # type: ignore[union-attr]
    link.data_received(upload(2))
    bench.turn()
    [(_, record)] = decode_all(bench.journal.body[written:])
    assert (record.kind, record.link, record.raw) == (Kind.FRAME, 7, upload(2).rstrip())
    assert (record.verdict, record.marks, record.meta) == (0, 0, b"")
    segment = f"QN=20260601000002002;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"
    assert link.transport.written == answered + build.frame(segment.encode())  # type: ignore[union-attr]
    assert msgspec.json.encode(bench.counters.snapshot())
