"""What a check finds wrong: days that lack data, and keys that are too old.

Blocking: the one asks the store, the other the registry.
Tests: tests/hub/alerts/test_findings.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import pyarrow as pa

from alerts.rules.book import Rule
from alerts.rules.params import Completeness, KeyAge
from hj212d.hub.alerts.checks import Finding
from hj212d.hub.alerts.moments import microseconds
from hj212d.hub.completeness.expected import DAY_US, day_of
from hj212d.hub.completeness.reckoning import Question
from hj212d.hub.completeness.settings import CompletenessSettings
from store.registry.open import Registry

_DAY_S = 86_400.0


class Rates(Protocol):
    """Who reckons (hub/completeness/reckoning.py)."""

    def rates(self, question: Question, settings: CompletenessSettings) -> pa.Table:
        """Rows of RATES. StoreUnavailable."""


class Sites(Protocol):
    """What is asked of stations."""

    def region(self, mn: str) -> str:
        """The code of its region."""

    def medium(self, mn: str) -> str:
        """What it measures."""


def of_store(rules: Iterable[Rule]) -> list[Rule]:
    """Those whose check asks the store."""
    return [rule for rule in rules if isinstance(rule.params, Completeness)]


def of_registry(rules: Iterable[Rule]) -> list[Rule]:
    """Those whose check asks the registry."""
    return [rule for rule in rules if isinstance(rule.params, KeyAge)]


def incomplete(
    rules: Iterable[Rule],
    rates: Rates,
    settings: CompletenessSettings,
    sites: Sites,
    now_us: int,
) -> list[Finding]:
    """Stations of which fewer of the data that were due on the last full Beijing day came and were
    valid than a rule wants (effective rate, docs/completeness.md). StoreUnavailable."""
    today = day_of(now_us)
    tables: dict[str, pa.Table] = {}
    found: list[Finding] = []
    for rule in rules:
        params = rule.params
        assert isinstance(params, Completeness)
        if params.period not in tables:
            question = Question(today - DAY_US, today, params.period, summed=True)
            tables[params.period] = rates.rates(question, settings)
        found += _below(rule, params, tables[params.period], sites)
    return found


def old_keys(
    registry: Registry, rules: Iterable[Rule], sites: Sites, now_us: int
) -> list[Finding]:
    """Devices whose key in force is older than a rule allows. RegistryUnavailable."""
    found = []
    report = registry.keys.report()
    for rule in rules:
        params = rule.params
        assert isinstance(params, KeyAge)
        for row in report:
            if row.current_at is None or not _concerns(rule, row.mn, sites):
                continue
            age_days = (now_us - microseconds(row.current_at)) / 1e6 / _DAY_S
            if age_days > params.days:
                found.append(
                    Finding(
                        rule=rule.key,
                        kind=rule.kind,
                        subject=f"key:{row.mn}",
                        value=round(age_days, 1),
                        limit=params.days,
                        unit="d",
                    )
                )
    return found


def _below(rule: Rule, params: Completeness, table: pa.Table, sites: Sites) -> Iterator[Finding]:
    names = ("mn", "expected", "received", "valid", "effective_rate", "start")
    for mn, expected, received, valid, rate, start in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        share = rate or 0.0  # none where nothing came
        if not expected or share >= params.target or not _concerns(rule, mn, sites):
            continue
        yield Finding(
            rule=rule.key,
            kind=rule.kind,
            subject=f"mn:{mn}",
            value=round(share, 4),
            limit=params.target,
            detail={
                "day": f"{start:%Y-%m-%d}",
                "period": params.period,
                "expected": expected,
                "received": received,
                "valid": valid,
            },
        )


def _concerns(rule: Rule, mn: str, sites: Sites) -> bool:
    return rule.concerns(mn, sites.region(mn), "", sites.medium(mn))


def in_a_row(rule: Rule, usual: int) -> int:
    """How many checks must find the same: as the rule says, else as [alerts] does."""
    return rule.params.in_a_row if isinstance(rule.params, Completeness) else usual
