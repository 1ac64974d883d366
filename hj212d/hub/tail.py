"""Watching frames arrive: which ones a watcher wants, how an event looks, what a slow one misses.

Pure; reading the journal is tail_service.py's. A watcher that does not keep up loses the oldest
events and is told how many. Tests: tests/hub/test_tail.py.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

import msgspec

from hj212d.hub.requests import Tail
from hj212d.hub.times import iso
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Frame

QUEUE_EVENTS = 2000
QUEUE_BYTES = 4 * 1024 * 1024


def may_hold(request: Tail, block: bytes) -> bool:
    """Whether a block of records is worth looking through for this request."""
    return (request.mn is None or request.mn.encode() in block) and (
        request.cn is None or request.cn.encode() in block
    )


def may_match(request: Tail, record: Record) -> bool:
    """Whether a record is worth decoding for this request: a cheap look at its bytes."""
    return (
        record.kind == Kind.FRAME
        and (not request.errors or record.verdict != 0)
        and (request.mn is None or request.mn.encode() in record.raw)
        and (request.cn is None or request.cn.encode() in record.raw)
    )


def matches(request: Tail, frame: Frame) -> bool:
    """Whether a decoded frame is wanted."""
    return (
        (not request.errors or not frame.ok)
        and (request.mn is None or frame.mn == request.mn)
        and (request.cn is None or frame.cn == request.cn)
    )


def event(lane: str, position: int, record: Record, frame: Frame) -> bytes:
    """The line of one frame. ``raw`` is text; bytes that are no UTF-8 stand as ``\\xNN``."""
    fields: dict[str, Any] = {
        "time": iso(record.time_us),
        "lane": lane,
        "position": position,
        "link": record.link,
        "mn": frame.mn,
        "cn": frame.cn,
        "st": frame.st,
        "qn": frame.qn,
        "version": frame.version,
        "data_time": iso(frame.data_time_us),
        "reason": frame.reason.label,
        "repairs": frame.repairs.labels,
        "warnings": frame.warnings,
        "factors": frame.factors,
        "raw": record.raw.decode("utf-8", "backslashreplace"),
    }
    return msgspec.json.encode(fields) + b"\n"


class Missed(msgspec.Struct):
    """What a watcher did not get: events, and journal bytes that nobody looked into."""

    dropped: int = 0
    skipped_bytes: int = 0

    def add(self, other: Missed) -> None:
        """Put another loss on top."""
        self.dropped += other.dropped
        self.skipped_bytes += other.skipped_bytes

    def __bool__(self) -> bool:
        return bool(self.dropped or self.skipped_bytes)


class Sink(Protocol):
    """Where a watcher's lines go."""

    def write(self, data: bytes) -> Any:
        """Queue bytes for sending."""

    def unregisterProducer(self) -> Any:
        """Forget who fills it."""

    def loseConnection(self) -> Any:
        """Close after what is queued."""


class Watcher:
    """One client of the live view, with its bounded queue.

    A push producer for the connection's transport: ``pauseProducing`` when the client does not
    read, ``resumeProducing`` when it does. Event loop only.
    """

    def __init__(
        self,
        request: Tail,
        sink: Sink,
        max_events: int = QUEUE_EVENTS,
        max_bytes: int = QUEUE_BYTES,
    ) -> None:
        self.request = request
        self._sink = sink
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._paused = False
        self._missed = Missed()

    def offer(self, lines: list[bytes], missed: Missed | None = None) -> None:
        """Events in order; ``missed``: what was left out before them."""
        if missed:
            self._missed.add(missed)
        for line in lines:
            self._queue.append(line)
            self._bytes += len(line)
        while len(self._queue) > self._max_events or self._bytes > self._max_bytes:
            self._bytes -= len(self._queue.popleft())
            self._missed.dropped += 1
        self._flush()

    def pauseProducing(self) -> None:
        """The client does not read: keep events here."""
        self._paused = True

    def resumeProducing(self) -> None:
        """The client reads again."""
        self._paused = False
        self._flush()

    def stopProducing(self) -> None:
        """The client is gone: keep nothing."""
        self._paused = True
        self._queue.clear()
        self._bytes = 0

    def end(self) -> None:
        """Send the client away."""
        self._sink.unregisterProducer()
        self._sink.loseConnection()

    def _flush(self) -> None:
        if not self._paused and self._missed:
            self._sink.write(msgspec.json.encode(self._missed) + b"\n")
            self._missed = Missed()
        while self._queue and not self._paused:
            line = self._queue.popleft()
            self._bytes -= len(line)
            self._sink.write(line)
