"""What tables are made of: their metadata with names for every index, and the usual columns.

Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, MetaData

from store.registry.columns import Moment, Words

# Every index and constraint has a name of its own, so that a migration can name it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

ID = BigInteger().with_variant(Integer(), "sqlite")


def text(name: str) -> Column[str]:
    """A text, empty where there is nothing to say."""
    return Column(name, Words, nullable=False)


def json(name: str) -> Column[Any]:
    """A list or an object."""
    return Column(name, JSON, nullable=False)


def moment(name: str) -> Column[Any]:
    """A moment that is always known."""
    return Column(name, Moment, nullable=False)


def sealed(name: str) -> Column[bytes]:
    """A secret, sealed; no bytes for none."""
    return Column(name, LargeBinary, nullable=False)


def numbered() -> Column[int]:
    """The number of a row."""
    return Column("id", ID, primary_key=True, autoincrement=True)
