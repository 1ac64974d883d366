"""The hub's end of the connections of the workers: stats and identities in; out what is to be sent
on links, which devices are different, and which links are superseded.

A line that cannot be read is logged and skipped: a worker must not fall silent over one of them.
Runs on the event loop. Tests: tests/hub/test_worker_desk.py, tests/hub/test_control.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from hj212d.hub.requests import AnyNote, Identified, Left, Sent, Unnamed, Worker
from hj212d.hub.routes import Routes, Superseded
from hj212d.hub.sendings import WORKER_GONE, Sendings
from hj212d.hub.telling import Telling
from hj212d.hub.workers import Workers
from hj212d.wire.settings import DeviceSettings


class Outlet(Protocol):
    """Where lines to a worker go."""

    def write(self, data: bytes) -> Any:
        """Queue bytes for sending."""

    def loseConnection(self) -> Any:
        """Close after what is queued."""


_STATS = msgspec.json.Decoder(dict[str, Any])
_NOTE: msgspec.json.Decoder[AnyNote] = msgspec.json.Decoder(AnyNote)
_ENCODER = msgspec.json.Encoder()

UNNAMED_LINKS = 10_000  # whose address is remembered
LINE_LIMIT = 1024 * 1024  # stats with every label are a few kB


class Send(msgspec.Struct, tag_field="op", tag="send"):
    """As `link/hubwords.py` reads it."""

    id: int
    link: int
    data: bytes


class WorkerDesk:
    """Keeps the figures and the routes that workers tell, and tells them what the hub wants."""

    def __init__(
        self, clock: Any, workers: Workers, routes: Routes, now_us: Callable[[], int]
    ) -> None:
        """``clock``: the reactor, or IReactorTime."""
        self._clock = clock
        self._workers = workers
        self._routes = routes
        self._now_us = now_us
        self._lines: dict[int, WorkerLine] = {}
        self._sendings = Sendings(clock)
        self._unnamed: OrderedDict[int, str] = OrderedDict()  # link -> peer
        self._overlay: dict[str, DeviceSettings] | None = None  # None: nobody knows yet

    def send(self, slot: int, link: int, data: bytes) -> Deferred[str]:
        """Have bytes sent on a link of a worker. Fires with "" when they were handed to the
        kernel or wait behind answers there; else with why not: "no_link", "closing", "congested",
        "worker_gone", "too_many", or "no_answer" of the worker within 5 s. Never fails."""
        worker = self._lines.get(slot)
        if worker is None:
            return succeed(WORKER_GONE)
        number, done = self._sendings.begin(slot)
        if number:
            worker.outlet.write(_ENCODER.encode(Send(number, link, data)) + b"\n")
        return done

    def devices(self, devices: Sequence[DeviceSettings]) -> None:
        """The whole overlay: every device that the registry says something of, as it is in force.
        Workers that come later are told, too."""
        self._overlay = {device.mn: device for device in devices}
        for worker in self._lines.values():
            worker.telling.overlay(devices)

    def changed(self, devices: Sequence[DeviceSettings]) -> None:
        """Devices of the overlay that are new or different."""
        if self._overlay is None:
            return  # they will be in the whole overlay
        self._overlay.update((device.mn, device) for device in devices)
        for worker in self._lines.values():
            worker.telling.changed(devices)

    def hello(self, request: Worker, outlet: Outlet) -> WorkerLine:
        """A worker connected; an older connection of its slot is closed."""
        known = self._lines.get(request.slot)
        if known is not None:
            known.gone()
            known.outlet.loseConnection()
        self._workers.hello(request.slot, request.pid, request.lane, self._now_us())
        telling = Telling(self._clock, outlet.write)
        worker = self._lines[request.slot] = WorkerLine(self, request.slot, outlet, telling)
        if self._overlay is not None:
            telling.overlay(list(self._overlay.values()))
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

    def unnamed(self, note: Unnamed) -> None:
        """A device without an MN speaks on a link."""
        self._unnamed[note.link] = note.peer
        if len(self._unnamed) > UNNAMED_LINKS:
            self._unnamed.popitem(last=False)

    def peer_of(self, mn: str, link: int) -> str:
        """Address of a link on which an MN, or none, speaks; "" when it is not known."""
        routes = self._routes.links_of(mn)
        named = next((route.peer for route in routes if route.link == link), "")
        return named or self._unnamed.get(link, "")

    @property
    def all_told(self) -> bool:
        """Whether every worker that is there was sent all that is known of the devices."""
        return all(worker.telling.idle for worker in self._lines.values())

    def left(self, slot: int, note: Left) -> None:
        """A link of an MN is gone."""
        self._routes.left(slot, note.mn, note.link)

    def sent(self, slot: int, note: Sent) -> None:
        """What became of a send."""
        self._sendings.end(slot, note.id, note.why)

    def gone(self, slot: int, worker: WorkerLine) -> None:
        """The connection of a worker is gone, and with it what it told of its links."""
        worker.telling.stop()
        if self._lines.get(slot) is worker:
            del self._lines[slot]
            self._sendings.gone(slot)
            self._workers.gone(slot)
            self._routes.forget_worker(slot)


class WorkerLine:
    """One worker's connection."""

    _log = Logger()

    def __init__(self, desk: WorkerDesk, slot: int, outlet: Outlet, telling: Telling) -> None:
        self._desk = desk
        self._slot = slot
        self._faults = 0
        self._held = b""
        self.outlet = outlet
        self.telling = telling

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
            elif isinstance(note, Unnamed):
                self._desk.unnamed(note)
            elif isinstance(note, Sent):
                self._desk.sent(self._slot, note)
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
