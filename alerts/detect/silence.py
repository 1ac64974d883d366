"""A station of which nothing good came for too long, by the receiving clock.

The boundary belongs to the station, as in alerts/presence.py: exactly ``after_s`` is not yet
silence. Time in which nobody listened counts for nothing. What is told of links beside it, and
who ought to speak at all, is the caller's.

Silent where a thing was never heard (unless the rule says that it ought to have been), and until
the platform itself has listened for ``after_s``. Tests: tests/alerts/detect/test_silence.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, Bits, Outcomes, State, Times, outcomes
from alerts.detect.records import copied

STATE = np.dtype([("active", "?"), ("since", "i8")])  # since: when the alarm began
PARAMS = np.dtype(
    [
        ("after_us", "i8"),
        ("least_frames", "i8"),
        ("stranger_frames", "i8"),
        ("stranger_us", "i8"),
    ]
)


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = NEVER
    return state


def watch(
    state: State,
    last_seen: Times,
    frames: NDArray[np.int64],
    expected: Bits,
    now_us: int,
    up_since_us: int,
    params: State,
) -> tuple[State, Outcomes]:
    """Look at the clock: who is silent now.

    ``last_seen``: NEVER where nothing came yet; ``frames``: how many good ones came. ``expected``:
    who ought to speak; an alarm of one who need not any more is over. ``since`` becomes the last
    sign of life (or the moment from which on the platform listened) plus ``after_us``, whenever
    somebody looks. ``after_us`` 0: nobody is silent.
    """
    was = state["active"]
    known = frames >= params["least_frames"]
    began = np.maximum(last_seen, up_since_us) + params["after_us"]
    raised = ~was & expected & known & (now_us > began) & (params["after_us"] > 0)
    cleared = was & ~expected
    new = copied(state)
    new["since"] = np.where(raised, began, state["since"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def regular(first_seen: Times, last_seen: Times, frames: NDArray[np.int64], params: State) -> Bits:
    """Which of the stations that nobody registered have spoken so long and so often that they
    ought to go on; who called once is nobody."""
    spoken = first_seen != NEVER
    for_us = np.where(spoken, last_seen - np.where(spoken, first_seen, last_seen), 0)
    for_us = np.maximum(for_us, 0)  # the clock may have been set back in between
    found: Bits = (frames >= params["stranger_frames"]) & (for_us >= params["stranger_us"])
    return found


def heard(state: State) -> tuple[State, Outcomes]:
    """Something good came from each of them."""
    new = copied(state)
    new["active"] = False
    none = np.zeros(len(state), np.bool_)
    return new, outcomes(none, none, state["active"])
