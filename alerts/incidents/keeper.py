"""What happens to incidents: opened, joined, reopened, over, recovered, closed. Each change is
kept with its line of the log and its messages, within the transaction of a deed.

When something is due is not decided here (`due.py`), nor what belongs together (`waiting.py`).
Tests: tests/alerts/incidents/test_alert_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from alerts.cases import Happening
from alerts.incidents import damping, steps
from alerts.incidents.grouping import Group
from alerts.incidents.lifecycle import moved
from alerts.incidents.merging import MERGED, merged_ids
from alerts.incidents.standing import REGION, is_back, is_group, rank, worst
from alerts.incidents.telling import Crier, about
from alerts.incidents.terms import Terms
from alerts.signals import Signal
from store.registry.alarms import key_of
from store.registry.alert_records import AlarmRecord, IncidentEntry, IncidentRecord
from store.registry.open import Registry

RULE_GONE = "its rule is no longer in force"
_ENDED_BY = "ended_by"
_BY_RULE = "rule"


class Keeper:
    """Of one transaction."""

    def __init__(self, registry: Registry, terms: Terms) -> None:
        self.registry = registry
        self.terms = terms
        self.now = terms.now
        self.settings = terms.settings
        self.crier = Crier(registry, terms)

    def change(self, incident: IncidentRecord, **changes: Any) -> IncidentRecord:
        """Keep changes, and when the clock has to look again. Conflict."""
        after = msgspec.structs.replace(incident, **changes)
        next_at = steps.look_at(incident, after, self.terms.settings_of(incident.rule), self.now)
        return self.registry.incidents.change(incident, **{"next_at": next_at, **changes})

    def rebase(self, incident: IncidentRecord, changes: Mapping[str, datetime]) -> None:
        """Bring back what a wrong clock put in the future, and look at it anew."""
        after = msgspec.structs.replace(incident, **changes)
        next_at = steps.look_at(None, after, self.terms.settings_of(incident.rule), self.now)
        self.registry.incidents.change(incident, next_at=next_at, **changes)

    def open(self, group: Group, parts: Sequence[IncidentRecord] = ()) -> IncidentRecord:
        """A new incident of alarms that waited, and of single incidents that are part of it. What
        is over by now is told when it has recovered, once."""
        alarms = [*group.alarms, *self._alarms_of(parts)]
        first = alarms[0]
        lasting = [alarm for alarm in alarms if alarm.ended is None]
        shown = max(alarms, key=lambda alarm: rank(alarm.severity))
        one = len(alarms) == 1
        new = IncidentRecord(
            rule=first.rule,
            kind=first.kind,
            place=group.place,
            region=group.region,
            mn=group.place[3:] if group.place.startswith("mn:") else "",
            factor=group.factor,
            severity=worst([alarm.severity for alarm in alarms]),
            began=min(alarm.began for alarm in alarms),
            opened_at=self.now,
            count=len(alarms),
            active=len(lasting),
            told=max(len(alarms), group.stations) if lasting else 0,
            value=shown.value if one else None,
            limit=shown.limit if one else None,
            unit=shown.unit if one else "",
        )
        new = msgspec.structs.replace(
            new, next_at=steps.look_at(None, new, self.terms.settings_of(new.rule), self.now)
        )
        incident = self.registry.incidents.add(new)
        self.registry.alarms.join([alarm.id for alarm in alarms], incident.id)
        also = self._merge(parts, incident)
        if lasting:
            self.crier.tell(incident, "opened", alarms, regions=group.regions, also=also)
        else:
            self.crier.log(incident, "opened", "over before anybody was told")
        return self._case("opened", incident, alarms)

    def join(self, incident: IncidentRecord, alarms: Sequence[AlarmRecord]) -> IncidentRecord:
        """More of the same. A group that is twice as large as what was told, and what became
        worse, is told of again; not what is silenced or flaps."""
        lasting = sum(alarm.ended is None for alarm in alarms)
        active = incident.active + lasting
        grown = is_group(incident) and active >= 2 * max(incident.told, 1)
        after = self.change(
            incident,
            count=incident.count + len(alarms),
            active=active,
            told=active if grown else incident.told,
            severity=worst([incident.severity, *(alarm.severity for alarm in alarms)]),
        )
        self.registry.alarms.join([alarm.id for alarm in alarms], after.id)
        if not incident.flapping:
            self.crier.log(after, "joined", alarms=len(alarms))
        if grown and _is_told(after):
            self.crier.tell(after, f"grown:{active}")
        self._tell_if_worse(incident, after)
        return self._case("joined", after, alarms)

    def reopen(
        self,
        incident: IncidentRecord,
        waited: Sequence[AlarmRecord],
        parts: Sequence[IncidentRecord] = (),
    ) -> IncidentRecord:
        """It is back, with single incidents that are part of it."""
        alarms = [*waited, *self._alarms_of(parts)]
        times = incident.flaps + 1
        flapping = damping.flaps(times, self.settings)
        after = self.change(
            incident,
            state=moved(incident, "reopen", self.now, self.settings),
            recovered_at=None,
            flaps=times,
            flapping=flapping,
            count=incident.count + len(alarms),
            active=sum(alarm.ended is None for alarm in alarms),
            severity=worst([incident.severity, *(alarm.severity for alarm in alarms)]),
            reminded=steps.reminded_by(incident, self.terms.settings_of(incident.rule), self.now),
        )
        self.registry.alarms.join([alarm.id for alarm in alarms], after.id)
        also = self._merge(parts, after)
        step = f"{'flapping' if flapping else 'reopened'}:{times}"
        if after.state == "silenced":
            self.crier.log(after, step, "silenced", step=step)
        else:
            self.crier.tell(after, step, also=also)
        return self._case("reopened", after, alarms)

    def ended(self, incident: IncidentRecord, alarms: Sequence[AlarmRecord]) -> IncidentRecord:
        """Some of its alarms ended. What recovered or was closed stays as it is."""
        if incident.state in ("recovered", "closed"):
            return incident
        return self.change(incident, active=max(0, incident.active - len(alarms)))

    def changed(self, incident: IncidentRecord, alarms: Sequence[AlarmRecord]) -> None:
        """Some of its alarms have other values, or are worse."""
        if incident.state in ("recovered", "closed"):
            return
        changes: dict[str, Any] = {
            "severity": worst([incident.severity, *(alarm.severity for alarm in alarms)])
        }
        if incident.count == 1:
            last = alarms[-1]
            changes |= {"value": last.value, "limit": last.limit, "unit": last.unit}
        if all(getattr(incident, name) == value for name, value in changes.items()):
            return
        after = self.change(incident, **changes)
        self._tell_if_worse(incident, after)

    def recover(self, incident: IncidentRecord, why: str = "") -> IncidentRecord:
        """It is over; what still lasts of a group waits for an incident of its own."""
        if incident.active:
            rest = self.registry.alarms.of_incident(incident.id, active=True)
            self.registry.alarms.change((*key_of(alarm), {"incident_id": None}) for alarm in rest)
            self.crier.log(incident, "left", alarms=len(rest))
        after = self.change(
            incident,
            state=moved(incident, "recover", self.now, self.settings),
            recovered_at=self.now,
            active=0,
            flapping=False,
        )
        self.crier.hold_back(after, "it has recovered")
        step = f"recovered:{after.flaps}" if after.flaps else "recovered"
        if incident.state == "silenced":
            self.crier.log(after, step, why or "silenced", step=step)
        else:
            merged = merged_ids(self.registry, after) if is_group(after) else []
            self.crier.tell(after, step, why=why, also=self.crier.told_of(merged))
        return self._case("recovered", after, [])

    def retire(self, incident: IncidentRecord, alarms: Sequence[AlarmRecord]) -> IncidentRecord:
        """Its rule is gone: its alarms end, and it recovers at once when none is left."""
        self.end_by_rule(alarms)
        after = self.ended(incident, alarms)
        if after.state in ("recovered", "closed") or not is_back(after, self.settings):
            return after
        return self.recover(after, RULE_GONE)

    def end_by_rule(self, alarms: Sequence[AlarmRecord]) -> None:
        """End alarms whose rule is gone, so that the same rule may raise them again."""
        self.registry.alarms.change(
            (
                *key_of(alarm),
                {"ended": self.now, "detail": {**alarm.detail, _ENDED_BY: _BY_RULE}},
            )
            for alarm in alarms
        )

    def close(self, incident: IncidentRecord, who: str = "", text: str = "") -> IncidentRecord:
        """Nothing is left to do. NotInThisState."""
        after = self.change(
            incident,
            state=moved(incident, "close", self.now, self.settings),
            closed_by=who,
            closed_at=self.now,
        )
        self.crier.log(after, "closed", text, who)
        return after

    def _alarms_of(self, incidents: Sequence[IncidentRecord]) -> list[AlarmRecord]:
        return [alarm for one in incidents for alarm in self.registry.alarms.of_incident(one.id)]

    def _merge(
        self, parts: Sequence[IncidentRecord], into: IncidentRecord
    ) -> dict[int, frozenset[str]]:
        """Single incidents end here, their alarms go on elsewhere; who was told of them."""
        if not parts:
            return {}
        for one in parts:
            after = self.change(
                one,
                state=moved(one, "merge", self.now, self.settings),
                active=0,
                flapping=False,
                closed_at=self.now,
            )
            why = f"into {into.no}"
            self.crier.log(after, MERGED, why, into=into.id)
            self.registry.outbox.withhold(about(after), None, f"merged {why}", self.now)
        self.registry.incidents.log(
            IncidentEntry(
                incident_id=into.id,
                at=self.now,
                event=MERGED,
                text=one.no,
                detail={"from": one.id},
            )
            for one in parts
        )
        return self.crier.told_of(merged_ids(self.registry, into))

    def _tell_if_worse(self, before: IncidentRecord, after: IncidentRecord) -> None:
        if rank(after.severity) <= rank(before.severity):
            return
        step = f"worse:{rank(after.severity)}"
        if _is_told(after):
            self.crier.tell(after, step)
        else:
            self.crier.log(after, step, after.severity, step=step)

    def _case(
        self, happening: Happening, incident: IncidentRecord, alarms: Sequence[AlarmRecord]
    ) -> IncidentRecord:
        hook, rule = self.terms.on_case, self.terms.rules.get(incident.rule)
        if hook is None or rule is None:
            return incident
        no = hook(self.registry, happening, incident, alarms, rule, self.terms.places, self.now)
        return incident if no == incident.case_no else self.change(incident, case_no=no)


def raised_again(alarm: AlarmRecord, signal: Signal) -> dict[str, Any] | None:
    """What makes an alarm that ended last again: it ended with its rule, or it is raised by
    something after its end, as when late data cleared a warning that the same forecast raises.
    None: it is the old signal, judged from the journal once more.
    """
    if alarm.ended is None:
        return None
    # What is about regions is not judged from the journal: told later it is news.
    at = signal.seen_at if signal.subject.startswith(REGION) else signal.at
    if alarm.detail.get(_ENDED_BY) == _BY_RULE:
        detail = {name: value for name, value in alarm.detail.items() if name != _ENDED_BY}
    elif at > alarm.ended:
        detail = signal.detail
    else:
        return None
    return {"ended": None, "incident_id": None, "detail": detail}


def _is_told(incident: IncidentRecord) -> bool:
    return incident.state in ("open", "acknowledged") and not incident.flapping
