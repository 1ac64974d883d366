"""What a look over a registry finds."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from store.registry import tables
from store.registry.checking import problems
from store.registry.open import Registry
from store.registry.records import DeviceRecord


def test_all_is_well(registry: Registry, url: str, key_file: Path) -> None:
    """Nothing to say."""
    registry.devices.put(DeviceRecord("A", password="a"), "test")
    assert problems(url, key_file) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TABLE gaps", "there is no table gaps"),
        ("ALTER TABLE positions DROP COLUMN who", "table positions has no column who"),
        ("UPDATE alembic_version SET version_num = '0000'", "hj212d registry migrate"),
    ],
)
def test_tables_that_are_not_as_they_should_be(
    registry: Registry, url: str, key_file: Path, damage: str, found: str
) -> None:
    """Each is named."""
    with registry._shelf.database.writing() as connection:
        connection.execute(sa.text(damage))
    (problem,) = problems(url, key_file)
    assert found in problem


def test_secrets_that_do_not_open(registry: Registry, url: str, key_file: Path) -> None:
    """Each is named by its MN; a key that others can read is told."""
    registry.devices.put_all([DeviceRecord(mn, password=mn) for mn in "AB"], "test")
    with registry._shelf.database.writing() as connection:
        change = sa.update(tables.devices).where(tables.devices.c.mn == "B")
        connection.execute(change.values(password=b"damaged"))
    key_file.chmod(0o644)
    damaged, readable = problems(url, key_file)
    assert damaged.startswith("devices, B: a secret of the registry is damaged")
    assert readable.endswith("registry.key: chmod 600")
