"""From a watch of which a detector says something to the signal that is told.

Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from alerts.detect.outcomes import CLEARED, WHAT
from alerts.signals import Signal
from hj212d.hub.alerts.judged_keys import PERIODS, JudgedKeys
from hj212d.hub.alerts.judged_kinds import Ground
from hj212d.hub.alerts.judged_lane import Lane
from hj212d.hub.alerts.moments import aware

_LANES = (
    *("over_limit", "stuck", "swing", "drift", "missing"),
    *("offline", "links", "clock", "bad_frames"),
)


class Said(NamedTuple):
    """What there is to tell of a watch beside its state. ``order``: row of the table."""

    at_us: int
    order: int = -1
    value: float | None = None
    limit: float | None = None
    severity: str = ""
    unit: str | None = None
    detail: Mapping[str, Any] = {}


class Told(NamedTuple):
    """A signal and its place among those of a batch."""

    order: tuple[int, int, str]
    signal: Signal


class Teller:
    """Makes signals. ``now_us``: when what is told is noticed."""

    def __init__(self, keys: JudgedKeys, ground: Ground) -> None:
        self.now_us = 0
        self.pending: list[Signal] = []
        self._keys = keys
        self._ground = ground

    def named(self, lane: Lane, row: int) -> tuple[str, str]:
        """Subject and factor of a watch."""
        thing = int(lane.watches.thing[row])
        if not lane.of_keys:
            return f"mn:{self._keys.mns[thing]}", ""
        key = self._keys.keys[thing]
        return f"mn:{self._keys.mns[key['station']]}", self._keys.factors[int(key["factor"])]

    def told(self, lane: Lane, row: int, outcome: int, said: Said) -> Told:
        """What a detector says of a watch, whose state is the new one."""
        key, kind, _ = lane.said[int(lane.watches.rule[row])]
        subject, factor = self.named(lane, row)
        began_us = int(lane.watches.state["since"][row])
        unit = said.unit
        if unit is None:
            unit = self._ground.unit(subject[3:], factor) if factor else ""
        detail = dict(said.detail)
        if lane.of_keys:
            period = self._keys.keys["period"][int(lane.watches.thing[row])]
            detail = {"period": PERIODS[int(period)], **detail}
        signal = Signal(
            rule=key,
            kind=kind,
            subject=subject,
            factor=factor,
            what=WHAT[outcome],
            began=aware(began_us),
            at=aware(max(said.at_us, began_us) if outcome == CLEARED else said.at_us),
            seen_at=aware(self.now_us),
            severity=said.severity,
            value=said.value,
            limit=said.limit,
            unit=unit,
            detail=detail,
        )
        return Told((said.order, _LANES.index(lane.kind.name), key), signal)

    def over_by(self, lane: Lane, row: int, why: str) -> None:
        """An alarm is over for another reason than its detector's; told with what comes next."""
        said = Said(self.now_us, unit="", detail={"why": why})
        self.pending.append(self.told(lane, row, CLEARED, said).signal)

    def drain(self) -> list[Signal]:
        """What waits."""
        pending, self.pending = self.pending, []
        return pending
