"""Targets come, change and go while the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bale_making import frame
from reactor_thread import RunningReactor
from twisted.internet.defer import Deferred, succeed
from waiting import wait_until

from bench.superior import Superior
from hj212d.hub.devices import Devices
from hj212d.hub.forward.assembly import make_forwarding
from hj212d.hub.forward.service import ForwardService
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.journal import cursors
from hj212d.journal.record import Kind, Record, encode
from hj212d.journal.writer import LaneWriter

NOW_US = 1_780_286_400_000_000


class NoRegistry:
    """A registry without anything, and a command service that nobody asks."""

    def __init__(self) -> None:
        self.opened: list[Any] = []
        self.heard: list[Any] = []

    def call(self, *_: Any) -> Deferred[Any]:
        """Nothing."""
        return succeed(None)


class Town:
    """A journal that grows, and the service over it."""

    def __init__(self, reactor: RunningReactor, folder: Path) -> None:
        self.reactor = reactor
        self.journal = folder / "journal"
        self.written = 0
        self.writer = LaneWriter(self.journal / "0", sync="none", min_free_bytes=0)
        registry: Any = NoRegistry()
        self.service: ForwardService = make_forwarding(
            reactor.reactor,
            folder,
            self.journal,
            [],
            Devices([]),
            registry,
            registry,
            lambda: NOW_US,
        )
        reactor.do(self.service.startService)

    def write(self, count: int) -> None:
        """So many new frames."""
        numbers = range(self.written, self.written + count)
        self.written += count
        self.writer.append(
            [
                encode(Record(Kind.FRAME, NOW_US, 1, raw=frame("MN1", n).removesuffix(b"\r\n")))
                for n in numbers
            ]
        )

    def configure(self, *targets: ForwardSettings) -> None:
        """As after a reload."""
        self.reactor.do(self.service.configure, targets)

    def states(self) -> dict[str, str]:
        """Target -> state."""
        return {row["name"]: row["state"] for row in self.reactor.do(self.service.status)}


@pytest.fixture
def town(reactor: RunningReactor, tmp_path: Path) -> Iterator[Town]:
    """Without targets."""
    made = Town(reactor, tmp_path)
    yield made
    reactor.do(made.service.stopService)
    made.writer.close()


def target(name: str, platform: Superior, **more: Any) -> ForwardSettings:
    """A target of that platform."""
    return ForwardSettings(
        name, host="127.0.0.1", port=platform.port, start="oldest", backoff_first_s=0.05, **more
    )


def test_targets_come_change_and_go(town: Town) -> None:
    """A changed one goes on at its place; one that goes holds no journal back, and goes on at
    its place, too, when it comes again."""
    with Superior() as first, Superior() as second:
        town.write(10)
        town.configure(target("one", first))
        wait_until(lambda: len(first.received) == 10)
        town.configure(target("one", first, window_frames=5), target("two", second))
        town.write(10)
        wait_until(lambda: len(first.received) == len(second.received) == 20)
        assert town.states() == {"one": "up", "two": "up"}
        town.configure(target("two", second))
        wait_until(lambda: set(cursors.positions(town.journal)) == {"forward-two"})
        town.write(10)
        wait_until(lambda: len(second.received) == 30)
        assert len(first.received) == 20
        town.configure(target("two", second), target("one", first))
        wait_until(lambda: len(first.received) == 30)
        assert not first.doubled
        assert not second.doubled


def test_a_paused_one_waits_for_the_configuration(town: Town) -> None:
    """Its key in the configuration is enough."""
    with Superior() as platform:
        town.write(5)
        town.configure(target("one", platform, paused=True))
        wait_until(lambda: town.states() == {"one": "paused"})
        town.configure(target("one", platform))
        wait_until(lambda: len(platform.received) == 5)


def test_many_targets_share_two_threads(town: Town) -> None:
    """Half of them dead; the others get everything."""
    with Superior() as platform, Superior() as gone:
        gone.close()
        targets = [target(f"t{n}", gone if n % 2 else platform) for n in range(30)]
        town.configure(*targets)
        town.write(50)

        def all_up() -> bool:
            rows = town.reactor.do(town.service.status)
            return [row["acknowledged"] for row in rows] == [50, 0] * 15

        wait_until(all_up)


def test_an_unknown_target_is_told(town: Town) -> None:
    """With the names that there are."""
    with pytest.raises(ValueError, match=r"there is no target x \(none is configured\)"):
        town.reactor.do(town.service.get, "x")
