"""Marks of people that count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hj212d.hub.means.marking import Marks
from store.means import Exclusion
from store.registry.decisions import ReviewRecord

START = datetime(2026, 10, 9, 3)
HOUR = timedelta(hours=1)


def mark(number: int, **more: object) -> ReviewRecord:
    """An hour of A taken out."""
    said = {
        "id": number,
        "mn": "A",
        "start": START.replace(tzinfo=UTC),
        "end": (START + HOUR).replace(tzinfo=UTC),
        "change": number,
    }
    return ReviewRecord(**(said | more))


def test_marks_become_what_a_store_leaves_out_or_lets_in() -> None:
    """Those of the stations and the time that are asked for; revoked ones do not count."""
    marks = Marks()
    assert not marks.loaded
    marks.take([mark(1), mark(2, mn="B", verdict="valid"), mark(3, factor="a34004")])
    marks.take([mark(4, id=3, factor="a34004", revoked_at=START.replace(tzinfo=UTC))])
    out = Exclusion("A", None, None, START, START + HOUR)
    let_in = Exclusion("B", None, None, START, START + HOUR)
    assert marks.between(START, START + HOUR, None) == ((out,), (let_in,))
    assert marks.between(START, START + HOUR, ("B",)) == ((), (let_in,))
    assert marks.between(START + 3 * 24 * HOUR, START + 96 * HOUR, None) == ((), ())


def test_each_change_is_told_once() -> None:
    """By its number; a revocation is a change as well."""
    marks = Marks()
    marks.take([mark(1), mark(2)])
    assert [one.id for one in marks.since(1)] == [2]
    marks.take([mark(5, id=1, revoked_at=START.replace(tzinfo=UTC))])
    assert (marks.last_change, [one.id for one in marks.since(2)]) == (5, [1])
    assert marks.since(5) == []
