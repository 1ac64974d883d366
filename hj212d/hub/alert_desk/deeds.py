"""What every request on alerts is: done in the registry's thread, or by a command itself when no
daemon runs.

As in hub/decisions, the same deed serves control socket, API and command line.
Tests: tests/hub/alert_desk/test_incident_deeds.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from alerts.incidents.terms import Terms
from hj212d.hub.commands.requests import Signed
from hj212d.hub.decisions.deeds import Answer
from hj212d.hub.site_book import SiteBook
from store.registry.errors import Conflict
from store.registry.open import Registry

Page = Annotated[int, Meta(ge=1, le=1000)]
Number = Annotated[int, Meta(ge=1)]
Many = 10_000  # of one list in a request


class DeskTerms(msgspec.Struct, frozen=True):
    """What a deed goes by. ``now``: aware, UTC. ``incidents``: what deeds on incidents go by, of
    the rules that are in the registry at this moment."""

    now: datetime
    sites: SiteBook
    incidents: Callable[[Registry], Terms]


class AlertDeed(Signed, kw_only=True):
    """One request; ``who`` does it."""

    def do(self, registry: Registry, terms: DeskTerms) -> Answer:
        """What comes of it; blocks. ValueError, one sentence, when it cannot be done, Unknown when
        there is nothing to do it to; then nothing was changed."""
        raise NotImplementedError


def carried_out(deed: AlertDeed, registry: Registry, terms: DeskTerms) -> Answer:
    """What comes of a deed; also that somebody else was quicker is said as a ValueError."""
    try:
        return deed.do(registry, terms)
    except Conflict as problem:
        raise ValueError(str(problem)) from problem
