"""Sets a clock when its instrument asks for it (1013, HJ 212-2017, 6.6.5), within the rule.

However often it asks, one command comes of it. Tests: tests/hub/commands/test_clock_setting.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.clock import ASKED, HOUR_US, READ, Clocks, drift_in
from hj212d.hub.commands.ear_pass import Heard
from hj212d.hub.commands.new_command import NewCommand, Refused
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord

ORIGIN = "clock"
EXPIRES_S = 600.0
KEPT = 100_000


class ClockSetter:
    """Hears of clocks, and submits what is needed. ``wanted``: whether to set any."""

    _log = Logger()

    def __init__(
        self,
        clocks: Clocks,
        submit: Callable[[NewCommand], Deferred[CommandRecord]],
        now_us: Callable[[], int],
    ) -> None:
        self.wanted = True
        self.refused = 0
        self._clocks = clocks
        self._submit = submit
        self._now_us = now_us
        self._submitting: set[str] = set()
        self._asked_us: OrderedDict[tuple[str, str], int] = OrderedDict()

    def hear(self, heard: Heard) -> None:
        """A frame of interest."""
        drift = drift_in(heard)
        frame = heard.frame
        if drift is not None:
            self._clocks.note(frame.mn, drift)
        if frame.ok and frame.cn == ASKED and self.wanted and frame.mn not in self._submitting:
            self._set(frame.mn)

    def finished(self, record: CommandRecord) -> None:
        """A clock was read for us."""
        if record.origin == ORIGIN and record.cn == READ and self.wanted:
            self._set(record.mn, may_read=False)

    def _set(self, mn: str, *, may_read: bool = True) -> None:
        """Set the clock if it is off; read it first when it is not known."""
        now_us = self._now_us()
        if self._clocks.is_off(mn, now_us):
            known = self._clocks.knows_when_set(mn)
            if not known or not self._clocks.why_not(mn, now_us):
                self._ask(mn, "set-clock")
        elif may_read and self._clocks.drift(mn, now_us) is None:
            last_us = self._asked_us.get((mn, READ), 0)
            if now_us - last_us >= HOUR_US and self._clocks.may_be_set_again(mn, now_us):
                self._asked_us[mn, READ] = now_us
                if len(self._asked_us) > KEPT:
                    self._asked_us.popitem(last=False)
                self._ask(mn, "read-clock")

    def _ask(self, mn: str, name: str) -> None:
        self._submitting.add(mn)
        wish = NewCommand(
            mn=mn, name=name, origin=ORIGIN, who="1013", expires_s=EXPIRES_S, priority=1
        )
        asked: Deferred[Any] = self._submit(wish)
        asked.addErrback(self._not_taken)
        asked.addBoth(lambda _: self._submitting.discard(mn))

    def _not_taken(self, failure: Failure) -> None:
        self.refused += 1
        if not failure.check(Refused, RegistryUnavailable):
            self._log.failure("a clock could not be set", failure)
