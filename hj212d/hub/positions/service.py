"""Takes the coordinates that devices report to the registry, where they wait for a person.

A device is looked at once in a while only; a report that says nothing new writes nothing.
Event loop only, but for `observe`. Tests: tests/hub/positions/test_position_service.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.ear import EarService, Heard
from hj212d.hub.commands.new_command import Refused
from hj212d.hub.positions.reading import Place, Reader
from hj212d.hub.positions.requests import Position, Positions
from hj212d.hub.positions.samples import Told, told
from hj212d.hub.positions.settings import PositionSettings
from hj212d.hub.registry_service import RegistryService
from store.registry.open import Registry
from store.registry.records import PositionReport
from store.timeseries import Batch

MOST_MNS = 100_000  # whose last look is remembered


class PositionService:
    """Listens for places and answers what people ask about them."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        registry: RegistryService,
        ear: EarService,
        settings: PositionSettings,
        now_us: Callable[[], int],
    ) -> None:
        self.reported_total = 0
        self._reactor = reactor
        self._registry = registry
        self._now_us = now_us
        self._looked: OrderedDict[str, int] = OrderedDict()
        self._reader = Reader(settings)
        self._codes = pa.array(sorted(self._reader.codes), pa.string())
        ear.listeners.append(self._heard)
        ear.patterns = [*ear.patterns, *self._reader.patterns]

    def reload(self, settings: PositionSettings) -> None:
        """Other settings from now on; which fields are looked for waits for a restart."""
        self._reader.settings = settings

    def observe(self, batch: Batch) -> None:
        """A batch that the store has committed; in the ingest's thread."""
        found = list(told(batch, self._codes))
        if found:
            self._reactor.callFromThread(self._told, found)

    @inlineCallbacks
    def positions(self, request: Positions) -> Any:
        """The answer to ``positions``."""
        found = yield self._registry.call(_listed, request.state, request.mn, request.limit)
        return {"positions": found}

    @inlineCallbacks
    def position(self, request: Position) -> Any:
        """The answer to ``position``."""
        state = "approved" if request.do == "approve" else "rejected"
        answer = yield self._registry.call(_decide, request.id, state, request.who or "control")
        return answer

    def status(self) -> dict[str, Any]:
        """For the status object."""
        return {"reported_total": self.reported_total}

    def _told(self, found: list[Told]) -> None:
        for one in found:
            if self._may_look(one.mn):
                place = self._reader.of_fields(one.fields)
                if place is not None:
                    self._report(one.mn, place, one.received_us)

    def _heard(self, heard: list[Heard]) -> Deferred[Any] | None:
        waiting = []
        for one in heard:
            frame = one.frame
            if not frame.ok or not frame.mn:
                continue
            place = self._reader.of_frame(frame)
            if place is not None and self._may_look(frame.mn):
                waiting.append(self._report(frame.mn, place, one.received_us))
        return DeferredList(waiting) if waiting else None

    def _may_look(self, mn: str) -> bool:
        now_us = self._now_us()
        last_us = self._looked.get(mn)
        if last_us is not None and now_us - last_us < self._reader.settings.interval_s * 1e6:
            return False
        self._looked[mn] = now_us
        self._looked.move_to_end(mn)
        if len(self._looked) > MOST_MNS:
            self._looked.popitem(last=False)
        return True

    def _report(self, mn: str, place: Place, received_us: int) -> Deferred[Any]:
        at = datetime.fromtimestamp(received_us / 1e6, UTC)
        done = self._registry.call(_reported, mn, place, at)
        return done.addCallbacks(self._reported, lambda failure: self._not_written(failure, mn))

    def _reported(self, report: PositionReport | None) -> None:
        if report is not None:
            self.reported_total += 1
            self._log.info("event=position_reported mn={mn} id={id}", mn=report.mn, id=report.id)

    def _not_written(self, failure: Failure, mn: str) -> None:
        """The registry is away: the next report may be looked at."""
        self._looked.pop(mn, None)
        self._log.warn("event=position_not_written error={error}",
                       error=failure.getErrorMessage())  # fmt: skip


def _reported(registry: Registry, mn: str, place: Place, at: datetime) -> PositionReport | None:
    return registry.positions.reported(mn, place.longitude, place.latitude, at, place.source)


def _listed(registry: Registry, state: str, mn: str | None, limit: int) -> list[dict[str, Any]]:
    """Reports, with the coordinates that their devices have now."""
    found = registry.positions.list(state or None, 100_000 if mn else limit)
    wanted = [one for one in found if mn is None or one.mn == mn][:limit]
    devices = {one.mn: one for one in registry.devices.some(sorted({one.mn for one in wanted}))}
    rows = []
    for one in wanted:
        device = devices.get(one.mn)
        rows.append(
            {
                "id": one.id,
                "mn": one.mn,
                "longitude": one.longitude,
                "latitude": one.latitude,
                "seen_at": one.seen_at,
                "source": one.source,
                "state": one.state,
                "who": one.who,
                "decided_at": one.decided_at,
                "device_longitude": device.longitude if device else None,
                "device_latitude": device.latitude if device else None,
                "device_source": device.position_source if device else "",
            }
        )
    return rows


def _decide(registry: Registry, id_: int, state: Any, who: str) -> dict[str, Any]:
    with registry.together():
        report = registry.positions.get(id_)
        if report is None:
            raise Refused(f"there is no position {id_}")
        if report.state != "waiting":
            raise Refused(f"position {id_} is {report.state} already")
        device = registry.positions.decide(id_, state, who)
    return {"id": id_, "mn": report.mn, "state": state, "written": device is not None}
