"""The hub as the pages see it: :class:`admin.source.Source` over live picture, status and store.

Called in the page threads: the status is the latest one made, the store is asked through the
bounded pool, with a time-out. Tests: tests/hub/test_http.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from admin.source import Listing, NotAvailable, Page, Row
from hj212d.hub.live import Live
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from hj212d.hub.stations import Stations
from hj212d.hub.times import iso, microseconds
from hj212d.wire import tables, tolerances
from hj212d.wire.reasons import Reason
from store.timeseries import FrameQuery, StoreUnavailable, TimeSeriesStore


class HubSource:
    """What the pages show."""

    def __init__(
        self,
        *,
        status: Callable[[], Row],
        stations: Stations,
        live: Live,
        store: TimeSeriesStore,
        slow: SlowWork,
    ) -> None:
        self._status = status
        self._stations = stations
        self._live = live
        self._store = store
        self._slow = slow
        self._help = {
            "reason": {reason.label: reason.help for reason in Reason},
            "repair": {
                label: text
                for tolerance, text in tolerances.HELP.items()
                for label in tolerance.labels
            },
        }

    def status(self) -> Row:
        """The status object."""
        return self._status()

    def stations(self, listing: Listing) -> Page:
        """Stations, known and registered."""
        return self._stations.page(listing)

    def station(self, mn: str) -> Row | None:
        """One station."""
        return self._stations.row(mn)

    def latest(self, mn: str) -> list[Row]:
        """Latest values with names and units of their factors."""
        return [{**row, **_named(row["factor"])} for row in self._live.readings(mn)]

    def quarantine(self, mn: str | None, limit: int) -> list[Row]:
        """The newest bad frames, newest first; NotAvailable when the store does not answer."""
        query = FrameQuery(mn=mn, errors=True, limit=limit)
        try:
            table = self._slow.call(lambda: self._store.frames(query))
        except StoreUnavailable as problem:
            raise NotAvailable(f"存储不可用 · the store is unavailable: {problem}") from problem
        except (Busy, TookTooLong) as problem:
            raise NotAvailable(f"存储忙 · the store is busy: {problem}") from problem
        names = ["received_at", "mn", "cn", "reason", "link", "raw"]
        rows: list[dict[str, Any]] = table.select(names).to_pylist()
        for row in rows:
            row["received_at"] = iso(microseconds(row["received_at"]))
        return rows[::-1]

    def help_lines(self) -> dict[str, dict[str, str]]:
        """A line of help for each reason and each repair."""
        return self._help


def _named(code: str) -> Row:
    factor = tables.factor(code)
    if factor is None:
        return {"name_zh": "", "name_en": "", "unit": ""}
    unit = "" if factor.unit == "1" else factor.unit
    return {"name_zh": factor.name_zh, "name_en": factor.name_en, "unit": unit}
