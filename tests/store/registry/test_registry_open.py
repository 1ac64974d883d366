"""Opening a registry: what it makes, and what stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.registry.errors import RegistryUnavailable
from store.registry.open import open_registry


def test_it_makes_what_is_not_there(tmp_path: Path) -> None:
    """Folder, file, tables, key."""
    folder = tmp_path / "new" / "folder"
    registry = open_registry(f"sqlite:///{folder / 'registry.db'}", folder / "registry.key")
    assert registry.devices.all() == []
    assert registry.url == f"sqlite:///{folder / 'registry.db'}"
    registry.close()
    assert {path.name for path in folder.iterdir()} == {"registry.db", "registry.key"}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """One sentence; the file stays as it is."""
    file = tmp_path / "registry.db"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(RegistryUnavailable, match="file is not a database"):
        open_registry(f"sqlite:///{file}", tmp_path / "registry.key")
    assert file.read_bytes() == b"no database at all" * 100


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file is in the way."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryUnavailable, match="cannot be made"):
        open_registry(f"sqlite:///{tmp_path / 'file' / 'registry.db'}", tmp_path / "registry.key")


def test_a_url_of_something_else(tmp_path: Path) -> None:
    """Refused before anything is made."""
    with pytest.raises(ValueError, match="names no registry"):
        open_registry("mysql://h/n", tmp_path / "registry.key")
    assert list(tmp_path.iterdir()) == []
