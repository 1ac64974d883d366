"""Requests of a target to instruments whose frames it gets, passed on by MN when allowed.

A request becomes a command like any other, with the target's own QN; replies of the instrument go
back to the target at once, beside its stream. Data that answer a request reach it in the stream,
or beside it when its filter leaves them out. Tests: tests/hub/forward/test_forward_downlink.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.new_command import NewCommand, Refused
from hj212d.hub.forward.rewrite import CannotRewrite
from hj212d.hub.forward.rules import Rules
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.wire import build
from hj212d.wire.frame import Frame
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord

log = logging.getLogger(__name__)

_LINE_END = b"\r\n"
# HJ 212-2017, table C.3: the request is refused; its MN is wrong.
REFUSED, MN_WRONG = 2, 4
MOST_OPEN = 100


class Commands(Protocol):
    """The command service, as far as it is needed here."""

    heard: list[Callable[[CommandRecord, Heard], None]]

    def submit(self, wish: NewCommand) -> Deferred[CommandRecord]:
        """Take a command; fires when it is durable."""


class Downlink:
    """The requests of one target. ``say``: sends bytes to it, whether it could.
    ``password``: MN -> PW that the device expects, "" when it is not known."""

    def __init__(
        self,
        settings: ForwardSettings,
        rules: Rules,
        commands: Commands,
        password: Callable[[str], str],
        say: Callable[[bytes], bool],
    ) -> None:
        self._settings = settings
        self._rules = rules
        self._commands = commands
        self._password = password
        self._say = say
        self._origin = f"forward:{settings.name}"
        self._old_names = {new: old for old, new in settings.renamed().items()}
        self._submitting = 0
        commands.heard.append(self._heard)

    def close(self) -> None:
        """Hear no more."""
        self._commands.heard.remove(self._heard)

    def request(self, frame: Frame) -> None:
        """What a target sent that acknowledges nothing. Data are no request: a target that loops
        frames back to us must not reach an instrument with them."""
        if not frame.cn.isdigit() or frame.cn.startswith("9") or not frame.qn:
            return
        if "DataTime" in frame.cp:
            return
        mn = self._old_names.get(frame.mn, frame.mn)
        if not self._rules.takes_mn(mn) or (frame.mn == mn and mn in self._settings.renamed()):
            self._refuse(frame, MN_WRONG, "it gets no frames of that MN")
        elif frame.cn not in self._settings.downlink:
            self._refuse(frame, REFUSED, "downlink does not list the CN")
        elif self._submitting >= MOST_OPEN:
            self._refuse(frame, REFUSED, "too many at once")
        else:
            self._submitting += 1
            wish = NewCommand(
                mn=mn,
                name=frame.cn,
                origin=self._origin,
                who=self._settings.name,
                queue=False,
                raw=self._for_instrument(frame, mn) + _LINE_END,
            )
            self._commands.submit(wish).addBoth(self._submitted, frame)

    def _submitted(self, result: Any, frame: Frame) -> None:
        self._submitting -= 1
        if not isinstance(result, Failure):
            return
        if result.check(Refused, RegistryUnavailable):
            self._refuse(frame, REFUSED, result.getErrorMessage())
        else:
            log.error("%s failed on a request\n%s", self._origin, result.getTraceback())
            self._refuse(frame, REFUSED, "a fault of ours")

    def _refuse(self, frame: Frame, qn_rtn: int, why: str) -> None:
        log.info(
            "mn=%s event=downlink_refused origin=%s cn=%s qn=%s why=%s",
            frame.mn,
            self._origin,
            frame.cn,
            frame.qn,
            why,
        )
        flag = 4 if frame.flag is None else frame.flag & build.VERSION_MASK
        answer = build.segment(
            qn=frame.qn, st="91", cn="9011", pw=frame.pw, mn=frame.mn, flag=flag,
            cp=f"QnRtn={qn_rtn}",
        )  # fmt: skip
        self._say(build.frame(answer))

    def _for_instrument(self, frame: Frame, mn: str) -> bytes:
        """The request as the instrument gets it: its own MN, and its own PW where the target
        knows another."""
        rewrite = self._rules.rewrite
        pw = self._password(mn) if rewrite is not None and rewrite.pw else ""
        if mn == frame.mn and not pw:
            return frame.raw
        content = ";".join(f"{name}={value}" for name, value in frame.items)
        segment = build.segment(
            qn=frame.qn,
            st=frame.st,
            cn=frame.cn,
            pw=pw or frame.pw,
            mn=mn,
            flag=frame.flag,
            cp=content,
            pnum=frame.pnum,
            pno=frame.pno,
        )
        return build.frame(segment).removesuffix(_LINE_END)

    def _heard(self, record: CommandRecord, heard: Heard) -> None:
        """An instrument answered; back with it when the request was ours."""
        frame = heard.frame
        if record.origin != self._origin or not frame.ok:
            return
        if self._rules.takes_cn(frame.cn, frame.version) and self._rules.takes_st(frame.st):
            return  # it is in the stream
        raw = frame.raw
        if self._rules.rewrite is not None:
            try:
                raw = self._rules.rewrite.frame(frame, heard.received_us).raw
            except CannotRewrite as problem:
                log.warning("mn=%s event=downlink_answer_lost why=%s", frame.mn, problem)
                return
        self._say(raw + _LINE_END)
