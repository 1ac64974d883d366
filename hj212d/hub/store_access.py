"""The one way to the store: opened late, opened again after a failure, never waited for.

The hub starts and answers without a store; whoever needs one asks here and gets it or a
:class:`StoreUnavailable` at once. Only :meth:`reopen` may take long, and only the ingest thread
calls it. Tests: tests/hub/test_store_access.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from store.timeseries import StoreUnavailable, TimeSeriesStore

NOT_OPENED = "not opened yet"


class StoreAccess:
    """Owner of the store. ``open_store`` blocks and raises StoreUnavailable when it cannot."""

    def __init__(self, url: str, open_store: Callable[[], TimeSeriesStore]) -> None:
        self.url = url
        self._open_store = open_store
        self._lock = threading.Lock()
        self._store: TimeSeriesStore | None = None
        self._error = NOT_OPENED
        self._closed = False

    @property
    def state(self) -> str:
        """``ok``, ``opening`` (at start) or ``unavailable``."""
        if not self._error:
            return "ok"
        return "opening" if self._error is NOT_OPENED else "unavailable"

    @property
    def error(self) -> str:
        """Why the store is unavailable, in the engine's words; "" while it works."""
        return self._error

    def get(self) -> TimeSeriesStore:
        """The open store; StoreUnavailable when there is none now."""
        store = self._store
        if store is None:
            raise StoreUnavailable(self._error)
        return store

    def reopen(self) -> TimeSeriesStore:
        """The open store, opened when it is not; blocks, raises StoreUnavailable."""
        if self._store is not None:
            return self._store
        try:
            store = self._open_store()
        except StoreUnavailable as problem:
            self._error = str(problem) or "unavailable"
            raise
        with self._lock:
            if not self._closed:
                self._store = store
                self._error = ""
                return store
        store.close()
        raise StoreUnavailable("the hub is closing")

    def worked(self) -> None:
        """Note that a write went through."""
        self._error = ""

    def failed(self, problem: StoreUnavailable) -> None:
        """Note that the store failed. It stays open for readers: a full disk still reads."""
        self._error = str(problem) or "unavailable"

    def close(self) -> None:
        """Close the store; nothing opens it again."""
        with self._lock:
            self._closed = True
            store, self._store = self._store, None
        if store is not None:
            store.close()
