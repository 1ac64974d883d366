"""Keys of the section [alerts]. Tests: tests/alerts/incidents/test_alert_settings.py."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from store.registry.alert_records import Severity

RELOAD = {"apply": "reload"}
RESTART = {"apply": "restart"}


class AlertsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Alerts: what is looked for is said by rules (`hj212d rule list`); here stands how incidents
    come of it. The figures are ours unless they say otherwise."""

    on: Annotated[
        bool, Meta(description="Judge what arrives, and keep incidents.", extra=RESTART)
    ] = True
    look_every_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=60,
            description="How often silence and due steps are looked for.",
            extra=RELOAD,
        ),
    ] = 1.0
    snapshot_every_s: Annotated[
        float,
        Meta(
            ge=1,
            le=3600,
            description="How often the state of the detectors is kept: after a kill so much is "
            "judged again from the journal.",
            extra=RELOAD,
        ),
    ] = 300.0
    check_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="How often rules of the check are looked at.",
            extra=RELOAD,
        ),
    ] = 30
    check_in_a_row: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description="So many checks in a row must find the same before it is an alarm.",
            extra=RELOAD,
        ),
    ] = 2
    group_wait_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="An alarm waits so long for others of its rule, so that an outage is one "
            "incident; one that is over by then opens none. A rule may say otherwise (wait_s).",
            extra=RELOAD,
        ),
    ] = 60.0
    group_within_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="Alarms of a rule that were noticed within this time count together when "
            "the stations of a region are counted that it concerns; single incidents that opened "
            "within it are taken into the incident of their region.",
            extra=RELOAD,
        ),
    ] = 1800.0
    group_many: Annotated[
        int,
        Meta(
            ge=2,
            le=100_000,
            description="So many stations of a region within that time make one incident, though "
            "they are no such share as below, if they are three times what is usual there. Of "
            "what is measured (limits, swings) it takes more than most_single.",
            extra=RELOAD,
        ),
    ] = 10
    group_least: Annotated[
        int,
        Meta(
            ge=2,
            le=100_000,
            description="So many stations of a region at least, and the share below, make one "
            "incident of the region.",
            extra=RELOAD,
        ),
    ] = 5
    group_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="This share of a region's stations makes one incident of the region. More "
            "than half of all stations make one of the platform: its own side or network.",
            extra=RELOAD,
        ),
    ] = 0.3
    most_single: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="More alarms of one rule at a time that belong to no region become one "
            "incident together.",
            extra=RELOAD,
        ),
    ] = 20
    group_back_share: Annotated[
        float,
        Meta(
            gt=0.5,
            le=1,
            description="A group has recovered when this share is back; the rest become "
            "incidents of their own.",
            extra=RELOAD,
        ),
    ] = 0.95
    recover_hold_s: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="What is over must stay so for this time before it has recovered.",
            extra=RELOAD,
        ),
    ] = 120.0
    flap_within_s: Annotated[
        float,
        Meta(
            ge=0,
            le=604_800,
            description="What comes back within this time after it recovered is the same "
            "incident again.",
            extra=RELOAD,
        ),
    ] = 1800.0
    flap_times: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="After it came back so often nothing more is told until it is calm.",
            extra=RELOAD,
        ),
    ] = 3
    flap_calm_s: Annotated[
        float,
        Meta(
            ge=1,
            le=604_800,
            description="Without a change for this time it is calm.",
            extra=RELOAD,
        ),
    ] = 1800.0
    remind_every_s: Annotated[
        float,
        Meta(
            ge=60,
            le=604_800,
            description="A reminder each time until it has recovered, also when somebody has "
            "acknowledged it; not while it is silenced. Those of one person leave together, "
            "hourly ones at the full hour.",
            extra=RELOAD,
        ),
    ] = 3600.0
    most_reminders: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            description="After so many reminders of one incident there is one a day only; "
            "0: never fewer.",
            extra=RELOAD,
        ),
    ] = 0
    escalate_after_s: Annotated[
        list[float],
        Meta(
            max_length=2,
            description="Not acknowledged after this: the operator is told, then the chief; an "
            "empty list: nobody.",
            extra=RELOAD,
        ),
    ] = msgspec.field(default_factory=lambda: [1800.0, 7200.0])
    escalate_least: Annotated[
        Severity,
        Meta(description="Only incidents of this severity are escalated.", extra=RELOAD),
    ] = "warning"
    owner_least: Annotated[
        Severity,
        Meta(
            description="Owners, operators and chiefs of stations are told from this severity "
            "on; others by their subscriptions.",
            extra=RELOAD,
        ),
    ] = "warning"
    tell_owners_of_groups: Annotated[
        bool,
        Meta(
            description="Tell the owners of all stations of a group, too, and who subscribed to "
            "one of them: each gets one message.",
            extra=RELOAD,
        ),
    ] = False
    close_after_s: Annotated[
        float,
        Meta(
            ge=0,
            le=31_536_000,
            description="What recovered is closed after this.",
            extra=RELOAD,
        ),
    ] = 86_400.0


def problem(settings: AlertsSettings) -> tuple[str, str]:
    """The key that cannot be used and why, beyond what its type says; two empty texts: none."""
    steps = settings.escalate_after_s
    if any(step <= 0 for step in steps) or sorted(set(steps)) != steps:
        shown = ", ".join(f"{step:g}" for step in steps)
        return "escalate_after_s", f"[{shown}]: expected times above 0, each above the one before"
    return "", ""
