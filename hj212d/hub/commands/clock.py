"""The clocks of instruments: how wrong each is, and whether it may be set.

The rule: at most one 1012 an hour for an MN whoever asks, and only when its clock is known to be
wrong by more than the limit. Pure; when an MN was last set is told by the registry.
Tests: tests/hub/commands/test_clock.py.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

import msgspec

from hj212d.hub.commands.ear_pass import Heard
from hj212d.wire.values import time_us

READ = "1011"
SET = "1012"
ASKED = "1013"
# Sent the moment it is made, so that its QN is the instrument's clock now; an upload may be old.
_FRESH = frozenset((ASKED, "1001", "1014", "9015"))

HOUR_US = 3_600_000_000
KNOWN_FOR_US = 24 * HOUR_US  # a drift seen longer ago says nothing of now
_SECOND_US = 1_000_000

T = TypeVar("T")


class Drift(msgspec.Struct, frozen=True):
    """How far a clock was ahead of ours (negative: behind), when, and how it was seen."""

    drift_us: int
    seen_us: int
    source: str


def drift_in(heard: Heard) -> Drift | None:
    """What a frame tells of its device's clock; None when nothing."""
    frame = heard.frame
    if not frame.ok:
        return None
    device_us: int | None = None
    if frame.cn == READ:
        device_us = time_us(frame.cp.get("SystemTime", ""))
    elif frame.cn in _FRESH:
        device_us = frame.qn_time_us
    if device_us is None:
        return None
    return Drift(device_us - heard.received_us, heard.received_us, frame.cn)


class Clocks:
    """What is known of the clocks of the latest ``room`` MNs that told something."""

    def __init__(self, limit_s: float, room: int = 300_000) -> None:
        self.limit_s = limit_s  # may be exchanged at any time
        self._drifts: OrderedDict[str, Drift] = OrderedDict()
        self._set_us: OrderedDict[str, int] = OrderedDict()
        self._room = room

    def note(self, mn: str, drift: Drift) -> None:
        """A clock was seen; what is older than what is known is not taken."""
        known = self._drifts.get(mn)
        if known is None or drift.seen_us >= known.seen_us:
            _keep(self._drifts, mn, drift, self._room)

    def was_set(self, mn: str, at_us: int) -> None:
        """A 1012 went out; 0: none did in the last hours. What the clock was is past."""
        _keep(self._set_us, mn, max(at_us, self._set_us.get(mn, 0)), self._room)
        drift = self._drifts.get(mn)
        if drift is not None and drift.seen_us <= at_us:
            del self._drifts[mn]

    def knows_when_set(self, mn: str) -> bool:
        """Whether the registry was asked about this MN since the start."""
        return mn in self._set_us

    def drift(self, mn: str, now_us: int) -> Drift | None:
        """The drift of a clock, None when it is not known, or not of late."""
        known = self._drifts.get(mn)
        return known if known and now_us - known.seen_us <= KNOWN_FOR_US else None

    def may_be_set_again(self, mn: str, now_us: int) -> bool:
        """Whether an hour has passed since a 1012, as far as is known."""
        return now_us - self._set_us.get(mn, -HOUR_US) >= HOUR_US

    def why_not(self, mn: str, now_us: int) -> str:
        """Why a clock may not be set now, one sentence; "" when it may."""
        drift = self.drift(mn, now_us)
        again_us = self._set_us.get(mn, -HOUR_US) + HOUR_US
        told = "not known since" if drift is None else words(drift)
        if again_us > now_us:
            return (
                f"the clock of {mn} was set less than an hour ago: it may be set again in "
                f"{_minutes(again_us - now_us)}; its drift is {told}"
            )
        if drift is None:
            return f"the drift of the clock of {mn} is not known: read it first (read-clock)"
        if abs(drift.drift_us) <= self.limit_s * _SECOND_US:
            return (
                f"the clock of {mn} is {told}, which is within the limit of {self.limit_s:g} s "
                "(commands.clock_drift_limit_s): it may be set once it is further off"
            )
        return ""

    def is_off(self, mn: str, now_us: int) -> bool:
        """Whether a clock is known to be wrong by more than the limit."""
        drift = self.drift(mn, now_us)
        return drift is not None and abs(drift.drift_us) > self.limit_s * _SECOND_US


def words(drift: Drift) -> str:
    """``75.2 s ahead``."""
    seconds = abs(drift.drift_us) / _SECOND_US
    return f"{seconds:.1f} s {'ahead' if drift.drift_us >= 0 else 'behind'}"


def _minutes(span_us: int) -> str:
    seconds = -(-span_us // _SECOND_US)
    return f"{seconds // 60} min {seconds % 60} s"


def _keep(kept: OrderedDict[str, T], mn: str, value: T, room: int) -> None:
    kept[mn] = value
    kept.move_to_end(mn)
    if len(kept) > room:
        kept.popitem(last=False)
