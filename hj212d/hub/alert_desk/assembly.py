"""The desk of alerts, put together. Tests: tests/admin/test_alerts_api.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from twisted.internet.defer import Deferred

from alerts.incidents.terms import Places, Render
from alerts.settings import AlertsSettings
from hj212d.hub.alert_desk import (
    case_deeds,
    contact_deeds,
    incident_deeds,
    maintenance_deeds,
    outbox_deeds,
    plan_deeds,
    rule_deeds,
    subscription_deeds,
)
from hj212d.hub.alert_desk.deeds import AlertDeed, carried_out
from hj212d.hub.alert_desk.terms import desk_terms
from hj212d.hub.connection import Answering
from hj212d.hub.decisions.api_window import ApiWindow
from hj212d.hub.decisions.deeds import Answer
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook

DEEDS: tuple[type[AlertDeed], ...] = (
    *rule_deeds.DEEDS,
    *incident_deeds.DEEDS,
    *contact_deeds.DEEDS,
    *subscription_deeds.DEEDS,
    *maintenance_deeds.DEEDS,
    *outbox_deeds.DEEDS,
    *case_deeds.DEEDS,
    *plan_deeds.DEEDS,
)


class AlertDesk(msgspec.Struct, frozen=True):
    """What control socket and API need."""

    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_alert_desk(
    reactor: Any,
    *,
    registry: RegistryService,
    sites: SiteBook,
    places: Places,
    settings: Callable[[], AlertsSettings],
    render: Render,
    now_us: Callable[[], int],
) -> AlertDesk:
    """``settings``: those in force."""

    def done(deed: AlertDeed) -> Deferred[Answer]:
        now = datetime.fromtimestamp(now_us() / 1e6, UTC)
        return registry.call(
            partial(carried_out, deed),
            desk_terms(now, sites, places, settings(), render),
        )

    return AlertDesk(dict.fromkeys(DEEDS, done), ApiWindow(reactor, DEEDS, done))
