"""Single incidents of before that belong to an outage which is seen only now: which they are, and
who was told of them. Their alarms go on in the incident of the outage.

Tests: tests/alerts/incidents/test_trickling_outages.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.incidents.grouping import Group
from alerts.incidents.standing import HUB, MANY, is_group
from alerts.rules.regions import holds
from alerts.settings import AlertsSettings
from store.registry.alert_records import IncidentRecord
from store.registry.open import Registry

MERGED = "merged"


def merged_into(
    group: Group, lasting: Iterable[IncidentRecord], settings: AlertsSettings, now: datetime
) -> list[IncidentRecord]:
    """Those of the group's rule that are part of it: opened shortly before, within its region.

    What somebody took in hand or silenced, and what a case was made of, stays by itself. Pure.
    """
    if not group.gathers:
        return []
    since = now - timedelta(seconds=settings.group_within_s)
    return [
        one
        for one in lasting
        if one.state == "open"
        and not one.case_no
        and one.opened_at >= since
        and one.place != group.place
        and group.factor in ("", one.factor)
        and _within(group, one)
    ]


def merged_ids(registry: Registry, incident: IncidentRecord) -> list[int]:
    """The numbers of the incidents that were taken into one, also by way of another."""
    found: list[int] = []
    looked = [incident.id]
    while looked:
        for entry in registry.incidents.entries(looked.pop()):
            if entry.event == MERGED and "from" in entry.detail:
                found.append(int(entry.detail["from"]))
                looked.append(found[-1])
    return found


def _within(group: Group, one: IncidentRecord) -> bool:
    if not one.mn and not is_group(one):
        return False
    if group.place in (HUB, MANY):
        return one.place != HUB and (group.place == HUB or bool(one.mn))
    return bool(one.region) and holds(group.region, one.region)
