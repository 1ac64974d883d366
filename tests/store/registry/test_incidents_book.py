"""Incidents: numbered by the day, changed by who read them last, due by the clock; their log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from test_alarms_book import alarm
from turned_clock import START

from store.registry.alert_records import IncidentEntry, IncidentRecord
from store.registry.errors import Conflict
from store.registry.numbering import next_number, number_of_day
from store.registry.open import Registry, open_registry

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def incident(mn: str = "A", **more: object) -> IncidentRecord:
    """A station that fell silent."""
    values = {
        "rule": "offline",
        "kind": "offline",
        "place": f"mn:{mn}",
        "mn": mn,
        "region": "330106",
        "began": START,
        "opened_at": START,
    }
    return IncidentRecord(**{**values, **more})  # type: ignore[arg-type]


def test_an_incident_is_kept(registry: Registry) -> None:
    """With the number that people know it by."""
    kept = registry.incidents.add(incident(value=1.5, limit=1.0, unit="mg/m3"))
    assert (kept.no, kept.version) == ("A20260301-0001", 1)
    assert registry.incidents.get(kept.id) == kept
    assert registry.incidents.by_no(kept.no) == kept
    assert registry.incidents.some([kept.id, 999]) == {kept.id: kept}
    assert registry.incidents.get(999) is None
    assert registry.incidents.by_no("A") is None


def test_numbers_are_of_the_beijing_day(registry: Registry) -> None:
    """Sixteen o'clock UTC is midnight there; what is undone leaves no gap."""
    midnight = START.replace(hour=16, minute=0, second=0, microsecond=0)
    moments = [midnight - timedelta(microseconds=1), midnight, midnight + DAY, midnight]
    numbers = [registry.incidents.add(incident(opened_at=moment)).no for moment in moments]
    assert numbers == ["A20260301-0001", "A20260302-0001", "A20260303-0001", "A20260302-0002"]
    with suppress(RuntimeError), registry.together():
        registry.incidents.add(incident(opened_at=midnight))
        raise RuntimeError
    assert registry.incidents.add(incident(opened_at=midnight)).no == "A20260302-0003"


def test_more_than_ten_thousand_in_a_day(registry: Registry) -> None:
    """They go on counting."""
    with registry._shelf.database.writing() as connection:
        for number in range(1, 12):
            assert next_number(connection, "plain") == number
        connection.exec_driver_sql("INSERT INTO numbers VALUES ('A20260301', 9998)")
        taken = [number_of_day(connection, "A", START) for _ in range(3)]
    assert taken == ["A20260301-9999", "A20260301-10000", "A20260301-10001"]


def test_who_read_an_old_version_is_refused(registry: Registry) -> None:
    """And nothing is changed; who reads it anew may."""
    old = registry.incidents.add(incident())
    new = registry.incidents.change(old, state="acknowledged", acknowledged_by="anna")
    assert new == registry.incidents.get(old.id)
    assert (new.version, new.state) == (2, "acknowledged")
    with pytest.raises(Conflict, match="A20260301-0001 was changed meanwhile"):
        registry.incidents.change(old, state="closed")
    assert registry.incidents.get(old.id) == new
    with pytest.raises(KeyError, match="there is no incident 99"):
        registry.incidents.change(msgspec.structs.replace(old, id=99), state="closed")


def test_of_many_that_read_the_same_version_one_changes_it(
    url: str, key_file: Path, registry: Registry
) -> None:
    """However they hurry, on connections of their own."""
    kept = registry.incidents.add(incident())
    people = [open_registry(url, key_file) for _ in range(4)]

    def acknowledge(one: Registry) -> bool:
        try:
            one.incidents.change(kept, state="acknowledged")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(acknowledge, people)) == [False, False, False, True]
    for one in people:
        one.close()


def test_at_which_the_clock_looks(registry: Registry) -> None:
    """Those whose time has come, the one due for longest first; never those without."""
    later, now, _ = (
        registry.incidents.add(incident(mn, next_at=moment))
        for mn, moment in (("A", START + MINUTE), ("B", START), ("C", None))
    )
    due = registry.incidents.due
    assert due(START - MINUTE) == []
    assert due(START) == [now]
    assert due(START + MINUTE) == [now, later]
    assert due(START + MINUTE, 1) == [now]
    assert registry.incidents.next_due() == START
    registry.incidents.change(now, next_at=None)
    assert registry.incidents.next_due() == START + MINUTE
    registry.incidents.change(later, next_at=None)
    assert registry.incidents.next_due() is None


def test_the_latest_of_a_place(registry: Registry) -> None:
    """The one that is not over, or not for long; the newest if there are several."""
    book = registry.incidents
    name = ("offline", "mn:A", "")
    assert book.latest(*name, since=START) is None
    first = book.add(incident())
    assert book.latest(*name, since=START + DAY) == first
    first = book.change(first, state="recovered", recovered_at=START)
    assert book.latest(*name, since=START) == first
    assert book.latest(*name, since=START + MINUTE) is None
    second = book.add(incident())
    other = book.add(incident("B"))
    several = [name, ("offline", "mn:B", ""), ("offline", "mn:C", ""), name]
    assert book.latest_of(several, START) == {name: second, several[1]: other}
    assert book.latest(*name[:2], "a34004", since=START) is None


def test_listing_incidents(registry: Registry) -> None:
    """By all that is known of them; an outage counts for each of its stations."""
    book = registry.incidents
    one = book.add(incident("A"))
    many = book.add(
        incident(mn="", place="region:3301", region="3301", severity="severe", kind="store_lag")
    )
    (part,) = registry.alarms.open([alarm("B")])
    registry.alarms.join([part.id], many.id)
    assert book.list() == [many, one]
    assert book.list(limit=1) == [many]
    assert book.list(before_id=many.id) == [one]
    assert book.list(mn="B") == [many]
    assert book.list(mn="A", states=["open"], kinds=["offline"], rules=["offline"]) == [one]
    assert book.list(region="330106") == [one]
    assert book.list(region="33", severities=["severe"]) == [many]
    assert book.list(start=START, end=START) == []
    assert len(book.list(start=START, end=START + MINUTE)) == 2
    book.change(one, state="closed", closed_at=START)
    assert book.counts() == {("open", "store_lag"): 1}


def test_the_log_of_an_incident(registry: Registry) -> None:
    """In the order in which it was written."""
    kept = registry.incidents.add(incident())
    lines = [
        IncidentEntry(incident_id=kept.id, at=START, event="opened", detail={"count": 3}),
        IncidentEntry(incident_id=kept.id, at=START, event="note", who="anna", text="为何"),
    ]
    registry.incidents.log(lines)
    registry.incidents.log(IncidentEntry(incident_id=kept.id, at=START, event="closed"))
    registry.incidents.log([])
    found = registry.incidents.entries(kept.id)
    assert [entry.event for entry in found] == ["opened", "note", "closed"]
    assert [msgspec.structs.replace(entry, id=0) for entry in found[:2]] == lines
    assert registry.incidents.entries(999) == []
