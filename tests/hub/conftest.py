"""What the tests of ingest and replay share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.duckdb_store import DuckDBStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """An empty store."""
    opened = DuckDBStore(tmp_path / "store.duckdb")
    yield opened
    opened.close()
