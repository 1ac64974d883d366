"""From records to the rules in force: the product's own, each replaced by a record of its key.

A record that cannot be used is never half in force: `checked` refuses it before it is kept, and
what stands in the registry nevertheless is left out and named. Tests:
tests/alerts/rules/test_rule_book.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from alerts.rules.defaults import default_rules
from alerts.rules.params import Params, decoded
from alerts.rules.regions import holds
from store.registry.alert_records import (
    SEVERITIES,
    CaseMode,
    RuleKind,
    RuleRecord,
    Severity,
)

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_REGION = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
_KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
_MODES: tuple[CaseMode, ...] = get_args(CaseMode)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in force: its record, with ``params`` as the struct of its kind."""

    key: str
    kind: RuleKind
    on: bool = True
    severity: Severity = "warning"
    way: str = "live"
    params: Params
    regions: tuple[str, ...] = ()
    mns: frozenset[str] = frozenset()
    factors: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    owner: int = 0
    case: CaseMode = "none"
    case_class: str = ""
    note: str = ""

    def concerns(self, mn: str, region: str, factor: str = "", medium: str = "") -> bool:
        """Whether it is about a factor ("": any, or none in particular) of a station.

        A rule's factor that ends in "*" is the beginning of codes. A medium that is not known is
        none of those that a rule names.
        """
        if self.mns and mn not in self.mns:
            return False
        if self.media and medium not in self.media:
            return False
        if self.regions and not any(holds(one, region) for one in self.regions):
            return False
        return self.concerns_factor(factor)

    def concerns_factor(self, factor: str) -> bool:
        """Whether it is about a factor; "" is any."""
        if not self.factors or not factor:
            return True
        return any(
            factor.startswith(one[:-1]) if one.endswith("*") else factor == one
            for one in self.factors
        )


def checked(record: RuleRecord) -> Rule:
    """The rule of a record. ValueError: one sentence that names the field and the value."""
    if not _KEY.fullmatch(record.key):
        raise ValueError(
            f'key = "{record.key[:80]}": expected a to z, 0 to 9, ".", "_" and "-", 64 at most'
        )
    _one_of("kind", record.kind, _KINDS)
    _one_of("severity", record.severity, SEVERITIES)
    _one_of("way", record.way, ("live", "check"))
    _one_of("case", record.case, _MODES)
    for code in record.regions:
        if not _REGION.fullmatch(code):
            raise ValueError(f'regions: "{code}" is no code of 2, 4, 6, 9 or 12 digits')
    if record.owner < 0:
        raise ValueError(f"owner = {record.owner}: expected the number of a contact, or 0")
    return Rule(
        key=record.key,
        kind=record.kind,
        on=record.on,
        severity=record.severity,
        way=record.way,
        params=decoded(record.kind, record.params),
        regions=tuple(record.regions),
        mns=frozenset(record.mns),
        factors=tuple(record.factors),
        media=tuple(record.media),
        owner=record.owner,
        case=record.case,
        case_class=record.case_class,
        note=record.note,
    )


def all_records(records: Sequence[RuleRecord]) -> list[RuleRecord]:
    """The product's rules with those of the registry in their places, and its further ones; also
    those that are off. In order of key."""
    mine = {record.key: record for record in default_rules()}
    return [one for _, one in sorted((mine | {one.key: one for one in records}).items())]


def rules_in_force(records: Sequence[RuleRecord]) -> list[Rule]:
    """The rules that are on, in order of key; what cannot be used is left out (`unusable`)."""
    found = []
    for record in all_records(records):
        try:
            rule = checked(record)
        except ValueError:
            continue
        if rule.on:
            found.append(rule)
    return found


def unusable(records: Sequence[RuleRecord]) -> dict[str, str]:
    """Key -> why a record of the registry is not in force."""
    found = {}
    for record in records:
        try:
            checked(record)
        except ValueError as problem:
            found[record.key] = str(problem)
    return found


def _one_of(name: str, value: str, wanted: Sequence[Any]) -> None:
    if value not in wanted:
        raise ValueError(f'{name} = "{value}": expected one of {", ".join(wanted)}')
