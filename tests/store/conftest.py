"""Stores of every engine, opened and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines import URLS

from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import TimeSeriesStore

OpenStore = Callable[[], TimeSeriesStore]


@pytest.fixture(params=URLS)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same store again and again, as after a restart; each one opened is closed."""
    url = URLS[request.param].format(folder=tmp_path)
    opened: list[TimeSeriesStore] = []

    def open_again() -> TimeSeriesStore:
        for before in opened:
            before.close()
        opened.append(open_store(url, StoreSettings()))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: OpenStore) -> TimeSeriesStore:
    """An empty store."""
    return reopen()
