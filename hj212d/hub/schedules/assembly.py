"""The room of schedules, put together. Tests: tests/hub/schedules/test_schedules_room.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from alerts.incidents import deeds
from alerts.incidents.terms import Places, Render
from alerts.schedules.settings import SchedulesSettings
from alerts.schedules.wording import Words
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alert_desk.terms import incident_terms
from hj212d.hub.bulletins.assembly import closed_us
from hj212d.hub.bulletins.calendar import Calendar
from hj212d.hub.notify.assembly import factor_name
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.places_asked import REGION
from hj212d.hub.quality.places_asked import Places as AskedPlaces
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.schedules.clock import moments_of
from hj212d.hub.schedules.ranking_teller import RankingTeller
from hj212d.hub.schedules.review_teller import ReviewTeller
from hj212d.hub.schedules.service import ScheduleService
from hj212d.hub.schedules.summary_teller import SummaryTeller
from hj212d.hub.schedules.telling import Telling
from hj212d.hub.schedules.warner import Warner
from hj212d.hub.site import AIR_CLASS
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.means import MeansStore
from store.registry.open import Registry

ASK_TIMEOUT_S = 300.0


class SchedulesRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started after the registry's and that of bulletins."""

    service: ScheduleService
    warner: Warner


def make_schedules(
    reactor: Any,
    *,
    store: MeansStore,
    quality: Quality,
    registry: RegistryService,
    sites: SiteBook,
    places: Places,
    render: Render,
    alerts: Callable[[], AlertsSettings],
    templates: str,
    settings: SchedulesSettings,
    now_us: Callable[[], int],
) -> SchedulesRoom:
    """``alerts``: the settings of incidents in force; ``templates``: the operator's folder."""
    slow = SlowWork("schedules", threads=1, waiting=4, timeout_s=ASK_TIMEOUT_S)
    telling = Telling(reactor, registry, slow, moments_of(now_us))
    words = Words(templates, factor_name)

    def take(registry: Registry, signals: Sequence[Signal], now: datetime) -> object:
        terms = incident_terms(now, sites, places, alerts(), render)
        return deeds.take(registry, signals, terms(registry))

    warner = Warner(telling, store, quality, lambda asked: regions(sites, asked), take, settings)
    service = ScheduleService(
        reactor,
        tellers={
            "ranking": RankingTeller(telling, quality, sites, words, settings),
            "summaries": SummaryTeller(
                telling, quality, sites, places, lambda: closed_us(store), words, settings
            ),
            "reviews": ReviewTeller(telling, words, settings),
            "warnings": warner,
        },
        wake=warner.wake,
        slow=slow,
        calendar=Calendar(reactor),
        settings=settings,
    )
    return SchedulesRoom(service, warner)


def regions(sites: SiteBook, asked: Sequence[str]) -> dict[str, bool]:
    """The codes of the regions that are named, and whether stations lie in them. NoSuchPlace."""
    found = AskedPlaces(sites, {}, AIR_CLASS).asked(asked)
    return {place.code.removeprefix(REGION): bool(place.sites) for place in found}
