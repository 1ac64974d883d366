"""Brings the tables of a registry to this version.

Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

from store.registry.database import Database
from store.registry.tables import metadata


def to_head(database: Database) -> None:
    """Make the tables, or bring them to this version."""
    with database.writing() as connection:
        metadata.create_all(connection)
