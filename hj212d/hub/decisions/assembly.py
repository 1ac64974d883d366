"""The room of people's decisions, put together. Tests: tests/admin/test_decisions_api.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from twisted.internet.defer import Deferred

from hj212d.hub.connection import Answering
from hj212d.hub.decisions import event_deeds, limit_deeds, review_deeds, site_deeds
from hj212d.hub.decisions.api_window import ApiWindow
from hj212d.hub.decisions.deeds import Answer, Deed, Terms
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook

DEEDS = (*site_deeds.DEEDS, *review_deeds.DEEDS, *event_deeds.DEEDS, *limit_deeds.DEEDS)


class DecisionsRoom(msgspec.Struct, frozen=True):
    """What control socket and API need."""

    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_decisions(
    reactor: Any,
    *,
    registry: RegistryService,
    sites: SiteBook,
    settings: Callable[[], ReviewSettings],
    now_us: Callable[[], int],
) -> DecisionsRoom:
    """``settings``: those in force."""

    def done(deed: Deed) -> Deferred[Answer]:
        now = datetime.fromtimestamp(now_us() / 1e6, UTC)
        return registry.call(deed.do, Terms(sites, settings(), now))

    return DecisionsRoom(dict.fromkeys(DEEDS, done), ApiWindow(reactor, DEEDS, done))
