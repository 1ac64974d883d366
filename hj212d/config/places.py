"""Where things lie: the paths that the configuration leaves empty, seen from the data folder.

Paths only; nothing is created or opened. Tests: tests/config/test_places.py.
"""

from __future__ import annotations

from pathlib import Path

from hj212d.config.model import Config

STORE_FILE = "hj212d.duckdb"
REGISTRY_FILE = "registry.db"
SECRET_FILE = "registry.key"


def lock(data: Path) -> Path:
    """Held by the supervisor and its children."""
    return data / "lock"


def journal_dir(config: Config, data: Path) -> Path:
    """[journal] dir, else DATA/journal."""
    return Path(config.journal.dir) if config.journal.dir else data / "journal"


def control(config: Config, data: Path) -> Path:
    """[hub] control, else DATA/control.sock."""
    return Path(config.hub.control) if config.hub.control else data / "control.sock"


def store_url(config: Config, data: Path) -> str:
    """[store] url, else the DuckDB file in DATA."""
    return config.store.url or f"duckdb:///{data / STORE_FILE}"


def registry_url(config: Config, data: Path) -> str:
    """[registry] url, else the SQLite file in DATA."""
    return config.registry.url or f"sqlite:///{data / REGISTRY_FILE}"


def registry_key(config: Config, data: Path) -> Path:
    """[registry] secret_file, else DATA/registry.key."""
    return Path(config.registry.secret_file or data / SECRET_FILE)
