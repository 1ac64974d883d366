"""The line to the engine in this process; over HTTP: test_clickhouse_weather.py."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_place import place
from store.timeseries import StoreUnavailable


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A line to an empty database."""
    opened = Engine(place(f"chdb:///{tmp_path}/store"), 30.0)
    opened.make_database()
    yield opened
    opened.close()


def test_an_insert_with_a_known_token_is_taken_once(engine: Engine) -> None:
    """The same again does nothing; other rows with another token do."""
    engine.run(
        "CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n "
        "SETTINGS non_replicated_deduplication_window = 10"
    )
    rows = pa.table({"n": pa.array([1, 2], pa.uint8())})
    for token in ("a", "a", "b"):
        engine.insert("t", rows, token)
    assert engine.query("SELECT n FROM t").num_rows == 4
    engine.insert("t", rows.slice(0, 0), "c")


@pytest.mark.parametrize("text", ["plain", "it's", "back\\slash", "\\'", "nul\0", "站\n", "`x`"])
def test_any_text_survives_quoting(engine: Engine, text: str) -> None:
    """What the field sends is data in a statement, never a part of it."""
    found = engine.query(f"SELECT {quoted(text)} AS t WHERE t IN {listed([text, 'x'])}")
    assert found["t"].to_pylist() == [text]


def test_wrong_statements_are_faults_and_leave_the_line_whole(engine: Engine) -> None:
    """Syntax and unknown columns are our mistakes; a missing table is the server's state."""
    for wrong in ("SELECT FROM WHERE", "SELECT nothing_like_it"):
        with pytest.raises(Exception, match=r"Code: (47|62)") as caught:
            engine.query(wrong)
        assert not isinstance(caught.value, StoreUnavailable)
    with pytest.raises(StoreUnavailable, match="store init"):
        engine.query("SELECT * FROM not_there")
    assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_threads_do_not_wait_for_each_other(engine: Engine) -> None:
    """Each has a client of its own."""
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda n: engine.query(f"SELECT {n} AS n")["n"][0].as_py(), range(40))
    assert list(found) == list(range(40))


def test_a_second_folder_in_one_process_is_refused(engine: Engine, tmp_path: Path) -> None:
    """The engine has one folder a process; the sentence says so."""
    engine.query("SELECT 1")
    other = Engine(place(f"chdb:///{tmp_path}/other"), 30.0)
    with pytest.raises(StoreUnavailable, match="another chdb folder"):
        other.make_database()
    other.close()


def test_a_folder_in_use_is_refused(engine: Engine) -> None:
    """One process a folder; the other one gets a sentence."""
    engine.query("SELECT 1")
    code = (
        "from store.clickhouse_engine import Engine\n"
        "from store.clickhouse_place import place\n"
        "from store.timeseries import StoreUnavailable\n"
        "import sys\n"
        "try: Engine(place(sys.argv[1]), 5.0).query('SELECT 1')\n"
        "except StoreUnavailable as problem: print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, engine.place.shown],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    assert "in use by another process" in done.stdout


def test_a_closed_line_stays_closed(engine: Engine) -> None:
    """Nothing is opened behind the owner's back."""
    engine.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        engine.query("SELECT 1")
