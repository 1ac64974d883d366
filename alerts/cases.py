"""From an incident to a case: none, suggested or opened, as its rule says, and what follows.

At most one case is open of one place, factor and kind, which the database holds; further alarms
become comments with their evidence. Recovery is attached as evidence for whoever checks, it closes
nothing. A case that somebody voided is not opened again by the same incident.
The case engine's own steps (filing, dispatching, closing) are not here.
Tests: tests/alerts/test_cases.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from alerts import case_words
from alerts.case_classes import class_name, class_of
from alerts.case_words import Whereabouts
from store.registry.alert_records import AlarmRecord, IncidentEntry, IncidentRecord
from store.registry.case_records import OPEN_STATES, CaseRecord
from store.registry.open import Registry

Happening = Literal["opened", "joined", "recovered", "reopened"]
WHO = "alerts"
ALARMS_SHOWN = 20  # in the evidence of one entry; the count says how many there are
CONFIRMED_SAMPLES = 2
_SAMPLES = ("realtime", "minute")


class CaseRule(Protocol):
    """What decides on cases of a rule: a RuleRecord, or a rule in force."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def params(self) -> Any:
        """Its figures."""

    @property
    def case(self) -> str:
        """ "none", "suggest" or "open"."""

    @property
    def case_class(self) -> str:
        """Class of its cases, "" for the kind's own."""


class CaseHook(Protocol):
    """What the deeds on incidents call within the registry's transaction, after the incident and
    its alarms are kept."""

    def __call__(
        self,
        registry: Registry,
        happening: Happening,
        incident: IncidentRecord,
        alarms: Sequence[AlarmRecord],
        rule: CaseRule,
        whereabouts: Whereabouts,
        now: datetime,
    ) -> str:
        """The number of the incident's case, "" for none: the caller keeps it in the incident's
        ``case_no``. ``alarms``: those that opened it or joined now, some of them when they are
        thousands. Lines of the incident's log that a case needs are written here."""


class Cases(msgspec.Struct, frozen=True):
    """The hook. ``medium``: MN -> medium of its station, "" where it is not known."""

    medium: Callable[[str], str] = lambda _: ""

    def __call__(
        self,
        registry: Registry,
        happening: Happening,
        incident: IncidentRecord,
        alarms: Sequence[AlarmRecord],
        rule: CaseRule,
        whereabouts: Whereabouts,
        now: datetime,
    ) -> str:
        """See :class:`CaseHook`."""
        if incident.case_no:
            self._attach(registry, happening, incident, alarms, whereabouts, now)
            return incident.case_no
        code = rule.case_class or class_of(rule.kind, self.medium(incident.mn))
        if rule.case == "none" or not code or happening == "recovered":
            return ""
        if not confirmed(rule, alarms):
            return ""
        if rule.case == "suggest":
            if happening == "opened" or not _suggested(registry, incident):
                _log(registry, incident, now, f"case of class {code} suggested", {"class": code})
            return ""
        return self.open(registry, incident, alarms, code, whereabouts, now).case_no

    def open(
        self,
        registry: Registry,
        incident: IncidentRecord,
        alarms: Sequence[AlarmRecord],
        code: str,
        whereabouts: Whereabouts,
        now: datetime,
        who: str = WHO,
    ) -> CaseRecord:
        """Open a case of a class, or join the one that is open of the same place, factor and
        kind."""
        position = whereabouts.position(incident.mn) if incident.mn else None
        text = case_words.report(incident, alarms, whereabouts)
        case, opened = registry.cases.report(
            CaseRecord(
                source="telemetry",
                class_code=code,
                title=case_words.title(class_name(code), incident, whereabouts),
                text=text,
                mn=place_key(incident),
                factor=incident.factor,
                alert_kind=incident.kind,
                region=incident.region,
                longitude=position[0] if position else None,
                latitude=position[1] if position else None,
                incident_id=incident.id,
                reported_at=now,
            ),
            text,
            evidence(incident, alarms),
            who,
        )
        what = "opened" if opened else "joined"
        _log(registry, incident, now, f"case {case.case_no} {what}", {"case": case.case_no}, who)
        return case

    def _attach(
        self,
        registry: Registry,
        happening: Happening,
        incident: IncidentRecord,
        alarms: Sequence[AlarmRecord],
        whereabouts: Whereabouts,
        now: datetime,
    ) -> None:
        case = registry.cases.get(incident.case_no)
        if case is None or case.state not in OPEN_STATES:
            return
        payload = evidence(incident, alarms)
        if happening == "recovered":
            text = case_words.recovered(incident, now, whereabouts)
            payload["offered_as"] = "check evidence"
            registry.cases.add_entry(case.id, "recovered", text=text, payload=payload, who=WHO)
        elif incident.mn or _grew(registry, case, incident):
            text = case_words.joined(incident, alarms, whereabouts)
            registry.cases.add_entry(case.id, "comment", text=text, payload=payload, who=WHO)


def place_key(incident: IncidentRecord) -> str:
    """By what a case is one of its place: the MN, or for more than a station the place itself,
    "region:330100", which is no MN."""
    return incident.mn or incident.place


def confirmed(rule: CaseRule, alarms: Sequence[AlarmRecord]) -> bool:
    """Whether what is reported is sure: one sample above its limit alone is not; a mean of an hour
    or a day is."""
    return any(
        alarm.kind != "over_limit"
        or alarm.detail.get("period") not in _SAMPLES
        or alarm.detail.get("samples", in_a_row(rule.params)) >= CONFIRMED_SAMPLES
        for alarm in alarms
    )


def unconfirmed(rule: CaseRule) -> str:
    """Why cases of a rule would rest on single samples, "" when they do not."""
    period = _figure(rule.params, "period", "hour")
    if rule.kind != "over_limit" or rule.case == "none" or period not in _SAMPLES:
        return ""
    found = in_a_row(rule.params)
    if found >= CONFIRMED_SAMPLES:
        return ""
    return f"in_a_row = {found}: a case rests on {CONFIRMED_SAMPLES} samples in a row at the least"


def in_a_row(params: Any) -> int:
    """So many samples in a row make an alarm of a rule, by its figures."""
    found: int = _figure(params, "in_a_row", CONFIRMED_SAMPLES)
    return found


def _figure(params: Any, name: str, default: Any) -> Any:
    """Of figures as a record has them, or as a struct."""
    if isinstance(params, Mapping):
        return params.get(name, default)
    return getattr(params, name, default)


def evidence(incident: IncidentRecord, alarms: Sequence[AlarmRecord]) -> dict[str, Any]:
    """What stands behind an entry: rows of alarms, the window of data, places of raw packets in
    the journal as LANE:POSITION."""
    shown = alarms[:ALARMS_SHOWN]
    began = min((alarm.began for alarm in alarms), default=incident.began)
    seen = max((alarm.seen_at for alarm in alarms), default=incident.opened_at)
    return {
        "incident": incident.no,
        "count": incident.count,
        "active": incident.active,
        "window": [began.isoformat(), seen.isoformat()],
        "alarms": [_row(alarm) for alarm in shown],
        "frames": list(dict.fromkeys(place for alarm in shown for place in frames(alarm))),
    }


def frames(alarm: AlarmRecord) -> Iterator[str]:
    """Where its raw packets are in the journal: LANE:POSITION."""
    yield from map(str, alarm.detail.get("frames", ()))
    lane, position = alarm.detail.get("lane"), alarm.detail.get("position")
    if lane is not None and position is not None:
        yield f"{lane}:{position}"


def _row(alarm: AlarmRecord) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(alarm))
    return row


def _grew(registry: Registry, case: CaseRecord, incident: IncidentRecord) -> bool:
    """Whether a group is twice as large as when it was last written of: an outage that grows for
    an hour makes some comments, not thousands."""
    counts = (
        entry.payload.get("count", 0)
        for entry in registry.cases.entries(case.id)
        if entry.payload.get("incident") == incident.no
    )
    return incident.count >= 2 * max(counts, default=0)


def _suggested(registry: Registry, incident: IncidentRecord) -> bool:
    return any(entry.event == "case" for entry in registry.incidents.entries(incident.id))


def _log(
    registry: Registry,
    incident: IncidentRecord,
    now: datetime,
    text: str,
    detail: dict[str, Any],
    who: str = WHO,
) -> None:
    registry.incidents.log(
        IncidentEntry(
            incident_id=incident.id, at=now, event="case", who=who, text=text, detail=detail
        )
    )
