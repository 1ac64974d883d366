"""Answers to the requests about means, for the control socket and the API.

Tests: tests/hub/means/test_means_desk.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import pyarrow as pa
from twisted.internet.defer import Deferred

from hj212d.hub.desk import ipc
from hj212d.hub.means import requests
from hj212d.hub.means.asking import Means
from hj212d.hub.means.rolling import Stretch
from hj212d.hub.means.service import MeansService
from hj212d.hub.site import Site
from hj212d.hub.slow_work import SlowWork
from hj212d.hub.times import parse


class Regions(Protocol):
    """The book of sites."""

    def sites(self) -> list[Site]:
        """All of which anything is said."""


class MeansDesk:
    """Asks in the threads of queries."""

    def __init__(
        self, reactor: Any, means: Means, service: MeansService, sites: Regions, slow: SlowWork
    ) -> None:
        self._reactor = reactor
        self._means = means
        self._service = service
        self._sites = sites
        self._slow = slow

    def means(self, request: requests.Means) -> Deferred[pa.Buffer]:
        """Arrow IPC stream of MEANS. ValueError, StoreUnavailable."""
        return self._slow.defer(self._reactor, lambda: ipc(self.table(request)))

    def table(self, request: requests.Means) -> pa.Table:
        """Rows of MEANS; blocks."""
        return answered(self._means, self._sites, request)

    def recompute(self, request: requests.MeansRecompute) -> dict[str, Any]:
        """Hours that are to be made anew. ValueError."""
        start, end = parse(request.start), parse(request.end)
        if start >= end:
            raise ValueError("the start must be before the end")
        hours = self._service.rolling.want(Stretch(start, end, request.mns))
        self._service.look()
        return {"hours": hours}


def answered(means: Means, sites: Regions, request: requests.Means) -> pa.Table:
    """Rows of MEANS; ``region`` and ``mns`` together mean those that are both."""
    mns = request.mns
    if request.region:
        there = of_region(sites.sites(), request.region)
        mns = tuple(mn for mn in there if mns is None or mn in mns)
    return means.table(request.meaning(mns))


def of_region(sites: Iterable[Site], region: str) -> tuple[str, ...]:
    """The MNs of the stations in a region, in order."""
    return tuple(site.mn for site in sites if site.region.startswith(region))
