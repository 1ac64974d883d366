"""Emergency plans: put down, found, changed, reviewed, withdrawn.

Tests: tests/hub/alert_desk/test_plan_deeds.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from alerts.plans.matching import LEVEL_OF_SEVERITY
from alerts.plans.review import review_by
from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms
from hj212d.hub.decisions.deeds import (
    Answer,
    Unknown,
    moment,
    one_of,
    only,
    row,
    shown,
    text,
    texts,
)
from hj212d.hub.decisions.review_deeds import factor_of
from store.registry.alert_records import PlanRecord, PlanState
from store.registry.open import Registry

FIELDS = (
    "title",
    "region",
    "level",
    "kinds",
    "factors",
    "mns",
    "severity",
    "text",
    "keywords",
    "contacts",
    "review_days",
    "reviewed_at",
    "state",
)
LEVELS = ("", "I", "II", "III", "IV")
STATES = get_args(PlanState)
MOST_TITLE = 200
MOST_TEXT = 400_000  # characters; the whole of a municipal plan is a tenth of it
MOST_LISTED = 1000
MOST_DAYS = 3660
_SEVERITY_OF = {level: severity for severity, level in LEVEL_OF_SEVERITY.items()}


class Plans(AlertDeed, tag="plans", kw_only=True):
    """Plans by words that stand in them, kind of incidents, level, region and state."""

    text: str = ""
    kind: str | None = None
    level: str | None = None
    region: str | None = None
    state: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_LISTED)] = 100

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "plans" in order of code, without their texts; "more": how many are left out."""
        found = registry.plans.search(
            text("text", self.text),
            None if self.kind is None else one_of("kind", self.kind, fields.KINDS),
            None if self.level is None else one_of("level", self.level, LEVELS),
            None if self.region is None else fields.region("region", self.region),
            None if self.state is None else one_of("state", self.state, STATES),
        )
        some = found[: self.limit]
        return {"plans": [_in_short(one) for one in some], "more": len(found) - len(some)}


class PlanGet(AlertDeed, tag="plan_get", kw_only=True):
    """One plan, whole."""

    code: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "plan", with the names of its contacts."""
        plan = known(registry, self.code)
        names = {one.id: one.name for one in registry.contacts.all()}
        contacts = [{"id": one, "name": names.get(one, "")} for one in plan.contact_ids]
        return {"plan": {**_in_short(plan), "text": plan.text, "contacts": contacts}}


class PlanPut(AlertDeed, tag="plan_put", kw_only=True):
    """Put a plan down, which gives it a code, or change fields of the one of ``code``."""

    code: str = ""
    fields: dict[str, Any]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "plan" as it is kept, "warnings"."""
        before = known(registry, self.code) if self.code else None
        wanted = plan_with(before, self.fields, registry, terms)
        kept = registry.plans.put(wanted, self.who)
        said = fields.warnings(terms.sites, kept.mns, [kept.region] if kept.region else [])
        if kept.state == "in_force" and not kept.contact_ids:
            said.append(f"nobody is reminded of {kept.code}: it has no contacts")
        return {"plan": _in_short(kept), "warnings": said}


class PlanReview(AlertDeed, tag="plan_review", kw_only=True):
    """Say that a plan was looked at and holds as it is."""

    code: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "plan"."""
        plan = known(registry, self.code)
        if plan.state == "withdrawn":
            raise ValueError(f"code = {shown(plan.code)}: was withdrawn")
        return {"plan": _in_short(registry.plans.reviewed(plan.code, self.who, terms.now))}


class PlanWithdraw(AlertDeed, tag="plan_withdraw", kw_only=True):
    """Let a plan hold no more; it stays to be seen."""

    code: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "plan"."""
        plan = known(registry, self.code)
        return {"plan": _in_short(registry.plans.withdraw(plan.code, self.who))}


DEEDS: tuple[type[AlertDeed], ...] = (Plans, PlanGet, PlanPut, PlanReview, PlanWithdraw)


def known(registry: Registry, code: str) -> PlanRecord:
    """The plan of a code; Unknown."""
    found = registry.plans.get(code.strip().upper())
    if found is None:
        raise Unknown(f"there is no plan {shown(code[:80])}")
    return found


def plan_with(
    before: PlanRecord | None, said: Mapping[str, Any], registry: Registry, terms: DeskTerms
) -> PlanRecord:
    """A plan with fields as people write them; ValueError names field and value. A new one counts
    as reviewed now, and with a level and no severity has that of the level's warnings."""
    only(said, FIELDS, "a plan")
    changes: dict[str, Any] = {}
    for name, wanted in said.items():
        field, value = _field(name, wanted, registry)
        changes[field] = value
    if before is None:
        changes.setdefault("title", "")
        changes.setdefault("reviewed_at", terms.now)
        if "severity" not in changes and changes.get("level"):
            changes["severity"] = _SEVERITY_OF[changes["level"]]
        plan = PlanRecord(**changes)
    else:
        plan = msgspec.structs.replace(before, **changes)
    if not plan.title:
        raise ValueError("title is missing: a plan has one")
    return plan


def _field(name: str, wanted: Any, registry: Registry) -> tuple[str, Any]:
    """The field of the record, and its value."""
    match name:
        case "title":
            return name, text(name, wanted, MOST_TITLE)
        case "text":
            return name, text(name, wanted, MOST_TEXT)
        case "region":
            return name, fields.region(name, wanted) if wanted else ""
        case "level":
            return name, one_of(name, wanted, LEVELS)
        case "state":
            return name, one_of(name, wanted, STATES)
        case "kinds":
            return name, fields.kinds(name, wanted)
        case "factors":
            return name, [factor_of(one) for one in texts(name, wanted)]
        case "mns":
            return name, fields.mns(name, wanted)
        case "severity":
            return name, fields.severity(name, wanted)
        case "keywords":
            return name, [text(name, one, 40) for one in texts(name, wanted)]
        case "contacts":
            some = wanted if isinstance(wanted, list) else texts(name, wanted)
            return "contact_ids", [fields.contact(registry, one).id for one in some]
        case "reviewed_at":
            return name, moment(name, wanted)
    return name, _days(name, wanted)


def _days(name: str, wanted: Any) -> int:
    number = int(wanted) if isinstance(wanted, str) and wanted.isdigit() else wanted
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_DAYS:
        raise ValueError(f"{name} = {shown(wanted)}: expected 1 to {MOST_DAYS} days")
    return number


def _in_short(plan: PlanRecord) -> Answer:
    built = row(plan)
    characters = len(built.pop("text"))
    by = review_by(plan)
    return {**built, "characters": characters, "review_by": by.isoformat() if by else ""}
