"""Answers to the requests about completeness, for the control socket and the API.

Tests: tests/hub/completeness/test_completeness_desk.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa
from twisted.internet.defer import Deferred

from hj212d.hub.completeness.fill import moment_us
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.requests import Completeness, Gaps
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.desk import ipc
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.times import iso
from store.registry.open import Registry
from store.registry.records import OPEN_GAPS, GapRecord


class CompletenessDesk:
    """Reckons in the threads of queries, reads the book of gaps in the registry's."""

    def __init__(
        self,
        reactor: Any,
        *,
        reckoning: Reckoning,
        registry: RegistryService,
        slow: SlowWork,
        settings: Callable[[], CompletenessSettings],
    ) -> None:
        self._reactor = reactor
        self._reckoning = reckoning
        self._registry = registry
        self._slow = slow
        self._settings = settings

    def completeness(self, request: Completeness) -> Deferred[pa.Buffer]:
        """Arrow IPC stream of RATES. ValueError, StoreUnavailable."""
        return self._slow.defer(self._reactor, lambda: ipc(self.rates(request)))

    def rates(self, request: Completeness) -> pa.Table:
        """Rows of RATES; blocks."""
        return self._reckoning.rates(request.meaning(), self._settings())

    def gaps(self, request: Gaps) -> Deferred[dict[str, Any]]:
        """Rows of the book. RegistryUnavailable."""
        return self._registry.call(found_gaps, request).addCallback(
            lambda gaps: {"gaps": [shown(gap) for gap in gaps]}
        )


def found_gaps(registry: Registry, request: Gaps) -> list[GapRecord]:
    """What of the book is asked for, newest first."""
    if request.state:
        state = None if request.state == "all" else request.state
        return registry.gaps.find(
            mn=request.mn, period=request.period, state=state, limit=request.limit
        )
    gaps = [
        gap
        for state in OPEN_GAPS
        for gap in registry.gaps.find(
            mn=request.mn, period=request.period, state=state, limit=request.limit
        )
    ]
    return sorted(gaps, key=lambda gap: gap.start, reverse=True)[: request.limit]


def shown(gap: GapRecord) -> dict[str, Any]:
    """A gap as answers have it; moments in ISO 8601, UTC."""
    return {
        "id": gap.id,
        "mn": gap.mn,
        "period": gap.period,
        "start": _iso(gap.start),
        "end": _iso(gap.end),
        "missing": gap.missing,
        "state": gap.state,
        "attempts": gap.attempts,
        "found_at": _iso(gap.found_at),
        "asked_at": _iso(gap.asked_at),
        "closed_at": _iso(gap.closed_at),
        "why": gap.why,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment_us(moment))
