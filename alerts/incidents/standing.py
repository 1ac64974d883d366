"""How an incident stands: is it of many stations, is what it is about over? Pure.

Tests: tests/alerts/incidents/test_lifecycle.py.
"""

from __future__ import annotations

import math

from alerts.settings import AlertsSettings
from store.registry.alert_records import SEVERITIES, IncidentRecord, Severity

MANY = "many"
HUB = "hub"
REGION = "region:"


def is_group(incident: IncidentRecord) -> bool:
    """Whether it stands for many alarms by its place; one that a forecast or a disk made is a
    region or the platform too, with one alarm."""
    return incident.place == MANY or (
        max(incident.told, incident.count) > 1
        and (incident.place == HUB or incident.place.startswith(REGION))
    )


def is_back(incident: IncidentRecord, settings: AlertsSettings) -> bool:
    """Whether it is over: nothing lasts, or of a group so little that the rest stands for
    itself."""
    if incident.active <= 0:
        return True
    if not is_group(incident):
        return False
    # Those who were told of may stand elsewhere: what somebody has in hand stays by itself.
    size = min(incident.told, incident.count) or incident.count
    return incident.active <= math.floor((1 - settings.group_back_share) * size + 1e-9)


def rank(severity: str) -> int:
    """0 for a notice to 3 for critical."""
    return SEVERITIES.index(severity)


def worst(severities: list[Severity]) -> Severity:
    """The highest of some."""
    return max(severities, key=rank)
