"""Refused frames of a station: more of them than a share, and more than before.

Method: counts of a moving window against a share and a least number, over below half the share;
the share of the time before is kept for comparison, forgetting half of it in eight windows.

Silent below ``least`` refused frames, and for a station that always had as many: where at least
three windows' worth was seen, the share must be half as much again as it was.
Tests: tests/alerts/detect/test_bad_frames.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, Outcomes, State, Values, outcomes
from alerts.detect.recent import STEPS, moved, step_of
from alerts.detect.records import copied

# ``refused``, ``all``: by step of the window; ``at``: the newest step, STEPS of them are held.
# ``refused_before``, ``all_before``: what fell out of the window, fading.
STATE = np.dtype(
    [
        ("active", "?"),
        ("since", "i8"),
        ("refused", "i4", (STEPS,)),
        ("all", "i4", (STEPS,)),
        ("at", "i8"),
        ("refused_before", "f4"),
        ("all_before", "f4"),
    ]
)
PARAMS = np.dtype([("share", "f8"), ("least", "i4"), ("window_us", "i8")])
RISE = 1.5
_FADES = 0.5 ** (1 / (8 * STEPS))


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = NEVER
    return state


def step(
    state: State,
    refused: NDArray[np.integer],
    frames: NDArray[np.integer],
    now_us: int,
    params: State,
) -> tuple[State, Outcomes]:
    """What came since the last step, of each row; ``frames``: refused ones among them. An alarm
    begins at the step that shows it."""
    new = copied(state)
    to = np.maximum(step_of(now_us, params["window_us"]), state["at"])
    fades = _FADES ** np.minimum(to - state["at"], 10_000)
    for name, came in (("refused", refused), ("all", frames)):
        counts, fallen = moved(state[name], state["at"], to)
        counts[np.arange(len(state)), to % STEPS] += came.astype(np.int32)
        new[name] = counts
        new[f"{name}_before"] = state[f"{name}_before"] * fades + fallen
    new["at"] = to
    now, before = share(new), share_before(new)
    enough = new["refused"].sum(axis=1) >= params["least"]
    seen = new["all_before"] >= 3 * new["all"].sum(axis=1)
    rose = ~seen | (now >= RISE * before)
    was = state["active"]
    raised = ~was & enough & (now > params["share"]) & rose
    cleared = was & (now < 0.5 * params["share"])
    new["since"] = np.where(raised, now_us, state["since"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def share(state: State) -> Values:
    """Refused of all in the window; 0 where nothing came."""
    found: Values = state["refused"].sum(axis=1) / np.maximum(state["all"].sum(axis=1), 1)
    return found


def share_before(state: State) -> Values:
    """The same of the time before."""
    found: Values = state["refused_before"] / np.maximum(state["all_before"], 1e-9)
    return np.where(state["all_before"] > 0, found, 0.0)
