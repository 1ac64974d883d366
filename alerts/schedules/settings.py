"""Keys of the section [schedules].

Tests: tests/alerts/schedules/test_schedules_due.py, tests/hub/schedules/test_schedule_service.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

RELOAD = {"apply": "reload"}
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
REGION = r"^region:(\*|([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})\*?)$"

Clock = Annotated[str, Meta(pattern=CLOCK)]
RegionText = Annotated[str, Meta(pattern=REGION)]


class SchedulesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people are told by the clock. Times of day are Beijing time."""

    on: Annotated[
        bool,
        Meta(description="Tell rankings, summaries, reviews and warnings.", extra=RELOAD),
    ] = True
    ranking_at: Annotated[
        Clock, Meta(description="Yesterday's ranking is told from then on.", extra=RELOAD)
    ] = "08:30"
    late_until: Annotated[
        Clock,
        Meta(
            description="A ranking that is not published by then is told to be missing; after a "
            "start nothing of the day is caught up with later than that.",
            extra=RELOAD,
        ),
    ] = "12:00"
    ranking_owners: Annotated[
        bool,
        Meta(
            description="Owners of stations and regions get the ranking without a subscription.",
            extra=RELOAD,
        ),
    ] = True
    ranking_again: Annotated[
        bool,
        Meta(
            description="A ranking that is corrected after it was told is told again, until "
            "late_until.",
            extra=RELOAD,
        ),
    ] = False
    summary_minute: Annotated[
        int,
        Meta(
            ge=0,
            le=50,
            description="Summaries of an hour, 6 h and 12 h are told from this minute after "
            "their end, as soon as the means are made.",
            extra=RELOAD,
        ),
    ] = 12
    summary_late_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=55,
            description="Until so many minutes after their end; then without what is missing.",
            extra=RELOAD,
        ),
    ] = 40
    summary_day_at: Annotated[
        Clock, Meta(description="The same of summaries of a day, of yesterday.", extra=RELOAD)
    ] = "08:40"
    lines: Annotated[
        int,
        Meta(ge=1, le=100, description="Lines of a list in a message at most.", extra=RELOAD),
    ] = 10
    plan_review_at: Annotated[
        Clock,
        Meta(
            description="Contacts of an emergency plan that must be looked at again are reminded.",
            extra=RELOAD,
        ),
    ] = "09:00"
    plan_review_repeat_days: Annotated[
        int, Meta(ge=1, le=365, description="And again so many days later.", extra=RELOAD)
    ] = 7
    warning_at: Annotated[
        Clock,
        Meta(
            description="Heavy-pollution warnings are evaluated then, besides after each "
            "forecast and each start.",
            extra=RELOAD,
        ),
    ] = "18:00"
    warning_places: Annotated[
        list[RegionText],
        Meta(
            description='Regions that are warned, each by itself: "region:*", "region:330000*", '
            '"region:330100"; they must be among forecast.places.',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: ["region:*"])
    warning_days: Annotated[
        Literal["any24h", "calendar"],
        Meta(description="A day is any 24 h in a row, or a day of the calendar.", extra=RELOAD),
    ] = "any24h"
    warning_levels: Annotated[
        dict[str, list[str]],
        Meta(
            description="The deployment's own table of levels (blue, yellow, orange, red), for "
            'the table "own" of the rule heavy-pollution: red = ["200 for 72 h and 300 for '
            '24 h"]; any line gives the level, numbers are AQI to be exceeded.',
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=dict)
    warning_blue: Annotated[
        bool, Meta(description="Warn of the lowest level, too.", extra=RELOAD)
    ] = False
    warning_least_skill: Annotated[
        float,
        Meta(
            ge=-1,
            lt=1,
            description="Only forecasts of more skill than this warn: 1 - error / error of the "
            "best baseline.",
            extra=RELOAD,
        ),
    ] = 0.0
    warning_stale_h: Annotated[
        int,
        Meta(ge=1, le=240, description="An older forecast warns of nothing.", extra=RELOAD),
    ] = 36


def problem(settings: SchedulesSettings) -> tuple[str, str]:
    """The key of [schedules] that cannot be as it is and why, ``("", "")`` when all is well."""
    for name in ("ranking_at", "summary_day_at", "plan_review_at"):
        if getattr(settings, name) >= settings.late_until:
            return "late_until", f'"{settings.late_until}" must be later than {name}'
    if settings.summary_late_minutes <= settings.summary_minute:
        return "summary_late_minutes", "must be more than summary_minute"
    if settings.warning_levels:
        from alerts.warnings.table import own_table  # not for those who have none

        try:
            own_table(settings.warning_levels)
        except ValueError as fault:
            return "warning_levels", str(fault)
    return "", ""
