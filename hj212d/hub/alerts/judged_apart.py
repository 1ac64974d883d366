"""Keeps rules apart: where our own code fails on one, the others of its detector are judged.

A step that fails has changed nothing; it is made again rule by rule, and the rules on which it
still fails are named, counted, and tried again with what comes next. What is asked of them in
between is lost to them. Tests: tests/hub/alerts/test_judged_apart.py.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from alerts.detect.outcomes import State
from hj212d.hub.alerts.judged_lane import Lane
from hj212d.hub.alerts.judged_telling import Told
from hj212d.hub.columns import Places

log = logging.getLogger(__name__)

# Places in what was given, the rows of the watches there, and their states, which stay as they
# are -> what is told; the new states are put into the rows.
Step = Callable[[Places, Places, State], Iterable[Told]]


class Apart:
    """``faults``: rule -> how often our own code failed on it."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()

    def keys(self, lane: Lane, things: Places, step: Step) -> list[Told]:
        """A step for all watches of some different things."""
        told: list[Told] = []
        for which, rows in lane.watches.chains(things):
            told += self.rows(lane, which, rows, step)
        return told

    def rows(self, lane: Lane, which: Places, rows: Places, step: Step) -> list[Told]:
        """A step for some rows; ``which``: the place of each in what was given."""
        before = lane.watches.get(rows)
        try:
            return [*step(which, rows, before)]
        except Exception:  # noqa: BLE001 - by rule it is told whose fault it is
            lane.watches.put(rows, before)
        told: list[Told] = []
        rules = lane.watches.rule[rows]
        for number in np.unique(rules).tolist():
            some = np.flatnonzero(rules == number)
            mine = lane.watches.get(rows[some])
            try:
                told += step(which[some], rows[some], mine)
            except Exception as fault:  # noqa: BLE001 - the other rules go on
                lane.watches.put(rows[some], mine)
                self.failed(lane.rules[number].key, fault)
        return told

    def failed(self, rule: str, fault: Exception) -> None:
        """Our own code failed on a rule."""
        self.faults[rule] += 1
        if self.faults[rule] == 1:
            log.error("event=alerts_fault rule=%s", rule, exc_info=fault)
