"""Cases that came of alerts: listed, shown, opened of an incident, voided, their logs verified.

Tests: tests/hub/alert_desk/test_case_deeds.py.
"""

from __future__ import annotations

from alerts.case_classes import class_name, class_of, problem
from alerts.cases import Cases
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Page
from hj212d.hub.alert_desk.incident_deeds import incident_of
from hj212d.hub.decisions.deeds import Answer, Unknown, one_of, row, shown, text
from hj212d.hub.quality import region_codes
from store.registry.alert_records import RuleKind
from store.registry.case_records import ENDED_STATES, OPEN_STATES, CaseRecord
from store.registry.open import Registry

_ALARMS = 200


class CaseList(AlertDeed, tag="cases", kw_only=True):
    """Cases, newest first; without a state those that are open."""

    state: list[str] | None = None
    mn: str | None = None
    region: str = ""
    kind: RuleKind | None = None
    before: int | None = None
    limit: Page = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "cases", and "next" when there may be more."""
        found = registry.cases.list(
            states=self._states(),
            mn=self.mn,
            region=region_codes.stem(self.region) if self.region else None,
            alert_kind=self.kind,
            limit=self.limit,
            before_id=self.before,
        )
        answer: Answer = {"cases": [case_row(one) for one in found]}
        if len(found) == self.limit:
            answer["next"] = found[-1].id
        return answer

    def _states(self) -> list[str]:
        known = (*OPEN_STATES, *ENDED_STATES)
        return [one_of("state", state, known) for state in self.state or OPEN_STATES]


class CaseGet(AlertDeed, tag="case_get", kw_only=True):
    """One case with its log."""

    no: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "case", "log", and "broken": the first line of the log that was changed, null when none
        was."""
        case = case_of(registry, self.no)
        broken = registry.cases.verify(case.id)
        return {
            "case": case_row(case),
            "log": [row(entry) for entry in registry.cases.entries(case.id)],
            "broken": None if broken is None else row(broken),
        }


class CaseOpen(AlertDeed, tag="case_open", kw_only=True):
    """Open the case of an incident by hand, whatever its rule says; joins the one that is open of
    the same place, factor and kind."""

    incident: str
    class_code: str = ""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "case"."""
        incident = incident_of(registry, self.incident)
        if incident.case_no and case_of(registry, incident.case_no).ended_at is None:
            raise ValueError(f"incident = {incident.no}: has the case {incident.case_no}")
        going = terms.incidents(registry)
        code = self.class_code or class_of(incident.kind, _medium(terms, incident.mn))
        if not code:
            raise ValueError(f"class_code is missing: {incident.kind} has no class of its own")
        if wrong := problem(code):
            raise ValueError(f"class_code = {shown(code)}: {wrong}")
        alarms = registry.alarms.of_incident(incident.id, limit=_ALARMS)
        with registry.together():
            case = Cases().open(
                registry, incident, alarms, code, going.places, terms.now, self.who
            )
            registry.incidents.change(incident, case_no=case.case_no)
        return {"case": case_row(case)}


class CaseVoid(AlertDeed, tag="case_void", kw_only=True):
    """A case that should not have been opened; its place is free for another."""

    no: str
    reason: str = ""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "case"."""
        case = case_of(registry, self.no)
        reason = text("reason", self.reason, 500)
        if not reason:
            raise ValueError("reason is missing: why a case is void stays with it")
        return {"case": case_row(registry.cases.void(case.case_no, self.who, reason))}


class CaseVerify(AlertDeed, tag="case_verify", kw_only=True):
    """Whether logs are as they were written: of one case, or of ``limit`` before a number."""

    no: str | None = None
    before: int | None = None
    limit: Page = 1000

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "verified": how many, "broken": number of the case and of the first line that was
        changed, "next" when there may be more."""
        if self.no is not None:
            found = [case_of(registry, self.no)]
        else:
            found = registry.cases.list(limit=self.limit, before_id=self.before)
        broken = [
            {"case_no": case.case_no, "entry": wrong.id}
            for case in found
            if (wrong := registry.cases.verify(case.id)) is not None
        ]
        answer: Answer = {"verified": len(found), "broken": broken}
        if self.no is None and len(found) == self.limit:
            answer["next"] = found[-1].id
        return answer


DEEDS: tuple[type[AlertDeed], ...] = (CaseList, CaseGet, CaseOpen, CaseVoid, CaseVerify)


def case_of(registry: Registry, no: str) -> CaseRecord:
    """The case of a number, HJ20261121-0001; Unknown."""
    found: CaseRecord | None = registry.cases.get(no.strip().upper())
    if found is None:
        raise Unknown(f"there is no case {no}")
    return found


def case_row(case: CaseRecord) -> Answer:
    """A case for showing, with the name of its class."""
    return {**row(case), "class_name": class_name(case.class_code)}


def _medium(terms: DeskTerms, mn: str) -> str:
    return terms.sites.site(mn).medium if mn else ""
