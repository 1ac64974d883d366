"""A desk with an empty registry and three stations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from desk_rig import Desk

from store.registry.open import open_registry


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Stations A, B, C in 330106."""
    made = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    with closing(made) as registry:
        desk = Desk(registry)
        desk.stations("A", "B", "C")
        yield desk
