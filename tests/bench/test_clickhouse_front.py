"""ClickHouse behind HTTP: a store works on it, is gone when it is killed, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from bench.backing import Backing, backing
from bench.ingest import make_journal
from bench.ingest_once import drain
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import StoreUnavailable


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Backing]:
    found = backing("clickhouse-front", tmp_path / "data")
    found.start()
    yield found
    found.end()


def test_a_store_survives_the_death_of_its_server(front: Backing, tmp_path: Path) -> None:
    """What was committed is there after kill -9; in between the store says that it is away."""
    journal = tmp_path / "journal"
    journal.mkdir()
    make_journal(journal, 100, 10)
    store = open_store(front.url, StoreSettings())
    drain(journal, store, 1 << 20)
    before = store.totals()
    assert before["frames"] == 100
    front.kill()
    with pytest.raises(StoreUnavailable):
        store.totals()
    front.start()
    assert store.totals() == before
    store.close()


def test_a_wrong_statement_is_refused_as_by_the_server(front: Backing) -> None:
    """The engine's words, and the code that the store tells faults apart by."""
    port = int(front.url.rpartition(":")[2].partition("/")[0])
    with clickhouse_connect.get_client(host="127.0.0.1", port=port) as client:
        assert client.query("SELECT 6 * 7").result_rows == [(42,)]
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            client.query("SELECT * FROM nowhere")
