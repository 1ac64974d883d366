"""The links of a station: none for too long, or one that is made again and again.

Method: connections made within a moving window against a number, over below half of it; and the
time since the last link closed, as in silence.py.

Silent for stations of which no link was ever seen, and for time in which the platform was down.
Tests: tests/alerts/detect/test_links.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, Bits, Outcomes, State, Times, outcomes
from alerts.detect.recent import STEPS, moved, step_of
from alerts.detect.records import copied

# ``made``: connections by step of the window, ``at``: the newest step. ``gone``: the alarm is that
# there is none.
STATE = np.dtype(
    [
        ("active", "?"),
        ("gone", "?"),
        ("since", "i8"),
        ("made", "i4", (STEPS,)),
        ("at", "i8"),
    ]
)
PARAMS = np.dtype(
    [
        ("after_us", "i8"),
        ("flaps", "i4"),
        ("window_us", "i8"),
        ("stranger_frames", "i8"),
        ("stranger_us", "i8"),
    ]
)


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = NEVER
    return state


def came_up(state: State, at_us: int, params: State) -> tuple[State, Outcomes]:
    """A link of each was made."""
    new = _moved(state, at_us, params)
    new["made"][np.arange(len(state)), new["at"] % STEPS] += 1
    was = state["active"]
    cleared = was & state["gone"]
    raised = ~was & (params["flaps"] > 0) & (new["made"].sum(axis=1) >= params["flaps"])
    new["since"] = np.where(raised, at_us, state["since"])
    new["gone"] = state["gone"] & ~cleared
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def watch(
    state: State,
    up: NDArray[np.integer],
    closed_at: Times,
    expected: Bits,
    now_us: int,
    up_since_us: int,
    params: State,
) -> tuple[State, Outcomes]:
    """Look at the clock. ``up``: links that are open; ``closed_at``: NEVER where none closed."""
    new = _moved(state, now_us, params)
    began = np.maximum(closed_at, up_since_us) + params["after_us"]
    none = (up == 0) & (closed_at != NEVER) & (params["after_us"] > 0) & (now_us > began)
    was = state["active"]
    raised = ~was & expected & none
    calm = 2 * new["made"].sum(axis=1) < params["flaps"]
    cleared = was & (~expected | (~state["gone"] & calm))
    new["since"] = np.where(raised, began, state["since"])
    new["gone"] = np.where(was, state["gone"], raised)
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def _moved(state: State, at_us: int, params: State) -> State:
    new = copied(state)
    to = np.maximum(step_of(at_us, params["window_us"]), state["at"])
    new["made"], _ = moved(state["made"], state["at"], to)
    new["at"] = to
    return new
