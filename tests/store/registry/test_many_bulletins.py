"""Many bulletins at once are the same as one after the other, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
from turned_clock import START

from store.registry.bulletins import Published
from store.registry.decisions import BulletinRecord
from store.registry.open import Registry, open_registry

HOUR = timedelta(hours=1)


def some(said: str, *places: str, hours: int = 2) -> list[BulletinRecord]:
    """A bulletin for each place and hour."""
    return [
        BulletinRecord(
            kind="hour",
            place=place,
            start=START + number * HOUR,
            content=f'"{said}"',
            digest=said,
            as_of=START,
        )
        for place in places
        for number in range(hours)
    ]


def test_first_same_and_corrected(registry: Registry) -> None:
    """What stands stays; what differs is the next version."""
    book = registry.bulletins
    assert book.publish_all(some("x", "A", "B")) == Published(4, 0)
    assert book.publish_all(some("x", "A", "B")) == Published(0, 0)
    assert book.publish_all([*some("y", "A", hours=1), *some("x", "C")]) == Published(2, 1)
    assert book.publish_all([]) == Published(0, 0)
    newest = book.newest("hour", "A", START)
    assert newest is not None
    assert (newest.version, newest.correction, newest.content) == (2, True, '"y"')
    assert newest.published_at is not None
    again = book.publish(msgspec.structs.replace(newest, id=0, version=0, published_at=None))
    assert again is None


def test_digests_are_those_that_count(registry: Registry) -> None:
    """Of the periods of a span."""
    book = registry.bulletins
    book.publish_all(some("x", "A", "B", hours=3))
    book.publish_all(some("y", "B", hours=1))
    assert book.digests("hour", START, START + 2 * HOUR) == {
        ("A", START): "x",
        ("A", START + HOUR): "x",
        ("B", START): "y",
        ("B", START + HOUR): "x",
    }
    assert book.digests("day", START, START + HOUR) == {}
    assert book.first_starts("hour", ["A", "Z"]) == {"A": START}


def test_two_hubs_publish_the_same(url: str, key_file: Path) -> None:
    """Each period once, whoever is quicker."""
    opened = (open_registry(url, key_file), open_registry(url, key_file))
    records = some("x", "A", "B", hours=20)
    with closing(opened[0]) as first, closing(opened[1]) as second:
        with ThreadPoolExecutor(2) as threads:
            both = [threads.submit(one.bulletins.publish_all, records) for one in (first, second)]
            done = sorted(one.result() for one in both)
        assert done == [Published(0, 0), Published(40, 0)]
        assert len(first.bulletins.list()) == 40
