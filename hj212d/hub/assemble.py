"""Journal records into one batch for the store, also when our own code fails on one of them.

A record that makes the reading or the rows raise goes in as its bytes with the warning
``ingest_error``; it is logged once a place in the code, counted, and the others are not touched.
Tests: tests/hub/test_assemble.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hj212d.hub.rows import Rows
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Frame
from store.timeseries import Batch

log = logging.getLogger(__name__)

Entry = tuple[str, int, Record]  # lane, position, record

_MOST_PLACES = 100
_LOGGED_BYTES = 200


class Assembler:
    """Makes batches. ``read``: record -> frame. ``errors`` counts the records that failed."""

    def __init__(self, read: Callable[[Record], Frame]) -> None:
        self.errors = 0
        self._read = read
        self._places: set[tuple[str, int]] = set()

    def batch(
        self,
        entries: Sequence[Entry],
        cursors: dict[str, int],
        *,
        clock_tolerance_s: float,
        since: dict[str, int] | None = None,
        replay: bool = False,
        warnings: Sequence[tuple[str, str]] = (),
    ) -> Batch:
        """All entries as one batch, in their order. ``warnings``: (mn, label) to count beside
        those of the frames."""

        def built(add: Callable[[Rows, Entry], None]) -> Batch:
            rows = Rows(clock_tolerance_s)
            for entry in entries:
                add(rows, entry)
            for mn, warning in warnings:
                rows.warn(mn, warning)
            return rows.batch(cursors, since=since, replay=replay)

        try:
            return built(self._add)
        except Exception:
            log.exception("a batch of %d records does not fit the columns", len(entries))
        return built(self._add_if_it_fits)

    def _add(self, rows: Rows, entry: Entry) -> None:
        if not self._works(entry, lambda: self._add_read(rows, entry)):
            rows.add_unread(*entry)

    def _add_read(self, rows: Rows, entry: Entry) -> None:
        lane, position, record = entry
        if record.kind == Kind.FRAME:
            rows.add(lane, position, record, self._read(record))
        else:
            rows.add_link(lane, position, record)

    def _add_if_it_fits(self, rows: Rows, entry: Entry) -> None:
        alone = Rows(rows.clock_tolerance_s)
        self._add(alone, entry)
        if self._works(entry, lambda: alone.batch({})):
            self._add(rows, entry)
        else:
            rows.add_unread(*entry)

    def _works(self, entry: Entry, work: Callable[[], object]) -> bool:
        try:
            work()
        except Exception as problem:
            self.errors += 1
            if self._is_new(problem):
                lane, position, record = entry
                log.exception(
                    "our own code failed on a record: lane=%s position=%d kind=%d verdict=%d "
                    "raw=%r",
                    lane,
                    position,
                    record.kind,
                    record.verdict,
                    record.raw[:_LOGGED_BYTES],
                )
            return False
        return True

    def _is_new(self, problem: Exception) -> bool:
        """Whether nothing was logged yet of the place in the code that raised."""
        trace = problem.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or len(self._places) >= _MOST_PLACES:
            return False
        place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        if place in self._places:
            return False
        self._places.add(place)
        return True
