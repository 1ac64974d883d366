"""A store of each engine, opened and closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from completeness_rig import URLS, Field

from store.open import open_store
from store.settings import StoreSettings


@pytest.fixture(params=URLS)
def field(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Field]:
    """Devices over an empty store."""
    store = open_store(URLS[request.param].format(folder=tmp_path), StoreSettings())
    yield Field(store)
    store.close()
