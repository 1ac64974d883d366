"""The load generator and the yardstick, both in C, against each other and against the daemon."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from bench import generator
from bench.generator import Generator, Mode, Outcome, shares
from bench.native.build import CannotCompile, program
from bench.oracle import Reply, crc_text, take_replies
from bench.rig import FACTORS, Rig
from bench.yardstick import Yardstick
from hj212d.wire import codec
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)

LINKS = 50


@pytest.fixture(scope="module")
def yardstick() -> Iterator[Yardstick]:
    """One C server for the tests of this file."""
    with Yardstick() as server:
        yield server


class Address(Protocol):
    """Where somebody listens."""

    @property
    def host(self) -> str:
        """Address of this machine."""

    @property
    def port(self) -> int:
        """TCP."""


def load(server: Address, mode: Mode, links: int = LINKS, **settings: float) -> Outcome:
    """One run, to its end."""
    with Generator(server.host, server.port, links, mode, **settings) as started:
        started.open(10)
        started.go()
        return started.outcome(30)


def reply(qn: str, mn: str, cn: str = "9014") -> bytes:
    """An answer as a server sends it."""
    segment = f"QN={qn};ST=91;CN={cn};PW=123456;MN={mn};Flag=4;CP=&&&&".encode()
    return b"##%04d%b%b\r\n" % (len(segment), segment, crc_text(segment))


class Server:
    """Takes one connection, keeps what it hears, answers each frame as it is told."""

    def __init__(self, answer: Callable[[Reply], list[bytes]]) -> None:
        self.heard = bytearray()
        self._answer = answer
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.settimeout(90)
        self.host, self.port = self._door.getsockname()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(90)
        self._door.close()

    def _serve(self) -> None:
        link, _ = self._door.accept()
        unread = bytearray()
        with link, contextlib.suppress(ConnectionError):
            while data := link.recv(65536):
                self.heard += data
                unread += data
                for frame in take_replies(unread):
                    assert frame is not None
                    for part in self._answer(frame):
                        link.sendall(part)


def test_frames_are_what_the_protocol_room_reads() -> None:
    """Each one is whole, of 2017, with twelve values, and no tolerance is needed for it."""
    with Server(lambda _: []) as server:
        seen = load(server, "burst", links=1, frames=30, seconds=0.1, grace_s=0)
    assert seen["sent"] == seen["unanswered"] == 30
    cuts = codec.Cutter(4096, Tolerance.NONE).feed(bytes(server.heard))
    frames = [codec.decode(cut, Device(Tolerance.NONE)) for cut in cuts]
    assert len(frames) == 30
    assert all(frame.reason is Reason.OK and not frame.warnings for frame in frames)
    assert {(frame.mn, frame.cn, frame.flag) for frame in frames} == {
        ("52AC00000000000000000000", "2011", 5)
    }
    assert len({frame.qn for frame in frames}) == 30
    assert len({frame.cp["DataTime"] for frame in frames}) == 30
    assert {len(frame.factors) for frame in frames} == {FACTORS}


@pytest.mark.parametrize("mode", ["closed", "rate", "burst", "storm"])
def test_every_frame_is_answered(yardstick: Yardstick, mode: Mode) -> None:
    """In each mode: as many answers as frames, none lost, each latency counted."""
    seen = load(yardstick, mode, rate=500, frames=1000, seconds=0.4, greet=True)
    assert not seen.problems()
    assert seen["greeted"] == seen["opened"] == seen["returned"] == LINKS
    assert seen["sent"] == seen["acked"] > LINKS
    assert seen.latency.total == seen["acked"] - LINKS
    wanted = {"rate": 200, "burst": 1000, "storm": LINKS}.get(mode, seen.latency.total)
    assert seen.latency.total == wanted
    assert sum(seen.by_second["acked_by_s"]) == wanted
    summary = seen.latency.summary_ms()
    assert 0 < summary["p50"] <= summary["p99"] <= summary["max"] < 30_000


def test_bad_frames_are_not_answered(yardstick: Yardstick) -> None:
    """Wrong CRCs and half frames get no answer and cost the good frames behind them none."""
    seen = load(yardstick, "closed", seconds=0.3, bad_crc=0.2, half=0.2)
    assert not seen.problems()
    assert seen["bad_sent"] > seen["sent"] / 10
    assert seen["acked"] == seen["sent"]


def test_a_flooding_link_is_counted_apart(yardstick: Yardstick) -> None:
    """Its frames are answered, too, and stay out of the latencies."""
    seen = load(yardstick, "rate", rate=200, seconds=0.5, flood_per_s=2000)
    assert not seen.problems()
    assert seen["flood_sent"] == pytest.approx(1000, rel=0.1)
    assert 0 < seen["flood_acked"] <= seen["flood_sent"]
    assert seen.latency.total == seen["acked"] == 100


def test_a_server_that_is_silent_or_goes_is_noticed() -> None:
    """Frames without an answer, links that end, frames that could not be sent any more."""
    with Server(lambda _: []) as silent:
        seen = load(silent, "rate", links=1, rate=50, seconds=0.2, grace_s=0)
    assert seen["unanswered"] == 10
    with (
        Yardstick() as server,
        Generator(server.host, server.port, LINKS, "rate", rate=500, seconds=0.5) as started,
    ):
        started.open(10)
        started.go()
        server.end()
        seen = started.outcome(20)
    assert seen["lost"] == LINKS
    assert seen["unsent"] > 100


@pytest.mark.parametrize(
    ("answer", "problems"),
    [
        (lambda f: [reply(f.qn, f.mn)[:40], reply(f.qn, f.mn)[40:]], []),
        (lambda f: [reply(f.qn, f.mn)] * 2, ["5 frames answered twice"]),
        (lambda f: [reply(f.qn, "9" * 24)], ["5 frames not answered", "5 wrong answers"]),
        (lambda f: [reply(f.qn, f.mn, "9013")], ["5 frames not answered", "5 wrong answers"]),
        (
            lambda f: [reply("9" * 17, f.mn), reply(f.qn, f.mn)],
            ["5 wrong answers"],
        ),
        (
            lambda f: [reply(f.qn, f.mn).replace(b"CP", b"cp")],
            ["5 frames not answered", "5 wrong answers"],
        ),
    ],
    ids=["in two parts", "twice", "other MN", "other CN", "other QN", "wrong CRC"],
)
def test_answers_are_read_to_the_last_byte(
    answer: Callable[[Reply], list[bytes]], problems: list[str]
) -> None:
    """Only the 9014 with QN, MN and CRC as they must be counts, and only once."""
    with Server(answer) as server:
        seen = load(server, "rate", links=1, rate=50, seconds=0.1, grace_s=0.1)
    assert seen["sent"] == 5
    assert seen.problems() == problems


def test_links_are_shared_out() -> None:
    """What the processes get adds up, and no two have a device or a source in common."""
    settings = {"rate": 1200.0, "frames": 100_000.0, "flood_per_s": 9.0}
    orders = shares("127.0.0.1", 1, 60_001, "burst", settings)
    assert len(orders) == 4
    for name, whole in (("links", 60_001), ("frames", 100_000), ("flood_per_s", 9)):
        assert sum(each.get(name, 0) for each in orders) == whole  # type: ignore[misc]
    assert sum(float(each["rate"]) for each in orders) == pytest.approx(1200)
    devices = [
        device
        for each in orders
        for device in range(
            int(each["first_device"]), int(each["first_device"]) + int(each["links"])
        )
    ]
    assert devices == list(range(60_001))
    sources = [
        source
        for each in orders
        for source in range(
            int(each["first_source"]), int(each["first_source"]) + int(each["sources"])
        )
    ]
    assert len(sources) == len(set(sources))


def test_several_processes_are_one_generator(
    yardstick: Yardstick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They start together; rates, counts and histograms are those of all."""
    monkeypatch.setattr(generator, "LINKS_A_PROCESS", 20)
    seen = load(yardstick, "rate", rate=500, seconds=0.4, greet=True)
    assert not seen.problems()
    assert seen["links"] == seen["greeted"] == seen["returned"] == LINKS
    assert seen.latency.total == seen["sent"] - LINKS == pytest.approx(200, abs=3)
    assert len({mn for mn, _ in seen.last_acked}) > 16


def test_nothing_but_loopback_is_loaded() -> None:
    """Another address is refused by the generator and by the yardstick."""
    for arguments in (["load", "host=192.0.2.1", "port=9"], ["yardstick", "listen=0.0.0.0"]):
        ended = subprocess.run(
            [program(arguments[0]), *arguments[1:]],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=90, check=False,
        )  # fmt: skip
        assert ended.returncode == 2
        assert b"not in 127.0.0.0/8" in ended.stderr


def test_a_compiler_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With its words; and nothing half made stays behind."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "false")
    with pytest.raises(CannotCompile, match="refuses"):
        program("load")
    assert list((tmp_path / "hj212d-bench").iterdir()) == []


def test_the_daemon_answers_every_frame(tmp_path: Path) -> None:
    """A real daemon: all answered, bad ones not, and what it acknowledged is in its journal."""
    with Rig(LINKS, folder=tmp_path, sync="none", resting=True, workers=1) as rig:
        seen = load(rig, "closed", seconds=0.5, bad_crc=0.05, half=0.05, greet=True)
        rig.daemon.kill_all()
        assert not seen.problems()
        assert seen["acked"] > 10 * LINKS
        assert seen["bad_sent"] > 10
        assert rig.journalled() >= seen["acked"] + seen["bad_sent"]
