"""A service of bulletins on a Beijing noon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bulletins_rig import Desk, beijing


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """At 2026-11-20 12:30; means are made up to 12:00."""
    made = Desk(tmp_path, beijing("2026-11-20T12:30"))
    made.closed = beijing("2026-11-20T12:00")
    yield made
    if made.service.running:
        made.service.stopService()
    made.registry.close()
