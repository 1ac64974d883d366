"""Events, limits and bulletins, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from turned_clock import START, TurnedClock

from store.registry.decisions import BulletinRecord, EventRecord, LimitRecord
from store.registry.open import Registry, open_registry

HOUR = timedelta(hours=1)

EVENT = EventRecord(
    kind="dust",
    area=["330100", "A"],
    start=START,
    end=START + 6 * HOUR,
    pollutants=["PM10", "PM2.5"],
    evidence="卫星图",
)
LIMIT = LimitRecord(
    mn="A",
    factor="a21026",
    period="hour",
    stat="zs",
    high=35.0,
    unit="mg/m3",
    since=date(2026, 1, 1),
    source="排污许可证 9133",
)
BULLETIN = BulletinRecord(
    kind="hour", place="region:330100", start=START, content='{"aqi":57}', as_of=START + HOUR
)


def test_an_event_is_proposed_and_decided(registry: Registry, clock: TurnedClock) -> None:
    """It counts for nothing before; who decided and when is kept, and each step is noted."""
    kept = registry.events.add(msgspec.structs.replace(EVENT, state="approved"), "anna")
    assert kept == msgspec.structs.replace(EVENT, id=1, who="anna", at=START)
    clock.turn(60)
    approved = registry.events.decide(1, "approved", "bert")
    assert (approved.state, approved.decided_by, approved.decided_at) == (
        "approved",
        "bert",
        clock.now,
    )
    assert registry.events.decide(1, "approved", "carl") == approved
    assert registry.events.decide(1, "rejected", "carl").decided_by == "carl"
    notes = [(one.who, one.what) for one in registry.audit.find("")]
    assert notes == [
        ("carl", "event rejected"),
        ("bert", "event approved"),
        ("anna", "event proposed"),
    ]
    assert registry.take_touched() == set()
    with pytest.raises(KeyError, match="there is no event 2"):
        registry.events.decide(2, "approved", "bert")


def test_events_that_touch_a_time(registry: Registry) -> None:
    """In the order of their beginning, of one state or all."""
    later = msgspec.structs.replace(EVENT, start=START + 9 * HOUR, end=START + 10 * HOUR)
    registry.events.add(later, "anna")
    registry.events.add(EVENT, "anna")
    registry.events.decide(1, "approved", "bert")
    assert [one.id for one in registry.events.list()] == [2, 1]
    assert [one.id for one in registry.events.list("approved")] == [1]
    assert [one.id for one in registry.events.list(end=START + 9 * HOUR)] == [2]
    assert [one.id for one in registry.events.list(start=START + 6 * HOUR)] == [1]


def test_a_limit_comes_and_goes(registry: Registry) -> None:
    """The same one is not kept twice; what is removed stands in the audit."""
    kept = registry.limits.add(LIMIT, "anna")
    assert kept == msgspec.structs.replace(LIMIT, id=1, who="anna", at=START)
    assert registry.limits.add_all([LIMIT, LIMIT], "bert") == [kept, kept]
    other = registry.limits.add(msgspec.structs.replace(LIMIT, factor="a21002"), "anna")
    assert registry.limits.list() == [other, kept]
    assert registry.limits.list("A", "a21026") == [kept]
    assert registry.limits.list("B") == []
    assert registry.limits.remove(1, "bert") == kept
    assert registry.limits.get(1) is None
    note = registry.audit.find("A")[0]
    assert (note.who, note.what, note.before["high"]) == ("bert", "limit removed", 35.0)
    with pytest.raises(KeyError, match="there is no limit 1"):
        registry.limits.remove(1, "bert")


def test_a_bulletin_is_published_once(registry: Registry, clock: TurnedClock) -> None:
    """The same content is no news; another one is a correction with the next number."""
    first = registry.bulletins.publish(BULLETIN)
    assert first is not None
    assert (first.id, first.version, first.correction, first.published_at) == (1, 1, False, START)
    clock.turn(60)
    again = msgspec.structs.replace(BULLETIN, as_of=clock.now)
    assert registry.bulletins.publish(again) is None
    other = registry.bulletins.publish(msgspec.structs.replace(again, content='{"aqi":58}'))
    assert other is not None
    assert (other.version, other.correction, other.published_at) == (2, True, clock.now)
    assert registry.bulletins.newest("hour", "region:330100", START) == other
    assert registry.bulletins.newest("hour", "region:330100", START + HOUR) is None
    back = registry.bulletins.publish(BULLETIN)
    assert back is not None
    assert back.version == 3


def test_bulletins_are_listed(registry: Registry) -> None:
    """By kind, place and period, the last one first; or of each period the one that counts."""
    for hours in range(3):
        start = START + hours * HOUR
        registry.bulletins.publish(msgspec.structs.replace(BULLETIN, start=start))
    registry.bulletins.publish(msgspec.structs.replace(BULLETIN, content="2"))
    registry.bulletins.publish(msgspec.structs.replace(BULLETIN, kind="day", place="A"))
    listed = registry.bulletins.list
    assert [one.id for one in listed()] == [5, 4, 3, 2, 1]
    assert [one.id for one in listed("hour", newest_only=True)] == [4, 3, 2]
    assert [one.id for one in listed(place="A")] == [5]
    assert [one.id for one in listed(start=START + HOUR, end=START + 2 * HOUR)] == [2]
    assert [one.id for one in listed(limit=2, before_id=4)] == [3, 2]
    assert registry.bulletins.get(9) is None


def test_two_that_publish_at_once(url: str, key_file: Path) -> None:
    """One of them does; the other hears that it stands already."""
    opened = (open_registry(url, key_file), open_registry(url, key_file))
    with closing(opened[0]) as first, closing(opened[1]) as second:
        with ThreadPoolExecutor(2) as threads:
            both = [
                threads.submit(one.bulletins.publish, BULLETIN)
                for _ in range(10)
                for one in (first, second)
            ]
            done = [one.result() for one in both]
        assert [one.version for one in done if one is not None] == [1]
        assert len(first.bulletins.list()) == 1
