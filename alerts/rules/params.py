"""The figures of each kind of rule, with their limits; units stand in the names.

What a figure is good for is said by the rules that have it (alerts/data/default_rules.json); what
it does, by the detectors. Tests: tests/alerts/rules/test_params.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from store.registry.alert_records import RuleKind, Severity

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=366 * 86_400)]
Days = Annotated[float, Meta(ge=0, le=3660)]
Times = Annotated[int, Meta(ge=1, le=10_000)]
Amount = Annotated[float, Meta(ge=0)]


class Params(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What every kind has. ``group``: alarms of many stations of a region make one incident.
    ``wait_s``: how long an alarm waits for others before it opens one, None: [alerts]
    group_wait_s. ``remind_every_s``: how often it is told again while it lasts, None: [alerts]
    remind_every_s."""

    group: bool = True
    wait_s: Annotated[float, Meta(ge=0, le=3600)] | None = None
    remind_every_s: Annotated[float, Meta(ge=60, le=31 * 86_400)] | None = None


class OverLimit(Params, frozen=True, kw_only=True):
    """A value above its limit, or an AQI at or above a level.

    ``by`` "aqi": ``level`` 1 to 6 and worse, ``severities``: level -> severity where it is not the
    rule's ("5" -> "severe"); "national": the limits of the standards; "own": those of the
    registry; "value": ``high`` and ``low`` in ``unit``, as the instrument sends it when that is
    empty. A value counts from ``least_ratio`` times the limit on, and is over when it is at or
    below ``clear_ratio`` times the limit (for a lower limit: above its inverse).
    """

    by: Literal["aqi", "national", "own", "value"]
    period: Literal["realtime", "minute", "hour", "day"] = "hour"
    high: float | None = None
    low: float | None = None
    unit: str = ""
    level: Annotated[int, Meta(ge=1, le=6)] = 4
    severities: dict[str, Severity] = {}
    least_ratio: Annotated[float, Meta(ge=0.01, le=1000)] = 1.0
    clear_ratio: Annotated[float, Meta(gt=0, le=1)] = 0.95
    in_a_row: Times = 2
    clear_in_a_row: Times = 2

    def severity_at(self, level: int) -> str:
        """The severity of an AQI level: that of the highest level named that is not above it; ""
        for the rule's own."""
        named = [one for one in self.severities if int(one) <= level]
        return self.severities[max(named, key=int)] if named else ""


class Offline(Params, frozen=True, kw_only=True):
    """Nothing arrives. ``scope`` "station": no frame; "device": nothing of a factor while its
    station sends; "link": no connection.

    Offline from ``after_s`` on, that moment not included; 0: never by this. For links also when
    one comes up ``flaps`` times within ``window_s``; 0: never. ``least_frames``: who sent fewer so
    far is not missed. Where stations are registered, only these are missed; where none is, those
    that sent ``stranger_frames`` good frames over ``stranger_s`` or longer: a number that was
    called once is nobody's.
    """

    scope: Literal["station", "device", "link"] = "station"
    after_s: Seconds = 900.0
    least_frames: Annotated[int, Meta(ge=0, le=10_000)] = 1
    flaps: Annotated[int, Meta(ge=0, le=10_000)] = 0
    window_s: Seconds = 3600.0
    stranger_frames: Annotated[int, Meta(ge=0, le=10_000)] = 10
    stranger_s: Seconds = 3600.0


class Stuck(Params, frozen=True, kw_only=True):
    """A value that does not change. ``after_s``: by factor, or by the beginning of its code, the
    longest that fits; others ``default_s``; 0: never. ``tolerance``: what still counts as no
    change, in the value's unit. ``exempt_at_most``: by factor in the same way, values at or below
    it may stand still (no rain, no wind, below detection). ``exempt_at_least``: or at or above it
    (100 % humidity)."""

    after_s: dict[str, Seconds] = {}
    default_s: Seconds = 0.0
    least_samples: Times = 10
    tolerance: Amount = 0.0
    exempt_at_most: dict[str, float] = {}
    exempt_at_least: dict[str, float] = {}

    def after_for(self, factor: str) -> float:
        """Seconds without change after which a factor is stuck; 0: never."""
        return by_factor(self.after_s, factor, self.default_s)


class Swing(Params, frozen=True, kw_only=True):
    """A value far from the station's own past and from its neighbours, by robust z-scores
    (0.6745 times the distance from the median in median absolute deviations).

    ``z``: from its own values of ``window_s``, of which there are ``least_samples``.
    ``neighbours_z``: and from those of ``least_neighbours`` or more within ``radius_km`` at the
    same time; with fewer it is judged by ``lonely_z`` alone, 0: not at all. ``least_change``: by
    factor, smaller steps are none; ``least_share``: nor those below this share of the median.
    """

    z: Annotated[float, Meta(gt=0, le=1000)] = 6.0
    neighbours_z: Annotated[float, Meta(gt=0, le=1000)] = 4.0
    lonely_z: Annotated[float, Meta(ge=0, le=1000)] = 10.0
    window_s: Seconds = 86_400.0
    least_samples: Times = 60
    in_a_row: Times = 2
    clear_in_a_row: Times = 2
    radius_km: Annotated[float, Meta(gt=0, le=1000)] = 20.0
    least_neighbours: Times = 3
    least_share: Annotated[float, Meta(ge=0, le=100)] = 0.5
    least_change: dict[str, float] = {}


class Drift(Params, frozen=True, kw_only=True):
    """A value that leaves its neighbours slowly: over ``window_days`` its ratio to the median of
    ``least_neighbours`` or more within ``radius_km`` moved by ``least_share`` and by ``z`` of its
    own deviations, on ``least_days`` days at least."""

    window_days: Days = 7.0
    least_days: Annotated[int, Meta(ge=2, le=366)] = 5
    z: Annotated[float, Meta(gt=0, le=1000)] = 4.0
    least_share: Annotated[float, Meta(ge=0, le=100)] = 0.3
    least_change: dict[str, float] = {}
    radius_km: Annotated[float, Meta(gt=0, le=1000)] = 20.0
    least_neighbours: Times = 3


class Clock(Params, frozen=True, kw_only=True):
    """The instrument's clock differs from ours by more than ``limit_s``, ``in_a_row`` frames
    long; resent and late data are not judged."""

    limit_s: Seconds = 300.0
    in_a_row: Times = 5
    clear_in_a_row: Times = 5


class Completeness(Params, frozen=True, kw_only=True):
    """Fewer of the expected data of the last full day than ``target``."""

    target: Share = 0.75
    period: Literal["realtime", "minute", "hour", "day"] = "hour"
    in_a_row: Times = 2


class BadFrames(Params, frozen=True, kw_only=True):
    """Of the frames of ``window_s`` at least ``least`` and more than ``share`` were refused; over
    below half of that share. ``scope`` "station": of each station's; "nobody": of all that
    arrived, those that name no station."""

    scope: Literal["station", "nobody"] = "station"
    share: Share = 0.2
    least: Times = 20
    window_s: Seconds = 3600.0


class Forward(Params, frozen=True, kw_only=True):
    """A target is behind by more than ``lag_s`` seconds, or by more than ``behind_frames`` frames
    (0: not by these), ``in_a_row`` looks long."""

    lag_s: Seconds = 600.0
    behind_frames: Annotated[int, Meta(ge=0)] = 0
    in_a_row: Times = 2


class StoreLag(Params, frozen=True, kw_only=True):
    """The store is behind the journal by more than ``lag_s``, ``in_a_row`` looks long."""

    lag_s: Seconds = 60.0
    in_a_row: Times = 2


class Disk(Params, frozen=True, kw_only=True):
    """Less is free than ``free_share`` of the disk and less than ``free_bytes``; both hold, so
    that a large disk is not full at 10 %. Critical below a quarter of both."""

    free_share: Share = 0.1
    free_bytes: Annotated[int, Meta(ge=0)] = 20_000_000_000


class KeyAge(Params, frozen=True, kw_only=True):
    """A device's key in force is older than ``days``."""

    days: Days = 100.0


class HeavyPollution(Params, frozen=True, kw_only=True):
    """A warning level by the forecast of AQI. ``table``: of alerts/data/warning_levels.json."""

    table: str = "2024"


PARAMS: Mapping[RuleKind, type[Params]] = {
    "over_limit": OverLimit,
    "offline": Offline,
    "stuck": Stuck,
    "swing": Swing,
    "drift": Drift,
    "clock": Clock,
    "completeness": Completeness,
    "bad_frames": BadFrames,
    "forward": Forward,
    "store_lag": StoreLag,
    "disk": Disk,
    "key_age": KeyAge,
    "heavy_pollution": HeavyPollution,
}


def by_factor(table: Mapping[str, float], factor: str, default: float) -> float:
    """The figure of a factor: of the longest beginning of its code that the table has."""
    for length in range(len(factor), 0, -1):
        found = table.get(factor[:length])
        if found is not None:
            return found
    return default


def decoded(kind: RuleKind, params: Mapping[str, Any]) -> Params:
    """The struct of a kind. ValueError, one sentence, names the field and what is wrong."""
    try:
        found = msgspec.convert(dict(params), PARAMS[kind])
    except msgspec.ValidationError as problem:
        raise ValueError(f"params of {kind}: {problem}") from None
    _check(found)
    return found


def _check(params: Params) -> None:
    if not isinstance(params, OverLimit):
        return
    if params.by == "value" and params.high is None and params.low is None:
        raise ValueError('params of over_limit: by = "value" needs high or low')
    if params.high is not None and params.low is not None and params.low > params.high:
        raise ValueError(f"params of over_limit: low = {params.low:g} is above high")
    for level in params.severities:
        if level not in ("1", "2", "3", "4", "5", "6"):
            raise ValueError(f'params of over_limit: severities: "{level}" is no level of the AQI')
