"""One connection to the control socket: a line in, a line out; then maybe a table, or a stream.

Knows how answers travel, not what is in them. One request at a time: while one is worked on, and
while the client does not read, nothing more is read from it. Tests: tests/hub/test_control.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pyarrow as pa
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.protocols.basic import FileSender, LineReceiver
from twisted.python.failure import Failure

from hj212d.hub import requests
from hj212d.hub.commands.new_command import Refused
from hj212d.hub.commands.requests import Signed
from hj212d.hub.desk import Desk, line, refusal
from hj212d.hub.peer_user import peer_user
from hj212d.hub.replay_service import ReplayService
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.tail_service import TailService
from hj212d.hub.worker_desk import WorkerDesk
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

LINE_LIMIT = 1024 * 1024
CHUNK_BYTES = 256 * 1024

# What people are told in the error's own words.
_FOR_PEOPLE = (Busy, TookTooLong, StoreUnavailable, RegistryUnavailable, Refused, ValueError)

# Answers a request of another room: a dictionary, the buffer of a table, or a Deferred of one.
# What it raises of the above is told to the client in its own words.
Answering = Callable[[Any], Any]


class Stream(Protocol):
    """Where the lines of an answer go that comes in pieces."""

    def write(self, answer: dict[str, Any]) -> None:
        """One line."""

    def refuse(self, failure: Failure) -> None:
        """A line that says no, and the end."""

    def end(self) -> None:
        """No further line comes."""


# Begins to answer in pieces; gives what to call when the client goes.
Streaming = Callable[[Any, Stream], Callable[[], None]]


class ControlFactory(Factory):
    """Makes connections, and refuses those above ``max_connections``."""

    def __init__(
        self,
        reactor: Any,
        desk: Desk,
        slow: SlowWork,
        workers: WorkerDesk,
        tail: TailService,
        replays: ReplayService,
        more: Mapping[type[requests.Request], Answering] | None = None,
        streams: Mapping[type[requests.Request], Streaming] | None = None,
        max_connections: int = 1000,
    ) -> None:
        """``more``, ``streams``: requests that other rooms answer, at once or in pieces."""
        self.reactor = reactor
        self.desk = desk
        self.slow = slow
        self.workers = workers
        self.tail = tail
        self.replays = replays
        self.more = dict(more or {})
        self.streams = dict(streams or {})
        self.read = requests.reader([*self.more, *self.streams])
        self.max_connections = max_connections
        self.connections: set[ControlConnection] = set()

    def buildProtocol(self, addr: IAddress | None) -> ControlConnection | None:  # noqa: ARG002
        """A connection, or None when there are too many: the client sees it closed."""
        if len(self.connections) >= self.max_connections:
            return None
        return ControlConnection(self)


class ControlConnection(LineReceiver):
    """The server's side of one connection."""

    delimiter = b"\n"
    MAX_LENGTH = LINE_LIMIT
    transport: Any
    _log = Logger()

    def __init__(self, factory: ControlFactory) -> None:
        self._factory = factory
        self._working = False
        self._client_slow = False
        self._on_line: Callable[[bytes], None] = self._request
        self._on_data: Callable[[bytes], None] = _ignore
        self._on_lost: Callable[[], None] | None = None

    def connectionMade(self) -> None:
        """A client is there."""
        self._factory.connections.add(self)
        self._read_as_fast_as_answers_leave()

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: ARG002
        """The client is gone."""
        self._factory.connections.discard(self)
        if self._on_lost is not None:
            self._on_lost()

    def lineReceived(self, text: bytes) -> None:
        """A whole line came."""
        self._on_line(text)

    def rawDataReceived(self, data: bytes) -> None:
        """What a worker sends: it cuts its lines itself, thousands at once."""
        self._on_data(data)

    def lineLengthExceeded(self, _: bytes) -> None:
        """No request is that long: say so and close."""
        self.transport.write(refusal(f"a line of more than {LINE_LIMIT} bytes is no request"))
        self.transport.loseConnection()

    def pauseProducing(self) -> None:
        """The client does not read its answers: read no more requests."""
        self._client_slow = True
        LineReceiver.pauseProducing(self)

    def resumeProducing(self) -> None:
        """It reads again."""
        self._client_slow = False
        if not self._working:
            LineReceiver.resumeProducing(self)

    def stopProducing(self) -> None:
        """The connection ends."""

    def _request(self, text: bytes) -> None:
        try:
            request = self._factory.read(text)
        except ValueError as fault:
            self.transport.write(refusal(str(fault)))
            return
        if isinstance(request, Signed):
            request.who = peer_user(self.transport)
        desk = self._factory.desk
        match request:
            case requests.Status():
                self.transport.write(desk.status())
            case requests.Links():
                self._work(lambda: desk.links(request), self._send_line)
            case requests.Devices():
                self._work(lambda: desk.devices(request), self._send_line)
            case requests.Latest():
                self._work(lambda: desk.latest(request), self._send_line)
            case requests.Query():
                self._work(lambda: desk.query(request), self._send_table)
            case requests.Aggregates():
                self._work(lambda: desk.aggregates(request), self._send_table)
            case requests.Frames():
                self._work(lambda: desk.frames(request), self._send_table)
            case requests.Tail():
                self._tail(request)
            case requests.Replay() if request.target:
                self._ask(self._factory.more[requests.Replay], request)
            case requests.Replay():
                self._replay(request)
            case requests.Worker():
                self._become_worker(request)
            case _ if type(request) in self._factory.streams:
                self._stream(self._factory.streams[type(request)], request)
            case _:
                self._ask(self._factory.more[type(request)], request)

    def _work(self, work: Callable[[], Any], send: Callable[[Any], Deferred[Any]]) -> None:
        """Do something slow, send what comes of it, then read on."""
        self._wait_for(self._factory.slow.defer(self._factory.reactor, work), send)

    def _ask(self, answer: Answering, request: requests.Request) -> None:
        """Have another room answer, send its answer, then read on."""
        answered: Deferred[Any] = maybeDeferred(answer, request)
        self._wait_for(answered, self._send_answer)

    def _wait_for(self, done: Deferred[Any], send: Callable[[Any], Deferred[Any]]) -> None:
        self._working = True
        LineReceiver.pauseProducing(self)
        done.addCallback(send)
        done.addErrback(self._refuse)
        done.addBoth(lambda _: self._read_on())

    def _read_on(self) -> None:
        self._working = False
        if self.transport.connected and not self._client_slow:
            LineReceiver.resumeProducing(self)

    def _refuse(self, failure: Failure) -> None:
        if failure.check(*_FOR_PEOPLE):
            sentence = failure.getErrorMessage()
        else:
            sentence = "the hub failed on this request; its log says more"
            self._log.failure("control request failed", failure)
        if self.transport.connected:
            self.transport.write(refusal(sentence))

    def _send_answer(self, answer: Any) -> Deferred[Any]:
        """A table, or a dictionary as a line."""
        if isinstance(answer, pa.Buffer):
            return self._send_table(answer)
        return self._send_line(line(answer))

    def _send_line(self, text: bytes) -> Deferred[Any]:
        return self._send(b"", pa.py_buffer(text))

    def _send_table(self, body: pa.Buffer) -> Deferred[Any]:
        return self._send(line({"bytes": body.size}), body)

    def _send(self, head: bytes, body: pa.Buffer) -> Deferred[Any]:
        """Send head and body piece by piece, as the client reads; fires when all is handed on.

        A client that goes in the middle ends it quietly: nobody is left to tell.
        """
        if not self.transport.connected:
            return succeed(None)
        self.transport.unregisterProducer()
        self.transport.write(head)
        sender = FileSender()
        sender.CHUNK_SIZE = CHUNK_BYTES
        sent: Deferred[Any] = sender.beginFileTransfer(pa.BufferReader(body), self.transport)
        sent.addCallbacks(lambda _: self._read_as_fast_as_answers_leave(), lambda _: None)
        return sent

    def _read_as_fast_as_answers_leave(self) -> None:
        if self.transport.connected:
            self.transport.registerProducer(self, True)

    def _stream(self, begin: Streaming, request: requests.Request) -> None:
        self._on_line = _ignore
        self.transport.unregisterProducer()
        self._on_lost = begin(request, _Lines(self.transport, self._refuse))

    def _tail(self, request: requests.Tail) -> None:
        self._on_line = _ignore
        self.transport.unregisterProducer()
        # What becomes durable after this answer is seen.
        self._on_lost = self._factory.tail.listen(request, self.transport)
        self.transport.write(line({}))

    def _replay(self, request: requests.Replay) -> None:
        try:
            selection = request.meaning()
        except ValueError as fault:
            self.transport.write(refusal(str(fault)))
            return
        self._on_line = _ignore
        run = self._factory.replays.start(
            selection, lambda progress: self.transport.write(line(progress))
        )
        self._on_lost = run.abandon
        run.done.addCallback(
            lambda last: self.transport.write(line({**(last or {}), "done": True}))
        )
        run.done.addErrback(self._refuse)
        run.done.addBoth(lambda _: self.transport.loseConnection())

    def _become_worker(self, request: requests.Worker) -> None:
        worker = self._factory.workers.hello(request, self.transport)
        self._on_data = worker.data
        self._on_lost = worker.gone
        LineReceiver.setRawMode(self)


class _Lines:
    """A connection as a :class:`Stream`."""

    def __init__(self, transport: Any, refuse: Callable[[Failure], None]) -> None:
        self._transport = transport
        self._refuse = refuse

    def write(self, answer: dict[str, Any]) -> None:
        """One line; nothing when the client is gone."""
        if self._transport.connected:
            self._transport.write(line(answer))

    def refuse(self, failure: Failure) -> None:
        """A sentence, and the end."""
        self._refuse(failure)
        self.end()

    def end(self) -> None:
        """Close after what is queued."""
        self._transport.loseConnection()


def _ignore(_: bytes) -> None:
    """Nothing more is expected from this client."""
