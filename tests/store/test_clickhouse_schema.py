"""The statements that make the tables: run on one node, and for a cluster read by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.clickhouse_engine import Engine, quoted
from store.clickhouse_place import place
from store.clickhouse_schema import TABLES, statements, without_alp


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A line to the engine, in an empty database."""
    folder: Path = tmp_path_factory.mktemp("engine")
    opened = Engine(place(f"chdb:///{folder}/store"), 30.0)
    opened.make_database()
    yield opened
    opened.close()


def test_a_cluster_has_each_table_twice() -> None:
    """One holds the rows of a shard and is replicated, one leads to all shards by MN."""
    made = statements("air", "county")
    assert len(made) == 2 * len(TABLES)
    assert all("ON CLUSTER 'county'" in statement for statement in made)
    samples, through = (text for text in made if "air.samples" in text.splitlines()[0])
    assert (
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/air/samples', "
        "'{replica}', lag, removed)"
    ) in samples
    assert "air.samples_local" in samples
    assert "ENGINE = Distributed('county', 'air', 'samples_local', cityHash64(mn))" in through
    for statement in made:
        if "MergeTree" in statement:
            assert "Replicated" in statement
            assert "replicated_deduplication_window" in statement


def test_what_belongs_to_a_node_is_not_spread_by_mn() -> None:
    """Plans and cursors live on one shard, all of a node's."""
    (through,) = (text for text in statements("air", "county") if "'progress_local', city" in text)
    assert "cityHash64(node)" in through


@pytest.mark.parametrize("cluster", ["", "county"])
def test_every_statement_is_read_by_the_engine(engine: Engine, cluster: str) -> None:
    """Its parser takes each of them. A cluster cannot be run here: these statements are read, not
    carried out."""
    made = statements("air", cluster, frames_days=30, samples_days=400)
    for statement in [*made, *map(without_alp, made)]:
        assert engine.query(f"SELECT formatQuery({quoted(statement)})").num_rows == 1
    with pytest.raises(Exception, match="SYNTAX_ERROR"):
        engine.query("SELECT formatQuery('CREATE TABLE ON CLUSTER')")


def test_tables_are_made_with_and_without_the_newer_codec(engine: Engine) -> None:
    """Both forms are carried out on one node."""
    plain = [without_alp(text) for text in statements("plain", "")]
    assert not any("ALP" in text for text in plain)
    engine.run("CREATE DATABASE plain")
    for statement in plain:
        engine.run(statement)
    for statement in statements("hj212d", "", frames_days=9):
        engine.run(statement, enable_alp_codec=1)
    found = engine.query(
        "SELECT database, count() AS n FROM system.tables "
        "WHERE database IN ('plain', 'hj212d') GROUP BY database"
    )
    assert sorted(found["n"].to_pylist()) == [len(TABLES), len(TABLES)]
