"""Forwarders on a clock that the test drives: a real journal, platforms in memory, a registry's
book of dead letters that can be away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bale_making import frame
from stepped_loop import Loop
from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure
from waiting import wait_until

from hj212d.hub.forward.bales import Baler, Recent
from hj212d.hub.forward.dead import DeadLetters
from hj212d.hub.forward.feed import Feed
from hj212d.hub.forward.forwarder import Forwarder
from hj212d.hub.forward.replay_jobs import ReplayJobs
from hj212d.hub.forward.route import Route
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.tcp_outlet import TcpOutlet
from hj212d.hub.reread import Rereader
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter
from hj212d.wire import build, codec
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason
from store.registry.errors import RegistryUnavailable
from store.registry.records import DeadLetter

START_US = 1_780_286_400_000_000


class Platform:
    """A platform in memory: an endpoint that may refuse, and what it got. ``answers``: which
    frames it acknowledges, by number."""

    def __init__(self, loop: Loop) -> None:
        self.alive = True
        self.answers: Callable[[int], bool] = lambda _: True
        self.got: list[int] = []
        self.tries = 0
        self._loop = loop
        self._line: _Line | None = None

    def connect(self, factory: Any) -> Deferred[Any]:
        """As an endpoint's."""
        self.tries += 1
        if not self.alive:
            return fail(error.ConnectionRefusedError())
        protocol = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 9))
        self._line = _Line(self, self._loop, protocol)
        protocol.makeConnection(self._line)
        return succeed(protocol)

    def die(self) -> None:
        """Break the connection and refuse new ones."""
        self.alive = False
        if self._line is not None:
            self._line.abortConnection()


class _Line:
    """The transport of one connection."""

    def __init__(self, platform: Platform, loop: Loop, protocol: Any) -> None:
        self._platform = platform
        self._loop = loop
        self._protocol = protocol
        self._open = True
        self._reads = True
        self._unread = b""

    def write(self, data: bytes) -> None:
        """Frames arrive, and are acknowledged in a hundredth of a second."""
        answers = []
        for cut in codec.Cutter().feed(data):
            found = codec.decode(cut)
            number = int(found.factors["a34004"]["Rtd"])
            self._platform.got.append(number)
            if self._platform.answers(number):
                answers.append(build.reply(found, "9014"))
        self._loop.callLater(0.01, self._answer, b"".join(answers))

    def _answer(self, data: bytes) -> None:
        self._unread += data
        if self._open and self._reads and self._unread:
            data, self._unread = self._unread, b""
            self._protocol.dataReceived(data)

    def pauseProducing(self) -> None:
        """The forwarder reads no more for now."""
        self._reads = False

    def resumeProducing(self) -> None:
        """It reads on."""
        self._reads = True
        self._answer(b"")

    def abortConnection(self) -> None:
        """Gone at once."""
        if self._open:
            self._open = False
            self._protocol.connectionLost(Failure(error.ConnectionLost()))

    loseConnection = abortConnection

    def registerProducer(self, *_: object) -> None:
        """It always reads."""

    def setTcpNoDelay(self, _: bool) -> None:
        """Nothing to set."""

    setTcpKeepAlive = setTcpNoDelay


class Book:
    """A registry that has dead letters only, and may be away."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.away = False
        self.dead_letters = self

    def call(self, work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        """As the registry's service."""
        if self.away:
            return fail(RegistryUnavailable("the registry is away"))
        return succeed(work(self, *arguments))

    def add(self, letter: DeadLetter) -> None:
        """Keep one."""
        import msgspec

        self.letters.append(msgspec.structs.replace(letter, id=len(self.letters) + 1))

    def get(self, id: int) -> DeadLetter | None:
        """One of that number."""
        return next((one for one in self.letters if one.id == id), None)

    def list(self, forward: str | None = None, limit: int = 100) -> Any:
        """Newest first."""
        return [one for one in reversed(self.letters) if forward in (None, one.forward)][:limit]

    def set_state(self, id: int, state: Any) -> None:
        """Change one."""
        import msgspec

        self.letters[id - 1] = msgspec.structs.replace(self.letters[id - 1], state=state)

    def counts(self) -> dict[str, int]:
        """Dead ones by target."""
        dead = [one.forward for one in self.letters if one.state == "dead"]
        return {name: dead.count(name) for name in dead}


class Rig:
    """A journal with one lane, and forwarders on one clock and two threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = Loop()
        self.book = Book()
        self.dead = DeadLetters(self.book, self.now_us)
        self.forwarders: list[Forwarder] = []
        self.written = 0
        self._pool = ThreadPoolExecutor(2)
        self._writer = LaneWriter(
            folder / "journal" / "0",
            sync="none",
            min_free_bytes=0,
            now=lambda: self.now_us() / 1e6,
        )

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        for forwarder in self.forwarders:
            self.end(forwarder)
        self._pool.shutdown()
        self._writer.close()

    def now_us(self) -> int:
        """The clock's moment."""
        return START_US + round(self.loop.seconds() * 1e6)

    def write(self, count: int) -> None:
        """So many new frames of three MNs in turn."""
        records = []
        for number in range(self.written, self.written + count):
            raw = frame(f"MN{number % 3}", number).removesuffix(b"\r\n")
            records.append(encode(Record(Kind.FRAME, self.now_us(), 1, raw=raw)))
        self.written += count
        self._writer.append(records)

    def target(self, name: str, **more: Any) -> tuple[Forwarder, Platform]:
        """A forwarder that is started, and its platform."""
        platform = Platform(self.loop)
        return self.start(name, platform, **more), platform

    def start(self, name: str, platform: Platform, **more: Any) -> Forwarder:
        """A forwarder to a platform that is there."""
        settings = ForwardSettings(name, host="h", port=9, start="oldest", **more)
        journal, folder = self.folder / "journal", self.folder / "forward" / name

        def make_feed(positions: Mapping[str, int]) -> Feed:
            return Feed(journal, positions, Rules(settings), now_us=self.now_us)

        forwarder = Forwarder(
            self.loop,
            self._pool,
            settings,
            folder,
            make_route=lambda: Route(folder, journal, name, "oldest", make_feed),
            make_outlet=lambda: TcpOutlet(self.loop, settings, lambda: 0.5, platform),
            replays=ReplayJobs(
                folder,
                journal,
                name,
                lambda: Baler(Rules(settings), Recent(), Recent(), lambda _: Device()),
                lambda: Rereader(lambda _: Device()),
                lambda _: Reason.OK,
            ),
            dead=self.dead,
            now_us=self.now_us,
        )
        self.forwarders.append(forwarder)
        forwarder.start()
        self.settle()
        return forwarder

    def end(self, forwarder: Forwarder) -> None:
        """Stop one."""
        self.finish(forwarder.stop())
        self.forwarders = [one for one in self.forwarders if one is not forwarder]

    def finish(self, deferred: Deferred[Any]) -> Any:
        """What it fires with, once threads have done their part."""
        found: list[Any] = []
        deferred.addBoth(found.append)

        def fired() -> bool:
            self.loop.turn()
            return bool(found)

        wait_until(fired)
        if isinstance(found[0], Failure):
            found[0].raiseException()
        return found[0]

    def settle(self) -> None:
        """Let threads end what they are at."""

        def idle() -> bool:
            self.loop.turn()
            return not any(one.busy for one in self.forwarders)

        wait_until(idle)

    def pass_time(self, seconds: float, step: float = 0.05) -> None:
        """Time goes by."""
        end = self.loop.seconds() + seconds
        while self.loop.seconds() < end - 1e-9:
            self.loop.advance(min(step, end - self.loop.seconds()))
            self.settle()
