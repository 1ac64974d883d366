"""Answers to the questions of the control socket: status, stations, values, tables, links.

Builds answers only; who asks and how the answer travels is in connection.py. Each method may run
in a thread and may block on the store. Tests: tests/hub/test_control.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from typing import Any

import msgspec
import pyarrow as pa

from hj212d.hub import requests
from hj212d.hub.live import Live
from hj212d.hub.routes import Routes
from hj212d.hub.stations import Stations
from hj212d.hub.times import iso
from store.timeseries import TimeSeriesStore

Answer = dict[str, Any]

# lz4 halves and more what waits in memory for a slow client, at the price of a copy.
_IPC = pa.ipc.IpcWriteOptions(compression="lz4")


class Desk:
    """Answers requests from the live picture and the store."""

    def __init__(
        self,
        *,
        status: Callable[[], Answer],
        stations: Stations,
        live: Live,
        routes: Routes,
        store: TimeSeriesStore,
    ) -> None:
        self._status = status
        self._stations = stations
        self._live = live
        self._routes = routes
        self._store = store

    def status(self) -> bytes:
        """The line for ``status``; quick, for the event loop itself."""
        return line(self._status())

    def devices(self, request: requests.Devices) -> bytes:
        """The line for ``devices``."""
        if request.mn is not None:
            row = self._stations.row(request.mn)
            return line({"devices": [] if row is None else [row]})
        mns = self._stations.mns_after(request.after, request.limit)
        return _listed("devices", mns, request.limit, self._stations.pieces(mns))

    def latest(self, request: requests.Latest) -> bytes:
        """The line for ``latest``."""
        if request.mn is not None:
            return line({"latest": self._live.readings(request.mn)})
        mns = self._stations.mns_after(request.after, request.limit)
        return _listed("latest", mns, request.limit, map(self._live.readings, mns))

    def links(self, request: requests.Links) -> bytes:
        """The line for ``links``."""
        if request.mn is not None:
            return line({"links": self._links(request.mn)})
        mns = nsmallest(request.limit, (mn for mn in self._routes.mns() if mn > request.after))
        return _listed("links", mns, request.limit, map(self._links, mns))

    def query(self, request: requests.Query) -> pa.Buffer:
        """Arrow IPC stream of samples. ValueError, StoreUnavailable."""
        return ipc(self._store.samples(request.meaning()))

    def aggregates(self, request: requests.Aggregates) -> pa.Buffer:
        """Arrow IPC stream of aggregates. ValueError, StoreUnavailable."""
        return ipc(self._store.aggregates(request.meaning()))

    def frames(self, request: requests.Frames) -> pa.Buffer:
        """Arrow IPC stream of frames. ValueError, StoreUnavailable."""
        return ipc(self._store.frames(request.meaning()))

    def _links(self, mn: str) -> list[Answer]:
        links = self._routes.links_of(mn)
        return [
            {
                "mn": mn,
                "link": route.link,
                "worker": route.slot,
                "peer": route.peer,
                "identified_at": iso(route.at_us or None),
                "newest": route is links[-1],
            }
            for route in links
        ]


def line(answer: Answer) -> bytes:
    """An answer that says yes, as it goes over the socket."""
    return msgspec.json.encode({"ok": True, **answer}) + b"\n"


def _listed(name: str, mns: Sequence[str], limit: int, pieces: Iterable[list[Answer]]) -> bytes:
    """A list as it goes over the socket. Written piece by piece: no long breath of the encoder,
    for which the event loop would have to wait."""
    written = b",".join(msgspec.json.encode(rows)[1:-1] for rows in pieces if rows)
    more = b',"next":' + msgspec.json.encode(mns[-1]) if len(mns) == limit else b""
    return b'{"ok":true,"%b":[%b]%b}\n' % (name.encode(), written, more)


def refusal(sentence: str) -> bytes:
    """An answer that says no."""
    return msgspec.json.encode({"ok": False, "error": sentence}) + b"\n"


def ipc(table: pa.Table) -> pa.Buffer:
    """A table as it goes over the socket."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_IPC) as writer:
        writer.write_table(table)
    return sink.getvalue()
