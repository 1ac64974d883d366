"""What rules of each kind mean for one station or factor: which watches begin, and with which
figures. Decides nothing about values. Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from alerts.detect import over_limit, silence
from alerts.rules.book import Rule
from alerts.rules.params import Offline, OverLimit
from aqi.standards import levels
from hj212d.hub.alerts.judged_keys import AQI_DAY, AQI_HOUR, MINUTE, PERIODS, REALTIME
from hj212d.hub.alerts.judged_lane import About, Columns, Kind


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
        """What holds for a factor over "realtime", "minute", "hour" or "day" by the "own" or the
        "national" limits; None: nothing."""


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
        if about.period >= AQI_HOUR or PERIODS[about.period] != params.period:
            return None
        if params.by == "value":
            return {"low": _number(params.low), "high": _number(params.high)}
        found = ground.limits(about.mn, about.factor, params.period, params.by)
        if found is None and about.period in (REALTIME, MINUTE):
            found = ground.limits(about.mn, about.factor, "hour", params.by)
        if found is None:
            return None
        return {"low": _number(found.low), "high": _number(found.high)}

    return Kind(
        name="over_limit",
        takes=lambda rule: isinstance(rule.params, OverLimit),
        params=over_limit.PARAMS,
        row=lambda p: (p.in_a_row, p.clear_in_a_row, p.least_ratio, p.clear_ratio),
        empty=over_limit.empty,
        setup=setup,
        forgets=("over", "calm", "worst", "told", "told_at", "samples"),
    )


def offline_kind() -> Kind:
    """Stations from which nothing comes."""
    return Kind(
        name="offline",
        takes=lambda rule: _is_offline(rule, "station"),
        params=silence.PARAMS,
        row=lambda p: (round(p.after_s * 1e6), p.least_frames),
        empty=silence.empty,
        setup=lambda _rule, _about: {},
    )


def _is_offline(rule: Rule, scope: str) -> bool:
    return isinstance(rule.params, Offline) and rule.params.scope == scope


def _above(level: int) -> int:
    """The AQI above which a level is reached; nothing is below the first."""
    return levels()[level - 2].top if level > 1 else -1


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
