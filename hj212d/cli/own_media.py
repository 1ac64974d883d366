"""Other media reckoned here, from a store and a registry that no daemon holds.

Every failure becomes a `Refusal`. Tests: tests/cli/test_assess_command.py.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hj212d.cli.own_registry import heard_sts, own_registry, sites_in_force
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places
from hj212d.hub.means.asking import Means
from hj212d.hub.media.asking import Media
from hj212d.hub.media.assembly import all_limits
from hj212d.hub.media.desk import of_mns
from hj212d.hub.media.questions import AssessQuestion, EmissionQuestion, RiverQuestion
from store.means import Store
from store.registry.decisions import LimitRecord
from store.registry.place import sqlite_file
from store.timeseries import StoreUnavailable

if TYPE_CHECKING:
    import pyarrow as pa

    from hj212d.cli.here import Here


def own_media(
    here: Here, store: Store, question: AssessQuestion | EmissionQuestion | RiverQuestion
) -> pa.Table:
    """Rows of ASSESSED, EMISSIONS or RIVERS over a store that is open."""
    config, data = here.config(), here.data

    def now_us() -> int:
        return time.time_ns() // 1000

    sites = sites_in_force(config, data, heard_sts(store))
    media = Media(Means(store, sites, config.means, now_us), sites, store, config.media, now_us)
    try:
        if isinstance(question, EmissionQuestion):
            return media.emissions(question)
        if isinstance(question, RiverQuestion):
            return media.rivers(question)
        return media.assess(question, of_mns(_limits(here)))
    except StoreUnavailable as problem:
        raise Refusal(str(problem), NO) from problem
    except ValueError as problem:
        raise Refusal(str(problem), NO) from problem


def _limits(here: Here) -> list[LimitRecord]:
    file = sqlite_file(places.registry_url(here.config(), here.data))
    if file is not None and not file.exists():
        return []
    with own_registry(here) as registry:
        return all_limits(registry)
