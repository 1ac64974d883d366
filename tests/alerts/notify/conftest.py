"""A registry of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.registry.open import Registry, open_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """In SQLite, empty."""
    made = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path / "registry.key")
    yield made
    made.close()
