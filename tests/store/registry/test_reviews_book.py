"""The book of reviews, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from turned_clock import START, TurnedClock

from store.registry.decisions import ReviewRecord
from store.registry.open import Registry, open_registry

HOUR = timedelta(hours=1)


def mark(mn: str = "A", first: int = 0, hours: int = 1, **more: str) -> ReviewRecord:
    """A mark on some hours behind the start."""
    record = ReviewRecord(mn=mn, start=START + first * HOUR, end=START + (first + hours) * HOUR)
    return msgspec.structs.replace(record, **more)


def test_every_field_comes_back(registry: Registry) -> None:
    """As it was added, with number, who and when."""
    wanted = mark(
        factor="a34004", period="hour", verdict="valid", reason="calibration", note="五点校准"
    )
    kept = registry.reviews.add(wanted, "anna")
    assert kept == msgspec.structs.replace(wanted, id=1, who="anna", at=START, change=1)
    assert registry.reviews.get(1) == kept
    assert registry.reviews.get(2) is None


def test_marks_that_touch_a_time(registry: Registry) -> None:
    """The end is not included, on either side; of one MN, of some, of all."""
    registry.reviews.add_all([mark("A", 0), mark("A", 5), mark("B", 5)], "anna")
    find = registry.reviews.find
    assert [one.id for one in find(start=START + HOUR)] == [2, 3]
    assert [one.id for one in find(end=START + 5 * HOUR)] == [1]
    assert [one.id for one in find("A", START + 5.5 * HOUR, START + 9 * HOUR)] == [2]
    assert [one.id for one in find(["B", "C"])] == [3]
    assert find([]) == []


def test_a_revoked_one_counts_no_more(registry: Registry, clock: TurnedClock) -> None:
    """It stays to be seen, with who revoked it; a second time changes nothing."""
    registry.reviews.add(mark(), "anna")
    clock.turn(60)
    gone = registry.reviews.revoke(1, "bert")
    assert (gone.who, gone.revoked_by, gone.revoked_at) == ("anna", "bert", clock.now)
    assert registry.reviews.revoke(1, "carl") == gone
    assert registry.reviews.find() == []
    assert registry.reviews.find(active=False) == registry.reviews.find(active=None) == [gone]
    with pytest.raises(KeyError, match="there is no review 2"):
        registry.reviews.revoke(2, "bert")


def test_changes_are_told_in_order(registry: Registry) -> None:
    """A mark that was revoked comes again, behind what was known."""
    registry.reviews.add_all([mark("A"), mark("B"), mark("C")], "anna")
    assert [one.mn for one in registry.reviews.since(0)] == ["A", "B", "C"]
    assert [one.mn for one in registry.reviews.since(0, limit=2)] == ["A", "B"]
    last = registry.reviews.last_change()
    registry.reviews.revoke(1, "bert")
    registry.reviews.add(mark("D"), "anna")
    news = registry.reviews.since(last)
    assert [(one.mn, one.revoked_by, one.change) for one in news] == [
        ("A", "bert", 4),
        ("D", "", 5),
    ]
    assert registry.reviews.since(5) == []
    assert registry.reviews.last_change() == 5


def test_each_change_is_noted(registry: Registry) -> None:
    """Who, and what it was before and after."""
    registry.reviews.add(mark(reason="power", note="停电"), "anna")
    registry.reviews.revoke(1, "bert")
    revoked, added = registry.audit.find("A")
    assert (added.who, added.what, added.after["note"]) == ("anna", "review added", "停电")
    assert (revoked.who, revoked.what) == ("bert", "review revoked")
    assert (revoked.before["revoked_by"], revoked.after["revoked_by"]) == ("", "bert")


def test_one_that_ends_before_it_begins(registry: Registry) -> None:
    """Refused, and none of the others is kept."""
    with pytest.raises(ValueError, match="ends after it begins"):
        registry.reviews.add_all([mark("A"), mark("B", 0, 0)], "anna")
    assert registry.reviews.find() == []


def test_changes_of_several_processes_are_seen_in_order(url: str, key_file: Path) -> None:
    """Whoever follows the changes never finds one behind a larger number."""
    opened = (open_registry(url, key_file), open_registry(url, key_file))
    with closing(opened[0]) as first, closing(opened[1]) as second:
        with ThreadPoolExecutor(2) as threads:
            done = [
                threads.submit(one.reviews.add, mark(str(number)), "anna")
                for number in range(20)
                for one in (first, second)
            ]
            seen = 0
            followed: list[int] = []
            under_way = True
            while under_way:
                under_way = not all(one.done() for one in done)
                news = first.reviews.since(seen)
                followed += [one.change for one in news]
                seen = news[-1].change if news else seen
        assert followed == list(range(1, 41))
        assert sorted(one.result().change for one in done) == followed
