"""The notifier: looks at the outbox, sends what is due, notes what came of it, again.

The outbox alone remembers. Between claiming and noting a message is "sending"; a kill in between
leaves it so, and the next start sends it again under the same token: twice at worst, lost never.
While the registry is away results wait here, and nothing new is sent.
Event loop only. Tests: tests/hub/notify/test_notifier.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from alerts.notify.delivery import Settled, after_failure, after_refusal
from alerts.notify.outgoing import (
    LEFT_BY_OTHERS,
    Looked,
    View,
    WriteDigest,
    look,
    note_before,
    send_left_again,
    send_own_again,
    settle,
)
from alerts.notify.pace import Address, Pace
from alerts.notify.settings import NotifySettings
from hj212d.hub.notify.sending import Result, Sending
from store.registry.errors import RegistryUnavailable

REST_S = 1.0  # after the registry did not serve, or our own code failed
GATHERED_S = 0.02  # results that come within it are noted together
END_WITHIN_S = 10.0  # what is on its way at the end may still arrive

Steps = Generator[Deferred[Any], Any, Any]


class Keeping(Protocol):
    """The registry service."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in the registry's thread."""


class Notifier(Service):
    """``settings`` may be exchanged by :meth:`configure`."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        registry: Keeping,
        make_sending: Callable[[Callable[[Result], None]], Sending],
        write_digest: WriteDigest,
        settings: NotifySettings,
        now_us: Callable[[], int],
        hub: Callable[[], str] = str,
    ) -> None:
        """``hub``: who we are among those that share a registry."""
        self.settings = settings
        self.sending = make_sending(self._arrived)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.errors: dict[str, str] = {}
        self._reactor = reactor
        self._registry = registry
        self._write_digest = write_digest
        self._now_us = now_us
        self._hub = hub
        self._pace = Pace()
        self._away: dict[int, Address] = {}  # number of a message -> where it is on its way to
        self._results: list[Settled] = []
        self._next: Any = None
        self._turning: Deferred[Any] | None = None
        self._again = False
        self._looked_for_doubtful = False
        self._left_looked_at: datetime | None = None
        self._waits = ""
        self._faults = 0
        self._ended: Deferred[None] | None = None

    def startService(self) -> None:
        """Begin as soon as the registry can be asked."""
        Service.startService(self)
        self._later(0)

    @inlineCallbacks
    def stopService(self) -> Steps:
        """Send nothing new; wait a while for what is on its way, and note what came of it."""
        Service.stopService(self)
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._turning is not None:
            yield self._turning
        if len(self._results) < len(self._away):
            self._ended = Deferred()
            self._ended.addTimeout(END_WITHIN_S, self._reactor, lambda *_: None)
            yield self._ended
        if self._results:
            yield self._noted().addErrback(self._not_noted)

    def configure(self, settings: NotifySettings, sending_channels: Any) -> None:
        """Other settings from now on."""
        self.settings = settings
        self.sending.channels = sending_channels
        self.soon()

    def soon(self) -> None:
        """Look at once: there is something new."""
        if self._turning is not None:
            self._again = True
        elif self.running:
            self._later(0)

    def status(self) -> dict[str, Any]:
        """For the status object: no address, no name."""
        return {
            "on": self.settings.on,
            "state": "waiting"
            if self._waits
            else "ok"
            if self._looked_for_doubtful
            else "starting",
            "error": self._waits,
            "handed_total": self._total("handed"),
            "failed_total": self._total("failed"),
            "put_off_total": self._total("waiting"),
            "sending": len(self._away),
            "faults_total": self._faults + self.sending.faults,
            "channels": {
                name: {
                    "sending": busy,
                    "handed_total": self.counts[name, "handed"],
                    "failed_total": self.counts[name, "failed"],
                    "put_off_total": self.counts[name, "waiting"],
                    "error": self.errors.get(name, ""),
                }
                for name, busy in self.sending.busy().items()
            },
        }

    def _total(self, state: str) -> int:
        return sum(many for (_, found), many in self.counts.items() if found == state)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_us() / 1e6, UTC)

    # One turn after the other.

    def _later(self, pause_s: float) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = self._reactor.callLater(pause_s, self._turn)

    def _turn(self) -> None:
        self._next = None
        self._again = False
        self._turning = self._look()
        self._turning.addCallbacks(self._turned, self._failed).addCallback(self._over)

    def _turned(self, more: bool) -> float:
        self._waits = ""
        if self._again or (more and self._away == {}):
            return 0.0
        return GATHERED_S if self._results else self.settings.look_every_s

    def _failed(self, failure: Failure) -> float:
        """The registry says itself that it is gone; a fault of ours is logged once."""
        self._waits = failure.getErrorMessage()
        if not failure.check(RegistryUnavailable):
            self._faults += 1
            if self._faults == 1:
                self._log.failure("a look at the outbox failed, it is tried again", failure)
        return REST_S

    def _over(self, pause_s: float) -> None:
        self._turning = None
        if self.running:
            self._later(pause_s)

    @inlineCallbacks
    def _look(self) -> Steps:
        yield self._doubtful_again()
        if self._results:
            yield self._noted()
        if not self.settings.on or not self.running:
            return False
        self._pace.forget(self._now())
        now = self._now()
        view = View(
            now,
            self.settings,
            self._pace.copy(),
            frozenset(self._away.values()),
            self._free(),
            self._hub(),
        )
        looked: Looked = yield self._registry.call(look, view, self._write_digest)
        note_before(self._pace, looked.before, now)
        for leaving in looked.leaving:
            self._away[leaving.message.id] = leaving.address
            self._pace.note(leaving.address, now)
            self.sending.send(leaving)
        return looked.more

    @inlineCallbacks
    def _doubtful_again(self) -> Steps:
        """Of ours once, at the start; of others now and then."""
        now = self._now()
        count = 0
        if not self._looked_for_doubtful:
            count += yield self._registry.call(send_own_again, now, self._hub())
            self._looked_for_doubtful = True
        if self._left_looked_at is None or now - self._left_looked_at >= LEFT_BY_OTHERS:
            count += yield self._registry.call(send_left_again, now, self._hub())
            self._left_looked_at = now
        if count:
            self._log.warn("event=messages_in_doubt count={count}", count=count)

    def _free(self) -> dict[str, int]:
        """Threads that neither send nor wait for their result to be noted."""
        free = self.sending.free()
        for one in self._results:
            channel = self._away[one.id][0]
            free[channel] = free.get(channel, 0) - 1
        return free

    def _noted(self) -> Deferred[Any]:
        """Note results; only then is their address free."""
        results = list(self._results)

        def kept(_: object) -> None:
            del self._results[: len(results)]
            for one in results:
                self._away.pop(one.id, None)

        return self._registry.call(settle, results, self._now()).addCallback(kept)

    def _not_noted(self, failure: Failure) -> None:
        self._log.warn(
            "event=results_not_noted count={count} error={error}",
            count=len(self._results),
            error=failure.getErrorMessage(),
        )

    def _arrived(self, result: Result) -> None:
        message, address = result.leaving.message, result.leaving.address
        now = self._now()
        self.counts[message.channel, result.state] += 1
        if result.state == "handed":
            self.errors.pop(message.channel, None)
            self._results.append(Settled(message.id, "handed", result.words))
        elif result.state == "failed":
            self._say_failed(message.id, message.channel, result.words)
            self._results.append(after_refusal(message, result.words))
        else:
            self.errors[message.channel] = result.words
            if result.after_s is not None:
                self._pace.rest(address, now + timedelta(seconds=result.after_s))
            self._results.append(
                after_failure(message, result.words, result.after_s, self.settings, now)
            )
        if self._ended is not None and len(self._results) == len(self._away):
            self._ended.callback(None)
            self._ended = None
        if self._turning is None and self.running:
            self._later(GATHERED_S)

    def _say_failed(self, number: int, channel: str, why: str) -> None:
        self.errors[channel] = why
        self._log.warn(
            "event=message_refused message={number} channel={channel} why={why}",
            number=number,
            channel=channel,
            why=why,
        )
