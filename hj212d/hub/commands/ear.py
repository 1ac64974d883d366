"""The ear: follows the journal's durable end and hands what instruments say to its listeners.

It has a cursor of its own, "commands", saved behind what its listeners are done with: a hub that
was killed hears the replies that came meanwhile. Costs nearly nothing: what a pass does is in
ear_pass.py. Nothing is sent from here. Tests: tests/hub/commands/test_ear.py.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks, maybeDeferred, succeed
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.ear_cursor import CURSOR, beginning, let_go
from hj212d.hub.commands.ear_pass import EarPass, Heard, Wanted, durable_ends, wanted
from hj212d.hub.reread import Rereader
from hj212d.journal import cursors
from hj212d.wire.frame import Device

__all__ = ["EarService", "Heard", "Listener"]

BUSY_S = 0.05  # between passes while somebody waits for an answer
IDLE_S = 0.25
SAVE_EVERY_S = 2.0
LISTENERS_S = 30.0  # then the ear goes on without them
LET_GO_EVERY_S = 60.0  # while it may not begin

Listener = Callable[[list[Heard]], "Deferred[Any] | None"]


class EarService(Service):
    """Owner of the readers. ``listeners`` are called on the reactor with what was heard, in the
    order of each lane, and may give a Deferred; the cursor follows when all have fired.

    ``patterns``: bytes; records in which one of them occurs are heard too. Change it before the
    service starts, or exchange it as a whole.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        journal_dir: Path,
        device: Callable[[str], Device],
        now_us: Callable[[], int],
    ) -> None:
        self.listeners: list[Listener] = []
        self.patterns: list[bytes] = []
        self.passwords: list[Callable[[str, str], None]] = []  # hear MN and PW of who begins
        self.caught_up: list[Callable[[], None]] = []  # called once, at the end of the journal
        self._reactor = reactor
        self._journal_dir = journal_dir
        self._device = device
        self._now_us = now_us
        self._mns: Counter[str] = Counter()
        self._mns_lock = threading.Lock()
        self._wanted: Wanted | None = None
        self._asked: tuple[bytes, ...] = ()
        self._pass: EarPass | None = None
        self._saved: dict[str, int] = {}
        self._saved_us = 0
        self._call: Any = None
        self._running_pass: Deferred[Any] = succeed(None)
        self._begun = False
        self._since_us: int | None = None
        self._lag_bytes = 0
        self.heard_total = 0
        self.skipped_bytes = 0
        self.faults = 0

    def watch_mn(self, mn: str) -> None:
        """Hear every frame of this MN until ``unwatch_mn`` was called as often."""
        with self._mns_lock:
            self._mns[mn] += 1
            self._wanted = None
        if self._mns[mn] == 1:
            self._hurry()

    def unwatch_mn(self, mn: str) -> None:
        """The opposite of ``watch_mn``."""
        with self._mns_lock:
            self._mns[mn] -= 1
            if self._mns[mn] <= 0:
                del self._mns[mn]
            self._wanted = None

    def startService(self) -> None:
        """Wait for ``begin``: who waits for answers is not known before the registry is there."""
        Service.startService(self)
        self._call = self._reactor.callLater(LET_GO_EVERY_S, self._let_go)

    def begin(self, since_us: int | None = None) -> None:
        """Listen from the cursor on. ``since_us``: nobody waits for anything older; None: for
        nothing at all, so that a cursor left far behind goes to the end at once."""
        if self._begun or not self.running:
            return
        self._begun = True
        self._since_us = since_us
        self._stop_waiting()
        self._running_pass.addCallback(lambda _: self._in_thread(self._open, since_us))
        self._running_pass.addCallbacks(lambda _: self._soon(0), self._broken)

    def stopService(self) -> Deferred[Any]:
        """Listen no more; fires when the last pass has ended and the cursor is saved."""
        Service.stopService(self)
        self._stop_waiting()
        return self._running_pass.addBoth(lambda _: self._in_thread(self._close))

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {
            "lag_bytes": self._lag_bytes,
            "watching": len(self._mns),
            "heard_total": self.heard_total,
            "skipped_bytes": self.skipped_bytes,
            "faults": self.faults,
        }

    def _open(self, since_us: int | None) -> None:
        """In a thread: find where to begin."""
        found = beginning(self._journal_dir, since_us, self._warn)
        self.skipped_bytes += found.skipped_bytes
        self._saved = found.saved
        self._pass = EarPass(self._journal_dir, found.start, Rereader(self._device))

    def _let_go(self) -> None:
        """The registry is away for long: the journal is not to fill the disk meanwhile."""
        self._running_pass = self._in_thread(let_go, self._journal_dir, self._warn)
        self._running_pass.addCallbacks(self._gone, self._not_let_go)

    def _gone(self, skipped_bytes: int) -> None:
        if skipped_bytes:
            self.skipped_bytes += skipped_bytes
            self._log.warn("event=replies_unheard bytes={bytes}", bytes=skipped_bytes)
        self._wait_on()

    def _not_let_go(self, failure: Failure) -> None:
        self.faults += 1
        self._log.failure("the cursor of the ear could not be moved, it is tried again", failure)
        self._wait_on()

    def _wait_on(self) -> None:
        if self.running and not self._begun:
            self._call = self._reactor.callLater(LET_GO_EVERY_S, self._let_go)

    def _close(self) -> None:
        if self._pass is not None:
            self._save()
            self._pass.close()
            self._pass = None

    def _what(self) -> Wanted:
        """In any thread."""
        asked = tuple(self.patterns)
        with self._mns_lock:
            if self._wanted is None or asked != self._asked:
                self._asked = asked
                self._wanted = wanted(self._mns, asked)
            return self._wanted

    def _hurry(self) -> None:
        """Somebody begins to wait for an answer: do not sleep long."""
        if self._begun and self._stop_waiting():
            self._soon(BUSY_S)

    def _stop_waiting(self) -> bool:
        """Whether there was a call to come."""
        if self._call is None or not self._call.active():
            return False
        self._call.cancel()
        return True

    def _warn(self, told: str) -> None:
        self._log.warn("{told}", told=told)

    def _soon(self, seconds: float) -> None:
        if self.running:
            self._call = self._reactor.callLater(seconds, self._one_pass)

    def _one_pass(self) -> None:
        self._running_pass = self._listen()
        self._running_pass.addErrback(self._broken)

    @inlineCallbacks
    def _listen(self) -> Any:
        heard, more, passwords = yield self._in_thread(self._read)
        for mn, password in passwords.items():
            for tell in self.passwords:
                tell(mn, password)
        if heard:
            self.heard_total += len(heard)
            yield self._tell(heard)
        if not more:
            waiting, self.caught_up = self.caught_up, []
            for call in waiting:
                call()
        self._soon(0 if more else BUSY_S if self._mns else IDLE_S)

    def _tell(self, heard: list[Heard]) -> Deferred[Any]:
        """To all listeners; fires when they are done, or have taken too long."""
        told = [
            maybeDeferred(listener, heard).addErrback(self._listener_failed)
            for listener in self.listeners
        ]
        waiting: Deferred[Any] = DeferredList(told)
        return waiting.addTimeout(LISTENERS_S, self._reactor).addErrback(self._listener_failed)

    def _read(self) -> tuple[list[Heard], bool, dict[str, str]]:
        """In a thread. What was found before is done with: its place can be saved.

        What is wanted is found out when the ends stand fast: an answer that lies before them is to
        a command that went out before, and its MN is among those watched.
        """
        assert self._pass is not None
        if self._now_us() - self._saved_us >= SAVE_EVERY_S * 1_000_000:
            self._save()
        ends = durable_ends(self._journal_dir)
        heard, more = self._pass.read(self._what(), ends)
        self._lag_bytes = self._pass.lag_bytes() if more else 0
        passwords, self._pass.passwords = self._pass.passwords, {}
        return heard, more, passwords

    def _save(self) -> None:
        assert self._pass is not None
        self._saved_us = self._now_us()
        positions = self._pass.positions
        if positions != self._saved:
            cursors.save(self._journal_dir, CURSOR, positions)
            self._saved = positions

    def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        threads = self._reactor.getThreadPool()
        return deferToThreadPool(self._reactor, threads, work, *arguments)

    def _listener_failed(self, failure: Failure) -> None:
        self.faults += 1
        self._log.failure("a listener of replies failed; the ear goes on", failure)

    def _broken(self, failure: Failure) -> None:
        """A disk that fails, or a fault of ours: try again in a while."""
        self.faults += 1
        self._log.failure("listening to the journal failed, it is tried again", failure)
        if self._pass is not None:
            self._soon(SAVE_EVERY_S)
        else:
            self._begun = False
            if self.running:
                self._call = self._reactor.callLater(SAVE_EVERY_S, self.begin, self._since_us)
