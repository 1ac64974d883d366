"""URLs of stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.open import open_store
from store.settings import StoreSettings


def test_a_duckdb_url_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes lead to a relative path, four to an absolute one."""
    monkeypatch.chdir(tmp_path)
    for url, path in {
        "duckdb:///here.duckdb": tmp_path / "here.duckdb",
        f"duckdb:///{tmp_path}/there.duckdb": tmp_path / "there.duckdb",
    }.items():
        store = open_store(url, StoreSettings())
        assert store.cursors() == {}
        assert store.url == url
        store.close()
        assert path.is_file()


def test_opening_touches_nothing(tmp_path: Path) -> None:
    """A store that cannot be reached now is no obstacle to start."""
    open_store(f"duckdb:///{tmp_path}/nowhere/a.duckdb", StoreSettings()).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "duckdb:///", "oracle://x", "/a/file", "duckdb:file"])
def test_what_is_no_store_is_refused(url: str) -> None:
    """One sentence that shows how a URL looks."""
    with pytest.raises(ValueError, match="duckdb:///FILE"):
        open_store(url, StoreSettings())
