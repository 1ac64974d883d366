"""What people do to incidents; each a transaction, refused when the incident is not in its state.

Tests: tests/alerts/incidents/test_by_hand.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alerts.incidents.keeper import Keeper
from alerts.incidents.lifecycle import moved
from alerts.incidents.terms import Terms
from alerts.incidents.transaction import in_one
from store.registry.alert_records import IncidentRecord
from store.registry.open import Registry

Deed = Callable[[Keeper, IncidentRecord], IncidentRecord]


def acknowledge(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Somebody takes care of it: it is escalated no further. KeyError: there is no such incident;
    ValueError, one sentence: not in its state. So for all deeds here."""

    def deed(keeper: Keeper, incident: IncidentRecord) -> IncidentRecord:
        after = keeper.change(
            incident,
            state=moved(incident, "acknowledge", terms.now, terms.settings),
            acknowledged_by=who,
            acknowledged_at=terms.now,
        )
        keeper.crier.log(after, "acknowledged", text, who)
        keeper.crier.hold_back(after, f"acknowledged by {who}", "escalated")
        return after

    return _done(registry, no, terms, deed)


def silence(
    registry: Registry, no: str, who: str, text: str, terms: Terms, until: datetime
) -> IncidentRecord:
    """Nothing is told of it until a moment, neither that it recovered nor that it is back."""
    if until <= terms.now:
        raise ValueError(f"until = {until.isoformat()}: expected a moment to come")

    def deed(keeper: Keeper, incident: IncidentRecord) -> IncidentRecord:
        after = keeper.change(
            incident,
            state=moved(incident, "silence", terms.now, terms.settings),
            silenced_by=who,
            silenced_until=until,
        )
        keeper.crier.log(after, "silenced", text, who, until=until.isoformat())
        keeper.crier.hold_back(after, f"silenced by {who}")
        return after

    return _done(registry, no, terms, deed)


def unsilence(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """It is told of again."""

    def deed(keeper: Keeper, incident: IncidentRecord) -> IncidentRecord:
        after = keeper.change(
            incident,
            state=moved(incident, "unsilence", terms.now, terms.settings),
            silenced_until=None,
        )
        keeper.crier.log(after, "unsilenced", text, who)
        return after

    return _done(registry, no, terms, deed)


def close(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Nothing more is to be done; only of one that has recovered, so that nothing that lasts is
    lost from sight."""
    return _done(registry, no, terms, lambda keeper, incident: keeper.close(incident, who, text))


def note(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Write a line in its log; at any time."""

    def deed(keeper: Keeper, incident: IncidentRecord) -> IncidentRecord:
        keeper.crier.log(incident, "note", text, who)
        return incident

    return _done(registry, no, terms, deed)


def _done(registry: Registry, no: str, terms: Terms, deed: Deed) -> IncidentRecord:
    def done() -> IncidentRecord:
        incident = registry.incidents.by_no(no)
        if incident is None:
            raise KeyError(f"there is no incident {no}")
        return deed(Keeper(registry, terms), incident)

    return in_one(registry, done)
