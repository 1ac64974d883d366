"""The steps make what tables.py says, and a registry of the future is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import quick_registry
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from store.registry import migrate
from store.registry.database import Database
from store.registry.errors import RegistryUnavailable
from store.registry.open import open_registry
from store.registry.tables import metadata


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    """They are taken, each."""
    with quick_registry.as_shipped():
        yield


def test_the_newest_step_is_the_head() -> None:
    """The number in the code, which spares a start the asking, is that of the files."""
    steps = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert steps.get_heads() == [migrate.HEAD]


def test_all_steps_make_the_tables(url: str) -> None:
    """From nothing; compared column by column, index by index."""
    database = Database(url)
    assert migrate.to_head(database) == ""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.version(connection) == migrate.HEAD
    assert migrate.to_head(database) == migrate.HEAD
    database.close()


def test_a_later_version_is_refused(url: str, key_file: Path) -> None:
    """In one sentence, and nothing is touched."""
    open_registry(url, key_file).close()
    database = Database(url)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(RegistryUnavailable, match="version 9999, made by a later hj212d"):
        open_registry(url, key_file)


def test_two_that_start_at_once(url: str, key_file: Path) -> None:
    """One makes the tables and the key, all use them."""
    with ThreadPoolExecutor(4) as threads:
        for opened in [threads.submit(open_registry, url, key_file) for _ in range(4)]:
            opened.result().close()


def test_the_log_stays_quiet(tmp_path: Path) -> None:
    """What Alembic says of itself and its steps is nothing for an operator; a fresh process, for
    it speaks when it is imported, too."""
    program = (
        "import logging, sys, pathlib; logging.basicConfig(level=logging.INFO);"
        "from store.registry.open import open_registry;"
        "folder = pathlib.Path(sys.argv[1]);"
        "open_registry(f'sqlite:///{folder}/r.db', folder / 'registry.key').close()"
    )
    made = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, tmp_path], capture_output=True, check=True
    )
    assert made.stderr == b""
