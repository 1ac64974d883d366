"""A fleet on the network: one connection per station, with the troubles of mobile links.

The data loggers (bench/instruments) decide what is sent and when; here are sockets, reconnects
with jittered back-off, links that are cut in the middle of a frame, and outages.
Test: tests/system/test_fleet.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import Any

from bench.instruments.behaviour import Behaviour
from bench.instruments.cut_off import CutOff
from bench.instruments.datalogger import REPLY_TIMEOUT_S, DataLogger
from bench.instruments.station import Station

CONNECT_TIMEOUT_S = 10.0
BACKOFF_S = (0.5, 60.0)  # first and longest pause between two attempts
CUT_EVERY_S = 120.0  # mean time between cuts of a troubled link
OUTAGE_S = 45.0  # mean length of an outage after every second cut
LOOK_S = 0.5  # of one that is out of reach, whether it still is
LAST_REPLY_S = 2.0  # at the end: for replies that are on their way
_READ_BYTES = 16384
_SUMMED = (
    *("frames", "sent", "acked", "resent", "resent_later", "unacked", "lost", "dropped"),
    *("requests", "answers", "forgotten", "past"),
    *("unexpected", "connects", "refused", "cuts", "closed_by_server"),
)


class Fleet:
    """Stations, their loggers and links.

    ``faults``: share of stations whose links are cut now and then. ``speed``: the simulated world
    runs this much faster than real time; it then ends at the present after ``seconds``. By MN:
    ``behaviours`` of those that answer requests badly, ``cut_offs`` of those that are out of
    reach for a while, ``nameless`` of those that wait for their MN (2025). ``asks_clock``: each
    asks for the time when it starts. ``past_days``: by kind of station, of how many days
    before the start they still have hours and days to send.
    """

    def __init__(
        self,
        stations: Sequence[Station],
        host: str,
        port: int,
        *,
        seed: int,
        interval_s: float,
        seconds: float = math.inf,
        speed: float = 1.0,
        faults: float = 0.0,
        reply_timeout_s: float = REPLY_TIMEOUT_S,
        behaviours: Mapping[str, Behaviour] | None = None,
        cut_offs: Mapping[str, CutOff] | None = None,
        asks_clock: bool = False,
        nameless: Collection[str] = (),
        past_days: Mapping[str, float] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.links = 0
        self._host, self._port = host, port
        self._seed, self._faults = seed, faults
        self._interval_s, self._seconds, self._speed = interval_s, seconds, speed
        self._real_start = time.monotonic()
        self._start = wall() - (seconds * (speed - 1) if speed > 1 else 0)
        self._stop = asyncio.Event()
        self.loggers = [
            DataLogger(
                station,
                self._start,
                interval_s=interval_s,
                reply_timeout_s=reply_timeout_s,
                speed=speed,
                behaviour=(behaviours or {}).get(station.mn, Behaviour.ORDERLY),
                cut_off=(cut_offs or {}).get(station.mn),
                asks_clock=asks_clock,
                activated=station.mn not in nameless,
                past_days=(past_days or {}).get(station.kind, 0.0),
            )
            for station in stations
        ]

    def stop(self) -> None:
        """End the run: nothing new is sent, outstanding replies get a moment."""
        self._stop.set()

    async def run(self) -> None:
        """Run until :meth:`stop` or for the given seconds; links are closed when it returns."""
        tasks = [
            asyncio.create_task(self._live(logger, Random(f"{self._seed}/link/{n}")))
            for n, logger in enumerate(self.loggers)
        ]
        timeout = None if math.isinf(self._seconds) else self._seconds
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), timeout)
        self._stop.set()
        _, late = await asyncio.wait(tasks, timeout=LAST_REPLY_S)
        for task in late:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(
                result, asyncio.CancelledError
            ):
                raise result

    @property
    def reporting(self) -> int:
        """Stations whose data have arrived: acknowledged, or sent by those that nobody answers."""
        return sum(
            bool(logger.counts["acked"])
            or (bool(logger.counts["sent"]) and not logger.waits and not logger.backlog)
            for logger in self.loggers
        )

    def summary(self) -> dict[str, Any]:
        """Counts of all loggers and links, and reply times in milliseconds."""
        counts = Counter(self.counts)
        for logger in self.loggers:
            counts.update(logger.counts)
        latencies = sorted(each for logger in self.loggers for each in logger.latencies_s)
        return {
            "stations": len(self.loggers),
            "reporting": self.reporting,
            "links": self.links,
            "seconds": round(time.monotonic() - self._real_start, 1),
            **{name: counts[name] for name in _SUMMED},
            "backlog": sum(logger.backlog for logger in self.loggers),
            "reply_ms": percentiles_ms(latencies),
        }

    def _now(self) -> tuple[float, float]:
        real = time.monotonic()
        return self._start + (real - self._real_start) * self._speed, real

    async def _live(self, logger: DataLogger, random: Random) -> None:
        troubled = random.random() < self._faults
        pause = random.uniform(0, min(3.0, self._interval_s / 2))
        backoff = BACKOFF_S[0]
        while not await self._stopped_within(pause):
            if logger.cut_off(self._now()[0]):
                logger.tick(*self._now())
                pause = LOOK_S
                continue
            try:
                reader, writer = await asyncio.wait_for(
                    asyncio.open_connection(self._host, self._port), CONNECT_TIMEOUT_S
                )
            except (OSError, TimeoutError):
                self.counts["refused"] += 1
                pause = backoff * random.uniform(0.5, 1.5)
                backoff = min(backoff * 2, BACKOFF_S[1])
                continue
            backoff = BACKOFF_S[0]
            self.counts["connects"] += 1
            self.links += 1
            logger.connected(time.monotonic())
            try:
                await self._talk(logger, reader, writer, random if troubled else None)
                pause = random.uniform(0.2, 2.0)
                if troubled and random.random() < 0.5:
                    pause = random.expovariate(1 / OUTAGE_S)
            except ConnectionError:
                self.counts["closed_by_server"] += 1
                pause = backoff * random.uniform(0.5, 1.5)
            finally:
                self.links -= 1
                logger.disconnected()
                writer.transport.abort()

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def _talk(
        self,
        logger: DataLogger,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        trouble: Random | None,
    ) -> None:
        """Until the end of the run or a cut of ours; ConnectionError when the server ended it."""
        cut_at = math.inf
        if trouble is not None:
            cut_at = time.monotonic() + trouble.expovariate(1 / CUT_EVERY_S)
        while not self._stop.is_set() or logger.waits:
            now, real = self._now()
            if logger.cut_off(now):
                return
            pieces = [] if self._stop.is_set() else logger.tick(now, real)
            if trouble is not None and pieces and real >= cut_at:
                half = pieces[-1][: trouble.randrange(1, len(pieces[-1]))]
                writer.write(b"".join(pieces[:-1]) + half)
                self.counts["cuts"] += 1
                return
            if pieces:
                writer.write(b"".join(pieces))
                await writer.drain()
            try:
                data = await asyncio.wait_for(
                    reader.read(_READ_BYTES), min(1.0, logger.wake_in(now, real))
                )
            except TimeoutError:
                continue
            if not data:
                raise ConnectionResetError("closed by the server")
            now, real = self._now()
            logger.feed(data, real, now)


def percentiles_ms(ranked_s: Sequence[float]) -> dict[str, float]:
    """Median, 90 %, 99 % and largest of sorted seconds, in milliseconds; empty of nothing."""
    if not ranked_s:
        return {}
    last = len(ranked_s) - 1
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    return {name: round(ranked_s[round(last * share)] * 1e3, 3) for name, share in shares.items()}
