"""The line to a ClickHouse engine: Arrow tables in and out, and errors in one sentence.

Knows statements only as text. A server is reached over HTTP, a folder is opened in this process;
the same SQL runs on both. clickhouse-connect is imported when a store is first used.
Tests: tests/store/test_clickhouse_engine.py.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from store.clickhouse_place import Place
from store.timeseries import StoreUnavailable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# Codes of statements that are wrong whatever the server's state: our own mistakes.
_OUR_FAULT = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        10,  # NOT_FOUND_COLUMN_IN_BLOCK
        16,  # NO_SUCH_COLUMN_IN_TABLE
        20,  # NUMBER_OF_COLUMNS_DOESNT_MATCH
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        36,  # BAD_ARGUMENTS
        42,  # NUMBER_OF_ARGUMENTS_DOESNT_MATCH
        43,  # ILLEGAL_TYPE_OF_ARGUMENT
        46,  # UNKNOWN_FUNCTION
        47,  # UNKNOWN_IDENTIFIER
        48,  # NOT_IMPLEMENTED
        50,  # UNKNOWN_TYPE
        53,  # TYPE_MISMATCH
        62,  # SYNTAX_ERROR
        70,  # CANNOT_CONVERT_TYPE
        115,  # UNKNOWN_SETTING
        117,  # INCORRECT_DATA
        179,  # MULTIPLE_EXPRESSIONS_FOR_ALIAS
        184,  # ILLEGAL_AGGREGATION
        215,  # NOT_AN_AGGREGATE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        386,  # NO_COMMON_TYPE
    }
)
_MISSING = frozenset({60, 81})  # UNKNOWN_TABLE, UNKNOWN_DATABASE
_SPOKEN = {
    60: "has no tables of hj212d; run `hj212d store init`",
    81: "has no such database; run `hj212d store init`",
    159: "took too long",  # TIMEOUT_EXCEEDED
    164: "is read-only for this user",  # READONLY
    192: "does not know this user",  # UNKNOWN_USER
    193: "refuses the password",  # WRONG_PASSWORD
    209: "took too long on a network of its own",  # SOCKET_TIMEOUT
    241: "is out of memory",  # MEMORY_LIMIT_EXCEEDED
    242: "has a read-only replica (its Keeper cannot be reached)",  # TABLE_IS_READ_ONLY
    243: "has no space left on its disk",  # NOT_ENOUGH_SPACE
    252: "has too many parts and does not merge them fast enough",  # TOO_MANY_PARTS
    279: "cannot reach a shard",  # ALL_CONNECTION_TRIES_FAILED
    285: "has too few live replicas",  # TOO_FEW_LIVE_REPLICAS
    497: "does not grant what is needed",  # ACCESS_DENIED
    516: "refuses user or password",  # AUTHENTICATION_FAILED
}
_LONGEST_SENTENCE = 300
_IDLE_CLIENTS = 8

# A batch is one insert; what it holds is sorted out before. Merging equal keys once more on the
# way in doubles the time of an insert.
_EVERY_STATEMENT: dict[str, Any] = {
    "async_insert": 0,  # an answer means that the rows are in
    "max_query_size": 64 * 1024 * 1024,  # look-ups carry their keys as text
    "max_partitions_per_insert_block": 0,  # a batch may hold any clock
    "do_not_merge_across_partitions_select_final": 1,  # equal keys share a partition
    "optimize_read_in_order": 0,  # a month of one series: 25 ms instead of 42
    "output_format_arrow_compression_method": "none",
}
_CLUSTER: dict[str, Any] = {
    "distributed_foreground_insert": 1,  # rows are on their shard before the cursor moves
    "distributed_product_mode": "local",  # sets and joins stay within a shard: all goes by MN
    "insert_quorum": "auto",  # what was written survives the replica that took it
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
}


class Engine:
    """Clients of one place, made when needed, one for each thread that works at a time."""

    def __init__(self, place: Place, timeout_s: float) -> None:
        self.place = place
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._idle: list[Client] = []
        self._closed = False

    def query(self, sql: str) -> pa.Table:
        """What a statement answers."""
        with self._client() as client:
            answer = client.raw_query(sql, fmt="ArrowStream")
            return pa.ipc.open_stream(answer).read_all() if answer else pa.table({})

    def run(self, sql: str, **settings: int) -> None:
        """A statement without an answer."""
        with self._client() as client:
            client.raw_query(sql, settings=settings)

    def insert(self, table: str, rows: pa.Table, token: str = "", *, merged: bool = False) -> None:
        """Rows into a table, in one insert; none: nothing happens. Columns without any value are
        left to their defaults.

        ``token``: an insert with the same token is taken once. ``merged``: rows with equal keys
        are merged before they are written.
        """
        if not rows.num_rows:
            return
        filled = [name for name in rows.column_names if rows[name].null_count < rows.num_rows]
        body = _stream(rows.select(filled), compressed=not self.place.folder)
        settings: dict[str, Any] = {"optimize_on_insert": int(merged)}
        if token:
            settings |= {"insert_deduplicate": 1, "insert_deduplication_token": token}
        with self._client() as client:
            client.raw_insert(table, filled, body, settings=settings, fmt="ArrowStream")

    def make_database(self, on_cluster: str = "") -> None:
        """Make the database of this place, if there is none."""
        with self._client(database="default") as client:
            client.raw_query(f"CREATE DATABASE IF NOT EXISTS {self.place.database}{on_cluster}")

    def close(self) -> None:
        """Close the clients that are at rest; one at work is closed when it is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    @contextmanager
    def _client(self, database: str = "") -> Iterator[Client]:
        """A client of the caller's own; what goes wrong with it comes out as StoreUnavailable,
        unless the statement itself is wrong. ``database``: another one than the place's."""
        from clickhouse_connect.driver.exceptions import ClickHouseError, Error

        client = None
        keep = False
        try:
            client = self._take(database)
            yield client
            keep = not database
        except ClickHouseError as problem:
            code = problem.code if isinstance(problem, Error) else None
            if client is not None and code in _OUR_FAULT:
                keep = True
                raise
            keep = client is not None and code is not None
            raise StoreUnavailable(self._sentence(code, problem)) from problem
        except (OSError, pa.ArrowInvalid) as problem:
            raise StoreUnavailable(self._sentence(None, problem)) from problem
        finally:
            if client is not None:
                self._put_back(client, keep)

    def _take(self, database: str) -> Client:
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"{self.place.shown} is closed")
            if self._idle and not database:
                return self._idle.pop()
        return _connect(self.place, database or self.place.database, self._timeout_s)

    def _put_back(self, client: Client, keep: bool) -> None:
        with self._lock:
            if keep and not self._closed and len(self._idle) < _IDLE_CLIENTS:
                self._idle.append(client)
                return
        client.close()

    def _sentence(self, code: int | None, problem: Exception) -> str:
        if code in _SPOKEN:
            return f"{self.place.shown} {_SPOKEN[code]}"
        text = " ".join(str(problem).split())
        if self.place.password:
            text = text.replace(self.place.password, "***")
        if "different path" in text:
            text = "this process has another chdb folder open"
        elif "Error initializing EmbeddedServer" in text:
            # The engine says no more, whether it is locked or cannot be written.
            text = "the folder cannot be opened, or is in use by another process"
        elif "timed out" in text:
            text = f"no answer within {self._timeout_s:g} s"
        elif "refused" in text:
            text = "connection refused"
        elif code is None and "HTTP" in text:
            text = f"the connection broke: {text}"
        return f"{self.place.shown}: {text[:_LONGEST_SENTENCE]}"


def _connect(place: Place, database: str, timeout_s: float) -> Client:
    """A new client in a database that exists."""
    import clickhouse_connect

    # The library logs each failure as well; we say it once, by policy.
    logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)
    settings: dict[str, Any] = _EVERY_STATEMENT | (_CLUSTER if place.cluster else {})
    if place.folder:
        return clickhouse_connect.get_client(
            interface="chdb", path=place.folder, database=database, settings=settings
        )
    return clickhouse_connect.get_client(
        interface="https" if place.secure else "http",
        host=place.host,
        port=place.port,
        username=place.user,
        password=place.password,
        database=database,
        settings=settings | {"max_execution_time": max(1, round(timeout_s))},
        connect_timeout=max(1, min(10, round(timeout_s))),
        send_receive_timeout=max(1, round(timeout_s)),
        query_retries=0,
        # Without a session the statements of several threads do not wait for each other.
        autogenerate_session_id=False,
        dedicated_pool=True,
        client_name="hj212d",
    )


def _stream(rows: pa.Table, *, compressed: bool) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4" if compressed else None)
    with pa.ipc.new_stream(sink, rows.schema, options=options) as writer:
        writer.write_table(rows)
    return sink.getvalue()


def quoted(text: str) -> str:
    """A string as SQL has it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
    return f"'{escaped}'"


def listed(texts: Iterator[str] | list[str]) -> str:
    """Strings as SQL has them behind IN; never empty."""
    return "(" + ", ".join(map(quoted, texts)) + ")"
