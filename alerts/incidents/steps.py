"""Which step of an incident is due when. Pure: of the incident, the settings and the clock alone.

A reminder's number is the number of the period since the incident opened, so that periods in which
the platform was down are not made up for, and no step is told twice.
Tests: tests/alerts/incidents/test_steps.py.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from alerts.incidents.standing import is_back, rank
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord

DAY_S = 86_400.0


def reminder_due(incident: IncidentRecord, settings: AlertsSettings, now: datetime) -> int:
    """The number of the reminder that is due, 0 for none."""
    number = _periods(incident, settings, now)
    if number <= incident.reminded:
        return 0
    sparse = _sparse(settings)
    if settings.most_reminders and number > settings.most_reminders:
        number -= (number - settings.most_reminders) % sparse
    return number if number > incident.reminded else 0


def reminder_at(incident: IncidentRecord, settings: AlertsSettings) -> datetime:
    """When the next reminder is due."""
    number = incident.reminded + 1
    most = settings.most_reminders
    if most and number > most:
        number = most + math.ceil((number - most) / _sparse(settings)) * _sparse(settings)
    return incident.opened_at + timedelta(seconds=number * settings.remind_every_s)


def together_at(now: datetime, every: timedelta) -> datetime:
    """When a reminder leaves: those of all incidents at one moment of each period, hourly ones at
    the full hour, so that who has fifty dead stations gets one message that has them all."""
    first = datetime.fromtimestamp(0, UTC)
    return first + math.ceil((now - first) / every) * every


def reminded_by(incident: IncidentRecord, settings: AlertsSettings, now: datetime) -> int:
    """The count of reminders as if those until now had been told: of one that is told of again,
    so that the next is not due before half a period has gone."""
    half = timedelta(seconds=settings.remind_every_s / 2)
    return max(incident.reminded, _periods(incident, settings, now + half))


def level_due(incident: IncidentRecord, settings: AlertsSettings, now: datetime) -> int:
    """How far it is to be escalated: 1 operator, 2 chief; never less than it was."""
    if incident.state != "open" or rank(incident.severity) < rank(settings.escalate_least):
        return incident.level
    gone_s = (now - incident.opened_at).total_seconds()
    return max(incident.level, sum(gone_s >= after for after in settings.escalate_after_s))


def escalation_at(incident: IncidentRecord, settings: AlertsSettings) -> datetime | None:
    """When it is escalated next; None: never, as it stands."""
    steps = settings.escalate_after_s
    if incident.state != "open" or incident.level >= len(steps):
        return None
    if rank(incident.severity) < rank(settings.escalate_least):
        return None
    return incident.opened_at + timedelta(seconds=steps[incident.level])


def look_at(
    before: IncidentRecord | None,
    after: IncidentRecord,
    settings: AlertsSettings,
    now: datetime,
) -> datetime | None:
    """When the clock has to look at an incident next, after it was changed; None: never.

    What is over must stay so, and what flaps be calm, for a time that begins with the change.
    """
    if after.state == "closed":
        return None
    if after.state == "recovered":
        assert after.recovered_at is not None
        return after.recovered_at + timedelta(seconds=settings.close_after_s)
    back = is_back(after, settings)
    if after.flapping or back:
        same = before is not None and (
            before.active == after.active
            if after.flapping
            else is_back(before, settings) and before.flapping == after.flapping
        )
        if same and before is not None and before.next_at is not None:
            return before.next_at
        held_s = settings.flap_calm_s if after.flapping else settings.recover_hold_s
        return now + timedelta(seconds=held_s)
    if after.state == "silenced":
        return after.silenced_until
    due = [reminder_at(after, settings), escalation_at(after, settings)]
    return min(at for at in due if at is not None)


def rebased(
    incident: IncidentRecord, settings: AlertsSettings, now: datetime
) -> dict[str, datetime]:
    """What to change of an incident that a wrong clock put in the future, so that it is looked at
    as if it had opened when its last reminder says; nothing for any other."""
    changes = {}
    if incident.opened_at > now:
        gone_s = incident.reminded * settings.remind_every_s
        changes["opened_at"] = now - timedelta(seconds=gone_s)
    if incident.recovered_at is not None and incident.recovered_at > now:
        changes["recovered_at"] = now
    return changes


def _periods(incident: IncidentRecord, settings: AlertsSettings, now: datetime) -> int:
    gone_s = (now - incident.opened_at).total_seconds()
    return math.floor(gone_s / settings.remind_every_s)


def _sparse(settings: AlertsSettings) -> int:
    """Periods of a day."""
    return max(1, round(DAY_S / settings.remind_every_s))
