"""Means from the store itself, for commands when no daemon runs.

Tests: tests/cli/test_means_command.py.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hj212d.cli.own_registry import heard_sts, sites_in_force
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.means.asking import Means
from hj212d.hub.means.desk import answered
from hj212d.hub.means.requests import Means as MeansRequest

if TYPE_CHECKING:
    import pyarrow as pa

    from hj212d.config.model import Config
    from store.means import Store


def own_means(config: Config, data: Path, store: Store, asked: dict[str, Any]) -> pa.Table:
    """Rows of MEANS; ``asked``: fields of the request. Refusal."""
    sites = sites_in_force(config, data, heard_sts(store))
    means = Means(store, sites, config.means, lambda: time.time_ns() // 1000)
    try:
        return answered(means, sites, MeansRequest(**asked))
    except ValueError as problem:
        raise Refusal(str(problem), NO) from problem
