"""A value far from the station's own past, and away from its neighbours.

Method: location and scale of the last window by Huber's Proposal 2 (Huber 1964: M-estimators with
clipped residuals), followed recursively with a gain of the time step by the window, so that a
value costs the same whatever the window; robust z = distance by scale. A value that repeats the
one before teaches nothing: analysers show a measurement until the next. A swing begins with a jump
of half its distance from one value to the next; pollution that comes and goes has none. What is
out waits for a look at the neighbours: where their shifts, as z or as a share of their own level,
are a quarter of this one or more, it is weather or pollution, and no fault.

Silent before ``least_samples`` different values, for steps below ``least_change`` or
``least_share`` of the level, for what rises by and by or in a pause, below ``in_a_row``, while
neighbours moved along, and without neighbours below ``lonely_z`` (0: always).
Tests: tests/alerts/detect/test_swing.py.
"""

from __future__ import annotations

import numpy as np

from alerts.detect.outcomes import NEVER, Bits, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied

# ``centre``, ``spread``: of the past; ``z``, ``share``: of the newest ``value``; ``last``: when it
# was another one. ``over``, ``calm``: in a row; ``begun``: first of those that are over; ``peak``,
# ``peak_z``, ``peak_share``: the farthest of them. ``waiting``: for a look at the neighbours.
# ``since``: of the alarm.
STATE = np.dtype(
    [
        ("active", "?"),
        ("waiting", "?"),
        ("since", "i8"),
        ("centre", "f4"),
        ("spread", "f4"),
        ("samples", "i4"),
        ("last", "i8"),
        ("value", "f4"),
        ("z", "f4"),
        ("share", "f4"),
        ("over", "i2"),
        ("calm", "i2"),
        ("begun", "i8"),
        ("peak", "f4"),
        ("peak_z", "f4"),
        ("peak_share", "f4"),
        ("least_change", "f4"),
    ]
)
PARAMS = np.dtype(
    [
        ("z", "f8"),
        ("neighbours_z", "f8"),
        ("lonely_z", "f8"),
        ("window_us", "i8"),
        ("least_samples", "i4"),
        ("in_a_row", "i2"),
        ("clear_in_a_row", "i2"),
        ("least_share", "f8"),
        ("radius_km", "f8"),
        ("least_neighbours", "i4"),
    ]
)
ALONG = 0.25  # of one's own shift: neighbours went along
JUMP = 0.5  # of the distance, from one value to the next: how a swing begins
_CLIP = 1.5
_SQUARED = 0.7784  # mean of min(z * z, 1.5 ** 2) of a normal z
_LEAST_SPREAD = 0.005  # of the level: what a display rounds away
_MOST = 30_000


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    for name in ("since", "begun", "last"):
        state[name] = NEVER
    return state


def step(
    state: State, values: Values, times: Times, paused: Bits, params: State
) -> tuple[State, Outcomes]:
    """One value for each row: its own past learns it, an alarm may be over, and what is far out
    waits for `confirm`. ``paused``: nothing came for some intervals before it; whether it jumped
    nobody knows."""
    new = copied(state)
    n = state["samples"]
    centre, spread = (state[name].astype(np.float64) for name in ("centre", "spread"))
    first = n == 0
    scale = np.maximum(spread, _LEAST_SPREAD * np.abs(centre) + 1e-6)
    away = np.where(first, 0.0, values - centre)
    z = away / scale
    share = away / np.maximum(np.abs(centre), 1e-6)
    far = (
        (n >= params["least_samples"])
        & (np.abs(z) >= params["z"])
        & (np.abs(away) >= state["least_change"])
        & (np.abs(share) >= params["least_share"])
    )
    repeated = ~first & (values.astype(np.float32) == state["value"])
    _learn(new, values, times, z, scale, repeated, params["window_us"])
    jumped = (state["over"] > 0) | (~paused & (np.abs(z - state["z"]) >= JUMP * np.abs(z)))
    far &= jumped
    new["z"], new["share"] = np.clip(z, -1e6, 1e6), np.clip(share, -1e6, 1e6)

    begins = far & (state["over"] == 0)
    new["over"] = np.where(far, np.minimum(state["over"], _MOST) + 1, 0)
    new["calm"] = np.where(far, 0, np.minimum(state["calm"], _MOST) + 1)
    new["begun"] = np.where(begins, times, state["begun"])
    farther = far & (begins | (np.abs(z) > np.abs(state["peak_z"])))
    for name, column in (("peak", values), ("peak_z", new["z"]), ("peak_share", new["share"])):
        new[name] = np.where(farther, column, state[name])
    was = state["active"]
    cleared = was & (new["calm"] >= params["clear_in_a_row"])
    new["active"] = was & ~cleared
    new["waiting"] = ~was & (state["waiting"] | (new["over"] >= params["in_a_row"]))
    none = np.zeros_like(cleared)
    return new, outcomes(none, none, cleared)


def confirm(
    state: State, others_z: Values, others_share: Values, params: State
) -> tuple[State, Outcomes]:
    """Look at the neighbours of what waits, and of alarms. ``others_z``, ``others_share``: medians
    of the neighbours' newest shifts; nan: there are too few."""
    alone = np.isnan(others_z)
    along = _along(state, others_z, others_share, params)
    lonely = (params["lonely_z"] > 0) & (np.abs(state["peak_z"]) >= params["lonely_z"])
    alarming = np.where(alone, lonely, ~along)
    was = state["active"]
    raised = state["waiting"] & ~was & alarming
    cleared = was & ~alone & along
    new = copied(state)
    new["waiting"] = False
    new["since"] = np.where(raised, state["begun"], state["since"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def _along(state: State, others_z: Values, others_share: Values, params: State) -> Bits:
    """Whether the neighbours moved the same way, half as far or nearly as far."""
    z, share = state["peak_z"].astype(np.float64), state["peak_share"].astype(np.float64)
    sign = np.sign(z)
    with np.errstate(invalid="ignore"):
        found: Bits = (
            (others_z * sign >= ALONG * np.abs(z))
            | (np.abs(z) - others_z * sign < params["neighbours_z"])
            | (others_share * sign >= ALONG * np.abs(share))
        )
    return found


def _learn(
    new: State,
    values: Values,
    times: Times,
    z: Values,
    scale: Values,
    repeated: Bits,
    window_us: Times,
) -> None:
    """Centre and spread with one more value."""
    n = new["samples"]
    first = n == 0
    passed = np.where(first, 0, times - new["last"]).astype(np.float64)
    gain = np.maximum(1.0 - np.exp(-passed / window_us), 1.0 / (n + 1.0))
    gain = np.where(repeated, 0.0, np.minimum(gain, 0.5))
    clipped = np.clip(z, -_CLIP, _CLIP)
    new["centre"] = np.where(first, values, new["centre"] + gain * scale * clipped)
    grown = scale * np.exp(gain * (clipped * clipped - _SQUARED))
    new["spread"] = np.where(first, 0.05 * np.abs(values) + 1e-6, grown)
    new["samples"] = np.minimum(n + ~repeated, 1 << 30)
    new["value"] = values
    # What passed while a value stood counts with the next one.
    new["last"] = np.where(repeated, new["last"], times)
