"""What deeds on alerts go by, put together of a registry, its rules, the sites and the settings.

Tests: tests/hub/alert_desk/test_incident_deeds.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alerts.cases import Cases
from alerts.incidents.terms import Places, Render, Terms
from alerts.rules.book import rules_in_force
from alerts.settings import AlertsSettings
from hj212d.hub.alert_desk.deeds import DeskTerms
from hj212d.hub.site_book import SiteBook
from store.registry.open import Registry


def desk_terms(
    now: datetime,
    sites: SiteBook,
    places: Places,
    settings: AlertsSettings,
    render: Render,
) -> DeskTerms:
    """The terms of one deed at ``now``."""
    return DeskTerms(now, sites, incident_terms(now, sites, places, settings, render))


def incident_terms(
    now: datetime,
    sites: SiteBook,
    places: Places,
    settings: AlertsSettings,
    render: Render,
) -> Callable[[Registry], Terms]:
    """What makes the terms of deeds on incidents, of the rules that a registry holds now."""

    def made(registry: Registry) -> Terms:
        return Terms(
            now=now,
            rules={rule.key: rule for rule in rules_in_force(registry.rules.all())},
            settings=settings,
            places=places,
            render=render,
            on_case=Cases(medium=lambda mn: sites.site(mn).medium if mn else ""),
        )

    return made
