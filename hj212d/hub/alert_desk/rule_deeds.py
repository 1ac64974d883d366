"""Rules: the product's own and people's, shown with where their figures come from, set, switched.

A rule that somebody sets starts from the one in force under its key, so that only what differs has
to be said. Tests: tests/hub/alert_desk/test_rule_deeds.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from alerts.case_classes import problem
from alerts.cases import unconfirmed
from alerts.rules.book import Rule, all_records, checked, unusable
from alerts.rules.defaults import default_rules
from alerts.rules.params import PARAMS
from hj212d.hub.alert_desk import fields
from hj212d.hub.alert_desk.deeds import AlertDeed, DeskTerms, Many
from hj212d.hub.decisions.deeds import Answer, Unknown, one_of, only, row, shown, text, texts
from store.registry.alert_records import CaseMode, RuleRecord
from store.registry.decisions import Medium
from store.registry.open import Registry

FIELDS = (
    "kind",
    "on",
    "severity",
    "way",
    "params",
    "regions",
    "mns",
    "factors",
    "media",
    "case",
    "case_class",
    "note",
)
_MEDIA = tuple(medium for medium in get_args(Medium) if medium)
_MOST_NOTE = 1000
_FACTOR_LETTERS = 12
_WRONG = re.compile(r": (?P<what>.+) - at `\$\.(?P<field>\w+)(?:\[(?P<inner>[^\]]*)\])?.*`$")
_UNKNOWN = re.compile(r"unknown field `(.*)`$")


class Rules(AlertDeed, tag="rules", kw_only=True):
    """All rules, the product's own and people's, in order of key; those of a kind."""

    kind: str | None = None

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "rules"; "unusable": key -> why a record of the registry is not in force."""
        if self.kind is not None:
            one_of("kind", self.kind, fields.KINDS)
        own = registry.rules.all()
        rows = [rule_row(one) for one in all_records(own) if self.kind in (None, one.kind)]
        return {"rules": rows, "unusable": unusable(own)}


class RuleGet(AlertDeed, tag="rule_get", kw_only=True):
    """One rule, with all its figures, and the product's own of that key."""

    key: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "rule", with "figures": each with its value, the product's, and which holds."""
        record = rule_of(registry, self.key)
        return {"rule": {**rule_row(record), "figures": figures(record)}}


class RulePut(AlertDeed, tag="rule_put", kw_only=True):
    """Set a rule: what is not said stays as it is in force. In ``params`` a null takes a figure
    back to its default."""

    key: str
    fields: dict[str, Any]

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """ "rule" as it is kept, "warnings"."""
        known = {record.key: record for record in all_records(registry.rules.all())}
        record = rule_with(known.get(self.key), self.key, self.fields)
        said = fields.warnings(terms.sites, record.mns, record.regions)
        return {"rule": rule_row(kept(registry, record, self.who)), "warnings": said}


class RuleSwitch(AlertDeed, tag="rule_switch", kw_only=True):
    """Switch rules on or off, all or none."""

    keys: Annotated[list[str], Meta(min_length=1, max_length=Many)]
    on: bool

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "rules" as they are now."""
        with registry.together():
            changed = [
                kept(
                    registry, msgspec.structs.replace(rule_of(registry, key), on=self.on), self.who
                )
                for key in self.keys
            ]
        return {"rules": [rule_row(one) for one in changed]}


class RuleRemove(AlertDeed, tag="rule_remove", kw_only=True):
    """Forget what somebody set; the product's own rule of that key holds again."""

    key: str

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:  # noqa: ARG002
        """ "removed", and "rule": the one that holds now, null when there is none."""
        if registry.rules.get(self.key) is None:
            if self.key in {one.key for one in default_rules()}:
                raise ValueError(
                    f'key = "{self.key}": is the product\'s own rule; it can be switched off'
                )
            raise Unknown(f"there is no rule {self.key}")
        registry.rules.remove(self.key, self.who)
        left = [one for one in default_rules() if one.key == self.key]
        return {"removed": self.key, "rule": rule_row(left[0]) if left else None}


DEEDS: tuple[type[AlertDeed], ...] = (Rules, RuleGet, RulePut, RuleSwitch, RuleRemove)


def kept(registry: Registry, record: RuleRecord, who: str) -> RuleRecord:
    """A record that was looked at, as the registry keeps it; ValueError, one sentence."""
    if unsure := unconfirmed(usable(record)):
        raise ValueError(unsure)
    if record.case_class and (wrong := problem(record.case_class)):
        raise ValueError(f"case_class = {shown(record.case_class)}: {wrong}")
    put: RuleRecord = registry.rules.put(record, who)
    return put


def usable(record: RuleRecord) -> Rule:
    """The rule of a record; ValueError, one sentence that names field and value."""
    try:
        return checked(record)
    except ValueError as problem:
        sentence = str(problem)
        if wrong := _WRONG.search(sentence):
            field, inner = wrong["field"], wrong["inner"]
            value = record.params.get(field)
            if inner and isinstance(value, Mapping):
                name = next((key for key, one in value.items() if isinstance(one, str)), inner)
                field, value = f"{field}.{name}", value.get(name)
            what = wrong["what"].replace("`", "").lower()
            raise ValueError(f"{field} = {shown(value)}: {what}") from None
        if unknown := _UNKNOWN.search(sentence):
            names = ", ".join(PARAMS[record.kind].__struct_fields__)
            raise ValueError(
                f"{unknown[1]}: a rule of {record.kind} has no such figure; there are {names}"
            ) from None
        raise


def rule_of(registry: Registry, key: str) -> RuleRecord:
    """The record in force of a key, also when it is off; Unknown."""
    for record in all_records(registry.rules.all()):
        if record.key == key:
            return record
    raise Unknown(f"there is no rule {key}")


def rule_with(before: RuleRecord | None, key: str, said: Mapping[str, Any]) -> RuleRecord:
    """A rule with some fields changed; ValueError, one sentence that names field and value."""
    only(said, FIELDS, "a rule")
    if before is None and "kind" not in said:
        raise ValueError(f'kind is missing: there is no rule "{key}" yet to be changed')
    kind = one_of("kind", said["kind"], fields.KINDS) if "kind" in said else ""
    if before is not None and kind not in ("", before.kind):
        raise ValueError(f'kind = "{kind}": the rule {key} is one of {before.kind}')
    record = before or RuleRecord(key=key, kind=kind)  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    for name, wanted in said.items():
        match name:
            case "on":
                changes[name] = fields.yes(name, wanted)
            case "severity":
                changes[name] = fields.severity(name, wanted)
            case "way":
                changes[name] = one_of(name, wanted, ("live", "check"))
            case "case":
                changes[name] = one_of(name, wanted, get_args(CaseMode))
            case "params":
                changes[name] = params_with(record.params, wanted)
            case "regions":
                changes[name] = fields.regions(name, wanted)
            case "mns":
                changes[name] = fields.mns(name, wanted)
            case "factors":
                changes[name] = [_factor(one) for one in texts(name, wanted)]
            case "media":
                changes[name] = [one_of(name, one, _MEDIA) for one in texts(name, wanted)]
            case "case_class":
                changes[name] = text(name, wanted, 5)
            case "note":
                changes[name] = text(name, wanted, _MOST_NOTE)
    if before is not None and "note" not in said:
        changes["note"] = ""  # what is said of the product's figures is not true of others
    return msgspec.structs.replace(record, **changes)


def params_with(before: Mapping[str, Any], said: Any) -> dict[str, Any]:
    """Figures with some of them changed: null takes one away; a table's are changed one by one."""
    if not isinstance(said, Mapping):
        raise ValueError(f"params = {shown(said)}: expected a value for each figure")
    changed = dict(before)
    for name, wanted in said.items():
        if wanted is None:
            changed.pop(name, None)
        elif isinstance(wanted, Mapping):
            table = changed.get(name)
            changed[name] = params_with(table if isinstance(table, Mapping) else {}, wanted)
        else:
            changed[name] = wanted
    return changed


def rule_row(record: RuleRecord) -> Answer:
    """A rule for showing: ``origin`` "product", "changed" (one of the product's that somebody
    changed) or "own"."""
    return {**row(record), "origin": _origin(record)}


def figures(record: RuleRecord) -> list[Answer]:
    """All figures of a rule: its value, the product's of the same rule or kind, and who said it:
    the kind's default, the product's rule, or whoever set the rule."""
    products = [one for one in default_rules() if one.key == record.key]
    standard = _filled(products[0]) if products else {}
    said_there = products[0].params if products else {}
    rows = []
    for name, value in _filled(record).items():
        if name in record.params and (not products or value != standard[name]):
            by = record.who or "somebody"
        else:
            by = "product" if name in said_there else "kind"
        rows.append({"name": name, "value": value, "product": standard.get(name), "by": by})
    return rows


def _filled(record: RuleRecord) -> dict[str, Any]:
    """All figures with their values, defaults, too."""
    rule: Rule = checked(record)
    return {name: getattr(rule.params, name) for name in _names(rule)}


def _names(rule: Rule) -> Iterable[str]:
    return rule.params.__struct_fields__


def _origin(record: RuleRecord) -> str:
    for one in default_rules():
        if one.key == record.key:
            return "product" if record == one else "changed"
    return "own"


def _factor(wanted: str) -> str:
    """A code, a pollutant, or the beginning of codes with a star."""
    from hj212d.hub.decisions.review_deeds import factor_of

    stem = wanted.removesuffix("*")
    if stem != wanted:
        if not (stem.isascii() and stem.isalnum() and len(stem) <= _FACTOR_LETTERS):
            raise ValueError(f"factors = {shown(wanted)}: expected a code such as a34004, or a34*")
        return wanted
    try:
        return factor_of(wanted)
    except ValueError as problem_said:
        raise ValueError(str(problem_said).replace("factor =", "factors =", 1)) from None
