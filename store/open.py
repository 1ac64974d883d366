"""From a URL to a store: the one place that knows which engines there are.

Tests: tests/store/test_open.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from store.admin import StoreAdmin
from store.clickhouse_admin import ClickHouseAdmin
from store.clickhouse_place import Place, place
from store.clickhouse_store import ONLY_NODE, ClickHouseStore
from store.duckdb_admin import DuckDBAdmin
from store.duckdb_store import DuckDBStore
from store.lateness import LATE_AFTER_S
from store.means import Store
from store.settings import StoreSettings

_DUCKDB = "duckdb:///"
_CLICKHOUSE = ("clickhouse:", "chdb:")


def open_store(
    url: str,
    settings: StoreSettings,
    *,
    read_only: bool = False,
    late_after_s: float = LATE_AFTER_S,
    node: Callable[[], str] = lambda: ONLY_NODE,
) -> Store:
    """The store that a URL names: ``duckdb:///relative/file``, ``duckdb:////absolute/file``,
    ``clickhouse://host:8123/database`` or ``chdb:///folder``.

    Nothing is opened yet: a file that is locked or missing, or a server that is down, shows when
    it is first used, as StoreUnavailable. ``read_only`` is for a look at a store that no hub
    holds. ``late_after_s``: see lateness.py. ``node`` names the journal whose records are
    written; it is asked where several daemons may share the store. ValueError, one sentence, for
    a URL that names no store.
    """
    if url.startswith(_CLICKHOUSE):
        return ClickHouseStore(
            _clickhouse(url),
            node=settings.node or node(),
            settings=settings,
            late_after_s=late_after_s,
        )
    return DuckDBStore(
        _duckdb(url),
        settings.memory_limit,
        read_only=read_only,
        close_after_h=settings.close_after_h,
        late_after_s=late_after_s,
    )


def open_admin(
    url: str, settings: StoreSettings, *, late_after_s: float = LATE_AFTER_S
) -> StoreAdmin:
    """What an operator may do to the store that a URL names. ValueError as above."""
    if url.startswith(_CLICKHOUSE):
        return ClickHouseAdmin(_clickhouse(url), settings, late_after_s)
    return DuckDBAdmin(_duckdb(url), settings.memory_limit, late_after_s)


def _clickhouse(url: str) -> Place:
    try:
        return place(url)
    except ValueError as problem:
        raise ValueError(f"store.url: {problem}") from None


def _duckdb(url: str) -> Path:
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        scheme = url.partition(":")[0]
        raise ValueError(f"store.url: no store has the scheme {scheme!r}; write {_DUCKDB}FILE")
    return Path(url.removeprefix(_DUCKDB))
