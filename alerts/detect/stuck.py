"""A value that does not change for a time that is unusual for this instrument.

Method: the length of runs of equal values, against the rule's time and against the instrument's
own past: three times the 98th percentile of its runs, followed robustly by a recursion on its
logarithm (Robbins-Monro), so that one long standstill teaches little and a coarse display is given
longer. In its first runs the longest one counts, up to the rule's time.

Silent for factors without a time, below ``least_samples`` of a run, at values that may stand still
(``exempt_at_most``, ``exempt_at_least``), and across a hole of half the rule's time, in which the
value may have been another. Tests: tests/alerts/detect/test_stuck.py.
"""

from __future__ import annotations

import numpy as np

from alerts.detect.outcomes import NEVER, S_US, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied

# ``begun``: first of the run, ``last``: its newest, ``samples`` of it. ``usual_s``: percentile of
# earlier runs, ``runs`` of them. ``since``: when the alarm began.
STATE = np.dtype(
    [
        ("active", "?"),
        ("since", "i8"),
        ("value", "f8"),
        ("begun", "i8"),
        ("last", "i8"),
        ("samples", "i4"),
        ("usual_s", "f4"),
        ("runs", "i2"),
        ("after_s", "f4"),
        ("exempt_at_most", "f4"),
        ("exempt_at_least", "f4"),
    ]
)
PARAMS = np.dtype([("tolerance", "f8"), ("least_samples", "i4")])
TIMES_USUAL = 3.0
_SHARE, _STEP = 0.98, 0.5
_FIRST_RUNS, _MOST = 10, 30_000


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["value"] = state["exempt_at_most"] = state["exempt_at_least"] = np.nan
    state["since"] = state["begun"] = state["last"] = NEVER
    return state


def step(state: State, values: Values, times: Times, params: State) -> tuple[State, Outcomes]:
    """One value for each row; the new states, and what each says. An alarm begins with the first
    value of its run and is over with the first one that is another."""
    known = state["samples"] > 0
    after_us = (state["after_s"] * S_US).astype(np.int64)
    last = np.where(known, state["last"], times)
    hole = times - last > after_us // 2
    exempt = (values <= state["exempt_at_most"]) | (values >= state["exempt_at_least"])
    same = known & ~hole & ~exempt & (np.abs(values - state["value"]) <= params["tolerance"])
    begun = np.where(same, state["begun"], times)
    samples = np.where(same, np.minimum(state["samples"] + 1, 1 << 30), np.where(exempt, 0, 1))
    need_us = (needed_s(state) * S_US).astype(np.int64)
    due = (samples >= params["least_samples"]) & (times - begun >= need_us) & (after_us > 0)
    was = state["active"]
    raised, cleared = ~was & same & due, was & ~same

    new = copied(state)
    ended = known & ~same & ~hole
    new["usual_s"], new["runs"] = _learned(state, last, ended)
    new["value"] = np.where(same, state["value"], values)
    new["begun"], new["last"], new["samples"] = begun, times, samples
    new["since"] = np.where(raised, begun, state["since"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def needed_s(state: State) -> Values:
    """How long a run must be."""
    needed: Values = np.maximum(
        state["after_s"].astype(np.float64), TIMES_USUAL * state["usual_s"].astype(np.float64)
    )
    return needed


def _learned(state: State, last: Times, ended: State) -> tuple[State, State]:
    """Percentile of runs and their number with the run that ended."""
    run_s = np.where(ended, (last - np.where(ended, state["begun"], last)) / S_US, 0.0)
    usual, runs = state["usual_s"].astype(np.float64), state["runs"]
    first = np.maximum(usual, np.minimum(run_s, state["after_s"]))
    grown = np.minimum(np.maximum(usual, 1.0) * np.exp(_STEP * _SHARE), run_s)
    shrunk = np.maximum(usual, 1.0) * np.exp(_STEP * (_SHARE - 1.0))
    later = np.where(run_s > usual, grown, shrunk)
    learned = np.where(runs < _FIRST_RUNS, first, later)
    return (
        np.where(ended, learned, usual),
        np.where(ended, np.minimum(runs + 1, _MOST), runs),
    )
