"""Answers to the requests about air quality, for the control socket and the API.

Tests: tests/hub/quality/test_quality_desk.py.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from twisted.internet.defer import Deferred

from hj212d.hub.desk import ipc
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.requests import Aqi, Asked, Evaluate, Rank
from hj212d.hub.slow_work import SlowWork


class QualityDesk:
    """Reckons in the threads of queries."""

    def __init__(self, reactor: Any, quality: Quality, slow: SlowWork) -> None:
        self._reactor = reactor
        self._quality = quality
        self._slow = slow

    def answer(self, request: Asked) -> Deferred[pa.Buffer]:
        """Arrow IPC stream. ValueError, StoreUnavailable, RegistryUnavailable."""
        return self._slow.defer(self._reactor, lambda: ipc(answered(self._quality, request)))

    def table(self, request: Asked) -> pa.Table:
        """The same as a table, for a thread that waits. Busy, TookTooLong besides."""
        return self._slow.call(lambda: answered(self._quality, request))


def answered(quality: Quality, request: Asked) -> pa.Table:
    """What a request asks for; blocks."""
    match request:
        case Aqi():
            return quality.aqi(request.meaning())
        case Evaluate():
            return quality.evaluate(request.meaning())
        case Rank():
            return quality.rank(request.meaning())
