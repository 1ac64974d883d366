"""What the tests of the hub share: a store, and Twisted's reactor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reactor_thread import RunningReactor, running_reactor

from store.duckdb_store import DuckDBStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """An empty store."""
    opened = DuckDBStore(tmp_path / "store.duckdb")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def reactor() -> Iterator[RunningReactor]:
    """Twisted's reactor in a thread of its own, the same for all tests."""
    with running_reactor() as running:
        yield running
