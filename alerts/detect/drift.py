"""A value that leaves its neighbours slowly: a sensor that ages, a flow that sinks.

Method: the logarithm of the ratio of hourly means (of what is sent, counted here) to the median of
the neighbours', one mean a Beijing day; over the rule's window the slope of Theil and Sen (the
median of all pairwise slopes), Kendall's tau of the days for "one way only", and the median
absolute deviation from the line. Hours in which the neighbours are at twice or half of what is
usual there are left out: an episode changes ratios, because it adds to all alike.

Silent where fewer than ``least_days`` days have twelve hours each, without neighbours, for values
not above 0, where the move is below ``least_share``, ``least_change`` or ``z`` deviations, and
where it goes to and fro (tau below 0.7). Tests: tests/alerts/detect/test_drift.py.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, Bits, Outcomes, State, Times, Values, outcomes
from alerts.detect.records import copied, put, taken

DAYS = 14
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
BEIJING_US = 8 * HOUR_US
LEAST_HOURS = 12
LEAST_TAU = 0.7
_LEAST_DEVIATION = 0.02
_MAD = 1.4826
_TWICE = float(np.log(2))
_USUAL_GAIN = 1 / 72
_MOST_KNOWN = 30_000

# ``hour``, ``taken``, ``total``: the hour that is being filled, its values and their sum;
# ``last_hour``, ``last_mean``: the one before it that had any. ``ratios``: log ratio of the last
# full days, nan for none, at day % DAYS; ``day``: the one that is being filled, with ``sum``,
# ``level`` and ``hours``. ``move``: what was found last. ``usual``: logarithm of the neighbours'
# median as it is most of the time, of ``known`` hours.
STATE = np.dtype(
    [
        ("active", "?"),
        ("since", "i8"),
        ("ratios", "f2", (DAYS,)),
        ("day", "i4"),
        ("hours", "i2"),
        ("sum", "f4"),
        ("level", "f4"),
        ("move", "f4"),
        ("least_change", "f4"),
        ("hour", "i4"),
        ("taken", "i4"),
        ("total", "f4"),
        ("last_hour", "i4"),
        ("last_mean", "f4"),
        ("usual", "f4"),
        ("known", "i2"),
    ]
)
PARAMS = np.dtype(
    [
        ("window_days", "i4"),
        ("least_days", "i4"),
        ("z", "f8"),
        ("least_share", "f8"),
        ("radius_km", "f8"),
        ("least_neighbours", "i4"),
    ]
)


def empty(count: int) -> State:
    """States of things of which nothing is known."""
    state = np.zeros(count, STATE)
    state["since"] = NEVER
    state["ratios"] = np.nan
    return state


def take(state: State, values: Values, times: Times) -> State:
    """One value for each row goes into the mean of its hour."""
    hour = (times // HOUR_US).astype(np.int32)
    turned = hour > state["hour"]
    new = copied(state)
    over = turned & (state["taken"] > 0)
    mean = state["total"] / np.maximum(state["taken"], 1)
    new["last_hour"] = np.where(over, state["hour"], state["last_hour"])
    new["last_mean"] = np.where(over, mean, state["last_mean"])
    new["hour"] = np.where(turned, hour, state["hour"])
    new["total"] = np.where(turned, values, state["total"] + values)
    new["taken"] = np.where(turned, 1, state["taken"] + 1)
    return new


def means(state: State, hour: int) -> Values:
    """The mean of an hour (number since 1970) that is over, nan for none."""
    filled = (state["hour"] == hour) & (state["taken"] > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Values = np.where(
            filled,
            state["total"] / state["taken"],
            np.where(state["last_hour"] == hour, state["last_mean"], np.nan),
        )
    return found


def step(
    state: State, values: Values, others: Values, times: Times, params: State
) -> tuple[State, Outcomes]:
    """One hour of each row: its mean and the median of its neighbours, nan for none. With the
    first hour of a day the day before is judged; an alarm begins with that day."""
    new = copied(state)
    day = ((times + BEIJING_US) // DAY_US).astype(np.int32)
    turned = (day > state["day"]) & (state["day"] > 0)
    found = np.zeros(len(state), np.int8)
    if turned.any():
        rows = np.flatnonzero(turned)
        over, found[rows] = _day_over(taken(state, rows), day[rows], taken(params, rows))
        put(new, rows, over)
    new["day"] = np.maximum(day, state["day"])
    counts = (values > 0) & (others > 0) & (day == new["day"])
    counts &= _is_usual(new, np.where(counts, others, 1.0), counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts, np.log(values / others), 0.0)
    new["sum"] += ratio
    new["level"] += np.where(counts, values, 0.0)
    new["hours"] += counts
    return new, found


def _is_usual(new: State, others: Values, counts: Bits) -> Bits:
    """Whether the neighbours are as they are most of the time; learns it."""
    level = np.log(others)
    first = counts & (new["known"] == 0)
    away = np.where(first, 0.0, level - new["usual"])
    gain = np.maximum(_USUAL_GAIN, 1.0 / (new["known"] + 1.0))
    learned = new["usual"] + gain * np.clip(away, -_TWICE, _TWICE)
    new["usual"] = np.where(first, level, np.where(counts, learned, new["usual"]))
    new["known"] = np.minimum(new["known"] + counts, _MOST_KNOWN)
    found: Bits = np.abs(away) <= _TWICE
    return found


def _day_over(state: State, day: NDArray[np.int32], params: State) -> tuple[State, Outcomes]:
    new = copied(state)
    rows = np.arange(len(state))
    full = state["hours"] >= LEAST_HOURS
    hours = np.maximum(state["hours"], 1)
    # Days without any hour between the one that is over and the new one are holes.
    passed = np.clip(day - state["day"], 1, DAYS)
    column = np.arange(DAYS)[None, :]
    hole = (column - (state["day"][:, None] + 1)) % DAYS < (passed - 1)[:, None]
    ratios = np.where(hole, np.nan, state["ratios"])
    ratios[rows, state["day"] % DAYS] = np.where(full, state["sum"] / hours, np.nan)
    new["ratios"] = ratios
    move, deviation, tau, days = moves(ratios, state["day"], params["window_days"])
    level = state["level"] / hours
    size = np.abs(np.expm1(move))
    tells = (
        full
        & (days >= params["least_days"])
        & (np.abs(tau) >= LEAST_TAU)
        & (size >= params["least_share"])
        & (size * level >= state["least_change"])
        & (np.abs(move) >= params["z"] * deviation)
    )
    was = state["active"]
    raised = ~was & tells
    cleared = was & full & (days >= params["least_days"]) & (size < 0.5 * params["least_share"])
    new["move"] = np.where(np.isfinite(move), move, 0.0)
    began = state["day"].astype(np.int64) * DAY_US - BEIJING_US
    new["since"] = np.where(raised, began, state["since"])
    new["active"] = (was | raised) & ~cleared
    for name in ("sum", "level", "hours"):
        new[name] = 0
    return new, outcomes(raised, np.zeros_like(raised), cleared)


def moves(
    ratios: NDArray[np.floating], day: NDArray[np.integer], window: NDArray[np.integer]
) -> tuple[Values, Values, Values, NDArray[np.int64]]:
    """Of the days up to ``day``: how far the line moved over the window, the deviation from it,
    Kendall's tau, and how many days there are. nan where there are fewer than three."""
    back = np.arange(DAYS - 1, -1, -1)
    rows = np.arange(len(ratios))[:, None]
    series = ratios[rows, (day[:, None] - back[None, :]) % DAYS].astype(np.float64)
    series = np.where(back[None, :] < window[:, None], series, np.nan)
    there = np.isfinite(series)
    days = there.sum(axis=1)
    pairs = list(combinations(range(DAYS), 2))
    first, second = (np.array([pair[n] for pair in pairs]) for n in (0, 1))
    steps = series[:, second] - series[:, first]
    slopes = steps / (second - first)[None, :]
    n_pairs = np.maximum(np.isfinite(steps).sum(axis=1), 1)
    tau = np.nansum(np.sign(steps), axis=1) / n_pairs
    slope = _median(slopes)
    x = np.arange(DAYS)[None, :]
    rest = series - slope[:, None] * x
    deviation = np.maximum(_MAD * _median(np.abs(rest - _median(rest)[:, None])), _LEAST_DEVIATION)
    enough = days >= 3
    span = np.where(enough, np.minimum(window, DAYS) - 1, 0)
    return np.where(enough, slope * span, np.nan), deviation, tau, days


def _median(values: Values) -> Values:
    """Of each row without its nan; nan where nothing is left."""
    there = np.isfinite(values)
    n = there.sum(axis=1)
    ordered = np.sort(np.where(there, values, np.inf), axis=1)
    rows = np.arange(len(values))
    middle = (ordered[rows, np.maximum(n - 1, 0) // 2] + ordered[rows, n // 2 * (n > 0)]) / 2
    return np.where(n > 0, middle, np.nan)
