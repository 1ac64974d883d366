"""Answers to the requests about other media, for the control socket and the API.

Tests: tests/hub/media/test_media_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
from twisted.internet.defer import Deferred

from hj212d.hub.desk import ipc
from hj212d.hub.media.asking import Media, OwnLimits
from hj212d.hub.media.requests import Asked, Assess, Emissions, Rivers
from hj212d.hub.slow_work import SlowWork
from store.registry.decisions import LimitRecord


class MediaDesk:
    """Reckons in the threads of queries. ``limits``: all of the registry's; may block."""

    def __init__(
        self,
        reactor: Any,
        media: Media,
        limits: Callable[[], Sequence[LimitRecord]],
        slow: SlowWork,
    ) -> None:
        self._reactor = reactor
        self._media = media
        self._limits = limits
        self._slow = slow

    def answer(self, request: Asked) -> Deferred[pa.Buffer]:
        """Arrow IPC stream. ValueError, StoreUnavailable, RegistryUnavailable."""
        return self._slow.defer(self._reactor, lambda: ipc(self._answered(request)))

    def table(self, request: Asked) -> pa.Table:
        """The same as a table, for a thread that waits. Busy, TookTooLong besides."""
        return self._slow.call(lambda: self._answered(request))

    def _answered(self, request: Asked) -> pa.Table:
        return answered(self._media, request, self._limits)


def answered(
    media: Media, request: Asked, limits: Callable[[], Sequence[LimitRecord]]
) -> pa.Table:
    """What a request asks for; blocks."""
    match request:
        case Assess():
            return media.assess(request.meaning(), of_mns(limits()))
        case Emissions():
            return media.emissions(request.meaning())
        case Rivers():
            return media.rivers(request.meaning())


def of_mns(limits: Iterable[LimitRecord]) -> OwnLimits:
    """Limits by MN."""
    found: dict[str, list[LimitRecord]] = {}
    for limit in limits:
        found.setdefault(limit.mn, []).append(limit)
    return found
