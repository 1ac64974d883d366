"""Stores, opened and closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from quality_rig import ENGINES, new_store

from store.means import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty DuckDB store."""
    opened = new_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=ENGINES)
def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each engine."""
    opened = new_store(tmp_path, request.param)
    yield opened
    opened.close()
