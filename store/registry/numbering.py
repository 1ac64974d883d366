"""Numbers without gaps: a series counts 1, 2, 3; what is undone gives its number back.

Who takes one is alone with its series until the transaction ends.
Tests: tests/store/registry/test_cases_book.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from store.registry.case_tables import numbers

BEIJING = timezone(timedelta(hours=8))


def next_number(connection: Connection, series: str) -> int:
    """The next number of a series, 1 for the first."""
    # The same words in both dialects.
    engine = connection.dialect.name
    statement = sqlite.insert(numbers) if engine == "sqlite" else postgresql.insert(numbers)
    taken = connection.execute(
        statement.values(series=series, last=1)
        .on_conflict_do_update(
            index_elements=[numbers.c.series], set_={"last": numbers.c.last + 1}
        )
        .returning(numbers.c.last)
    )
    return int(taken.scalar_one())


def number_of_day(connection: Connection, prefix: str, moment: datetime) -> str:
    """The next number of a Beijing day: "A20261121-0001"."""
    series = f"{prefix}{moment.astimezone(BEIJING):%Y%m%d}"
    return f"{series}-{next_number(connection, series):04d}"
