"""Where things lie when the configuration does not say."""

from __future__ import annotations

from pathlib import Path

from hj212d.config import places
from hj212d.config.model import Config
from hj212d.hub.settings import HubSettings
from hj212d.journal.settings import JournalSettings
from store.settings import StoreSettings


def test_places_in_the_data_folder() -> None:
    """All of it under DATA."""
    data = Path("/d")
    assert places.lock(data) == data / "lock"
    assert places.journal_dir(Config(), data) == data / "journal"
    assert places.control(Config(), data) == data / "control.sock"
    assert places.store_url(Config(), data) == "duckdb:////d/hj212d.duckdb"
    assert places.registry_url(Config(), data) == "sqlite:////d/registry.db"
    assert places.registry_key(Config(), data) == data / "registry.key"


def test_places_that_the_configuration_names() -> None:
    """What is configured counts."""
    config = Config(
        journal=JournalSettings(dir="/j"),
        hub=HubSettings(control="/run/c.sock"),
        store=StoreSettings(url="duckdb:///x"),
    )
    assert places.journal_dir(config, Path("/d")) == Path("/j")
    assert places.control(config, Path("/d")) == Path("/run/c.sock")
    assert places.store_url(config, Path("/d")) == "duckdb:///x"
