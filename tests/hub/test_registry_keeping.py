"""Daily sweeps of the registry, on a clock that the test turns and a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_registry_service import Rig

from hj212d.hub import registry_keeping
from hj212d.hub.devices import Devices
from hj212d.hub.registry_keeping import AGAIN_S, EVERY_S, FIRST_S, PAUSE_S, RegistryKeeping
from store.registry.open import Registry
from store.registry.records import DeviceRecord, GapRecord

NOW = datetime.now(UTC)
NOW_US = round(NOW.timestamp() * 1e6)


class KeptRig(Rig):
    """A registry with notes and closed gaps of today, and its keeper; ``days`` have passed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Devices([]))
        self.days = 0.0
        self.keeping = RegistryKeeping(
            self.loop,
            self.service,
            lambda: NOW_US + round(self.days * 86_400e6),
            keep_days=10.0,
            gap_days=30.0,
        )

    def fill(self, notes: int) -> None:
        """Some notes, and a closed gap."""

        def work(registry: Registry) -> None:
            for number in range(notes):
                registry.devices.put(DeviceRecord("A", name=str(number)), "anna")
            hour = timedelta(hours=1)
            found = GapRecord(
                mn="A", period="hour", start=NOW - hour, end=NOW, missing=1, found_at=NOW
            )
            registry.gaps.put([found])
            registry.gaps.update(1, state="filled", closed_at=NOW)

        self.result(self.service.call(work))

    def left(self) -> tuple[int, int]:
        """Notes and gaps that are there."""
        return self.result(
            self.service.call(
                lambda registry: (len(registry.audit.find(limit=9999)), len(registry.gaps.find()))
            )
        )

    def sweep(self) -> None:
        """Let a whole sweep go by."""
        before = self.keeping.status()["swept_at"]
        self.days += 0.001

        def swept() -> bool:
            self.loop.pass_time(PAUSE_S)
            return bool(self.keeping.status()["swept_at"] != before)

        self.until(swept)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[KeptRig]:
    """A registry that is open, and a keeper that was started."""
    made = KeptRig(tmp_path)
    made.service.startService()
    made.until(lambda: made.service.state == "ok")
    made.keeping.startService()
    yield made
    if made.keeping.running:
        made.result(made.keeping.stopService())
    made.result(made.service.stopService())


def test_each_day_what_is_old_goes(rig: KeptRig) -> None:
    """First a while after the start; nothing before its time; gaps later than all else."""
    rig.fill(3)
    rig.loop.pass_time(FIRST_S)
    rig.sweep()
    assert rig.left() == (3, 1)
    rig.days = 11
    rig.loop.pass_time(EVERY_S)
    rig.sweep()
    assert rig.left() == (1, 1)
    rig.days = 31
    rig.loop.pass_time(EVERY_S)
    rig.sweep()
    assert rig.left() == (1, 1)
    rig.days = 33
    rig.loop.pass_time(EVERY_S)
    rig.sweep()
    assert rig.left() == (1, 0)
    assert rig.keeping.status()["forgotten_total"] == 3


def test_in_pieces(rig: KeptRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call for each, with a pause behind it."""
    monkeypatch.setattr(registry_keeping, "PIECE", 4)
    rig.fill(11)
    rig.days = 20
    rig.loop.pass_time(FIRST_S)
    calls = rig.service.calls_total
    rig.sweep()
    assert rig.left()[0] == 1
    assert rig.service.calls_total - calls >= 6


def test_for_ever(rig: KeptRig) -> None:
    """0 days."""
    rig.keeping.keep_days = rig.keeping.alerts_days = 0
    rig.fill(3)
    rig.days = 9999
    rig.loop.pass_time(FIRST_S)
    rig.loop.pass_time(EVERY_S)
    assert rig.left() == (3, 1)
    assert rig.keeping.status()["swept_at"] is None


def test_a_registry_that_is_away(rig: KeptRig) -> None:
    """It is said, and the sweep goes on later where it was."""
    rig.fill(3)
    rig.days = 20
    state, rig.service.state = rig.service.state, "unavailable"
    rig.service.error = "gone"
    rig.loop.pass_time(FIRST_S)
    assert rig.keeping.status()["error"] == "gone"
    rig.service.state, rig.service.error = state, ""
    rig.loop.pass_time(AGAIN_S)
    rig.sweep()
    assert rig.left() == (1, 1)
    assert rig.keeping.status()["error"] == ""


def test_the_end_leaves_no_timer(rig: KeptRig) -> None:
    """Nothing more is asked of the registry."""
    rig.fill(3)
    rig.days = 20
    rig.result(rig.keeping.stopService())
    rig.loop.pass_time(2 * EVERY_S)
    assert rig.left() == (3, 1)


def test_what_alerting_wrote_has_its_own_time(rig: KeptRig) -> None:
    """It goes while all else stays for ever, and stays for ever while all else goes."""

    def runs(registry: Registry) -> list[str]:
        return [run.period for run in registry.runs.of("ranking", NOW)]

    def work(registry: Registry) -> None:
        for period in ("1", "2"):
            registry.runs.begin("ranking", period, NOW)

    rig.fill(3)
    rig.result(rig.service.call(work))
    rig.days = 99
    rig.keeping.alerts_days = 0.0
    rig.loop.pass_time(FIRST_S)
    rig.sweep()
    assert rig.left() == (1, 0)
    assert rig.result(rig.service.call(runs)) == ["1", "2"]
    rig.keeping.keep_days, rig.keeping.alerts_days = 0.0, 50.0
    rig.loop.pass_time(EVERY_S)
    rig.sweep()
    assert rig.result(rig.service.call(runs)) == ["2"]
    assert rig.left() == (1, 0)
