"""Keys of the section [means]. Tests: tests/hub/means/test_means_judging.py."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aqi.means.validity import rules

RELOAD = {"apply": "reload"}

HourSource = Literal["hour", "minute", "realtime"]


class MeansSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Means of hours and days, made as they end and made anew where data arrive late."""

    on: Annotated[
        bool,
        Meta(description="Make means of hours and days.", extra=RELOAD),
    ] = True
    grace_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="An hour is made so long after its end; what comes later is late.",
            extra=RELOAD,
        ),
    ] = 300.0
    hour_from: Annotated[
        list[HourSource],
        Meta(
            min_length=1,
            description="Of what an hour is made, in this order: the instrument's own hour "
            "value (2061), its minute data (2051), its real-time values (2011). A site may say "
            "otherwise.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["hour", "minute", "realtime"])
    day_from: Annotated[
        list[Literal["hour", "day"]],
        Meta(
            min_length=1,
            description="Of what a day is made, in this order: the hours here, the instrument's "
            "own day value (2031).",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["hour", "day"])
    valid_flags: Annotated[
        dict[str, list[str]],
        Meta(
            description='Flags beside "N" whose values count, by medium: flue = ["S"].',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=dict)
    negative: Annotated[
        Literal["invalid", "kept"],
        Meta(
            description="A mean below zero of what cannot be negative does not count, or does.",
            extra=RELOAD,
        ),
    ] = "invalid"
    future_s: Annotated[
        float,
        Meta(
            ge=0,
            description="A value whose DataTime is more than this after its receipt is left out.",
            extra=RELOAD,
        ),
    ] = 600.0
    no_values: Annotated[
        list[float],
        Meta(
            max_length=20,
            description="Numbers that instruments send where they have no value: 9999.99 for what "
            "cannot be calculated (HJ 212-2025; one source). They count as absurd, in measured "
            "and converted values; what is stored stays as it was sent.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: [9999.99])
    validity: Annotated[
        dict[str, dict[str, float]],
        Meta(
            description="Other figures than the national ones, by medium: "
            "air = {hour_minutes = 45, day_hours = 20}.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=dict)
    first_days: Annotated[
        int,
        Meta(
            ge=0,
            le=3660,
            description="How many days back means are made in a store that has none yet; "
            "`means recompute` makes those before.",
            extra=RELOAD,
        ),
    ] = 3
    site_days: Annotated[
        int,
        Meta(
            ge=0,
            le=3660,
            description="When what decides over the means of a site changes (medium, hour_from, "
            "stamp, unit of ozone), they are made anew so many days back.",
            extra=RELOAD,
        ),
    ] = 31
    every_s: Annotated[
        float,
        Meta(
            ge=1,
            le=3600,
            description="How often reviews, and hours that are over, are looked for.",
            extra=RELOAD,
        ),
    ] = 30.0
    late_every_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="For how long late data are gathered before their hours are made anew, "
            "since that reads an hour of all stations, however few are late; also before each new "
            "hour.",
            extra=RELOAD,
        ),
    ] = 300.0
    mns_at_once: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Instruments that are rolled up in one step: more take more memory.",
            extra=RELOAD,
        ),
    ] = 4000


def problem(settings: MeansSettings) -> tuple[str, str]:
    """The key that cannot be used and why, beyond what its type says; two empty texts: none."""
    try:
        rules(settings.validity)
    except ValueError as fault:
        return "validity", str(fault)
    return "", ""
