"""`hj212d store` for ClickHouse: make the tables, compare them with what is wanted, change them.

What a table is comes from clickhouse_schema.py, what it has become from the server's own lists.
Tests: tests/store/test_clickhouse_admin.py.
"""

from __future__ import annotations

import re
from typing import Any

from store import clickhouse_schema as schema
from store.clickhouse_counting import count_closed
from store.clickhouse_engine import Engine, quoted
from store.clickhouse_place import Place
from store.clickhouse_schema import Table
from store.clickhouse_state import define, has_alp, make, stored_version, write_version
from store.lateness import LATE_AFTER_S
from store.settings import StoreSettings
from store.timeseries import StoreUnavailable

_COLUMN = re.compile(
    r"(?P<type>.+?)(?: DEFAULT (?P<default>.+?))?(?: (?P<codec>CODEC\(.+?\)))?(?: SETTINGS .+)?"
)
_UNCOUNTED = ("", "1", "2")  # versions in which nobody counted closed days
_TTL = re.compile(r" TTL (?P<ttl>.+?)(?: SETTINGS | COMMENT |$)", re.DOTALL)


class ClickHouseAdmin:
    """A :class:`store.admin.StoreAdmin`."""

    def __init__(
        self, place: Place, settings: StoreSettings, late_after_s: float = LATE_AFTER_S
    ) -> None:
        self._place = place
        self._settings = settings
        self._late_after_s = late_after_s

    def init(self) -> list[str]:
        """Make database and tables where there are none; what was done."""
        engine = self._open()
        try:
            made = make(
                engine,
                frames_days=self._settings.frames_days,
                samples_days=self._settings.samples_days,
            )
        finally:
            engine.close()
        return [f"made the tables of {self._place.shown}"] if made else []

    def check(self) -> list[str]:
        """What is not as it should be; empty when all is well."""
        engine = self._open()
        try:
            version = stored_version(engine)
            if version != str(schema.VERSION):
                return [
                    f"the schema has version {version or 'none'}, this program writes "
                    f"{schema.VERSION}; run `hj212d store migrate`"
                ]
            return [
                problem for table in schema.TABLES for problem, _ in self._found(engine, table)
            ]
        except StoreUnavailable as problem:
            if "store init" in str(problem):
                return [str(problem)]
            raise
        finally:
            engine.close()

    def migrate(self) -> list[str]:
        """Bring the tables to what is wanted; what was done. What only a new table could have
        (its order, its partitions) is left, and said by ``check``."""
        done = self.init()
        engine = self._open()
        try:
            counted = self._table(engine, schema.stored_in(schema.DAYS, self._place.cluster))
            for table in schema.TABLES:
                for problem, statement in self._found(engine, table):
                    if statement:
                        define(engine, statement)
                        done.append(f"mended: {problem}")
            stored = stored_version(engine)
            if counted is None or stored in _UNCOUNTED:
                count_closed(engine, self._late_after_s)
            if stored != str(schema.VERSION):
                write_version(engine)
                done.append(f"wrote schema version {schema.VERSION}")
        finally:
            engine.close()
        return done

    def _open(self) -> Engine:
        return Engine(self._place, self._settings.timeout_s)

    def _found(self, engine: Engine, table: Table) -> list[tuple[str, str]]:
        """Problems of a table, each with the statement that mends it; empty: none does."""
        cluster = self._place.cluster
        name = schema.stored_in(table, cluster)
        kept = self._kept(table)
        there = self._table(engine, name)
        create = schema.create(table, self._place.database, cluster, days=kept)
        if there is None:
            return [(f"table {name} is missing", create[0])]
        found = []
        if cluster and self._table(engine, table.name) is None:
            found.append((f"table {table.name} is missing", create[1]))
        kind = schema.engine(table, self._place.database, cluster).partition("(")[0]
        for what, wanted, stands in (
            ("engine", kind, there["engine"]),
            ("order", table.order_by, there["sorting_key"]),
            ("partition key", table.partition_by, there["partition_key"]),
        ):
            if _plain(wanted) != _plain(stands):
                found.append((f"table {name} has {what} {stands or 'none'}, not {wanted}", ""))
        found += self._columns(engine, table, name)
        wanted_ttl, stands_ttl = schema.ttl(table, kept), _ttl(there["create_table_query"])
        if _plain(wanted_ttl) != _plain(stands_ttl):
            found.append(
                (
                    f"table {name} keeps rows by {stands_ttl or 'no limit'}, "
                    f"not {wanted_ttl or 'no limit'}",
                    self._alter(name, f"MODIFY TTL {wanted_ttl}" if wanted_ttl else "REMOVE TTL"),
                )
            )
        return found

    def _columns(self, engine: Engine, table: Table, name: str) -> list[tuple[str, str]]:
        rows = engine.query(
            "SELECT name, type, default_expression, compression_codec FROM system.columns "
            f"WHERE database = {quoted(self._place.database)} AND table = {quoted(name)}"
        ).to_pylist()
        there = {row["name"]: row for row in rows}
        alp = has_alp(engine)
        found = []
        for column, wanted_text in table.columns:
            text = wanted_text if alp else schema.without_alp(wanted_text)
            parts = _COLUMN.fullmatch(text)
            assert parts is not None
            row = there.get(column)
            if row is None:
                add = self._alter(name, f"ADD COLUMN `{column}` {text}")
                found.append((f"table {name} has no column {column}", add))
                continue
            for what, wanted, stands in (
                ("type", parts["type"], row["type"]),
                ("default", parts["default"] or "", row["default_expression"]),
                ("codec", parts["codec"] or "", row["compression_codec"]),
            ):
                if _plain(wanted) != _plain(stands):
                    modify = self._alter(name, f"MODIFY COLUMN `{column}` {text}")
                    found.append(
                        (
                            f"column {column} of {name} has {what} {stands or 'none'}, "
                            f"not {wanted or 'none'}",
                            "" if what == "type" else modify,
                        )
                    )
        return found

    def _kept(self, table: Table) -> int:
        return schema.keep_days(table, self._settings.frames_days, self._settings.samples_days)

    def _alter(self, name: str, change: str) -> str:
        cluster = schema.on_cluster(self._place.cluster)
        return f"ALTER TABLE {self._place.database}.{name}{cluster} {change}"

    def _table(self, engine: Engine, name: str) -> dict[str, Any] | None:
        rows = engine.query(
            "SELECT engine, sorting_key, partition_key, create_table_query FROM system.tables "
            f"WHERE database = {quoted(self._place.database)} AND name = {quoted(name)}"
        ).to_pylist()
        return rows[0] if rows else None


def _plain(text: str) -> str:
    """An expression without what may be written either way."""
    return re.sub(r"[\s`()]", "", text)


def _ttl(create: str) -> str:
    found = _TTL.search(create)
    return found["ttl"] if found else ""
