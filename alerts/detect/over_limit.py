"""A value above or below its limit, so often in a row, until it is well inside again.

Method: two counters and hysteresis, as alarm systems of plants have it (ISA-18.2, on-delay,
off-delay and deadband: background knowledge). Exactly the limit is not over. Whose limit it is,
and in which unit, is not decided here.

Silent where neither bound is known, below ``in_a_row``, and between limit and clearing line,
where what is stays. Tests: tests/alerts/detect/test_over_limit.py.
"""

from __future__ import annotations

import numpy as np

from alerts.detect.outcomes import NEVER, Bits, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied

# ``low``, ``high``: nan for none. ``over``, ``calm``: how many in a row. ``since``: first of those
# that are over; ``worst``: the worst since then; ``told``, ``told_at``: what was told last.
# ``of``: for which values the limit holds (ANY ...). ``by_day``, ``by_night``: what ``high`` is
# then; nan: always the same. ``step``: values are rounded to it, nan: they are not.
STATE = np.dtype(
    [
        ("low", "f8"),
        ("high", "f8"),
        ("by_day", "f8"),
        ("by_night", "f8"),
        ("step", "f8"),
        ("of", "i1"),
        ("over", "i2"),
        ("calm", "i2"),
        ("active", "?"),
        ("since", "i8"),
        ("worst", "f8"),
        ("told", "f8"),
        ("told_at", "i8"),
        ("samples", "i4"),
    ]
)
PARAMS = np.dtype(
    [("in_a_row", "i2"), ("clear_in_a_row", "i2"), ("least_ratio", "f8"), ("clear_ratio", "f8")]
)
# A value at the reference oxygen where there is one; as it was measured; at the reference only.
ANY, MEASURED, CONVERTED = range(3)
WORSE = 1.1  # told again from a tenth above what was told
TELL_EVERY_US = 600_000_000
_MOST = 30_000
_NOISE = 9


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    for name in ("low", "high", "by_day", "by_night", "step", "worst", "told"):
        state[name] = np.nan
    state["since"] = state["told_at"] = NEVER
    return state


def step(state: State, values: Values, times: Times, params: State) -> tuple[State, Outcomes]:
    """One value for each row; the new states, and what each says.

    A limit below or at 0 has no ratio: a value is above it or not. "changed": the worst value got
    worse by a tenth of the limit's excess ratio, told every ten minutes at the most.
    """
    low, high = state["low"], state["high"]
    over = (values > _scaled(high, params["least_ratio"])) | (
        values < _divided(low, params["least_ratio"])
    )
    outside = (values > _scaled(high, params["clear_ratio"])) | (
        values < _divided(low, params["clear_ratio"])
    )
    was, runs = state["active"], state["over"] > 0
    new = copied(state)
    new["over"] = np.where(over, np.minimum(state["over"], _MOST) + 1, 0)
    new["calm"] = np.where(outside | over, 0, np.minimum(state["calm"], _MOST) + 1)
    raised = ~was & (new["over"] >= params["in_a_row"])
    cleared = was & (new["calm"] >= params["clear_in_a_row"])
    first = over & ~runs & ~was
    new["since"] = np.where(first, times, state["since"])
    strength, before = ratio(values, low, high), ratio(state["worst"], low, high)
    worse = over & (first | ~(strength <= before))
    new["worst"] = np.where(worse, values, state["worst"])
    new["samples"] = np.where(first, 1, state["samples"] + over)
    changed = (
        was
        & over
        & (np.maximum(strength, before) > WORSE * ratio(state["told"], low, high))
        & (times - state["told_at"] >= TELL_EVERY_US)
    )
    tell = raised | changed
    new["told"] = np.where(tell, new["worst"], state["told"])
    new["told_at"] = np.where(tell, times, state["told_at"])
    new["active"] = (was | raised) & ~cleared
    return new, outcomes(raised, changed, cleared)


def fitting(state: State, measured: Values, converted: Values) -> Values:
    """Of each row the value that its limit holds for; nan where there is none."""
    at_reference = (state["of"] != MEASURED) & ~np.isnan(converted)
    plain = np.where(state["of"] == CONVERTED, np.nan, measured)
    return np.where(at_reference, converted, plain)


def rounded(state: State, values: Values) -> Values:
    """Values as they are compared: rounded to the last decimal of the limit, half to even (GB/T
    8170-2008, 4.3.3, comparison of rounded values; background knowledge)."""
    step = state["step"]
    # Quotients and products of binary numbers are off by less than nine decimals show.
    whole = np.rint(np.round(values / step, _NOISE))
    return np.where(np.isnan(step), values, np.round(whole * step, _NOISE))


def by_hour(state: State, dark: Bits) -> State:
    """With the upper bounds of the day or of the night (``dark``), where these differ."""
    both = ~np.isnan(state["by_night"])
    if not both.any():
        return state
    new = copied(state)
    high = np.where(dark, state["by_night"], state["by_day"])
    new["high"] = np.where(both, high, state["high"])
    return new


def ratio(values: Values, low: Values, high: Values) -> Values:
    """How many times the limit it is, above or (the other way round) below; nan: no sense."""
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(high > 0, values / high, np.nan)
        below = np.where((low > 0) & (values > 0), low / values, np.nan)
    return np.fmax(above, below)


def _scaled(bound: Values, share: Values) -> Values:
    return np.where(bound > 0, bound * share, bound)


def _divided(bound: Values, share: Values) -> Values:
    return np.where(bound > 0, bound / share, bound)


def exceeded(state: State, values: Values) -> Bits:
    """Whether it is the upper bound that a value broke."""
    return values > np.where(np.isnan(state["high"]), np.inf, state["high"])
