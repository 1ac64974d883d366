"""A room of schedules on a Beijing morning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_cluster import Cluster
from schedules_rig import Stage, beijing


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """At 2026-11-21 08:00; means are made until then."""
    made = Stage(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path, beijing("2026-11-21T08:00"))
    made.closed = made.now
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    made = Cluster()
    yield made
    made.close()
