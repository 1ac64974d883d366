"""The data logger of a station, sans-IO: what it sends now, how it takes replies, what it keeps,
and that it answers requests (answering.py).

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
from bench.instruments.answering import Answering
from bench.instruments.behaviour import Behaviour
from bench.instruments.cut_off import CutOff
from bench.instruments.envelope import Upload
from bench.instruments.exchanges import Exchanges
from bench.instruments.state import State
from bench.instruments.station import Habit, Station
from hj212d.wire.cutter import Cutter
from hj212d.wire.frame import Frame

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
    acked, resent, resent_later, unacked (kept for later), unexpected replies, lost, dropped, past;
    requests heard, answers sent; forgotten: uploads that fell due while it was cut off.
    ``past_days``: it comes up with hours and days of so long ago that nobody has taken yet.
    """

    def __init__(
        self,
        station: Station,
        start: float,
        *,
        interval_s: float = 60.0,
        reply_timeout_s: float = REPLY_TIMEOUT_S,
        speed: float = 1.0,
        behaviour: Behaviour = Behaviour.ORDERLY,
        cut_off: CutOff | None = None,
        asks_clock: bool = False,
        activated: bool = True,
        past_days: float = 0.0,
    ) -> None:
        self.state = State(
            station,
            start,
            interval_s=interval_s,
            over_time_s=reply_timeout_s,
            resends=RESENDS,
            activated=activated,
        )
        self.answering = Answering(self.state, behaviour, asks_clock=asks_clock)
        self.counts: Counter[str] = Counter()
        self.latencies_s: deque[float] = deque(maxlen=200)
        self._exchanges = Exchanges()
        self._cut_off = cut_off
        self._speed = speed
        self._start = start
        self._now = start
        self._cursor = self._due_clock(start)
        self._past = schedule.of_the_past(station, self._cursor, past_days)
        self._times_set = 0
        self._fresh: deque[Upload] = deque()
        self._kept: deque[Upload] = deque()
        self._waiting: _Waiting | None = None
        self._connected = False
        self._cutter = Cutter()
        self._next_heartbeat = start
        self._next_dtu_text = 0.0
        self._queue(schedule.at_start(station, self._cursor), start)

    @property
    def station(self) -> Station:
        """The station as its requests have made it."""
        return self.state.station

    @property
    def backlog(self) -> int:
        """Frames that are not acknowledged yet."""
        return len(self._fresh) + len(self._kept) + (self._waiting is not None)

    @property
    def waits(self) -> bool:
        """Whether a reply is outstanding."""
        return self._waiting is not None

    def cut_off(self, now: float) -> bool:
        """Whether it is out of reach: it wants no link, and forgets what falls due."""
        return self._cut_off is not None and self._cut_off.holds(now - self._start)

    def connected(self, real: float) -> None:
        """A link is up."""
        self._connected = True
        self._cutter = Cutter()
        self._next_dtu_text = real

    def disconnected(self) -> None:
        """The link is gone; what was on its way is kept, exchanges end."""
        self._connected = False
        self._exchanges.end()
        if self._waiting is not None:
            self._keep(self._waiting.upload)
            self._waiting = None
        while self._fresh:
            self._keep(self._fresh.popleft())

    def tick(self, now: float, real: float) -> list[bytes]:
        """Bytes to send now, in order; nothing while there is no link."""
        self._now = now
        self._look_at_clock(now)
        if self.cut_off(now):
            self._forget()
            return []
        if not self._connected:
            self.disconnected()
            return []
        out = []
        if Habit.DTU_HEARTBEAT in self.station.habits and real >= self._next_dtu_text:
            self._next_dtu_text = real + DTU_HEARTBEAT_S
            out.append(DTU_TEXT)
        out += self._answers(real)
        self._fresh.extend(self.answering.notices(now))
        out += self._timed_out(real)
        while self._waiting is None and (upload := self._next_upload(now)) is not None:
            out.append(upload.raw)
            self.counts["sent"] += 1
            if upload.reply_cn:
                self._waiting = _Waiting(upload, real, real)
        return out

    def feed(self, data: bytes, real: float, now: float | None = None) -> None:
        """Bytes from the server: replies, and requests that the next ticks answer. ``now``: true
        time, where it is newer than the last tick's."""
        self._now = self._now if now is None else now
        for cut in self._cutter.feed(data):
            frame = self.answering.read(cut)
            if self._replies(frame):
                assert self._waiting is not None
                self.counts["acked"] += 1
                self.latencies_s.append(real - self._waiting.last_sent)
                self._waiting = None
            elif frame.ok and not frame.cn.startswith("9"):
                self.counts["requests"] += 1
                self._exchanges.begin(self.answering.request(frame, self._now), real)
            elif not (frame.ok and self._exchanges.heard(frame, real)):
                self.counts["unexpected"] += 1

    def wake_in(self, now: float, real: float) -> float:
        """Real seconds until :meth:`tick` has something to do; a reply may come earlier."""
        step = self.state.interval_s
        wait = (step - self._due_clock(now) % step) / self._speed
        if self._waiting is not None:
            wait = min(wait, self._waiting.last_sent + self.state.over_time_s - real)
        wait = min(wait, self._exchanges.next_due() - real)
        return max(0.01, wait)

    def _replies(self, frame: Frame) -> bool:
        """Whether this is the reply that is waited for."""
        waiting = self._waiting
        if waiting is None or not frame.ok:
            return False
        if frame.mn != self.station.mn and waiting.upload.cn != "1001":
            return False
        qn = frame.qn or frame.cp.get("QN", "")
        return (frame.cn, qn) == (waiting.upload.reply_cn, waiting.upload.qn)

    def _answers(self, real: float) -> list[bytes]:
        found = self._exchanges.due(real, self.state.over_time_s, self.state.resends)
        self.counts["answers"] += len(found)
        return found

    def _due_clock(self, now: float) -> float:
        return self.state.clock.read(now) - self.station.send_delay_s

    def _look_at_clock(self, now: float) -> None:
        """Queue what has fallen due by it; from where it stands, if it was set meanwhile."""
        due_clock = self._due_clock(now)
        if self.state.clock.times_set != self._times_set:
            self._times_set = self.state.clock.times_set
            self._cursor = due_clock
        if due_clock > self._cursor:
            interval_s = self.state.interval_s
            self._queue(schedule.due(self.station, self._cursor, due_clock, interval_s), now)
            self._cursor = due_clock

    def _queue(self, dues: list[schedule.Due], now: float) -> None:
        state = self.state
        for what in dues:
            switched = {"2011": state.real_time, "2021": state.machines}
            if not state.activated or not switched.get(what.cn, True):
                continue
            if self.cut_off(now):
                self.counts["forgotten"] += 1
                continue
            self._make(what, now)

    def _make(self, what: schedule.Due, now: float, *, rf: bool = False) -> None:
        # More QNs than an upload can have packets; one is spent per packet.
        qns = [self.state.clock.qn(now) for _ in range(8)]
        uploads = envelope.uploads(self.station, what, qns, rf=rf)
        self._fresh.extend(uploads)
        self.counts["frames"] += len(uploads)

    def _forget(self) -> None:
        """What was not sent is lost with the link."""
        self._connected = False
        self._exchanges.end()
        self.counts["forgotten"] += self.backlog
        self._waiting = None
        self._fresh.clear()
        self._kept.clear()

    def _next_upload(self, now: float) -> Upload | None:
        if self._fresh:
            return self._fresh.popleft()
        if self._kept:
            self.counts["resent_later"] += 1
            return envelope.resent(self.station, self._kept.popleft(), self.state.clock.qn(now))
        if self.state.activated and (what := next(self._past, None)) is not None:
            self._make(what, now, rf=self.station.version == "2025")
            self.counts["past"] += 1
            return self._fresh.popleft()
        awake = self.station.version == "2025" and self.state.activated
        if awake and now >= self._next_heartbeat:
            self._next_heartbeat = now + schedule.HEARTBEAT_S
            self.counts["frames"] += 1
            return envelope.heartbeat(self.station, self.state.clock.qn(now), now)
        return None

    def _timed_out(self, real: float) -> list[bytes]:
        waiting = self._waiting
        if waiting is None or real - waiting.last_sent < self.state.over_time_s:
            return []
        if waiting.resends < self.state.resends:
            waiting.resends += 1
            waiting.last_sent = real
            self.counts["resent"] += 1
            return [waiting.upload.raw]
        self._waiting = None
        self._keep(waiting.upload)
        return []

    def _keep(self, upload: Upload) -> None:
        if not upload.reply_cn or upload.cn in envelope.NOTICES:
            self.counts["lost"] += 1  # nobody would notice on a real device either
            return
        self.counts["unacked"] += 1
        if len(self._kept) >= KEPT_LIMIT:
            self._kept.popleft()
            self.counts["dropped"] += 1
        self._kept.append(upload)
