"""Keys of the section [quality].

What types cannot say of them is told by :func:`problem`.
Tests: tests/hub/quality/test_quality_settings.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}

Pollutant = Literal["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"]


class QualitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How air quality is judged, evaluated and ranked, where the standards leave a choice."""

    method: Annotated[
        Literal["rank2014", "HJ663-C", "w2026_unconfirmed"],
        Meta(
            description="Composite index: rank2014, the national ranking rule of 2014; HJ663-C, "
            "appendix C of HJ 663-2013; w2026_unconfirmed, weights that one platform calls the "
            "method of 2026 and nobody confirms.",
            extra=RELOAD,
        ),
    ] = "rank2014"
    weights: Annotated[
        dict[Pollutant, float],
        Meta(
            description='Weights of the composite index in place of the method\'s: "PM2.5" = 2.',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=dict)
    decimals: Annotated[
        dict[str, dict[str, int]],
        Meta(
            description="Other decimals, by rule set, statistic and pollutant: "
            'HJ663-2026 = {"period/PM2.5" = 1}. The figures of 2026 are not confirmed.',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=dict)
    pm_realtime: Annotated[
        Literal["1h", "running24h"],
        Meta(
            description="AQI of hours by HJ 633-2012: from the hour's means, as published, or "
            "from running means of 24 hours (O3: of 8 hours, too), as its text has it.",
            extra=RELOAD,
        ),
    ] = "1h"
    daily_o3: Annotated[
        list[Literal["8h", "1h"]],
        Meta(
            min_length=1,
            description="Sub-indices of ozone in the AQI of days by HJ 633-2012: 8h as "
            "published, both as its text has it.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["8h"])
    exempt: Annotated[
        list[Pollutant],
        Meta(
            description="Pollutants outside the programme of a place without which its AQI may "
            "be published all the same (HJ 633-2026, 5.3.2).",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=list)
    region_class: Annotated[
        Literal[1, 2],
        Meta(description="Class of limits that regions are evaluated by.", extra=RELOAD),
    ] = 2
    site_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="A region has a value when this share of its assessed sites has one.",
            extra=RELOAD,
        ),
    ] = 0.75
    few_site_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="The same of a region with fewer than four assessed sites.",
            extra=RELOAD,
        ),
    ] = 0.5
    good_days: Annotated[
        Literal["with", "without"],
        Meta(
            description="Good and heavily polluted days of an evaluation without exceptional "
            "events: counted with them all the same, as national reports do, or without.",
            extra=RELOAD,
        ),
    ] = "with"
    regions: Annotated[
        dict[str, str],
        Meta(description='Names of regions: "330100" = "杭州市".', extra=RELOAD),
    ] = msgspec.field(default_factory=dict)


def problem(settings: QualitySettings) -> tuple[str, str]:
    """The key of [quality] that cannot be as it is and why, ``("", "")`` when all is well."""
    if not (settings.weights or settings.decimals):
        return "", ""
    from aqi.composite import method  # not for those who change neither
    from aqi.decimals import Decimals

    try:
        method(settings.method, {str(name): one for name, one in settings.weights.items()})
    except ValueError as fault:
        return "weights", str(fault)
    try:
        for name, changed in settings.decimals.items():
            Decimals(name, changed)
    except ValueError as fault:
        return "decimals", str(fault)
    return "", ""
