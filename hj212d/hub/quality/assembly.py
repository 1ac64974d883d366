"""The room of air quality, put together. Tests: tests/system/test_air_quality.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from admin.source import NotAvailable
from hj212d.hub.connection import Answering
from hj212d.hub.loop_call import ask_loop
from hj212d.hub.means.asking import Means
from hj212d.hub.quality.api_window import ApiWindow
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.desk import QualityDesk
from hj212d.hub.quality.requests import Aqi, Evaluate, Rank
from hj212d.hub.quality.settings import QualitySettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.registry.decisions import EventRecord
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry


class QualityRoom(msgspec.Struct, frozen=True):
    """``quality`` answers other rooms, in threads that may block; its ``settings`` may be
    exchanged at any time."""

    quality: Quality
    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_quality(
    reactor: Any,
    *,
    means: Means,
    sites: SiteBook,
    registry: RegistryService,
    slow: SlowWork,
    settings: QualitySettings,
) -> QualityRoom:
    """``slow``: the threads of queries."""

    def events(start: datetime, end: datetime) -> list[EventRecord]:
        try:
            return ask_loop(reactor, lambda: registry.call(approved, start, end))
        except NotAvailable as away:
            raise RegistryUnavailable(str(away)) from away

    quality = Quality(means, sites, settings, events)
    desk = QualityDesk(reactor, quality, slow)
    answers: dict[type[Request], Answering] = dict.fromkeys((Aqi, Evaluate, Rank), desk.answer)
    return QualityRoom(quality, answers, ApiWindow(desk))


def approved(registry: Registry, start: datetime, end: datetime) -> list[EventRecord]:
    """The approved events that touch a span of aware moments."""
    return registry.events.list("approved", start, end)
