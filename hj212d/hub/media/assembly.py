"""The room of other media, put together. Tests: tests/system/test_assessing_of_a_hub.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from admin.source import NotAvailable
from hj212d.hub.connection import Answering
from hj212d.hub.loop_call import ask_loop
from hj212d.hub.means.asking import Means
from hj212d.hub.media.api_window import ApiWindow
from hj212d.hub.media.asking import Media
from hj212d.hub.media.desk import MediaDesk
from hj212d.hub.media.requests import Assess, Emissions, Rivers
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request
from hj212d.hub.site_book import SiteBook
from hj212d.hub.slow_work import SlowWork
from store.means import Store
from store.registry.decisions import LimitRecord
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry


class MediaRoom(msgspec.Struct, frozen=True):
    """``media`` answers other rooms, in threads that may block; its ``settings`` may be exchanged
    at any time."""

    media: Media
    answers: dict[type[Request], Answering]
    window: ApiWindow


def make_media(
    reactor: Any,
    *,
    means: Means,
    sites: SiteBook,
    store: Store,
    registry: RegistryService,
    slow: SlowWork,
    settings: MediaSettings,
    now_us: Callable[[], int],
) -> MediaRoom:
    """``slow``: the threads of queries."""

    def limits() -> list[LimitRecord]:
        try:
            return ask_loop(reactor, lambda: registry.call(all_limits))
        except NotAvailable as away:
            raise RegistryUnavailable(str(away)) from away

    media = Media(means, sites, store, settings, now_us)
    desk = MediaDesk(reactor, media, limits, slow)
    answers: dict[type[Request], Answering] = dict.fromkeys(
        (Assess, Emissions, Rivers), desk.answer
    )
    return MediaRoom(media, answers, ApiWindow(desk))


def all_limits(registry: Registry) -> list[LimitRecord]:
    """The limits of single outlets and sites."""
    return registry.limits.list()
