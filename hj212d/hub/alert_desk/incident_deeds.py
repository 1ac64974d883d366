"""Incidents: listed, shown with all that is known of them, acknowledged, silenced, closed, noted.

Tests: tests/hub/alert_desk/test_incident_deeds.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.cases import frames
from alerts.incidents import deeds
from alerts.incidents.terms import Places
from alerts.plans.matching import suggested
from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Page
from hj212d.hub.decisions.deeds import Answer, Unknown, moment, row, shown, text
from hj212d.hub.quality import region_codes
from store.registry.alert_records import IncidentRecord, IncidentState, RuleKind, Severity
from store.registry.open import Registry

MOST_NOTE = 1000
LONGEST_SILENCE = timedelta(days=31)
_ALARMS_SHOWN = 200
_STANDING: tuple[IncidentState, ...] = ("open", "acknowledged", "silenced", "recovered")


class Incidents(AlertDeed, tag="incidents", kw_only=True):
    """Incidents, newest first; without a state those that are not closed. ``before``: those with
    a smaller ``id``."""

    state: list[IncidentState] | None = None
    kind: list[RuleKind] | None = None
    rule: list[str] | None = None
    severity: Severity | None = None
    region: str = ""
    mn: str | None = None
    start: str | None = None
    end: str | None = None
    before: int | None = None
    limit: Page = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incidents", and "next" when there may be more."""
        found = registry.incidents.list(
            states=self.state or _STANDING,
            kinds=self.kind,
            rules=self.rule,
            region=region_codes.stem(self.region) if self.region else None,
            mn=self.mn,
            severities=None if self.severity is None else [self.severity],
            start=None if self.start is None else moment("start", self.start),
            end=None if self.end is None else moment("end", self.end),
            limit=self.limit,
            before_id=self.before,
        )
        places = terms.incidents(registry).places
        rows = [{**row(one), "place_name": called(one, places)} for one in found]
        answer: Answer = {"incidents": rows}
        if len(found) == self.limit:
            answer["next"] = found[-1].id
        return answer


class IncidentGet(AlertDeed, tag="incident_get", kw_only=True):
    """One incident by its number: its log, its alarms (the first of many), the messages sent of
    it, its case, plans that fit it, and where its raw frames are in the journal."""

    no: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident", "log", "alarms", "messages", "case", "plans", "frames"."""
        incident = incident_of(registry, self.no)
        alarms = registry.alarms.of_incident(incident.id, limit=_ALARMS_SHOWN)
        messages = registry.outbox.find(about=f"incident:{incident.id}", limit=_ALARMS_SHOWN)
        case = registry.cases.get(incident.case_no) if incident.case_no else None
        places = terms.incidents(registry).places
        names = {one.id: one.name for one in registry.contacts.all()}
        return {
            "incident": {**row(incident), "place_name": called(incident, places)},
            "log": [row(entry) for entry in registry.incidents.entries(incident.id)],
            "alarms": [row(alarm) for alarm in alarms],
            "messages": [
                {**row(one), "contact": names.get(one.contact_id, "")} for one in messages
            ],
            "case": None if case is None else row(case),
            "plans": plans_for(registry, incident),
            "frames": list(dict.fromkeys(place for alarm in alarms for place in frames(alarm))),
        }


class _Doing(AlertDeed, kw_only=True):
    """Something that a person does to one incident."""

    no: str
    text: str = ""

    def _said(self) -> str:
        return text("text", self.text, MOST_NOTE)

    def _do(
        self,
        registry: Registry,
        terms: DeskTerms,
        doing: Callable[..., IncidentRecord],
        *more: datetime,
    ) -> Answer:
        no = incident_of(registry, self.no).no
        done = doing(registry, no, self.who, self._said(), terms.incidents(registry), *more)
        return {"incident": row(done)}


class IncidentAck(_Doing, tag="incident_ack", kw_only=True):
    """Somebody takes it in hand: no further escalation; reminders go on."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident" as it is now."""
        return self._do(registry, terms, deeds.acknowledge)


class IncidentSilence(_Doing, tag="incident_silence", kw_only=True):
    """Nothing is told of it until a moment: ``until``, or so long from now, ``span`` ("2h")."""

    until: str = ""
    span: str = ""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident" as it is now."""
        return self._do(registry, terms, deeds.silence, self._end(terms))

    def _end(self, terms: DeskTerms) -> datetime:
        if bool(self.until) == bool(self.span):
            raise ValueError("until: say until when it is silent, or for how long, one of the two")
        if self.span:
            name, said, end = "span", self.span, terms.now + fields.span("span", self.span)
        else:
            name, said, end = "until", self.until, moment("until", self.until)
        if end <= terms.now:
            raise ValueError(f"{name} = {shown(said)}: lies in the past")
        if end > terms.now + LONGEST_SILENCE:
            raise ValueError(
                f"{name} = {shown(said)}: a silence lasts {LONGEST_SILENCE.days} days at the "
                "most; what is planned is a maintenance window"
            )
        return end


class IncidentUnsilence(_Doing, tag="incident_unsilence", kw_only=True):
    """Tell of it again."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident" as it is now."""
        return self._do(registry, terms, deeds.unsilence)


class IncidentClose(_Doing, tag="incident_close", kw_only=True):
    """Nothing more is to be done; only of one that is over."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident" as it is now."""
        return self._do(registry, terms, deeds.close)


class IncidentNote(_Doing, tag="incident_note", kw_only=True):
    """A line for its log."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "incident" as it is now."""
        if not self.text.strip():
            raise ValueError("text is missing: a note says something")
        return self._do(registry, terms, deeds.note)


DEEDS: tuple[type[AlertDeed], ...] = (
    Incidents,
    IncidentGet,
    IncidentAck,
    IncidentSilence,
    IncidentUnsilence,
    IncidentClose,
    IncidentNote,
)


def incident_of(registry: Registry, no: str) -> IncidentRecord:
    """The incident of a number, A20261121-0001; Unknown."""
    found: IncidentRecord | None = registry.incidents.by_no(no.strip().upper())
    if found is None:
        raise Unknown(f"there is no incident {no}")
    return found


def called(incident: IncidentRecord, places: Places) -> str:
    """What people call its place."""
    what, _, name = incident.place.partition(":")
    if what == "mn":
        return places.name(name)
    return places.region_name(name) if what == "region" else incident.place


def plans_for(registry: Registry, incident: IncidentRecord) -> list[dict[str, str]]:
    """Emergency plans in force that fit it: code, level and title, the best first."""
    return [
        {"code": plan.code, "level": plan.level, "title": plan.title}
        for plan in suggested(registry.plans.search(state="in_force"), incident)
    ]
