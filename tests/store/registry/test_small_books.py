"""Activations, positions, gaps and dead letters, on both engines."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from turned_clock import START

from store.registry.open import Registry
from store.registry.positions import distance_m
from store.registry.records import DeadLetter, DeviceRecord, GapRecord, Period

HOUR = timedelta(hours=1)
NEAR = 0.0001  # degrees: about 10 m
FAR = 0.001


def test_who_asks_again_is_the_same(registry: Registry) -> None:
    """By its serial numbers, in any order; what was decided stays."""
    first = registry.activations.seen({"i23005": "1", "i23006": "2"}, "", 7, "p:1", START)
    again = registry.activations.seen({"i23006": "2", "i23005": "1"}, "X", 8, "p:2", START + HOUR)
    assert again == msgspec.structs.replace(
        first, mn="X", link=8, peer="p:2", last_seen=START + HOUR
    )
    other = registry.activations.seen({"i23005": "3"}, "", 9, "p:3", START)
    registry.activations.decide(first.id, "activated", "NEW", "anna")
    assert [one.id for one in registry.activations.list("waiting")] == [other.id]
    found = registry.activations.get(first.id)
    assert found is not None
    assert (found.state, found.new_mn, found.who) == ("activated", "NEW", "anna")
    seen = registry.activations.seen({"i23005": "1", "i23006": "2"}, "", 7, "p:1", START)
    assert seen.state == "activated"


def test_the_list_of_those_who_wait_is_bounded(registry: Registry) -> None:
    """Anybody can ask: who was unheard for longest goes, who was decided about stays."""
    kept = registry.activations.seen({"i": "kept"}, "", 1, "", START - HOUR)
    registry.activations.decide(kept.id, "dismissed")
    for number in range(5):
        registry.activations.seen({"i": str(number)}, "", 1, "", START + number * HOUR, most=3)
    waiting = registry.activations.list("waiting")
    assert [one.serials["i"] for one in waiting] == ["4", "3", "2"]
    assert registry.activations.get(kept.id) is not None


def test_a_position_is_approved(registry: Registry) -> None:
    """The device takes it, noted in the name of who approved; after that it is no news."""
    report = registry.positions.reported("A", 120.0, 30.0, START, "Longitude")
    assert report is not None
    assert registry.positions.reported("A", 120.0 + NEAR, 30.0, START) is None
    placed = registry.positions.decide(report.id, "approved", "anna")
    assert placed is not None
    assert (placed.longitude, placed.latitude, placed.position_source) == (120.0, 30.0, "reported")
    assert registry.devices.get("A") == placed
    assert registry.audit.find("A")[0].who == "anna"
    assert registry.positions.reported("A", 120.0, 30.0 + NEAR, START) is None
    assert [one.state for one in registry.positions.list()] == ["approved"]


def test_of_a_device_one_position_waits(registry: Registry) -> None:
    """A device that travels does not fill the list."""
    for step in range(10):
        registry.positions.reported("A", 120.0 + step * FAR, 30.0, START)
    (waiting,) = registry.positions.list("waiting")
    assert waiting.longitude == 120.0 + 9 * FAR


def test_a_rejected_position_is_not_asked_again(registry: Registry) -> None:
    """Another one is."""
    report = registry.positions.reported("A", 0.0, 0.0, START)
    assert report is not None
    registry.positions.decide(report.id, "rejected", "anna")
    assert registry.positions.reported("A", 0.0, NEAR, START) is None
    assert registry.positions.reported("A", 120.0, 30.0, START) is not None


def test_a_position_set_by_hand_stays(registry: Registry) -> None:
    """Approving a reported one does not write it."""
    by_hand = DeviceRecord("A", longitude=1.0, latitude=2.0, position_source="manual")
    registry.devices.put(by_hand, "test")
    report = registry.positions.reported("A", 120.0, 30.0, START)
    assert report is not None
    assert registry.positions.decide(report.id, "approved", "anna") is None
    found = registry.devices.get("A")
    assert found is not None
    assert (found.longitude, found.latitude) == (1.0, 2.0)
    with pytest.raises(KeyError):
        registry.positions.decide(99, "approved", "anna")


@pytest.mark.parametrize(
    ("to", "metres"), [((0.0, 1.0), 111_195), ((1.0, 0.0), 111_195), ((180.0, 0.0), 20_015_115)]
)
def test_distances(to: tuple[float, float], metres: float) -> None:
    """A degree of a great circle, and half the way round."""
    assert distance_m(0.0, 0.0, *to) == pytest.approx(metres, rel=1e-5)


def gap(mn: str, period: Period, hours: int, missing: int = 1) -> GapRecord:
    """A gap of an hour."""
    start = START + hours * HOUR
    return GapRecord(
        mn=mn, period=period, start=start, end=start + HOUR, missing=missing, found_at=START
    )


def test_a_gap_found_again_is_the_same(registry: Registry) -> None:
    """New end and number; what was tried stays; a filled one is open again."""
    registry.gaps.put([gap("A", "hour", 0, 60), gap("A", "hour", 1), gap("A", "day", 0)])
    first = registry.gaps.open("A")[0]
    registry.gaps.update(first.id, state="asked", attempts=2, asked_at=START)
    longer = msgspec.structs.replace(gap("A", first.period, 0, 5), end=START + 3 * HOUR)
    registry.gaps.put([longer])
    found = registry.gaps.get(first.id)
    assert found is not None
    assert (found.state, found.attempts, found.missing) == ("asked", 2, 5)
    assert found.end == START + 3 * HOUR
    registry.gaps.update(first.id, state="filled", closed_at=START)
    registry.gaps.put([longer])
    reopened = registry.gaps.get(first.id)
    assert reopened is not None
    assert reopened.state == "open"


def test_gaps_are_found_by_all_that_names_them(registry: Registry) -> None:
    """MN, period, state, and the time that they touch."""
    registry.gaps.put([gap(mn, "hour", hours) for mn in "AB" for hours in range(5)])
    registry.gaps.put([gap("A", "minute", 0)])
    found = registry.gaps.find("A", "hour", START + HOUR, START + 3 * HOUR)
    assert [one.start - START for one in found] == [2 * HOUR, HOUR]
    registry.gaps.update(found[0].id, state="unavailable", why="9012 with 4")
    assert [one.id for one in registry.gaps.find(state="unavailable")] == [found[0].id]
    assert len(registry.gaps.open()) == 10
    assert len(registry.gaps.find(limit=3)) == 3
    registry.gaps.put([])
    with pytest.raises(KeyError):
        registry.gaps.update(99, state="filled")


def letter(forward: str, position: int) -> DeadLetter:
    """A frame that was refused."""
    return DeadLetter(
        forward=forward,
        lane="0",
        position=position,
        mn="A",
        cn="2011",
        raw=b"##\xff\x00\r\n",
        why="refused three times",
        tries=3,
        at=START,
    )


def test_dead_letters(registry: Registry) -> None:
    """Newest first, by forward, in pages; sent again they are no longer counted."""
    kept = [registry.dead_letters.add(letter("up", position)) for position in range(3)]
    registry.dead_letters.add(letter("other", 2**60))
    assert registry.dead_letters.get(kept[0].id) == kept[0]
    assert registry.dead_letters.list("up", 2) == [kept[2], kept[1]]
    assert registry.dead_letters.list("up", 2, before_id=kept[1].id) == [kept[0]]
    assert len(registry.dead_letters.list()) == 4
    registry.dead_letters.set_state(kept[0].id, "sent again")
    assert registry.dead_letters.counts() == {"up": 2, "other": 1}
    with pytest.raises(KeyError):
        registry.dead_letters.set_state(99, "dead")
