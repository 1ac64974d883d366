"""A store for the tests of means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.means import Store
from store.open import open_store
from store.settings import StoreSettings


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty one in DuckDB."""
    opened = open_store(f"duckdb:///{tmp_path}/means.duckdb", StoreSettings())
    yield opened
    opened.close()
