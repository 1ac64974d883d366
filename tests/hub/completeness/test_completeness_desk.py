"""Answers about completeness: to the control socket as a table, to the API as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from completeness_rig import HOUR, Field, at, every
from twisted.internet.defer import Deferred, maybeDeferred

from admin.commands import Declined
from admin.source import NotAvailable
from hj212d.hub.completeness.api_window import ApiWindow
from hj212d.hub.completeness.desk import CompletenessDesk
from hj212d.hub.completeness.fill import moment
from hj212d.hub.completeness.reckoning import Reckoning
from hj212d.hub.completeness.requests import Completeness, Gaps
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.slow_work import SlowWork
from store.registry.errors import RegistryUnavailable
from store.registry.open import Registry, open_registry
from store.registry.records import DeviceRecord, GapRecord
from store.timeseries import StoreUnavailable

DAY = {"start": "2026-06-01", "end": "2026-06-02"}


class Loop:
    """What is asked for from threads happens at once."""

    def callFromThread(self, function: Callable[..., Any], *arguments: Any) -> None:
        """As the reactor's."""
        function(*arguments)


class Keeper:
    """The registry, called at once; ``away``: it cannot be used."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.away = False

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """As the registry's service."""
        return maybeDeferred(self._refuse if self.away else lambda: work(self.registry, *args))

    def _refuse(self) -> None:
        raise RegistryUnavailable("the disk is gone")


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A registry with three gaps."""
    registry = open_registry(f"sqlite:///{tmp_path}/registry.db", tmp_path / "registry.key")
    states = {"open": "hour", "asked": "minute", "filled": "day"}
    for number, (state, period) in enumerate(states.items()):
        start = moment(at("06-01") + number * HOUR)
        gap = GapRecord(
            mn="A", period=period, start=start, end=start, missing=1, found_at=start, state=state
        )  # type: ignore[arg-type]
        registry.gaps.put([gap])
    yield Keeper(registry)
    registry.close()


@pytest.fixture
def window(field: Field, keeper: Keeper) -> Iterator[ApiWindow]:
    """The API's view of a station that sent 18 hours."""
    field.sent("A", "hour", every(HOUR, at("06-01"), at("06-01T18:00")))
    slow = SlowWork("test", threads=1, waiting=1, timeout_s=90.0)
    reckoning = Reckoning(field.store, DeviceRecord, tuple, lambda: at("06-03"))
    desk = CompletenessDesk(
        Loop(),
        reckoning=reckoning,
        registry=keeper,  # type: ignore[arg-type]
        slow=slow,
        settings=CompletenessSettings,
    )
    yield ApiWindow(Loop(), desk, slow)
    slow.close()


def test_rates_for_the_api(window: ApiWindow) -> None:
    """Rows with moments in Beijing time; a span that is none is the asker's fault."""
    (row,) = window.rates(DAY)
    assert (row["expected"], row["received"], row["transfer_rate"]) == (24, 18, 0.75)
    assert row["start"] == "2026-06-01T00:00:00+08:00"
    with pytest.raises(Declined, match="before"):
        window.rates({"start": "2026-06-02", "end": "2026-06-01"})
    with pytest.raises(Declined):
        window.rates({"start": "yesterday", "end": "2026-06-01"})


def test_a_table_for_the_control_socket(window: ApiWindow) -> None:
    """The same rows as an Arrow stream."""
    found = window._desk.rates(Completeness(**DAY, summed=True))
    assert isinstance(found, pa.Table)
    assert found["factor"].to_pylist() == [""]


def test_gaps_for_the_api(window: ApiWindow, keeper: Keeper) -> None:
    """Open and asked ones unless a state is named; a registry that is away is told."""
    assert [row["state"] for row in window.gaps({})] == ["asked", "open"]
    assert [row["state"] for row in window.gaps({"state": "all"})] == ["filled", "asked", "open"]
    (row,) = window.gaps({"period": "hour", "mn": "A"})
    assert (row["start"], row["closed_at"]) == ("2026-05-31T16:00:00Z", None)
    assert window.gaps({"mn": "B"}) == []
    assert Gaps().limit == 1000
    keeper.away = True
    with pytest.raises(NotAvailable, match="disk"):
        window.gaps({})


def test_a_store_that_does_not_serve(window: ApiWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, too."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(window._desk._reckoning, "rates", fail)
    with pytest.raises(NotAvailable, match="locked"):
        window.rates(DAY)
