"""The steps that are due by the clock: recovery, calm, the end of a silence, escalation, reminder,
closing. What is due when is pure (`steps.py`).

Tests: tests/alerts/incidents/test_alert_deeds.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.incidents import steps
from alerts.incidents.keeper import Keeper
from alerts.incidents.lifecycle import moved
from alerts.incidents.maintenance import maintained_until
from alerts.incidents.standing import is_back
from store.registry.alert_records import IncidentRecord, MaintenanceRecord

MOST_AT_ONCE = 200


class Due:
    """What was done."""

    def __init__(self) -> None:
        self.recovered = 0
        self.closed = 0
        self.next_at: datetime | None = None


def take_due(keeper: Keeper) -> Due:
    """Take the steps of at most MOST_AT_ONCE incidents."""
    done = Due()
    incidents = keeper.registry.incidents.due(keeper.now, MOST_AT_ONCE)
    if incidents:
        windows = keeper.registry.maintenance.active(keeper.now)
        for incident in incidents:
            _look(keeper, incident, windows, done)
    done.next_at = keeper.registry.incidents.next_due()
    return done


def _look(
    keeper: Keeper, incident: IncidentRecord, windows: Sequence[MaintenanceRecord], done: Due
) -> None:
    if incident.state == "recovered":
        keeper.close(incident)
        done.closed += 1
    elif incident.rule not in keeper.terms.rules:
        keeper.retire(incident, keeper.registry.alarms.of_incident(incident.id, active=True))
        done.recovered += 1
    elif is_back(incident, keeper.settings):
        keeper.recover(incident)
        done.recovered += 1
    else:
        _go_on(keeper, incident, windows)


def _go_on(keeper: Keeper, incident: IncidentRecord, windows: Sequence[MaintenanceRecord]) -> None:
    """It still lasts."""
    now, settings = keeper.now, keeper.terms.settings_of(incident.rule)
    if incident.flapping:  # calm, but not over
        incident = keeper.change(
            incident, flapping=False, reminded=steps.reminded_by(incident, settings, now)
        )
        keeper.crier.log(incident, "flapping", "calm, and it lasts")
    if (
        incident.state == "silenced"
        and incident.silenced_until is not None
        and incident.silenced_until <= now
    ):
        incident = keeper.change(
            incident, state=moved(incident, "unsilence", now, settings), silenced_until=None
        )
        keeper.crier.log(incident, "unsilenced", "its time is over")
    if incident.state == "silenced":
        return
    held = maintained_until(
        windows,
        now,
        mn=incident.mn,
        region=incident.region,
        factor=incident.factor,
        kind=incident.kind,
    )
    if held is not None:
        keeper.registry.incidents.change(incident, next_at=held)
        return
    level = steps.level_due(incident, settings, now)
    number = steps.reminder_due(incident, settings, now)
    before = incident.level
    incident = keeper.change(incident, level=level, reminded=number or incident.reminded)
    told: frozenset[int] = frozenset()
    if level > before:
        told = keeper.crier.tell(incident, f"escalated:{level}", level_before=before)
    if number:
        keeper.crier.tell(incident, f"reminder:{number}", but=told)
