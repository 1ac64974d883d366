"""One request and what comes of it: resends, timeouts and the device's replies, in any order.

Sans-IO: time is an argument, and what to do is returned as events. A request is answered by 9011,
data and 9012, a notice by 9013 (HJ 212-2017, 5.3 and 6.6); devices leave some out, repeat them or
turn them round (docs/quirks.md, G7). The outcome depends on what was said alone, not on its order:
executed > failed > refused > silence. A reply that comes after the end can therefore still make
the outcome a better known one. Which requests run at once is not decided here.
Tests: tests/wire/test_exchange.py.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from hj212d.wire import tables
from hj212d.wire.arguments import Arguments
from hj212d.wire.frame import Frame
from hj212d.wire.replies import Reply, read_reply
from hj212d.wire.requests import RequestSpec
from hj212d.wire.values import time_us

State = Literal["new", "sent", "accepted", "done", "refused", "failed", "timeout"]

_RANK = {"timeout": 1, "refused": 2, "failed": 3, "done": 4}  # the outcomes
_SUCCESS = 1


class Send(msgspec.Struct, frozen=True):
    """Send these bytes; ``number`` counts from 1."""

    raw: bytes
    number: int


class Accepted(msgspec.Struct, frozen=True):
    """The device will execute it (9011), or shows by its data that it does."""

    qn_rtn: int | None


class Data(msgspec.Struct, frozen=True):
    """A frame that brings what was asked for. ``late``: after the end."""

    reply: Reply
    late: bool = False


class Done(msgspec.Struct, frozen=True):
    """Executed, or the notice was noted. ``late``: another outcome was told before."""

    late: bool = False


class Refused(msgspec.Struct, frozen=True):
    """QnRtn is not 1."""

    qn_rtn: int
    why: str
    late: bool = False


class Failed(msgspec.Struct, frozen=True):
    """ExeRtn is not 1; None when 9012 had no number."""

    exe_rtn: int | None
    why: str
    late: bool = False


class Timeout(msgspec.Struct, frozen=True):
    """No answer after the last resend, or none after it was accepted or data came."""

    why: str


class Late(msgspec.Struct, frozen=True):
    """A reply after the end; if it changes the outcome, that follows."""

    reply: Reply


Event: TypeAlias = Send | Accepted | Data | Done | Refused | Failed | Timeout | Late


class Exchange:
    """One request under way."""

    def __init__(
        self,
        spec: RequestSpec,
        qn: str,
        timeout_s: float,
        resends: int,
        *,
        raw: bytes = b"",
        execution_s: float | None = None,
        asked_us: tuple[int, int] | None = None,
    ) -> None:
        """``raw``: the frame. ``execution_s``: how long the device may be silent once it accepted,
        ``timeout_s`` when None. ``asked_us``: first and last DataTime asked for (asked_range)."""
        self.spec = spec
        self.qn = qn
        self.raw = raw
        self.sends = 0
        self.answers = 0
        self.state: State = "new"
        self.why = ""
        self.qn_rtn: int | None = None
        self.exe_rtn: int | None = None
        self.next_at: float | None = None  # when tick() is due
        self._timeout_s = timeout_s
        self._resends = resends
        self._execution_s = timeout_s if execution_s is None else execution_s
        self._asked_us = asked_us

    @property
    def ended(self) -> bool:
        """Whether there is an outcome."""
        return self.state in _RANK

    def start(self, now: float) -> list[Event]:
        """Send it for the first time."""
        self.state = "sent"
        return [self._send(now)]

    def tick(self, now: float) -> list[Event]:
        """Time has passed: send again, or give up."""
        if self.next_at is None or now < self.next_at:
            return []
        if self.state == "sent" and self.sends <= self._resends:
            return [self._send(now)]
        if self.state == "sent":
            why = f"no answer to {self.sends} sends within {self._timeout_s:g} s each"
        else:
            came = f"{self.answers} data frames" if self.answers else "no data"
            last = "9013" if self.spec.kind == "notice" else "9012"
            why = f"accepted, {came}, but no {last} within {self._execution_s:g} s"
        self._end("timeout", why)
        return [Timeout(why)]

    def heard(self, said: Reply | Frame, now: float) -> list[Event]:
        """What a frame of this device means for this request; [] when it is none of its own."""
        reply = read_reply(said) if isinstance(said, Frame) else said
        if reply is None or self.state == "new" or not self._mine(reply):
            return []
        if reply.kind == "data":
            return self._data(reply, now)
        late: list[Event] = [Late(reply)] if self.ended else []
        match reply.kind:
            case "9013" if self.spec.kind == "notice":
                return late + self._outcome("done", "")
            case "9012":
                return late + self._executed(reply.exe_rtn)
            case "9011" if reply.qn_rtn not in (None, _SUCCESS):
                return late + self._refused(reply.qn_rtn)
        return late + self._accepted(reply.qn_rtn, now)

    def _mine(self, reply: Reply) -> bool:
        """Whether it answers this request. A reply without any QN does: one request at a time is
        under way with a device."""
        if reply.kind != "data":
            return reply.qn in (self.qn, "")
        if reply.qn == self.qn:
            return True
        if reply.cn != self.spec.results:
            return False
        if not self.spec.history:
            return reply.data_time_us is None  # with a time it is one that nobody asked for
        if self._asked_us is None or reply.data_time_us is None:
            return self._asked_us is None
        first, last = self._asked_us
        return first <= reply.data_time_us <= last

    def _data(self, reply: Reply, now: float) -> list[Event]:
        self.answers += 1
        if self.ended:
            return [Data(reply, late=True)]
        return [*self._accepted(None, now), Data(reply)]

    def _accepted(self, qn_rtn: int | None, now: float) -> list[Event]:
        """It works on it; the time it may be silent begins anew."""
        if self.qn_rtn is None:
            self.qn_rtn = qn_rtn
        if self.ended:
            return []
        self.next_at = now + self._execution_s
        if self.state == "accepted":
            return []
        self.state = "accepted"
        return [Accepted(qn_rtn)]

    def _refused(self, qn_rtn: int) -> list[Event]:
        """Of several refusals the lowest code stays, whichever came first."""
        if self.qn_rtn in (None, _SUCCESS) or qn_rtn < self.qn_rtn:
            self.qn_rtn = qn_rtn
        return self._outcome("refused", f"QnRtn {self.qn_rtn}{_meaning('QnRtn', self.qn_rtn)}")

    def _executed(self, exe_rtn: int | None) -> list[Event]:
        """Success stays success; of several failures the lowest code stays."""
        if _SUCCESS in (exe_rtn, self.exe_rtn):
            self.exe_rtn = _SUCCESS
            return self._outcome("done", "")
        if exe_rtn is not None and (self.exe_rtn is None or exe_rtn < self.exe_rtn):
            self.exe_rtn = exe_rtn
        return self._outcome("failed", f"ExeRtn {self.exe_rtn}{_meaning('ExeRtn', self.exe_rtn)}")

    def _outcome(self, state: Literal["done", "refused", "failed"], why: str) -> list[Event]:
        """The end, or a better known one behind an end that was told already."""
        late = self.ended
        if late and _RANK[self.state] > _RANK[state]:
            return []
        told = late and (self.state, self.why) == (state, why)
        self._end(state, why)
        if told:
            return []
        if state == "done":
            return [Done(late)]
        if state == "failed":
            return [Failed(self.exe_rtn, why, late)]
        return [Refused(self.qn_rtn or 0, why, late)]

    def _end(self, state: State, why: str) -> None:
        self.state = state
        self.why = why
        self.next_at = None

    def _send(self, now: float) -> Send:
        self.sends += 1
        self.next_at = now + self._timeout_s
        return Send(self.raw, self.sends)


def asked_range(args: Arguments) -> tuple[int, int] | None:
    """First and last moment that BeginTime and EndTime ask for, both included; None without."""
    begin, end = args.get("BeginTime"), args.get("EndTime")
    if not isinstance(begin, str) or not isinstance(end, str):
        return None
    first, last = time_us(begin), time_us(end)
    return None if first is None or last is None else (first, last)


def _meaning(field: str, code: int | None) -> str:
    """`` (Wrong password)`` of a code in the standard's table."""
    for row in tables.returns():
        if row.field == field and row.code == str(code):
            return f" ({row.name_en})"
    return ""
