"""Which emergency plans fit an incident, the closest first. Pure.

A plan that says nothing of a kind, a factor or a place is for all of them. Tests:
tests/alerts/plans/test_plan_matching.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.rules.regions import holds, stem
from store.registry.alert_records import SEVERITIES, IncidentRecord, PlanRecord

# Warning levels are those of plans: an incident of a red warning is critical, its plan of level I.
LEVEL_OF_SEVERITY = {"critical": "I", "severe": "II", "warning": "III", "notice": "IV"}
WARNED = "heavy_pollution"
MOST = 5


def suggested(
    plans: Sequence[PlanRecord], incident: IncidentRecord, most: int = MOST
) -> list[PlanRecord]:
    """Plans in force for that kind, factor, place and severity: those that name more of it first,
    then those for graver things, then by code; ``most`` of them.

    A plan of a level is for warnings of just that level; of other incidents only its severity
    counts.
    """
    fitting = [plan for plan in plans if fits(plan, incident)]
    fitting.sort(key=lambda plan: (*(-one for one in _closeness(plan)), plan.code))
    return fitting[:most]


def fits(plan: PlanRecord, incident: IncidentRecord) -> bool:
    """Whether a plan is in force and for such an incident."""
    if plan.state != "in_force":
        return False
    if plan.kinds and incident.kind not in plan.kinds:
        return False
    # An outage of a whole region names no factor: a plan for one is not for that.
    if plan.factors and incident.factor not in plan.factors:
        return False
    if not _is_there(plan, incident):
        return False
    if incident.kind == WARNED and plan.level:
        return plan.level == LEVEL_OF_SEVERITY[incident.severity]
    return SEVERITIES.index(incident.severity) >= SEVERITIES.index(plan.severity)


def _is_there(plan: PlanRecord, incident: IncidentRecord) -> bool:
    if plan.mns:  # its stations stand for themselves, wherever they are
        return incident.mn in plan.mns
    return holds(plan.region, region_of(incident))


def region_of(incident: IncidentRecord) -> str:
    """The code of the region that an incident is in, "" for none."""
    if incident.region:
        return incident.region
    kind, _, code = incident.place.partition(":")
    return code if kind == "region" else ""


def _closeness(plan: PlanRecord) -> tuple[int, ...]:
    return (
        int(bool(plan.mns)),
        len(stem(plan.region)) if plan.region else 0,
        int(bool(plan.kinds)) + int(bool(plan.factors)) + int(bool(plan.level)),
        SEVERITIES.index(plan.severity),
    )
