"""An outlet that publishes: messages on their way, one channel after the other, waits between.

Delivered means confirmed by the other side. What was on its way when a channel was lost goes
out again on the next, so a consumer may see a message twice, with the same ``id``. A message is
to blame for its refusal only when another one was taken since it left: a target that takes nothing
is down. What a protocol needs is in its channel.
Tests: tests/hub/forward/publish/test_publisher.py.
"""

from __future__ import annotations

from collections import deque
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

ROOM_BYTES = 256 * 1024  # of frames that wait for the window
AT_ONCE = 64  # JSON of so many is made (some 2 ms), then others have the event loop
_LOOK_S = 1.0


class _OnItsWay(msgspec.Struct):
    """A frame that was given and is not confirmed. ``since``: when it was handed to the channel;
    ``taken_before``: how many had been confirmed then; ``refused``: why, when nothing else has
    been confirmed since."""

    bale: Bale
    index: int
    size: int
    since: float
    taken_before: int = 0
    refused: str = ""


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
        self._window = settings.window
        self._failures = 0
        self._number = 0
        self._taken_total = 0
        self._taken_at = 0.0
        self._last_taken = 0  # the largest number that was
        self._way: dict[int, _OnItsWay] = {}  # in order: handed over, then those that wait
        self._waiting: deque[int] = deque()
        self._bytes = 0  # of those that wait
        self._suspects: list[int] = []
        self._refused: dict[tuple[int, int], Bale] = {}
        self._timer: Any = None
        self._later: Any = None
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
        return max(0, ROOM_BYTES - self._bytes) if self._up else 0

    def give(self, bale: Bale) -> None:
        """Publish each frame of a bale."""
        for index in range(bale.count):
            self._append(bale, index)
        if self._later is None:
            self._hand_over()

    def again(self, bale: Bale, index: int) -> None:
        """Publish a refused frame once more."""
        del self._refused[id(bale), index]
        self._hand.resent(1)
        self._append(bale, index)
        self._hand_over_soon()

    def drop(self, bale: Bale, index: int) -> None:
        """Forget a refused frame."""
        del self._refused[id(bale), index]
        self._hand_over_soon()

    def say(self, raw: bytes) -> bool:  # noqa: ARG002
        """Publishers have nobody to answer."""
        return False

    # -- what the channel says

    def line_up(self, most: int) -> None:
        """The channel is open."""
        self._cancel()
        self._up = True
        self._window = min(self._settings.window, most or self._settings.window)
        self._taken_at, self._last_taken = self._clock.seconds(), 0
        resent = len(self._way) - len(self._waiting)
        if resent:
            self._hand.resent(resent)
        self._waiting = deque(self._way)
        self._bytes = sum(one.size for one in self._way.values())
        self._suspects = []
        self._timer = self._clock.callLater(_LOOK_S, self._look)
        self._hand_over()
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
        sent = self._way.pop(number, None)
        if sent is None:
            return
        self._failures = 0
        self._taken_total += 1
        self._taken_at = self._clock.seconds()
        self._last_taken = max(self._last_taken, number)
        self._hand.done(sent.bale, sent.index, sent.index + 1)
        suspects, self._suspects = self._suspects, []
        for suspect in suspects:
            self._blame(suspect)
        if self._waiting:
            self._hand_over_soon()
        if self._bytes < ROOM_BYTES:
            self._hand.ready()

    def line_refused(self, number: int, why: str) -> None:
        """A message will not be taken."""
        sent = self._way.get(number)
        if sent is None:
            return
        sent.refused = why
        if self._taken_total > sent.taken_before:
            self._blame(number)
        elif number not in self._suspects:
            self._suspects.append(number)
            self._hand_over_soon()

    def _blame(self, number: int) -> None:
        sent = self._way.pop(number, None)
        if sent is None:  # refused first, and taken then
            return
        self._refused[id(sent.bale), sent.index] = sent.bale  # kept: an id must stay its own
        self._hand.refused(sent.bale, sent.index, sent.refused)
        self._hand_over_soon()

    # -- from the bales to the channel

    def _append(self, bale: Bale, index: int) -> None:
        start = bale.ends[index - 1] if index else 0
        size = bale.ends[index] - start
        self._number += 1
        self._way[self._number] = _OnItsWay(bale, index, size, self._clock.seconds())
        self._waiting.append(self._number)
        self._bytes += size

    def _hand_over(self) -> None:
        """Some of what waits, as far as the window allows; while there is no channel it waits
        for the next one."""
        self._later = None
        channel = self._channel
        if not self._up or channel is None:
            return
        now = self._clock.seconds()
        for _ in range(AT_ONCE):
            if not self._waiting or self._full():
                return
            number = self._waiting.popleft()
            sent = self._way[number]
            self._bytes -= sent.size
            sent.since, sent.taken_before, sent.refused = now, self._taken_total, ""
            frame = sent.bale.frame(sent.index)
            body = self._messages.body(frame)
            channel.publish(Message(number, frame.mn, frame.cn, frame.st, body))
        self._hand_over_soon()

    def _full(self) -> bool:
        """Whether nothing may be handed over. Those that are refused and wait for a dead letter
        count; those of which it is not known whether they are to blame leave room for as many that
        may tell."""
        unknown = min(len(self._suspects), self._window)
        handed_over = len(self._way) - len(self._waiting)
        return handed_over - unknown + len(self._refused) >= self._window

    def _hand_over_soon(self) -> None:
        if self._later is None and self._up:
            self._later = self._clock.callLater(0, self._hand_over)

    # -- channels

    def _connect(self) -> None:
        self._line = _Line(self)
        self._channel = self._make(self._line)
        # A channel tells sooner, and better, why it cannot be opened; this is for one that hangs.
        self._timer = self._clock.callLater(
            2 * self._settings.timeout_s + _LOOK_S, self.line_down, "no answer to our greeting"
        )
        self._channel.open()

    def _leave(self) -> None:
        """Close the channel. What was on its way there goes out again on the next one."""
        channel, self._channel = self._channel, None
        line, self._line = self._line, None
        self._up = False
        if self._later is not None:
            self._later.cancel()
            self._later = None
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
        """Give a channel up that confirms nothing, or has left a message out. One that confirms
        slowly, in order, is neither."""
        now = self._clock.seconds()
        number, oldest = next(iter(self._way.items()), (0, None))
        if oldest is not None and oldest.since + self._patience_s < now:
            if oldest.refused:
                self.line_down(f"it takes nothing: {oldest.refused}")
                return
            if max(self._taken_at, oldest.since) + self._patience_s < now:
                self.line_down(f"nothing was confirmed for {self._patience_s:g} s")
                return
            if self._last_taken > number:
                self.line_down(f"a message was left unconfirmed for {self._patience_s:g} s")
                return
        self._timer = self._clock.callLater(_LOOK_S, self._look)


class _Line:
    """The ear of one channel. A channel that was left says nothing any more."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher: Publisher | None = publisher

    def up(self, most: int = 0) -> None:
        if self.publisher is not None:
            self.publisher.line_up(most)

    def down(self, why: str) -> None:
        if self.publisher is not None:
            self.publisher.line_down(why)

    def published(self, number: int) -> None:
        if self.publisher is not None:
            self.publisher.line_published(number)

    def refused(self, number: int, why: str) -> None:
        if self.publisher is not None:
            self.publisher.line_refused(number, why)
