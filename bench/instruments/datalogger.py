"""The data logger of a station, sans-IO: what it sends now, how it takes replies, what it keeps.

One frame at a time waits for its reply, as in HJ 212-2017 table 1: ten seconds, then the same
bytes again, three times; then the frame is kept and the next one goes. Kept frames follow when
nothing new is due, as in HJ 212-2025 8.1.2. Moments are UTC seconds, given by the caller; replies
are timed on a second clock that never runs faster than real time.
Test: tests/bench/test_datalogger.py.
"""

from __future__ import annotations

from collections import Counter, deque

import msgspec

from bench.instruments import envelope, schedule
from bench.instruments.clock import qn_text
from bench.instruments.envelope import Upload
from bench.instruments.station import Habit, Station
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode

REPLY_TIMEOUT_S = 10.0
RESENDS = 3
KEPT_LIMIT = 50_000  # frames a logger has room for
DTU_HEARTBEAT_S = 40.0
DTU_TEXT = b"http://www.cmsoft.cn"


class _Waiting(msgspec.Struct):
    upload: Upload
    first_sent: float
    last_sent: float
    resends: int = 0
    fresh: bool = True


class DataLogger:
    """One station on one connection at a time.

    ``now`` is the true time of the simulated world (UTC seconds), ``real`` a monotonic clock for
    time-outs; the simulated world runs ``speed`` times as fast. ``counts``: frames made, sent,
    acked, resent, resent_later, unacked (kept for later), unexpected replies, lost, dropped.
    """

    def __init__(
        self,
        station: Station,
        start: float,
        *,
        interval_s: float = 60.0,
        reply_timeout_s: float = REPLY_TIMEOUT_S,
        speed: float = 1.0,
    ) -> None:
        self.station = station
        self.counts: Counter[str] = Counter()
        self.latencies_s: deque[float] = deque(maxlen=200)
        self._interval_s = interval_s
        self._reply_timeout_s = reply_timeout_s
        self._speed = speed
        self._start = start
        self._cursor = self._due_clock(start)
        self._fresh: deque[Upload] = deque()
        self._kept: deque[Upload] = deque()
        self._waiting: _Waiting | None = None
        self._connected = False
        self._cutter = Cutter()
        self._last_qn = 0
        self._next_heartbeat = start
        self._next_dtu_text = 0.0
        self._queue(schedule.at_start(station, self._cursor), start)

    @property
    def backlog(self) -> int:
        """Frames that are not acknowledged yet."""
        return len(self._fresh) + len(self._kept) + (self._waiting is not None)

    @property
    def waits(self) -> bool:
        """Whether a reply is outstanding."""
        return self._waiting is not None

    def connected(self, real: float) -> None:
        """A link is up."""
        self._connected = True
        self._cutter = Cutter()
        self._next_dtu_text = real

    def disconnected(self) -> None:
        """The link is gone; what was on its way is kept."""
        self._connected = False
        if self._waiting is not None:
            self._keep(self._waiting.upload)
            self._waiting = None
        while self._fresh:
            self._keep(self._fresh.popleft())

    def tick(self, now: float, real: float) -> list[bytes]:
        """Bytes to send now, in order; nothing while there is no link."""
        due_clock = self._due_clock(now)
        if due_clock > self._cursor:
            self._queue(schedule.due(self.station, self._cursor, due_clock, self._interval_s), now)
            self._cursor = due_clock
        if not self._connected:
            self.disconnected()
            return []
        out = []
        if Habit.DTU_HEARTBEAT in self.station.habits and real >= self._next_dtu_text:
            self._next_dtu_text = real + DTU_HEARTBEAT_S
            out.append(DTU_TEXT)
        out += self._timed_out(real)
        while self._waiting is None and (upload := self._next_upload(now)) is not None:
            out.append(upload.raw)
            self.counts["sent"] += 1
            if upload.reply_cn:
                self._waiting = _Waiting(upload, real, real)
        return out

    def feed(self, data: bytes, real: float) -> None:
        """Bytes from the server."""
        for cut in self._cutter.feed(data):
            frame = decode(cut)
            waiting = self._waiting
            qn = frame.qn or frame.cp.get("QN", "")
            if (
                waiting is None
                or not frame.ok
                or frame.mn != self.station.mn
                or (frame.cn, qn) != (waiting.upload.reply_cn, waiting.upload.qn)
            ):
                self.counts["unexpected"] += 1
                continue
            self.counts["acked"] += 1
            self.latencies_s.append(real - waiting.last_sent)
            self._waiting = None

    def wake_in(self, now: float, real: float) -> float:
        """Real seconds until :meth:`tick` has something to do; a reply may come earlier."""
        step = self._interval_s
        wait = (step - self._due_clock(now) % step) / self._speed
        if self._waiting is not None:
            wait = min(wait, self._waiting.last_sent + self._reply_timeout_s - real)
        return max(0.01, wait)

    def _device_clock(self, now: float) -> float:
        drifted = (now - self._start) * self.station.clock_drift_ppm / 1e6
        return now + self.station.clock_offset_s + drifted

    def _due_clock(self, now: float) -> float:
        return self._device_clock(now) - self.station.send_delay_s

    def _queue(self, dues: list[schedule.Due], now: float) -> None:
        for what in dues:
            # More QNs than an upload can have packets; one is spent per packet.
            qns = [self._qn(now) for _ in range(8)]
            uploads = envelope.uploads(self.station, what, qns)
            self._fresh.extend(uploads)
            self.counts["frames"] += len(uploads)

    def _qn(self, now: float) -> str:
        """The device's time in milliseconds, never the same twice."""
        self._last_qn = max(self._last_qn + 1, int(self._device_clock(now) * 1000))
        return qn_text(self._last_qn)

    def _next_upload(self, now: float) -> Upload | None:
        if self._fresh:
            return self._fresh.popleft()
        if self._kept:
            self.counts["resent_later"] += 1
            return envelope.resent(self.station, self._kept.popleft(), self._qn(now))
        if self.station.version == "2025" and now >= self._next_heartbeat:
            self._next_heartbeat = now + schedule.HEARTBEAT_S
            self.counts["frames"] += 1
            return envelope.heartbeat(self.station, self._qn(now), now)
        return None

    def _timed_out(self, real: float) -> list[bytes]:
        waiting = self._waiting
        if waiting is None or real - waiting.last_sent < self._reply_timeout_s:
            return []
        if waiting.resends < RESENDS:
            waiting.resends += 1
            waiting.last_sent = real
            self.counts["resent"] += 1
            return [waiting.upload.raw]
        self._waiting = None
        self._keep(waiting.upload)
        return []

    def _keep(self, upload: Upload) -> None:
        if not upload.reply_cn or upload.cn == "9015":
            self.counts["lost"] += 1  # nobody would notice on a real device either
            return
        self.counts["unacked"] += 1
        if len(self._kept) >= KEPT_LIMIT:
            self._kept.popleft()
            self.counts["dropped"] += 1
        self._kept.append(upload)
