"""An instrument's clock that is wrong: data time less receipt of frames that come at once.

Method: so many frames in a row off by more than the limit, to the same side; told is the median of
the last five. A frame is judged when its offset is that of the one before, give or take half of
what the data times moved: where both clocks run, they move alike; where a backlog is worked off,
data times run and receipts do not.

Silent for refills (rf), late data, the first frame after a pause or a change of the clock.
Tests: tests/alerts/detect/test_clock_detector.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, S_US, Bits, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied

KEPT = 5
STATE = np.dtype(
    [
        ("active", "?"),
        ("since", "i8"),
        ("begun", "i8"),
        ("over", "i2"),
        ("calm", "i2"),
        ("ahead", "?"),
        ("offsets_s", "f4", (KEPT,)),
        ("kept", "i4"),
    ]
)
PARAMS = np.dtype([("limit_us", "i8"), ("in_a_row", "i2"), ("clear_in_a_row", "i2")])
_JITTER_US = 5 * S_US
_MOST = 30_000


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = state["begun"] = NEVER
    return state


def steady(offset_us: Times, before_us: Times, moved_us: Times) -> Bits:
    """Which frames can be judged: offsets now and of the frame before, and how far the data times
    moved between them."""
    found: Bits = (moved_us > 0) & (
        np.abs(offset_us - before_us) <= np.maximum(moved_us // 2, 0) + _JITTER_US
    )
    return found


def step(state: State, offset_us: Times, received: Times, params: State) -> tuple[State, Outcomes]:
    """One frame that can be judged for each row. An alarm begins with the receipt of the first
    frame that was off."""
    off = np.abs(offset_us) > params["limit_us"]
    ahead = offset_us > 0
    again = off & (state["over"] > 0) & (ahead == state["ahead"])
    new = copied(state)
    new["ahead"] = ahead
    new["over"] = np.where(again, np.minimum(state["over"], _MOST) + 1, off)
    new["calm"] = np.where(off, 0, np.minimum(state["calm"], _MOST) + 1)
    new["begun"] = np.where(off & ~again, received, state["begun"])
    rows = np.arange(len(state))
    new["offsets_s"][rows, state["kept"] % KEPT] = offset_us / S_US
    new["kept"] = np.where(state["kept"] >= 2 * KEPT - 1, KEPT, state["kept"] + 1)
    was = state["active"]
    raised = ~was & (new["over"] >= params["in_a_row"])
    cleared = was & (new["calm"] >= params["clear_in_a_row"])
    new["since"] = np.where(raised, new["begun"], state["since"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def median_s(state: State) -> Values:
    """The median of the last offsets, in seconds, more than 0 for a clock that is ahead."""
    kept = np.minimum(state["kept"], KEPT)
    there: NDArray[np.bool_] = np.arange(KEPT)[None, :] < kept[:, None]
    ordered = np.sort(np.where(there, state["offsets_s"], np.inf), axis=1)
    found: Values = ordered[np.arange(len(state)), np.maximum(kept - 1, 0) // 2]
    return np.where(kept > 0, found, np.nan)
