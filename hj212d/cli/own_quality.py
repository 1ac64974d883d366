"""Air quality reckoned here, from a store and a registry that no daemon holds.

Every failure becomes a `Refusal`. Tests: tests/cli/test_quality_commands.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from hj212d.cli.here import Here
from hj212d.cli.own_registry import heard_sts, own_registry, sites_in_force
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places
from hj212d.hub.means.asking import Means
from hj212d.hub.quality.asking import Quality
from hj212d.hub.quality.assembly import approved
from store.means import Store
from store.registry.decisions import EventRecord
from store.registry.place import sqlite_file
from store.timeseries import StoreUnavailable


@contextmanager
def own_quality(here: Here, store: Store) -> Iterator[Quality]:
    """The questions over a store that is open; what is wrong with one becomes a Refusal."""
    config, data = here.config(), here.data

    def events(start: datetime, end: datetime) -> list[EventRecord]:
        file = sqlite_file(places.registry_url(config, data))
        if file is not None and not file.exists():
            return []
        with own_registry(here) as registry:
            return approved(registry, start, end)

    sites = sites_in_force(config, data, heard_sts(store))
    means = Means(store, sites, config.means, lambda: time.time_ns() // 1000)
    try:
        yield Quality(means, sites, config.quality, events)
    except StoreUnavailable as problem:
        raise Refusal(str(problem), NO) from problem
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
