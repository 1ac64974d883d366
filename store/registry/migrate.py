"""Brings the tables of a registry to this version, step by step, in one transaction.

The steps are in migrations/versions; Alembic is asked only when there is one to take. Two
processes that start at once take them one behind the other.
Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.registry.database import Database
from store.registry.errors import RegistryUnavailable

HEAD = "0005"  # the newest step

_STEPS = Path(__file__).parent / "migrations"
_VERSIONS = sa.table("alembic_version", sa.column("version_num"))


def to_head(database: Database) -> str:
    """Make the tables, or bring them to this version; the version that they had, "" for none.

    RegistryUnavailable when they are of a later version than this program knows.
    """
    with database.reading() as connection:
        if version(connection) == HEAD:
            return HEAD
    with database.writing_alone() as connection:
        before = version(connection)
        if before != HEAD:
            _upgrade(database, connection, before)
        return before


def version(connection: Connection) -> str:
    """The newest step that was taken; "" where there are no tables."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return ""
    return str(connection.execute(sa.select(_VERSIONS.c.version_num)).scalar() or "")


def _upgrade(database: Database, connection: Connection, before: str) -> None:
    # What it says of itself and of each step is nothing for an operator's log.
    logging.getLogger("alembic").setLevel(logging.WARNING)

    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    steps = Config(attributes={"connection": connection})
    steps.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    known = {step.revision for step in ScriptDirectory.from_config(steps).walk_revisions()}
    if before and before not in known:
        raise RegistryUnavailable(
            f"the registry {database.shown} has tables of version {before}, made by a later "
            f"hj212d; this one knows {HEAD}"
        )
    command.upgrade(steps, HEAD)
