"""The stretch of time that a request for history asks for, as far as the logger has it.

Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bench.instruments.ask import Ask
from bench.instruments.clock import moment
from bench.instruments.schedule import ticks
from bench.instruments.state import State


class Span(msgspec.Struct, frozen=True):
    """From ``begin`` to ``end``, both included; ``shown`` is the logger's clock now."""

    begin: float
    end: float
    shown: float

    def starts(self, step_s: int, length_s: int | None = None) -> Iterator[float]:
        """Each ``step_s`` from midnight on: the starts of periods that are over."""
        last = min(self.end, self.shown - (step_s if length_s is None else length_s))
        # DataTime has whole seconds, so what begins with the range is a second behind this.
        return ticks(self.begin - 0.5, last, step_s)


def span_of(state: State, ask: Ask) -> Span | None:
    """What BeginTime and EndTime ask for; None when they are no times or the wrong way round."""
    begin, end = moment(ask.text("BeginTime")), moment(ask.text("EndTime"))
    if begin is None or end is None or begin > end:
        return None
    shown = state.clock.read(ask.now)
    return Span(max(begin, state.installed), min(end, shown), shown)
