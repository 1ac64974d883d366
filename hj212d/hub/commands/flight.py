"""One command that was sent: what its exchange says, as changes of its record.

Knows neither registry nor socket; changes and events are collected here and taken from here.
Tests: tests/hub/commands/test_command_service.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hj212d.hub.commands.book import Told, moment
from hj212d.hub.commands.clock import SET
from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.lines import Key
from hj212d.hub.commands.patience import Patience, by_medium
from hj212d.wire import exchange
from hj212d.wire.exchange import Exchange, asked_range
from hj212d.wire.replies import Reply
from hj212d.wire.requests import RequestSpec
from store.registry.records import CommandRecord, CommandState

DATA_KEPT = 100
EVENTS_MOST = 1000  # of one command, so that a babbling instrument fills no disk
LATE = "answered after the time was up"
# How sure an end is: a late answer may only make it surer.
_CERTAINTY: dict[CommandState, int] = {"timeout": 1, "refused": 2, "failed": 3, "done": 4}


class Flight:
    """A command from its first sending on.

    ``away``: its link is gone; the exchange stands still until the instrument is back.
    """

    def __init__(self, record: CommandRecord, spec: RequestSpec, execution_s: float = 0.0) -> None:
        self.record = record
        self.spec = spec
        self.key: Key = (record.mn, record.link or 0)
        self.link = 0
        self.slot = 0
        self.away = True
        self.restored_us: int | None = None  # ended before this hub started
        self.exchange: Exchange | None = None
        self.waits = by_medium("")
        self.given = bool(record.raw)  # its bytes are somebody else's
        self._once: set[str] = set()
        self._execution_s = execution_s
        self._changes: dict[str, Any] = {}
        self._told: list[Told] = []
        self._events = 0

    @property
    def ended(self) -> bool:
        """Whether its record is final."""
        return self.record.finished_at is not None

    @property
    def _silence_s(self) -> float:
        """How long an instrument may be silent while it works on it."""
        return max(self._execution_s, self.waits.timeout_s)

    def change(self, **changes: Any) -> None:
        """New values of the record."""
        self.record = msgspec.structs.replace(self.record, **changes)
        self._changes.update(changes)

    def tell(self, at_us: int, event: str, detail: str = "") -> None:
        """Something happened."""
        self._events += 1
        if self._events <= EVENTS_MOST:
            self._told.append(Told(at_us, event, detail))

    def note_once(self, at_us: int, event: str, detail: str) -> None:
        """The same, the first time only."""
        if event not in self._once:
            self._once.add(event)
            self.tell(at_us, event, detail)

    def taken(self) -> tuple[dict[str, Any], list[Told]]:
        """Changes and events since the last time, to be written."""
        changes, told = self._changes, self._told
        self._changes, self._told = {}, []
        return changes, told

    def prepare(self, raw: bytes, qn: str, args: Any, waits: Patience) -> None:
        """It has its bytes, and how long an answer may take."""
        self.waits = waits
        if (raw, qn) != (self.record.raw, self.record.qn):
            self.change(raw=raw, qn=qn)
        # The same bytes would set a clock to the time of the first sending: never sent twice.
        resends = 0 if self.spec.cn == SET else waits.resends
        self.exchange = Exchange(
            self.spec,
            qn,
            waits.timeout_s,
            resends,
            raw=raw,
            execution_s=self._silence_s,
            asked_us=asked_range(args),
        )

    def begin(self, now_s: float, at_us: int) -> bytes | None:
        """Send it, for the first time or after its instrument came back: the bytes, or None when
        it must not be sent twice and only the answer is waited for."""
        assert self.exchange is not None
        self.away = False
        if self.record.attempts and not self._may_repeat():
            self.tell(at_us, "returned", "the instrument is back; what it did is not asked twice")
            accepted = self.record.state == "accepted"
            self.exchange.next_at = now_s + (self._silence_s if accepted else self.waits.timeout_s)
            return None
        self.exchange.sends = 0
        return self.follow(self.exchange.start(now_s), at_us)

    def restore(self, now_s: float) -> None:
        """Take up a command that a hub before this one had sent: replies are heard, time stands
        still until its instrument is there."""
        assert self.exchange is not None
        self.exchange.start(now_s)
        if self.record.state == "accepted":
            self.exchange.heard(Reply("9011", self.record.qn, "9011", self.record.qn_rtn), now_s)
        self.exchange.answers = self.record.answers

    def unsent(self, at_us: int, why: str) -> Flight:
        """The same command as it waited before; a frame of somebody else keeps its bytes."""
        fresh = Flight(self.record, self.spec, self._execution_s)
        fresh.given = self.given
        fresh.change(state="queued", attempts=0, sent_at=None)
        if not self.given:
            fresh.change(qn="", raw=b"")
        fresh.tell(at_us, "not sent", why)
        return fresh

    def left(self, at_us: int) -> None:
        """Its link is gone."""
        if not self.away:
            self.away = True
            self.tell(at_us, "link left", f"link {self.link}")

    def tick(self, now_s: float, at_us: int) -> bytes | None:
        """Time has passed: bytes to send again, or None."""
        if self.away or self.exchange is None or self.ended:
            return None
        return self.follow(self.exchange.tick(now_s), at_us)

    def hear(self, reply: Reply, heard: Heard, now_s: float) -> bool:
        """A frame that may be its answer; whether it is."""
        if self.exchange is None:
            return False
        events = self.exchange.heard(reply, now_s)
        if not events:
            return False
        if any(isinstance(event, exchange.Data) for event in events):
            self._keep(heard)
        if self.ended:  # given up by us, or in the exchange's own view too
            self.tell(heard.received_us, "late", _said(reply))
            self._correct(events, heard.received_us)
            if self.record.qn_rtn is None and reply.qn_rtn is not None:
                self.change(qn_rtn=reply.qn_rtn)  # 9012 came before 9011
        else:
            self.follow(events, heard.received_us)
        return True

    def follow(self, events: list[exchange.Event], at_us: int) -> bytes | None:
        """What the exchange says becomes the record's; bytes when there is something to send."""
        send: bytes | None = None
        for event in events:
            match event:
                case exchange.Send(raw=raw):
                    send = raw
                    self._sent(at_us)
                case exchange.Accepted(qn_rtn=qn_rtn):
                    self.change(state="accepted", accepted_at=moment(at_us), qn_rtn=qn_rtn)
                    self.tell(at_us, "accepted", "" if qn_rtn is None else f"QnRtn {qn_rtn}")
                case exchange.Done():
                    self.end("done", "", at_us)
                case exchange.Refused(why=why):
                    self.end("refused", why, at_us)
                case exchange.Failed(why=why):
                    self.end("failed", why, at_us)
                case exchange.Timeout(why=why):
                    self.end("timeout", why, at_us)
        return send

    def end(self, state: CommandState, why: str, at_us: int) -> None:
        """Its end; only a late answer can make it another one."""
        codes: dict[str, Any] = {}
        for name in ("qn_rtn", "exe_rtn"):
            told = getattr(self.exchange, name, None)
            codes[name] = getattr(self.record, name) if told is None else told
        self.change(state=state, why=why, finished_at=moment(at_us), **codes)
        self.tell(at_us, state, why)

    def _correct(self, events: list[exchange.Event], at_us: int) -> None:
        """What became of it is better known by a late answer. One that people gave up, or that
        was never sent, stays as it is."""
        for event in events:
            state: CommandState
            match event:
                case exchange.Done():
                    state, why = "done", ""
                case exchange.Failed(why=why):
                    state = "failed"
                case exchange.Refused(why=why):
                    state = "refused"
                case _:
                    continue
            record = self.record
            if _CERTAINTY.get(state, 0) > _CERTAINTY.get(record.state, len(_CERTAINTY)):
                known = f"before it was {record.state}: {record.why}"
                told = LATE if record.state == "timeout" else known
                self.end(state, f"{why}; {told}" if why else told, at_us)

    def _sent(self, at_us: int) -> None:
        attempts = self.record.attempts + 1
        sent_at = self.record.sent_at or moment(at_us)
        self.change(state="sent", attempts=attempts, sent_at=sent_at)
        if attempts == 1:
            self.tell(at_us, "sent", f"link {self.link}; {self.waits.words()}")
        else:
            self.tell(at_us, "sent again", f"link {self.link}")

    def _keep(self, heard: Heard) -> None:
        """A data frame; one that came before, byte for byte the same content, is counted once."""
        frame = heard.frame
        data = {"cn": frame.cn, "qn": frame.qn, "cp": dict(frame.items)}
        known = self.record.data
        if data in known:
            return
        self.change(answers=self.record.answers + 1)
        if len(known) < DATA_KEPT:
            self.change(data=[*known, data])

    def _may_repeat(self) -> bool:
        """Whether the same bytes may go out once more after a break: a reading always, an action
        only when the instrument has not said that it works on it, setting a clock never."""
        if self.spec.cn == SET:
            return False
        return bool(self.spec.results) or self.record.state == "sent"


def _said(reply: Reply) -> str:
    words = [reply.cn]
    if reply.qn_rtn is not None:
        words.append(f"QnRtn {reply.qn_rtn}")
    if reply.exe_rtn is not None:
        words.append(f"ExeRtn {reply.exe_rtn}")
    return ", ".join(words)
