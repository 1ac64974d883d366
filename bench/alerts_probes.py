"""Stations that each break a limit once, and when the registry has their alarm.

A link each, beside the load of a bench; the registry's file is looked at, read only, each 10 ms.
Test: tests/bench/test_bench_alerts_live.py.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

import msgspec

from hj212d.wire.build import frame

RULE = "bench-high"
FACTOR = "a34004"
LIMIT = 400.0  # the load of bench/native stays below 100
_LOOK_S = 0.01
_BEIJING = timedelta(hours=8)
_OTHERS = ("a34002", "a34001", "a21026", "a21004", "a05024", "a21005", "a01001", "a01002")


class Seen(msgspec.Struct):
    """Of one probe, by ``time.monotonic``: when its frame was sent, when its alarm was there, and
    when that belonged to an incident; 0: never."""

    sent: float = 0.0
    alarm: float = 0.0
    incident: float = 0.0


class Probes:
    """``count`` stations; as a context: their links are up, each having said something good."""

    def __init__(self, host: str, port: int, count: int, registry: Path) -> None:
        self.seen = {f"AA{number:022d}": Seen() for number in range(count)}
        self._address = (host, port)
        self._registry = registry
        self._stack = ExitStack()
        self._links: dict[str, socket.socket] = {}
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Probes:
        for mn in self.seen:
            link = socket.create_connection(self._address, timeout=30)
            self._links[mn] = self._stack.enter_context(link)
            link.sendall(_frame(mn, 40.0))
            _answer(link)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        self._stack.close()

    def go(self, seconds: float) -> None:
        """Send them evenly spread over some seconds, in a thread, and watch in another."""
        for work in (lambda: self._send(seconds), self._watch):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def wait(self, seconds: float) -> bool:
        """Until all are there; False when that takes longer."""
        end = time.monotonic() + seconds
        while not all(one.incident for one in self.seen.values()):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def end(self) -> None:
        """No more looking."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _send(self, seconds: float) -> None:
        began = time.monotonic()
        pause = seconds / len(self.seen)
        for number, (mn, seen) in enumerate(self.seen.items()):
            ahead = began + number * pause - time.monotonic()
            if self._ending.wait(max(0.0, ahead)):
                return
            seen.sent = time.monotonic()
            self._links[mn].sendall(_frame(mn, LIMIT + 100))

    def _watch(self) -> None:
        query = "SELECT mn, incident_id FROM alarms WHERE rule = ?"
        place = f"file:{self._registry}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as registry:
            while not self._ending.wait(_LOOK_S):
                rows = registry.execute(query, (RULE,)).fetchall()
                now = time.monotonic()
                for mn, incident in rows:
                    seen = self.seen.get(mn)
                    if seen is not None:
                        seen.alarm = seen.alarm or now
                        seen.incident = seen.incident or (now if incident is not None else 0.0)


def _frame(mn: str, pm25: float) -> bytes:
    """A real-time frame of the moment."""
    now = datetime.now(UTC) + _BEIJING
    values = ";".join(f"{code}-Rtd=20.0,{code}-Flag=N" for code in _OTHERS)
    return frame(
        f"QN={now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d};ST=22;CN=2011;PW=123456;MN={mn};"
        f"Flag=5;CP=&&DataTime={now:%Y%m%d%H%M%S};{FACTOR}-Rtd={pm25:.1f},{FACTOR}-Flag=N;"
        f"{values}&&".encode()
    )


def _answer(link: socket.socket) -> None:
    received = b""
    while b"\r\n" not in received:
        piece = link.recv(4096)
        if not piece:
            raise ConnectionError("the daemon closed the link of a probe")
        received += piece
