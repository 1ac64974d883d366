"""An instrument that answers the host: every request of its version, from state that they change.

Sans-IO: :meth:`Answering.request` yields what to send and how long after the piece before; who
holds it sends. It knows nothing of how the platform writes requests: both sides are made from
the standard. Exchanges: HJ 212-2017 6.6, HJ 212-2025 6.4; for 2005 its sources.
Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

import msgspec

from bench.instruments import (
    envelope,
    history,
    information,
    keys,
    operations,
    settings_requests,
    telegrams,
)
from bench.instruments.ask import BUSY, FAILED, REFUSED, SUCCESS, TIMEOUT, Ask, Handler, Result
from bench.instruments.behaviour import Behaviour
from bench.instruments.curves import DAY_S
from bench.instruments.envelope import Upload
from bench.instruments.state import State
from hj212d.wire.decode import decode
from hj212d.wire.frame import Cut, Device, Frame

HANDLERS: dict[str, dict[str, Handler]] = {
    "2005": {
        **settings_requests.ALWAYS, **settings_requests.IN_2005,
        **history.ALWAYS, **history.IN_2005,
        **operations.ALWAYS, **operations.IN_2005,
    },
    "2017": {
        **settings_requests.ALWAYS, **settings_requests.SINCE_2017,
        **history.ALWAYS,
        **operations.ALWAYS, **operations.IN_2017,
        **information.SINCE_2017,
    },
    "2025": {
        **settings_requests.ALWAYS, **settings_requests.SINCE_2017,
        **history.ALWAYS, **history.IN_2025,
        **operations.ALWAYS, **operations.IN_2025,
        **information.SINCE_2017,
        **keys.IN_2025,
    },
}  # fmt: skip
NOTICES = frozenset(("2012", "2022"))  # of the host; 9013 answers them
SERIALS_EVERY_S = 60.0
KEY_AGE_S = 90 * DAY_S

_VERSION_BITS = {"2005": 0, "2017": 1, "2025": 2}
_OF_2005 = {SUCCESS: SUCCESS, 100: 100}  # ExeRtn knew three values


class Outgoing(msgspec.Struct, frozen=True):
    """Bytes to send ``delay_s`` after the piece before; ``awaits``: not go on before the 9014 to
    this QN is there, or has been waited for in vain."""

    delay_s: float
    data: bytes
    awaits: str = ""


Exchange = Generator[Outgoing, bool | None, None]


class Answering:
    """One logger as the host's requests meet it.

    ``acknowledged``: its history asks for 9014 (standard: either). ``pace_s``: between frames of
    history. ``slow_s``: how late a slow one is. ``work_s``: what an operation takes (CN 3xxx).
    ``asks_clock``: it asks for the time once a day (1013). ``asks_key``: for a key after 90 days.
    """

    def __init__(
        self,
        state: State,
        behaviour: Behaviour = Behaviour.ORDERLY,
        *,
        acknowledged: bool | None = None,
        pace_s: float = 0.05,
        slow_s: float = 2.0,
        work_s: float = 0.0,
        asks_clock: bool = False,
        asks_key: bool = False,
    ) -> None:
        self.state = state
        self.behaviour = behaviour
        self.acknowledged = state.station.seed % 3 == 0 if acknowledged is None else acknowledged
        self.pace_s, self.slow_s, self.work_s = pace_s, slow_s, work_s
        self.heard: list[Frame] = []  # the requests, each time they came
        self._asks_clock, self._asks_key = asks_clock, asks_key
        self._next_serials = self._next_clock = self._next_key = -math.inf

    def read(self, cut: Cut) -> Frame:
        """A frame of the host, with the key that counts now."""
        key = self.state.station.key
        return decode(cut, Device(keys=(key,) if key else ()))

    def request(self, frame: Frame, now: float) -> Exchange:
        """What comes of a request, lazily: it is carried out while this is read.

        Send False for an ``awaits`` that came to nothing. A broken frame, another's frame and a
        reply are no requests: nothing comes of them.
        """
        if not frame.ok or frame.cn.startswith("9") or self.behaviour is Behaviour.NEVER:
            return
        self.heard.append(frame)
        lines = self._ordered(frame, now)
        for line in lines:
            late = self.slow_s if self.behaviour is Behaviour.SLOW else 0.0
            for _ in range(2 if self.behaviour is Behaviour.TWICE else 1):
                taken = yield msgspec.structs.replace(line, delay_s=line.delay_s + late)
                if taken is False:
                    yield self._reply(frame, "9012", f"ExeRtn={self._exe_rtn(TIMEOUT)}")
                    return

    def notices(self, now: float) -> list[Upload]:
        """What it has to say without being asked: serials before activation, 1013, 1014."""
        state = self.state
        station = state.station
        found = []
        if not state.activated:
            if now >= self._next_serials:
                self._next_serials = now + SERIALS_EVERY_S
                body = ";".join(f"{code}-Info={each}" for code, each in state.serials.items())
                nameless = msgspec.structs.replace(station, mn="")
                qn = state.clock.qn(now)
                found.append(envelope.seal(nameless, "1001", now, body, qn))
            return found
        if self._asks_clock and station.version != "2005" and now >= self._next_clock:
            self._next_clock = now + DAY_S
            found.append(envelope.seal(station, "1013", now, "", state.clock.qn(now)))
        if self._asks_key and station.version == "2025" and now >= self._next_key:
            self._next_key = now + KEY_AGE_S
            body = f"SKCreateTime={state.key_created}"
            found.append(envelope.seal(station, "1014", now, body, state.clock.qn(now)))
        return found

    def _ordered(self, frame: Frame, now: float) -> Iterator[Outgoing]:
        """The pieces in the order of this behaviour."""
        if frame.cn in NOTICES:
            if not self._refusal(frame):
                HANDLERS[self.state.station.version][frame.cn](self.state, Ask(frame, now))
                yield self._reply(frame, "9013")
            return
        refusal = self._refusal(frame)
        result = Result(qn_rtn=refusal) if refusal else self._carried_out(frame, now)
        accepted = self._reply(frame, "9011", f"QnRtn={self._qn_rtn(result.qn_rtn)}")
        if result.qn_rtn != 1:
            yield accepted
            return
        straying = (Behaviour.NINE012_FIRST, Behaviour.ONLY_9012)
        if self.behaviour not in straying:
            yield accepted
        if self.behaviour is not Behaviour.SILENT_AFTER_9011:
            yield from self._data(frame, result, now)
            if not result.silent:
                work_s = self.work_s if frame.cn.startswith("3") else 0.0
                done = f"ExeRtn={self._exe_rtn(result.exe_rtn)}"
                yield self._reply(frame, "9012", done, work_s)
        if self.behaviour is Behaviour.NINE012_FIRST:
            yield accepted
        if result.after is not None:
            result.after()

    def _carried_out(self, frame: Frame, now: float) -> Result:
        if self.behaviour is Behaviour.BUSY:
            return Result(BUSY)
        return HANDLERS[self.state.station.version][frame.cn](self.state, Ask(frame, now))

    def _data(self, frame: Frame, result: Result, now: float) -> Iterator[Outgoing]:
        """Each packet; history at its pace, and only on with its 9014 where it asks for one."""
        at = now
        for answer in result.data:
            delay_s = self.pace_s if answer.own_exchange else 0.0
            at += delay_s
            uploads = telegrams.data(
                self.state.station, frame, answer,
                lambda: self.state.clock.qn(at),  # noqa: B023 - read at once
                self.acknowledged,
            )  # fmt: skip
            for upload in uploads:
                yield Outgoing(delay_s, upload.raw, upload.qn if upload.reply_cn else "")

    def _refusal(self, frame: Frame) -> int:
        """QnRtn of what is wrong with a request; 0 when nothing is."""
        station = self.state.station
        if self.behaviour is Behaviour.REFUSES:
            return REFUSED
        if self.behaviour is Behaviour.WRONG_PW or frame.pw != station.password:
            return 3
        if frame.cn not in HANDLERS[station.version]:
            return 8
        if frame.mn != station.mn and frame.cn != "1002":
            return 4
        if frame.st not in (station.st, "91") and not (frame.st == "44" and frame.cn == "2011"):
            return 5
        if frame.flag is not None and frame.flag >> 2 != _VERSION_BITS[station.version]:
            return 6
        return 0 if frame.qn.isdigit() else 7

    def _qn_rtn(self, value: int) -> int:
        """QnRtn as the version has it: 2005 knows 1, 2 and 3."""
        return value if self.state.station.version != "2005" or value <= 3 else REFUSED

    def _exe_rtn(self, value: int) -> int:
        """ExeRtn as the version has it: 2005 knows 1, 2 and 100."""
        return value if self.state.station.version != "2005" else _OF_2005.get(value, FAILED)

    def _reply(self, frame: Frame, cn: str, item: str = "", delay_s: float = 0.0) -> Outgoing:
        return Outgoing(delay_s, telegrams.reply(self.state.station, frame, cn, item))
