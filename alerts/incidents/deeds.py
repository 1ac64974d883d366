"""What is done to incidents, each deed one transaction of the registry; nothing is remembered
here.

Tests: tests/alerts/incidents/test_deeds.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.incidents.terms import Places, Render, Taken, Telling, Terms, Ticked
from alerts.signals import Signal
from store.registry.alert_records import IncidentRecord
from store.registry.open import Registry

__all__ = [
    "Places",
    "Render",
    "Taken",
    "Telling",
    "Terms",
    "Ticked",
    "acknowledge",
    "close",
    "note",
    "settle_rules",
    "silence",
    "take",
    "tick",
    "unsilence",
]


def take(registry: Registry, signals: Sequence[Signal], terms: Terms) -> Taken:
    """Keep what detectors told, in their order. Told again it changes nothing. Thousands at once
    are fine up to some 5,000; more are better taken in pieces."""
    raise NotImplementedError


def tick(registry: Registry, terms: Terms) -> Ticked:
    """Make incidents of alarms that waited, and take the steps that are due."""
    raise NotImplementedError


def settle_rules(registry: Registry, terms: Terms) -> Taken:
    """End the alarms of rules that are no longer in force; their incidents recover with that
    reason. To be called at the start and when rules changed."""
    raise NotImplementedError


def acknowledge(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Somebody takes care of it. KeyError: there is no such incident; ValueError, one sentence:
    not in its state. So for all deeds below."""
    raise NotImplementedError


def silence(
    registry: Registry, no: str, who: str, text: str, terms: Terms, until: datetime
) -> IncidentRecord:
    """Nothing is told of it until a moment."""
    raise NotImplementedError


def unsilence(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """It is told of again."""
    raise NotImplementedError


def close(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Nothing more is to be done; only of one that is over."""
    raise NotImplementedError


def note(registry: Registry, no: str, who: str, text: str, terms: Terms) -> IncidentRecord:
    """Write a line in its log."""
    raise NotImplementedError
