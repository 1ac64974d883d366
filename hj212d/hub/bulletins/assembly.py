"""The room of bulletins, put together. Tests: tests/hub/bulletins/test_bulletin_service.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from functools import cache
from typing import Any

import msgspec

from aqi.factors import POLLUTANTS
from hj212d.hub.bulletins.api_window import ApiWindow
from hj212d.hub.bulletins.calendar import Calendar
from hj212d.hub.bulletins.desk import BulletinDesk
from hj212d.hub.bulletins.drafting import Asked, Drafting, Programmes
from hj212d.hub.bulletins.requests import Bulletin, BulletinPublish, Bulletins
from hj212d.hub.bulletins.service import BulletinService
from hj212d.hub.bulletins.settings import BulletinsSettings
from hj212d.hub.connection import Answering
from hj212d.hub.quality.places_asked import NoSuchPlace, Places, Sites
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site import AIR_CLASS
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.means import MeansStore

LOOK_TIMEOUT_S = 300.0
_SECOND_US = 1_000_000


class BulletinsRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started after the registry's and that of means."""

    service: BulletinService
    desk: BulletinDesk
    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_bulletins(
    reactor: Any,
    *,
    store: MeansStore,
    quality: Asked,
    registry: RegistryService,
    sites: SiteBook,
    settings: BulletinsSettings,
    now_us: Callable[[], int],
) -> BulletinsRoom:
    """``quality``: who is asked, in a thread of this room."""
    service = BulletinService(
        reactor,
        drafting=Drafting(quality, lambda: programmes(sites)),
        closed_us=lambda: closed_us(store),
        places=lambda: len(sites.sites()),
        registry=registry,
        slow=SlowWork("bulletins", threads=1, waiting=1, timeout_s=LOOK_TIMEOUT_S),
        calendar=Calendar(reactor),
        settings=settings,
        now_us=now_us,
    )
    sites.changed.append(lambda _: service.forget())
    desk = BulletinDesk(registry, service)
    answers: dict[type[Request], Answering] = {
        Bulletins: desk.bulletins,
        Bulletin: desk.bulletin,
        BulletinPublish: desk.publish,
    }
    return BulletinsRoom(service, desk, answers, ApiWindow(reactor, desk))


def closed_us(store: MeansStore) -> int | None:
    """Means of all hours before are made; None before the first roll-up. StoreUnavailable."""
    state = store.means_state()
    if state is None or state.closed_upto is None:
        return None
    return round(state.closed_upto.replace(tzinfo=UTC).timestamp() * _SECOND_US)


def programmes(sites: Sites) -> Programmes:
    """What is to be measured at a place: in a region what any of its assessed sites measures."""
    places = Places(sites, {}, AIR_CLASS)

    @cache
    def programme(place: str) -> Sequence[str]:
        try:
            return places.asked((place,))[0].programme
        except NoSuchPlace:
            return POLLUTANTS

    return programme
