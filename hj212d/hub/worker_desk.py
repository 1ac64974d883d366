"""The hub's end of the connections of the workers: stats in, identities in, superseded out.

A line that cannot be read is logged and skipped: a worker must not fall silent over one of them.
Runs on the event loop. Tests: tests/hub/test_control.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from twisted.logger import Logger

from hj212d.hub.requests import AnyNote, Identified, Left, Worker
from hj212d.hub.routes import Routes, Superseded
from hj212d.hub.workers import Workers


class Outlet(Protocol):
    """Where lines to a worker go."""

    def write(self, data: bytes) -> Any:
        """Queue bytes for sending."""

    def loseConnection(self) -> Any:
        """Close after what is queued."""


_STATS = msgspec.json.Decoder(dict[str, Any])
_NOTE: msgspec.json.Decoder[AnyNote] = msgspec.json.Decoder(AnyNote)
_ENCODER = msgspec.json.Encoder()

LINE_LIMIT = 1024 * 1024  # stats with every label are a few kB


class WorkerDesk:
    """Keeps the figures and the routes that workers tell."""

    def __init__(self, workers: Workers, routes: Routes, now_us: Callable[[], int]) -> None:
        self._workers = workers
        self._routes = routes
        self._now_us = now_us
        self._lines: dict[int, WorkerLine] = {}

    def hello(self, request: Worker, outlet: Outlet) -> WorkerLine:
        """A worker connected; an older connection of its slot is closed."""
        known = self._lines.get(request.slot)
        if known is not None:
            known.gone()
            known.outlet.loseConnection()
        self._workers.hello(request.slot, request.pid, request.lane, self._now_us())
        worker = self._lines[request.slot] = WorkerLine(self, request.slot, outlet)
        return worker

    def stats(self, slot: int, stats: dict[str, Any]) -> None:
        """New figures of a worker."""
        stats.pop("op", None)
        self._workers.stats(slot, stats, self._now_us())

    def identified(self, slot: int, note: Identified) -> list[Superseded]:
        """An MN spoke on a link; which older links must hear of it."""
        at_us = self._now_us() if note.at is None else _microseconds(note.at)
        return self._routes.identified(slot, note.mn, note.link, note.peer, at_us)

    def tell(self, superseded: list[Superseded]) -> None:
        """Tell the workers of links that are not the newest any more, each in one write."""
        messages: dict[int, list[dict[str, Any]]] = {}
        for message in superseded:
            told = {"op": "superseded", "mn": message.mn, "link": message.link}
            messages.setdefault(message.slot, []).append(told)
        for slot, lines in messages.items():
            worker = self._lines.get(slot)
            if worker is not None:
                worker.outlet.write(_ENCODER.encode_lines(lines))

    def left(self, slot: int, note: Left) -> None:
        """A link of an MN is gone."""
        self._routes.left(slot, note.mn, note.link)

    def gone(self, slot: int, worker: WorkerLine) -> None:
        """The connection of a worker is gone, and with it what it told of its links."""
        if self._lines.get(slot) is worker:
            del self._lines[slot]
            self._workers.gone(slot)
            self._routes.forget_worker(slot)


class WorkerLine:
    """One worker's connection."""

    _log = Logger()

    def __init__(self, desk: WorkerDesk, slot: int, outlet: Outlet) -> None:
        self._desk = desk
        self._slot = slot
        self._faults = 0
        self._held = b""
        self.outlet = outlet

    def data(self, data: bytes) -> None:
        """What came from the worker, cut anywhere: many lines at once when many links come."""
        whole, _, self._held = (self._held + data).rpartition(b"\n")
        superseded: list[Superseded] = []
        for text in whole.split(b"\n") if whole else ():
            superseded += self._line(text)
        if superseded:
            self._desk.tell(superseded)
        if len(self._held) > LINE_LIMIT:
            self._held = b""
            self.outlet.loseConnection()

    def _line(self, text: bytes) -> list[Superseded]:
        try:
            note = _NOTE.decode(text)
            if isinstance(note, Identified):
                return self._desk.identified(self._slot, note)
            if isinstance(note, Left):
                self._desk.left(self._slot, note)
            else:
                self._desk.stats(self._slot, _STATS.decode(text))
        except msgspec.DecodeError as fault:
            self._faults += 1
            if self._faults == 1:
                self._log.warn(
                    "worker {slot} sent a line that cannot be read: {fault}",
                    slot=self._slot,
                    fault=fault,
                )
        return []

    def gone(self) -> None:
        """The connection is gone."""
        self._desk.gone(self._slot, self)


def _microseconds(at: int | float) -> int:
    """Seconds or microseconds since 1970, whichever the size tells."""
    return int(at * 1_000_000) if at < 1e12 else int(at)
