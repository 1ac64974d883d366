"""From a frame to a report, from a report to the device; now and then, and never over people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from hj212d.hub.commands.ear import Heard
from hj212d.hub.commands.new_command import Refused
from hj212d.hub.positions.requests import Position, Positions
from hj212d.hub.positions.samples import Told
from hj212d.hub.positions.service import PositionService
from hj212d.hub.positions.settings import PositionSettings
from hj212d.wire import build, codec
from store.registry.open import open_registry
from store.registry.records import DeviceRecord

START = datetime(2026, 3, 1, tzinfo=UTC)
HERE = "DataTime=20260301080000;Longitude=119.90;Latitude=32.48"
ELSEWHERE = "DataTime=20260301080000;Longitude=119.95;Latitude=32.48"


class Ear:
    """What is used of the ear."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[list[Heard]], Any]] = []
        self.patterns: list[bytes] = [b"before"]


class Rig:
    """The service on a real registry that works at once."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.registry = open_registry(f"sqlite:///{folder / 'r.db'}", folder / "r.key")
        self.ear = Ear()
        self.service = PositionService(
            self,
            registry=self,  # type: ignore[arg-type]
            ear=self.ear,  # type: ignore[arg-type]
            settings=PositionSettings(),
            now_us=lambda: round(self.now.timestamp() * 1e6),
        )

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        return maybeDeferred(work, self.registry, *args)

    def callFromThread(self, work: Callable[..., Any], *args: Any) -> None:
        work(*args)

    def hear(self, cp: str, *, mn: str = "A", after: timedelta = timedelta(hours=2)) -> None:
        self.now += after
        segment = build.segment(
            qn="20260301080000000", st="22", cn="2011", pw="1", mn=mn, flag=5, cp=cp
        )
        (cut,) = codec.Cutter().feed(build.frame(segment))
        at_us = round(self.now.timestamp() * 1e6)
        for listener in self.ear.listeners:
            listener([Heard(codec.decode(cut), 1, at_us, "0", 0)])

    def listed(self, state: str = "waiting") -> list[dict[str, Any]]:
        answer = result(self.service.positions(Positions(state=state)))
        return answer["positions"]  # type: ignore[no-any-return]


def result(deferred: Deferred[Any]) -> Any:
    found: list[Any] = []
    deferred.addBoth(found.append)
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """An empty one."""
    made = Rig(tmp_path)
    yield made
    made.registry.close()


def test_a_reported_position_waits_until_it_is_approved(rig: Rig):
    """Then it is the device's, and the same place is nothing new."""
    rig.hear(HERE)
    (row,) = rig.listed()
    assert (row["mn"], row["longitude"], row["latitude"]) == ("A", 119.9, 32.48)
    assert row["source"] == "Longitude, Latitude"
    answer = result(rig.service.position(Position(id=row["id"], do="approve", who="me")))
    assert answer["written"]
    device = rig.registry.devices.get("A")
    assert device is not None
    assert (device.longitude, device.latitude, device.position_source) == (
        119.9,
        32.48,
        "reported",
    )
    rig.hear(HERE)
    assert rig.listed() == []
    rig.hear(ELSEWHERE)
    (moved,) = rig.listed()
    assert moved["device_longitude"] == 119.9


def test_a_position_that_was_set_by_hand_is_never_replaced(rig: Rig):
    """Not even when somebody approves the report."""
    by_hand = DeviceRecord("A", longitude=120.0, latitude=30.0, position_source="manual")
    rig.registry.devices.put(by_hand, "me")
    rig.hear(HERE)
    (row,) = rig.listed()
    answer = result(rig.service.position(Position(id=row["id"], do="approve", who="me")))
    assert not answer["written"]
    device = rig.registry.devices.get("A")
    assert device is not None
    assert (device.longitude, device.position_source) == (120.0, "manual")


def test_a_rejected_position_is_not_offered_again(rig: Rig):
    """And nothing is decided twice."""
    rig.hear(HERE)
    (row,) = rig.listed()
    result(rig.service.position(Position(id=row["id"], do="reject", who="me")))
    rig.hear(HERE)
    assert rig.listed() == []
    with pytest.raises(Refused, match="rejected already"):
        result(rig.service.position(Position(id=row["id"], do="approve")))
    with pytest.raises(Refused, match="no position 99"):
        result(rig.service.position(Position(id=99, do="approve")))


def test_a_device_is_looked_at_once_in_a_while(rig: Rig):
    """However often it tells where it is."""
    rig.hear(HERE)
    rig.hear(ELSEWHERE, after=timedelta(minutes=1))
    rig.hear(HERE, mn="B", after=timedelta(0))
    assert [(row["mn"], row["longitude"]) for row in rig.listed()] == [("B", 119.9), ("A", 119.9)]
    rig.hear(ELSEWHERE)
    assert {(row["mn"], row["longitude"]) for row in rig.listed()} == {("B", 119.9), ("A", 119.95)}


def test_places_among_the_values_count_as_well(rig: Rig):
    """Encrypted frames, of which the ear sees no field."""
    fields = {"l01001": "119.9", "l01002": "32.48"}
    rig.service._told([Told("A", round(START.timestamp() * 1e6), fields)])
    assert [row["source"] for row in rig.listed()] == ["l01001, l01002"]


def test_the_ear_keeps_its_other_patterns(rig: Rig):
    """And other settings may come while it runs."""
    assert rig.ear.patterns[0] == b"before"
    assert b"Longitude" in rig.ear.patterns
    everywhere = msgspec.structs.replace(PositionSettings(), everywhere=True)
    rig.service.reload(everywhere)
    rig.hear("DataTime=20260301080000;Longitude=2.35;Latitude=48.85")
    assert len(rig.listed()) == 1
