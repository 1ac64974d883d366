"""What deeds on incidents are given, what they answer, and what is to be put into words.

Tests: tests/alerts/incidents/test_alert_deeds.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from alerts.cases import CaseHook
from alerts.notify.message import Message
from alerts.rules.book import Rule
from alerts.settings import AlertsSettings
from store.registry.alert_records import AlarmRecord, IncidentRecord, PlanRecord


class Places(Protocol):
    """What is known of stations and regions."""

    def name(self, mn: str) -> str:
        """What people call a station; its MN where it has no name."""

    def region(self, mn: str) -> str:
        """The code of its region, "" for none."""

    def stations_in(self, region: str) -> int:
        """How many stations lie in a region or below it; "": all."""

    def region_name(self, code: str) -> str:
        """What a region is called; its code where nobody says."""

    def position(self, mn: str) -> tuple[float, float] | None:
        """Longitude and latitude in degrees; None where they are not known."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one incident, to be put into words once for each language.

    ``step``: "opened"; "worse:N", the severity's place (1 warning, 2 severe, 3 critical);
    "grown:N", N alarms; "reminder:N", the Nth period since it opened; "escalated:N", 1 to the
    operator, 2 to the chief; "flapping:N" and "reopened:N", after it came back N times;
    "recovered", later "recovered:N".

    ``alarms``: those of the incident, some when they are many (`incident.count` says how many).
    ``why``: of a recovery that is none of the measured thing ("the rule was switched off"), ""
    else. ``plans``: emergency plans that fit it.
    """

    step: str
    incident: IncidentRecord
    alarms: Sequence[AlarmRecord]
    language: str
    places: Places
    now: datetime
    rule: Rule | None = None
    why: str = ""
    plans: Sequence[PlanRecord] = ()

    @property
    def kind(self) -> str:
        """The step without its number."""
        return self.step.partition(":")[0]

    @property
    def number(self) -> int:
        """The step's number, 0 for none."""
        return int(self.step.partition(":")[2] or 0)


Render = Callable[[Telling], Message]


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is so at the moment of a deed. ``rules``: those in force by key. ``now``: aware,
    UTC."""

    now: datetime
    rules: Mapping[str, Rule]
    settings: AlertsSettings
    places: Places
    render: Render
    on_case: CaseHook | None = None

    def settings_of(self, rule: str) -> AlertsSettings:
        """The settings, with what a rule says otherwise."""
        found = self.rules.get(rule)
        every_s = None if found is None else found.params.remind_every_s
        if every_s is None:
            return self.settings
        return msgspec.structs.replace(self.settings, remind_every_s=every_s)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What signals came to: ``raised`` alarms that are new, ``changed``, ``ended``; ``messages``
    written to the outbox. ``next_at``: when :func:`tick` has to look, None: not because of
    these."""

    raised: int = 0
    changed: int = 0
    ended: int = 0
    messages: int = 0
    next_at: datetime | None = None


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick did. ``next_at``: when there is something to do again, as far as is known now
    (`now` itself: at once, this was a piece); None: nothing waits."""

    opened: int = 0
    joined: int = 0
    reopened: int = 0
    recovered: int = 0
    closed: int = 0
    messages: int = 0
    next_at: datetime | None = None
