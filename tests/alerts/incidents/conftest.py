"""Registries for incidents, with a stage on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_cluster import Cluster
from stage import Stage, sqlite_registry

from store.registry.open import Registry, open_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """SQLite, open and empty."""
    opened = sqlite_registry(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def stage(registry: Registry) -> Stage:
    """Nothing has happened yet; nobody is told."""
    return Stage(registry)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server; what needs it is skipped where there is none."""
    made = Cluster()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A stage on each engine."""
    if request.param == "sqlite":
        opened = sqlite_registry(tmp_path)
    else:
        url = request.getfixturevalue("cluster").empty_database()
        opened = open_registry(url, tmp_path / "registry.key")
    yield Stage(opened)
    opened.close()
