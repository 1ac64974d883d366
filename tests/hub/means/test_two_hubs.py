"""Two hubs that share a ClickHouse: each rolls up what stands there, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from field import DAY, HOUR, MIDNIGHT, PM25, Field

from hj212d.hub.means.rolling import Rolling
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from store.means import MeansState, Put, Store
from store.open import open_store
from store.settings import StoreSettings

MINUTES = timedelta(minutes=10)


class Slow:
    """The store as one hub reaches it; ``before`` is called once, before its next writing of
    rows."""

    def __init__(self, store: Store) -> None:
        self.before: Callable[[], object] | None = None
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put_derived(self, table: pa.Table, state: MeansState | None = None) -> Put:
        """The same, when its moment has come."""
        before = self.before
        if before is not None and table.num_rows:
            self.before = None
            before()
        return self._store.put_derived(table, state)


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    """Two stations, a day of which has been stored; ``rolling`` is the first hub's."""
    store = open_store(f"chdb:///{tmp_path}/shared.chdb", StoreSettings())
    field = Field(store, MeansSettings(first_days=0))
    field.now = MIDNIGHT
    field.roll()
    for mn in "AB":
        field.day(mn, 10.0)
    field.now = MIDNIGHT + DAY + MINUTES
    field.arrive()
    yield field
    store.close()


def hub(field: Field, store: Any, store_at: Callable[[], datetime] | None = None) -> Rolling:
    """Another hub on the store."""
    roster = Roster(store, field.sites, field.settings)
    moment = store_at or (lambda: field.now)
    return Rolling(store, roster, field.marks, field.settings, moment)


def by_turns(field: Field, *hubs: Rolling) -> None:
    """Each does a step after the other, until none finds work."""
    for _ in range(100):
        more = [one.step(field.now) for one in hubs]
        if not any(more):
            return
    raise AssertionError("two hubs never come to an end")


def revisions(field: Field) -> set[int]:
    """All that rows have."""
    return {revision for _, _, revision, _ in field.versions().values()}


def test_each_row_is_written_once_though_both_make_it(field: Field) -> None:
    """By turns: one revision a row, and one more where late data came, whoever was first."""
    hubs = hub(field, field.store), hub(field, field.store)
    by_turns(field, *hubs)
    before = field.versions()
    assert len([key for key in before if key[0] == "hour"]) == 48
    assert revisions(field) == {1}
    for number in range(3):
        field.send("A", MIDNIGHT + number * HOUR, {PM25: 99.0}, "hour", received=field.now)
    field.arrive()
    field.now += MINUTES
    by_turns(field, *hubs)
    after = field.versions()
    moved = {key for key in after if after[key] != before[key]}
    assert {key[:3] for key in moved} == {
        *(("hour", "A", MIDNIGHT + number * HOUR) for number in range(3)),
        ("day", "A", MIDNIGHT),
    }
    assert {after[key][2] for key in moved} == {2}
    by_turns(field, *hubs)
    assert field.versions() == after


def test_who_has_read_later_is_right(field: Field) -> None:
    """A hub that read before late data came and writes after the other one changes nothing."""
    slow_store = Slow(field.store)
    read_at = field.now
    slow = hub(field, slow_store, lambda: read_at)
    other = hub(field, field.store)

    def overtake() -> None:
        field.send("A", MIDNIGHT, {PM25: 99.0}, "hour", received=field.now)
        field.arrive()
        field.now += MINUTES
        by_turns(field, other)

    slow_store.before = overtake
    while slow_store.before is not None:
        assert slow.step(field.now)
    found = field.versions()
    first = next(row for key, row in found.items() if key[:3] == ("hour", "A", MIDNIGHT))
    assert (first[0], first[3]) == (99.0, field.now)
    by_turns(field, slow, other)
    assert field.versions() == found
    assert revisions(field) == {1}
