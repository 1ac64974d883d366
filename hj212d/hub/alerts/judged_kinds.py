"""What rules of each kind mean for one station or factor: which watches begin, and with which
figures. Decides nothing about values. Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from alerts.detect import (
    bad_frames,
    clock,
    drift,
    links,
    missing,
    over_limit,
    silence,
    stuck,
    swing,
)
from alerts.rules.book import Rule
from alerts.rules.params import (
    BadFrames,
    Clock,
    Drift,
    Offline,
    OverLimit,
    Stuck,
    Swing,
    by_factor,
)
from aqi.standards import levels
from hj212d.hub.alerts.judged_keys import (
    AQI_DAY,
    AQI_HOUR,
    DAY,
    MINUTE,
    NIGHT,
    PERIODS,
    REALTIME,
)
from hj212d.hub.alerts.judged_lane import About, Columns, Kind

# Directions: 359 and 1 are neighbours.
CIRCULAR = frozenset({"a01008"})


class Bounds(Protocol):
    """A limit as values of a station are compared with it; None: not bounded on that side."""

    @property
    def low(self) -> float | None:
        """The lower bound."""

    @property
    def high(self) -> float | None:
        """The upper bound."""

    @property
    def unit(self) -> str:
        """Of both, as the station sends the factor."""

    @property
    def stat(self) -> str:
        """Of which value: "zs" of one at the reference oxygen, others of one as measured."""

    @property
    def night(self) -> float | None:
        """The upper bound at night, None: the same as by day."""

    @property
    def step(self) -> float | None:
        """Values are rounded to multiples of it before they are compared; None: they are not."""


class Ground(Protocol):
    """What the evaluator asks about stations, in its own thread; the answers are kept until
    `Evaluator.forget_limits` or `set_rules`."""

    def registered(self) -> Collection[str]:
        """The MNs that ought to speak, whether or not they ever did. Empty: whoever was heard."""

    def region(self, mn: str) -> str:
        """The code of its region, "" for none."""

    def medium(self, mn: str) -> str:
        """What it measures, "" when nobody says."""

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where it is not known."""

    def unit(self, mn: str, factor: str) -> str:
        """The unit in which it sends a factor, "" when nobody knows."""

    def limits(self, mn: str, factor: str, period: str, by: Any) -> Bounds | None:
        """What holds for a factor over "realtime", "minute", "hour", "day" or the "night" of a day
        by the "own" or the "national" limits; None: nothing."""


def over_limit_kind(ground: Ground) -> Kind:
    """Values above limits. Of real-time and minute values the limit of an hour holds where none
    of their own is known."""

    def setup(rule: Rule, about: About) -> Columns | None:
        params = rule.params
        assert isinstance(params, OverLimit)
        if params.by == "aqi":
            if about.period != (AQI_DAY if params.period == "day" else AQI_HOUR):
                return None
            return {"low": float("nan"), "high": float(_above(params.level))}
        if about.period in (AQI_HOUR, AQI_DAY) or _asked(about.period) != params.period:
            return None
        if params.by == "value":
            return {"low": _number(params.low), "high": _number(params.high)}
        found = ground.limits(about.mn, about.factor, PERIODS[about.period], params.by)
        if found is None and about.period in (REALTIME, MINUTE):
            found = ground.limits(about.mn, about.factor, "hour", params.by)
        if found is None:
            return None
        return {
            "low": _number(found.low),
            "high": _number(found.high),
            "by_day": _number(found.high),
            "by_night": _number(found.night),
            "step": _number(found.step),
            "of": over_limit.CONVERTED if found.stat == "zs" else over_limit.MEASURED,
        }

    return Kind(
        name="over_limit",
        of_keys=True,
        takes=lambda rule: isinstance(rule.params, OverLimit),
        params=over_limit.PARAMS,
        row=lambda p: (p.in_a_row, p.clear_in_a_row, p.least_ratio, p.clear_ratio),
        empty=over_limit.empty,
        setup=setup,
        forgets=("over", "calm", "worst", "told", "told_at", "samples"),
    )


def stuck_kind() -> Kind:
    """Values that do not change; real-time ones, else those of minutes."""

    def setup(rule: Rule, about: About) -> Columns | None:
        params = rule.params
        assert isinstance(params, Stuck)
        after_s = params.after_for(about.factor)
        if after_s <= 0 or about.period not in (REALTIME, MINUTE):
            return None
        nan = float("nan")
        return {
            "after_s": after_s,
            "exempt_at_most": by_factor(params.exempt_at_most, about.factor, nan),
            "exempt_at_least": by_factor(params.exempt_at_least, about.factor, nan),
        }

    return Kind(
        name="stuck",
        of_keys=True,
        takes=lambda rule: isinstance(rule.params, Stuck),
        params=stuck.PARAMS,
        row=lambda p: (p.tolerance, p.least_samples),
        empty=stuck.empty,
        setup=setup,
    )


def swing_kind() -> Kind:
    """Values far out; the same periods as of `stuck_kind`."""

    def setup(rule: Rule, about: About) -> Columns | None:
        params = rule.params
        assert isinstance(params, Swing)
        if about.period not in (REALTIME, MINUTE) or about.factor in CIRCULAR:
            return None
        return {"least_change": by_factor(params.least_change, about.factor, 0.0)}

    return Kind(
        name="swing",
        of_keys=True,
        takes=lambda rule: isinstance(rule.params, Swing),
        params=swing.PARAMS,
        row=lambda p: (
            p.z,
            p.neighbours_z,
            p.lonely_z,
            round(p.window_s * 1e6),
            p.least_samples,
            p.in_a_row,
            p.clear_in_a_row,
            p.least_share,
            p.radius_km,
            p.least_neighbours,
        ),
        empty=swing.empty,
        setup=setup,
        forgets=("waiting", "over", "calm", "begun", "peak", "peak_z", "peak_share"),
    )


def drift_kind() -> Kind:
    """Hourly means that leave their neighbours, of the same periods as of `stuck_kind`."""

    def setup(rule: Rule, about: About) -> Columns | None:
        params = rule.params
        assert isinstance(params, Drift)
        if about.period not in (REALTIME, MINUTE) or about.factor in CIRCULAR:
            return None
        return {"least_change": by_factor(params.least_change, about.factor, 0.0)}

    return Kind(
        name="drift",
        of_keys=True,
        takes=lambda rule: isinstance(rule.params, Drift),
        params=drift.PARAMS,
        row=lambda p: (
            min(round(p.window_days), drift.DAYS),
            min(p.least_days, drift.DAYS),
            p.z,
            p.least_share,
            p.radius_km,
            p.least_neighbours,
        ),
        empty=drift.empty,
        setup=setup,
    )


def missing_kind() -> Kind:
    """Factors that do not come any more."""
    return Kind(
        name="missing",
        of_keys=True,
        takes=lambda rule: _is_offline(rule, "device"),
        params=missing.PARAMS,
        row=lambda p: (round(p.after_s * 1e6), p.least_frames),
        empty=missing.empty,
        setup=lambda _rule, about: {} if about.period in (REALTIME, MINUTE) else None,
    )


def offline_kind() -> Kind:
    """Stations from which nothing comes."""
    return Kind(
        name="offline",
        of_keys=False,
        takes=lambda rule: _is_offline(rule, "station"),
        params=silence.PARAMS,
        row=lambda p: (
            round(p.after_s * 1e6),
            p.least_frames,
            p.stranger_frames,
            round(p.stranger_s * 1e6),
        ),
        empty=silence.empty,
        setup=_any,
    )


def links_kind() -> Kind:
    """Stations without a link, or with one that is made again and again."""
    return Kind(
        name="links",
        of_keys=False,
        takes=lambda rule: _is_offline(rule, "link"),
        params=links.PARAMS,
        row=lambda p: (
            round(p.after_s * 1e6),
            p.flaps,
            round(p.window_s * 1e6),
            p.stranger_frames,
            round(p.stranger_s * 1e6),
        ),
        empty=links.empty,
        setup=_any,
    )


def clock_kind() -> Kind:
    """Clocks of instruments."""
    return Kind(
        name="clock",
        of_keys=False,
        takes=lambda rule: isinstance(rule.params, Clock),
        params=clock.PARAMS,
        row=lambda p: (round(p.limit_s * 1e6), p.in_a_row, p.clear_in_a_row),
        empty=clock.empty,
        setup=_any,
    )


def bad_frames_kind() -> Kind:
    """Refused frames of a station."""
    return Kind(
        name="bad_frames",
        of_keys=False,
        takes=lambda rule: isinstance(rule.params, BadFrames) and rule.params.scope == "station",
        params=bad_frames.PARAMS,
        row=lambda p: (p.share, p.least, round(p.window_s * 1e6)),
        empty=bad_frames.empty,
        setup=_any,
    )


def _any(_rule: Rule, _about: About) -> Columns:
    return {}


def _is_offline(rule: Rule, scope: str) -> bool:
    return isinstance(rule.params, Offline) and rule.params.scope == scope


def _asked(period: int) -> str:
    """The period that a rule names."""
    return PERIODS[DAY if period == NIGHT else period]


def _above(level: int) -> int:
    """The AQI above which a level is reached; nothing is below the first."""
    return levels()[level - 2].top if level > 1 else -1


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
