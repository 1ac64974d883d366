"""Reads the journal at its durable end while somebody watches, and hands each watcher its events.

Needs no store. Costs nothing while nobody watches: then it neither reads nor has a thread. Under a
flood it decodes at most ``DECODED_PER_PASS`` frames a pass and skips the rest, which every watcher
is told; ingest and control come first. Tests: tests/hub/test_tail_service.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub import tail
from hj212d.hub.requests import Tail
from hj212d.hub.reread import Rereader
from hj212d.hub.tail import Missed
from hj212d.journal.lanes import DURABLE, lanes
from hj212d.journal.mark import read_mark
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Record
from hj212d.wire.frame import Device

PASS_S = 0.1
PASS_BYTES = 1024 * 1024  # of one lane
BEHIND_BYTES = 4 * 1024 * 1024  # a lane further behind is left to itself, we go on at its end
DECODED_PER_PASS = 500

Delivery = tuple[list[bytes], Missed]
Watchers = tuple[tail.Watcher, ...]


class TailService(Service):
    """Owner of the watchers and of the thread that reads for them."""

    _log = Logger()

    def __init__(self, reactor: Any, journal_dir: Path, device: Callable[[str], Device]) -> None:
        self._reactor = reactor
        self._journal_dir = journal_dir
        self._device = device
        self._watchers: Watchers = ()
        self._following: Deferred[None] | None = None
        self._wake = threading.Event()

    @property
    def watching(self) -> int:
        """Clients that watch."""
        return len(self._watchers)

    def listen(self, request: Tail, transport: Any) -> Callable[[], None]:
        """Send what ``request`` asks for to ``transport`` from now on; call the result to stop."""
        watcher = tail.Watcher(request, transport)
        transport.registerProducer(watcher, True)
        self._watchers = (*self._watchers, watcher)
        self._follow()

        def stop() -> None:
            self._watchers = tuple(other for other in self._watchers if other is not watcher)
            if not self._watchers:
                self._wake.set()

        return stop

    def stopService(self) -> Deferred[None] | None:
        """Let the watchers go; fires when the thread has ended."""
        Service.stopService(self)
        self._watchers = ()
        self._wake.set()
        return self._following

    def _follow(self) -> None:
        """Begin to read, unless that is going on already."""
        if self._following is not None:
            return
        self._wake.clear()
        threads = self._reactor.getThreadPool()
        self._following = deferToThreadPool(self._reactor, threads, self._passes)
        self._following.addErrback(self._failed)
        self._following.addCallback(self._ended)

    def _ended(self, _: object) -> None:
        self._following = None
        if self._watchers:  # somebody came while the thread was ending
            self._follow()

    def _failed(self, failure: Failure) -> None:
        self._log.failure("the live view broke off; its clients are sent away", failure)
        watchers, self._watchers = self._watchers, ()
        for watcher in watchers:
            watcher.end()

    def _passes(self) -> None:
        """In the thread: pass after pass, until nobody watches any more."""
        readers = _Readers(self._journal_dir)
        rereader = Rereader(self._device)
        try:
            while watchers := self._watchers:
                deliveries = _deliveries(watchers, readers, rereader)
                if any(lines or missed for lines, missed in deliveries):
                    self._deliver(watchers, deliveries)
                self._wake.wait(PASS_S)
        finally:
            readers.close()

    def _deliver(self, watchers: Watchers, deliveries: list[Delivery]) -> None:
        """Hand the events over and wait until the loop took them: nothing piles up there."""
        taken = threading.Event()

        def offer() -> None:
            for watcher, (lines, missed) in zip(watchers, deliveries, strict=True):
                watcher.offer(lines, missed)
            taken.set()

        self._reactor.callFromThread(offer)
        while not taken.wait(PASS_S) and not self._wake.is_set():
            pass


class _Readers:
    """A reader for each lane, begun at the durable end."""

    def __init__(self, journal_dir: Path) -> None:
        self._journal_dir = journal_dir
        self._readers: dict[str, LaneReader] = {}
        self._begun = False

    def read(self) -> tuple[list[tuple[str, int, Record]], int]:
        """New records of all lanes, and how many bytes were skipped because we were too slow."""
        found: list[tuple[str, int, Record]] = []
        skipped = 0
        for lane in lanes(self._journal_dir):
            directory = self._journal_dir / lane
            durable = read_mark(directory / DURABLE) or 0
            reader = self._readers.get(lane)
            if reader is None:
                # A lane that appears while somebody watches is read from where it begins.
                reader = LaneReader(directory, 0 if self._begun else durable)
            elif durable - reader.position > BEHIND_BYTES:
                skipped += durable - reader.position
                reader.close()
                reader = LaneReader(directory, durable)
            self._readers[lane] = reader
            if reader.position < durable:
                found += [(lane, *entry) for entry in reader.read(PASS_BYTES)]
        self._begun = True
        return found, skipped

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()


def _deliveries(watchers: Watchers, readers: _Readers, rereader: Rereader) -> list[Delivery]:
    """For each watcher its lines of this pass and what it misses."""
    records, skipped = readers.read()
    deliveries: list[Delivery] = [([], Missed(0, skipped)) for _ in watchers]
    decoded = 0
    for lane, position, record in records:
        asking = [
            at for at, watcher in enumerate(watchers) if tail.may_match(watcher.request, record)
        ]
        if not asking:
            continue
        if decoded >= DECODED_PER_PASS:
            for at in asking:
                deliveries[at][1].dropped += 1
            continue
        decoded += 1
        frame = rereader.as_recorded(record)
        wanting = [at for at in asking if tail.matches(watchers[at].request, frame)]
        if wanting:
            text = tail.event(lane, position, record, frame)
            for at in wanting:
                deliveries[at][0].append(text)
    return deliveries
