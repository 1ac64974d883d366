"""From a URL to a store: the one place that knows which engines there are.

Tests: tests/store/test_open.py.
"""

from __future__ import annotations

from pathlib import Path

from store.duckdb_store import DuckDBStore
from store.settings import StoreSettings
from store.timeseries import TimeSeriesStore

_DUCKDB = "duckdb:///"


def open_store(url: str, settings: StoreSettings, *, read_only: bool = False) -> TimeSeriesStore:
    """The store that a URL names: ``duckdb:///relative/file`` or ``duckdb:////absolute/file``.

    Nothing is opened yet: a file that is locked or missing shows when it is first used, as
    StoreUnavailable. ``read_only`` is for a look at a store that no hub holds. ValueError, one
    sentence, for a URL that names no store.
    """
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        scheme = url.partition(":")[0]
        raise ValueError(f"store.url: no store has the scheme {scheme!r}; write {_DUCKDB}FILE")
    path = Path(url.removeprefix(_DUCKDB))
    return DuckDBStore(path, settings.memory_limit, read_only=read_only)
