"""Frames to another HJ 212 platform over TCP or TLS, kept connected by a `ClientService`.

Moves bytes between a connection and the window, and watches the clock for it. What is silent,
refused or dead is the window's to say. Tests: tests/hub/forward/test_tcp_outlet.py,
test_tcp_outlet_tls.py.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable
from typing import Any

from twisted.application.internet import ClientService
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

from hj212d.hub.forward.backoff import Backoff
from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.bales import find
from hj212d.hub.forward.endpoint import TargetEndpoint, reason
from hj212d.hub.forward.holding import RUN_BYTES, Run
from hj212d.hub.forward.outlet import Hand
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.hub.forward.unsent import unsent_bytes
from hj212d.hub.forward.window import AHEAD_BYTES, Window

log = logging.getLogger(__name__)

LOOKS_A_TIMEOUT = 8
LOOK_LAST_S = 1.0
KERNEL_LOOK_S = 0.001  # a window each time, where no frame is acknowledged
LEAST_ROOM_BYTES = AHEAD_BYTES // 2
BUFFER_BYTES = 256 * 1024  # read at once; written, before the transport says "enough"
# So much at once, and more is on its way: it is worth waiting for, since what an event costs is
# then shared by more frames.
MUCH_BYTES = 8 * 1024
PACE_S = 0.002
# A TLS 1.3 target judges our certificate after the handshake; what is written before its verdict
# has come would lose the reason.
VERDICT_S = 0.2
_GONE = Failure(ConnectionDone())


class TcpOutlet:
    """One connection to one target, made again as often as needed."""

    kind = "tcp"

    def __init__(
        self,
        reactor: Any,
        settings: ForwardSettings,
        random: Callable[[], float],
        endpoint: Any = None,
    ) -> None:
        """``reactor``: also the clock. ``endpoint``: where to connect instead of what the
        settings say."""
        self._reactor = reactor
        self._settings = settings
        self._window = Window(
            settings.window,
            settings.timeout_s,
            settings.resends,
            acknowledge=settings.acknowledge,
        )
        self._backoff = Backoff(settings.backoff_first_s, settings.backoff_last_s, random)
        factory: Any = Factory.forProtocol(_Connection)
        factory.noisy = False
        factory.outlet = self
        place: Any = endpoint or TargetEndpoint(reactor, settings, self._failed)
        self._service = ClientService(place, factory, self._backoff, clock=reactor)
        self._hand: Hand | None = None
        self._connection: _Connection | None = None
        self._up = False
        self._shaken = False  # TLS, and the target's verdict has not come
        self._why = ""  # we closed the connection
        self._rest = b""  # of a half answer
        self._look: Any = None
        self._kernel_look: Any = None

    def start(self, hand: Hand) -> None:
        """Connect, and keep connected."""
        self._hand = hand
        self._service.startService()

    def stop(self) -> Deferred[None]:
        """Close at once, whatever is on its way."""
        self._hand = None
        self._rest_clocks()
        stopped: Deferred[None] = self._service.stopService() or succeed(None)
        if self._connection is not None:
            self._connection.transport.abortConnection()
        return stopped

    def room(self) -> int:
        """Bytes that may be given now; none before it is worth a look into the journal."""
        room = self._window.room() if self._up else 0
        return room if room >= LEAST_ROOM_BYTES else 0

    def give(self, bale: Bale) -> None:
        """Send a bale."""
        self._window.add(bale)
        self._pump()

    def again(self, bale: Bale, index: int) -> None:
        """Another round for a frame that was refused."""
        self._window.again(bale, index, self._reactor.seconds())
        self._pump()

    def drop(self, bale: Bale, index: int) -> None:
        """Forget a frame that was refused."""
        self._window.drop(bale, index)
        self._tell_room()

    def say(self, raw: bytes) -> bool:
        """Send bytes at once, unless the target does not read."""
        connection = self._connection
        if not self._up or connection is None or connection.paused:
            return False
        connection.transport.write(raw)
        return True

    @property
    def unacknowledged(self) -> int:
        """Frames on their way."""
        return self._window.flying if self._up else 0

    def connected(self, connection: _Connection) -> None:
        """TCP is there; with TLS the handshake is still to come."""
        if self._hand is None:
            connection.transport.abortConnection()
            return
        self._connection = connection
        self._rest = b""
        if self._settings.tls:
            self._look = self._reactor.callLater(
                self._settings.timeout_s, self._close, "TLS: no handshake in time"
            )
        else:
            self.opened()

    def shaken(self) -> None:
        """The TLS handshake is over on our side."""
        self._rest_clocks()
        self._shaken = True
        self._look = self._reactor.callLater(VERDICT_S, self.opened)

    def opened(self) -> None:
        """Frames may go."""
        if self._hand is None or self._connection is None:
            return
        self._rest_clocks()
        self._shaken = False
        self._up = True
        self._window.opened(self._reactor.seconds())
        self._look = self._reactor.callLater(self._look_s, self._looked)
        self._hand.up()
        self._pump()
        self._tell_room()

    def later(self, seconds: float, then: Callable[[], None]) -> Any:
        """A call of the clock."""
        return self._reactor.callLater(seconds, then)

    def received(self, data: bytes) -> None:
        """What the target said."""
        if self._hand is None:
            return
        keys, others, self._rest = find(self._rest + data)
        if keys:
            self._acknowledged(keys)
        for frame in others:
            if self._hand is not None:
                self._hand.heard(frame)

    def resumed(self) -> None:
        """The target reads again."""
        self._pump()
        self._tell_room()

    def lost(self, failure: Failure) -> None:
        """The connection is gone."""
        self._rest_clocks()
        why, self._why = self._why or self._lost_words(failure), ""
        self._connection = None
        self._up = self._shaken = False
        self._failed(why)

    def _lost_words(self, failure: Failure) -> str:
        words = reason(failure)
        if self._shaken and not words.startswith("TLS"):
            return f"TLS: {words} after the handshake; it may want another certificate of ours"
        front = self._window.front()
        if self._window.flying and not self._window.gained and front is not None:
            parcel = front.bale.frame(front.first)
            words += f" and had acknowledged nothing; the first frame: {parcel.mn} {parcel.qn}"
        return words

    def _failed(self, why: str) -> None:
        if self._hand is not None:
            self._hand.down(why)

    def _acknowledged(self, keys: array[int]) -> None:
        self._gained(self._window.acknowledged(keys, self._reactor.seconds()))

    def _gained(self, runs: list[Run]) -> None:
        if not runs:
            return
        self._backoff.gained()
        for run in runs:
            if self._hand is not None:
                self._hand.done(run.bale, run.first, run.last)
        self._pump()
        self._tell_room()

    def _tell_room(self) -> None:
        if self._hand is not None and self.room():
            self._hand.ready()

    def _pump(self) -> None:
        """Write what may leave, until the transport has enough."""
        connection = self._connection
        if not self._up or connection is None:
            return
        now = self._reactor.seconds()
        while not connection.paused and (run := self._window.next(now)) is not None:
            connection.transport.write(run.body)
        if self._window.unasked and self._kernel_look is None:
            self._kernel_look = self._reactor.callLater(KERNEL_LOOK_S, self._looked_at_kernel)

    @property
    def _look_s(self) -> float:
        return min(LOOK_LAST_S, self._settings.timeout_s / LOOKS_A_TIMEOUT)

    def _looked(self) -> None:
        """Time went by: what is silent, what is refused, is the target dead?"""
        self._look = self._reactor.callLater(self._look_s, self._looked)
        overdue = self._window.look(self._reactor.seconds())
        hand = self._hand
        if hand is None:
            return
        if overdue.resent:
            hand.resent(overdue.resent)
        for run in overdue.refused:
            for index in range(run.first, run.last):
                hand.refused(run.bale, index, "not acknowledged, while frames behind it were")
        if overdue.dead:
            seconds = self._settings.timeout_s * (self._settings.resends + 1)
            self._close(f"silent: {self._window.flying} frames unacknowledged for {seconds:g} s")
            return
        self._pump()

    def _looked_at_kernel(self) -> None:
        self._kernel_look = None
        connection = self._connection
        if not self._up or connection is None:
            return
        try:
            left = unsent_bytes(connection.transport)
        except OSError:
            return  # it is about to be lost
        if left == 0:
            self._gained(self._window.arrived(self._reactor.seconds()))
        if self._window.unasked and self._kernel_look is None:
            self._kernel_look = self._reactor.callLater(KERNEL_LOOK_S, self._looked_at_kernel)

    def _close(self, why: str) -> None:
        if self._connection is not None:
            self._why = why
            self._connection.transport.abortConnection()

    def _rest_clocks(self) -> None:
        for clock in (self._look, self._kernel_look):
            if clock is not None and clock.active():
                clock.cancel()
        self._look = self._kernel_look = None


@implementer(IHandshakeListener, IPushProducer)
class _Connection(Protocol):
    """The protocol's side of it. ``paused``: the target does not read."""

    factory: Any
    transport: Any

    def __init__(self) -> None:
        self.paused = False
        self._resting: Any = None  # no reading until then

    def connectionMade(self) -> None:
        self.transport.bufferSize = BUFFER_BYTES
        self.transport.SEND_LIMIT = RUN_BYTES  # a run in one call, when the kernel takes it
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        self.transport.registerProducer(self, True)
        self.factory.outlet.connected(self)

    def handshakeCompleted(self) -> None:
        self.factory.outlet.shaken()

    def dataReceived(self, data: bytes) -> None:
        if len(data) >= MUCH_BYTES and self._resting is None:
            self.transport.pauseProducing()
            self._resting = self.factory.outlet.later(PACE_S, self._read_on)
        self.factory.outlet.received(data)

    def _read_on(self) -> None:
        self._resting = None
        self.transport.resumeProducing()

    def connectionLost(self, reason: Failure = _GONE) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self.factory.outlet.lost(reason)

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False
        self.factory.outlet.resumed()

    def stopProducing(self) -> None:
        self.paused = True
