"""An outlet that publishes: messages on their way, one channel after the other, waits between.

Delivered means confirmed by the other side. What was on its way when a channel was lost goes
out again on the next, so a consumer may see a message twice, with the same ``id``. What a protocol
needs is in its channel. Tests: tests/hub/forward/publish/test_publisher.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.outlet import Hand
from hj212d.hub.forward.publish.channel import Channel, Ear, Message
from hj212d.hub.forward.publish.message import Messages
from hj212d.hub.forward.settings import ForwardSettings

ROOM_BYTES = 1 << 20  # of frames; their JSON is some three times that
_LOOK_S = 1.0


class _OnItsWay(msgspec.Struct):
    bale: Bale
    index: int
    size: int
    since: float


class Publisher:
    """One target. ``channel``: makes a new one; ``chance``: a number from 0 to 1, so that many
    publishers do not come back in the same moment."""

    _log = Logger()

    def __init__(
        self,
        settings: ForwardSettings,
        clock: Any,
        messages: Messages,
        channel: Callable[[Ear], Channel],
        chance: Callable[[], float],
    ) -> None:
        self.kind = settings.kind
        self._settings = settings
        self._clock = clock
        self._messages = messages
        self._make = channel
        self._chance = chance
        self._hand: Hand
        self._channel: Channel | None = None
        self._line: _Line | None = None
        self._up = False
        self._failures = 0
        self._number = 0
        self._bytes = 0
        self._way: dict[int, _OnItsWay] = {}
        self._refused: dict[tuple[int, int], Bale] = {}
        self._timer: Any = None
        self._leaving: set[Deferred[None]] = set()
        self._patience_s = settings.timeout_s * (settings.resends + 1)

    def start(self, hand: Hand) -> None:
        """Connect, and keep connected."""
        self._hand = hand
        self._connect()

    def stop(self) -> Deferred[None]:
        """Leave; fires when the last channel has ended."""
        self._cancel()
        self._leave()
        done: Deferred[None] = Deferred()
        DeferredList(list(self._leaving)).addCallback(lambda _: done.callback(None))
        return done

    def room(self) -> int:
        """Bytes of frames that may be given now."""
        if not self._up or len(self._way) >= self._settings.window_frames:
            return 0
        return max(0, ROOM_BYTES - self._bytes)

    def give(self, bale: Bale) -> None:
        """Publish each frame of a bale."""
        for index in range(bale.count):
            self._publish(bale, index)

    def again(self, bale: Bale, index: int) -> None:
        """Publish a refused frame once more."""
        del self._refused[id(bale), index]
        self._hand.resent(1)
        self._publish(bale, index)

    def drop(self, bale: Bale, index: int) -> None:
        """Forget a refused frame."""
        del self._refused[id(bale), index]

    def say(self, raw: bytes) -> bool:  # noqa: ARG002
        """Publishers have nobody to answer."""
        return False

    def line_up(self) -> None:
        """The channel is open."""
        self._up = True
        self._cancel()
        self._timer = self._clock.callLater(_LOOK_S, self._look)
        if self._way:
            self._hand.resent(len(self._way))
        for number, waiting in list(self._way.items()):
            waiting.since = self._clock.seconds()
            self._hand_over(number, waiting)
        self._hand.up()

    def line_down(self, why: str) -> None:
        """The channel is gone: wait, then make another."""
        self._cancel()
        self._leave()
        self._hand.down(why)
        wait_s = min(
            self._settings.backoff_first_s * 2.0 ** min(self._failures, 30),
            self._settings.backoff_last_s,
        )
        self._failures += 1
        self._timer = self._clock.callLater(wait_s * (0.8 + 0.4 * self._chance()), self._connect)

    def line_published(self, number: int) -> None:
        """A message has arrived."""
        sent = self._taken(number)
        if sent is not None:
            self._failures = 0
            self._hand.done(sent.bale, sent.index, sent.index + 1)
            self._hand.ready()

    def line_refused(self, number: int, why: str) -> None:
        """A message will not be taken."""
        sent = self._taken(number)
        if sent is not None:
            self._refused[id(sent.bale), sent.index] = sent.bale  # kept: an id must stay its own
            self._hand.refused(sent.bale, sent.index, why)

    def _publish(self, bale: Bale, index: int) -> None:
        start = bale.ends[index - 1] if index else 0
        size = bale.ends[index] - start
        self._number += 1
        self._bytes += size
        waiting = _OnItsWay(bale, index, size, self._clock.seconds())
        self._way[self._number] = waiting
        if self._up:
            self._hand_over(self._number, waiting)

    def _hand_over(self, number: int, waiting: _OnItsWay) -> None:
        """To the channel; while there is none, frames wait for the next one."""
        assert self._channel is not None
        parcel = waiting.bale.frame(waiting.index)
        self._channel.publish(
            Message(number, parcel.mn, parcel.cn, parcel.st, self._messages.body(parcel))
        )

    def _taken(self, number: int) -> _OnItsWay | None:
        sent = self._way.pop(number, None)
        if sent is not None:
            self._bytes -= sent.size
        return sent

    def _connect(self) -> None:
        self._timer = None
        self._line = _Line(self)
        self._channel = self._make(self._line)
        self._channel.open()

    def _leave(self) -> None:
        """Close the channel. What was on its way there goes out again on the next one."""
        channel, self._channel = self._channel, None
        line, self._line = self._line, None
        self._up = False
        if line is not None:
            line.publisher = None
        if channel is not None:
            closed = channel.close()
            self._leaving.add(closed)
            closed.addErrback(
                lambda failure: self._log.failure("closing a channel failed", failure)
            )
            closed.addBoth(lambda _: self._leaving.discard(closed))

    def _cancel(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _look(self) -> None:
        """Give a channel up that has confirmed nothing for too long."""
        oldest = next(iter(self._way.values()), None)
        if oldest is not None and self._clock.seconds() - oldest.since > self._patience_s:
            self.line_down(f"nothing was confirmed for {self._patience_s:g} s")
        else:
            self._timer = self._clock.callLater(_LOOK_S, self._look)


class _Line:
    """The ear of one channel. A channel that was left says nothing any more."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher: Publisher | None = publisher

    def up(self) -> None:
        if self.publisher is not None:
            self.publisher.line_up()

    def down(self, why: str) -> None:
        if self.publisher is not None:
            self.publisher.line_down(why)

    def published(self, number: int) -> None:
        if self.publisher is not None:
            self.publisher.line_published(number)

    def refused(self, number: int, why: str) -> None:
        if self.publisher is not None:
            self.publisher.line_refused(number, why)
