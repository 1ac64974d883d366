"""A factor that does not come any more while its station's others do.

Method: the receipt of its last sample, good or not, against that of the station's newest data;
after five of its own usual intervals (followed by a median recursion), and after the rule's time
at the least. A station that is silent itself does not age its factors.

Silent below ``least_frames`` samples of it. Tests: tests/alerts/detect/test_missing.py.
"""

from __future__ import annotations

import numpy as np

from alerts.detect.outcomes import NEVER, S_US, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied

STATE = np.dtype([("active", "?"), ("since", "i8")])
PARAMS = np.dtype([("after_us", "i8"), ("least_frames", "i8")])
INTERVALS = 5
_STEP = 0.1  # of the interval, up or down


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = NEVER
    return state


def watch(
    state: State,
    received: Times,
    interval_s: Values,
    samples: State,
    station_received: Times,
    params: State,
) -> tuple[State, Outcomes]:
    """Look at each: receipt of its newest sample and of the station's newest data. An alarm begins
    when the time was over."""
    need = np.maximum(params["after_us"], (INTERVALS * interval_s * S_US).astype(np.int64))
    missing = (
        (samples >= params["least_frames"])
        & (params["after_us"] > 0)
        & (station_received - need > received)
    )
    was = state["active"]
    raised, cleared = ~was & missing, was & ~missing
    new = copied(state)
    new["since"] = np.where(raised, received + need, state["since"])
    new["active"] = missing
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def interval_s(known_s: Values, passed_s: Values) -> Values:
    """The usual interval with one more: the median, followed by steps of a tenth."""
    up = known_s * (1 + _STEP)
    down = known_s * (1 - _STEP)
    found: Values = np.where(
        known_s <= 0,
        passed_s,
        np.where(passed_s > known_s, np.minimum(up, passed_s), np.maximum(down, passed_s)),
    )
    return found
