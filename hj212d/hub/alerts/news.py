"""What alerting reads of the registry: rules and limits when they changed, figures to show.

In the registry's thread. Tests: tests/hub/alerts/test_news.py.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from alerts.rules.book import Rule, rules_in_force, unusable
from store.registry.decisions import LimitRecord
from store.registry.open import Registry


class News(msgspec.Struct, frozen=True):
    """What was found when the last note of the audit was ``noted``; below 0: never yet.
    ``unusable``: rule -> why it is not in force."""

    noted: int = -1
    rules: list[Rule] = []
    limits: list[LimitRecord] = []
    unusable: dict[str, str] = {}


def news(registry: Registry, known: News) -> News | None:
    """What is in force now; None while nobody changed anything since, in any process.
    RegistryUnavailable."""
    noted = registry.audit.last()
    if noted == known.noted:
        return None
    records = registry.rules.all()
    return News(
        noted,
        rules_in_force(records),
        registry.limits.list(),
        unusable(records),
    )


def figures_of(registry: Registry) -> dict[str, dict[str, int]]:
    """Incidents that are not closed, and messages, by their state."""
    incidents: Counter[str] = Counter()
    outbox: Counter[str] = Counter()
    for (state, _), count in registry.incidents.counts().items():
        incidents[state] += count
    for (_, state), count in registry.outbox.counts().items():
        outbox[state] += count
    return {"incidents": dict(incidents), "outbox": dict(outbox)}
