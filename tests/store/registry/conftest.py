"""Registries on both engines, with a clock that the tests turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_cluster import Cluster
from turned_clock import TurnedClock

from store.registry.open import Registry, open_registry


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server; what needs it is skipped where there is none."""
    made = Cluster()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A registry that is not made yet, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.db'}"
    found: str = request.getfixturevalue("cluster").empty_database()
    return found


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where its key will lie."""
    return tmp_path / "registry.key"


@pytest.fixture
def clock() -> TurnedClock:
    """The registry's clock."""
    return TurnedClock()


@pytest.fixture
def registry(url: str, key_file: Path, clock: TurnedClock) -> Iterator[Registry]:
    """An open, empty registry."""
    opened = open_registry(url, key_file, now=clock)
    yield opened
    opened.close()
