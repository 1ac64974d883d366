"""Lost hours of an emission made up for, by HJ 75-2017 or by the former HJ/T 75-2007.

Takes and gives kg/h only: concentrations and flue parameters are never made up. The original
stays beside what was put in, with the rule. Tests: tests/aqi/flue/test_makeup.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from aqi.flue.hj75 import hj75

Rule = Literal["HJ75-2017", "HJ/T75-2007"]

FORMER_MOST_HOURS = 24


class MadeUp(msgspec.Struct, frozen=True):
    """A gap: hours ``first`` up to before ``end``, what stands in (kg/h; None: nothing can), the
    rule, and the mark when nothing can: "manual" (capture below 75 %), "history" (fewer valid
    hours before it than the rule wants), "long" (longer than the former rule covers)."""

    first: int
    end: int
    state: str
    value: float | None
    rule: str
    looked_at: int
    mark: str

    @property
    def hours(self) -> int:
        """Its length."""
        return self.end - self.first


class Series(msgspec.Struct, frozen=True):
    """``original``: as measured, nan where lost; ``values``: with what stands in; ``made_up``."""

    original: NDArray[np.float64]
    values: NDArray[np.float64]
    made_up: NDArray[np.bool_]
    gaps: tuple[MadeUp, ...]


def make_up(
    kg_h: Any,
    valid: Any,
    capture_percent: Any,
    *,
    stopped: Any = None,
    out_of_control: Any = None,
    good_calibrations: Sequence[int] = (),
    short_history: bool = False,
    rule: Rule = "HJ75-2017",
) -> Series:
    """Fill the hours that are neither valid nor stopped (HJ 75-2017, make-up table; confirmed).

    A gap of up to 24 h takes the largest of the 180 valid hours before it, a longer one that of
    720, both with a capture rate of at least 90 %; from 75 to 90 % that of 2,160; below nothing:
    manual monitoring. ``capture_percent``: one for all hours, or one for each (of its quarter);
    that of a gap's first hour counts. ``out_of_control``: hours lost to a failed check; they look
    back from the last of ``good_calibrations`` (numbers of hours) before the gap instead of from
    the gap. A gap ends where it changes between the two states. Made-up hours are never looked
    at. ``short_history``: take fewer hours when there are not enough, rather than none.
    """
    rates = np.asarray(kg_h, np.float64)
    good = np.asarray(valid, bool) & np.isfinite(rates) & (rates >= 0)
    still = np.zeros(rates.shape, bool) if stopped is None else np.asarray(stopped, bool)
    control = _whether(out_of_control, rates)
    captures = np.broadcast_to(np.asarray(capture_percent, np.float64), rates.shape)
    good &= ~still
    original = np.where(good, rates, np.nan)
    values = np.where(still, 0.0, original)
    found = []
    for first, end in _runs(~good & ~still, control):
        state = "out_of_control" if control[first] else "invalid"
        if rule == "HJ75-2017":
            before = first
            if state == "out_of_control":
                before = max((hour for hour in good_calibrations if hour <= first), default=first)
            gap = _largest(
                original, first, end, state, before, float(captures[first]), short_history
            )
        else:
            gap = _neighbours(original, first, end, state)
        if gap.value is not None:
            values[first:end] = gap.value
        found.append(gap)
    return Series(original, values, np.isfinite(values) & ~good & ~still, tuple(found))


def _largest(
    original: NDArray[np.float64],
    first: int,
    end: int,
    state: str,
    before: int,
    capture: float,
    short_history: bool,
) -> MadeUp:
    wanted = hj75().valid_hours(capture, end - first)
    if wanted is None:
        return MadeUp(first, end, state, None, "HJ 75-2017 manual", 0, "manual")
    name = f"HJ 75-2017 max {wanted}"
    known = original[:before]
    known = known[np.isfinite(known)][-wanted:]
    if known.size == 0 or (known.size < wanted and not short_history):
        return MadeUp(first, end, state, None, name, known.size, "history")
    return MadeUp(first, end, state, float(known.max()), name, known.size, "")


def _neighbours(original: NDArray[np.float64], first: int, end: int, state: str) -> MadeUp:
    """HJ/T 75-2007: 1 to 24 h take the mean of the valid hours around them (one source)."""
    name = "HJ/T 75-2007 neighbours"
    if end - first > FORMER_MOST_HOURS:
        return MadeUp(first, end, state, None, name, 0, "long")
    known = np.flatnonzero(np.isfinite(original))
    place = int(np.searchsorted(known, first))
    if place == 0 or place == known.size:
        return MadeUp(first, end, state, None, name, 0, "history")
    mean = (original[known[place - 1]] + original[known[place]]) / 2
    return MadeUp(first, end, state, float(mean), name, 2, "")


def _whether(values: Any, like: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.zeros(like.shape, bool) if values is None else np.asarray(values, bool)


def _runs(lost: NDArray[np.bool_], control: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Gaps, as (first, behind the last); one ends where its state changes."""
    kind = np.where(lost, 1 + control.astype(np.int8), 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kind, [0])))).tolist()
    return [(start, end) for start, end in pairwise(edges) if start < kind.size and kind[start]]
