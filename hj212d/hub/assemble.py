"""Pieces of the journal into one batch for the store, also when our own code fails on a record.

A record that makes the reading or the rows raise goes in as its bytes with the warning
``ingest_error``; it is logged once a place in the code, counted, and the others are not touched.
Tests: tests/hub/test_assemble.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from hj212d.hub.batch_columns import BatchColumns, Columns
from hj212d.hub.rows import Rows
from hj212d.journal.reader import Piece
from hj212d.journal.record import Kind, Record
from hj212d.wire import codec
from hj212d.wire.frame import Frame
from store.timeseries import Batch

if not TYPE_CHECKING and codec.NAME == "compiled":
    with suppress(ImportError):  # it was not built
        from hj212d.hub._columns import BatchColumns

log = logging.getLogger(__name__)

Entry = tuple[str, Piece]  # lane, records

_MOST_PLACES = 100
_LOGGED_BYTES = 200


class Assembler:
    """Makes batches. ``read``: record -> frame. ``errors`` counts the records that failed.

    ``columns``: clock tolerance and when data are late, in seconds -> what collects the rows;
    compiled where it can be.
    """

    def __init__(
        self,
        read: Callable[[Record], Frame],
        columns: Callable[[float, float], Columns] = BatchColumns,
    ) -> None:
        self.errors = 0
        self._read = read
        self._columns = columns
        self._places: set[tuple[str, int]] = set()

    def batch(
        self,
        entries: Sequence[Entry],
        cursors: dict[str, int],
        *,
        clock_tolerance_s: float,
        late_after_s: float = 600.0,
        since: dict[str, int] | None = None,
        replay: bool = False,
        warnings: Sequence[tuple[str, str]] = (),
    ) -> Batch:
        """All entries as one batch, in their order. ``warnings``: (mn, label) to count beside
        those of the frames."""

        def begun() -> Rows:
            columns = self._columns(clock_tolerance_s, late_after_s)
            return Rows(columns, clock_tolerance_s, late_after_s)

        def ended(rows: Rows) -> Batch:
            for mn, warning in warnings:
                rows.warn(mn, warning)
            return rows.batch(cursors, since=since, replay=replay)

        try:
            rows = begun()
            for lane, piece in entries:
                self._add_piece(rows, lane, piece)
            return ended(rows)
        except Exception:
            log.exception("a batch of %d pieces does not fit the columns", len(entries))
        rows = begun()
        for lane, piece in entries:
            for position, record in piece.records():
                self._add_if_it_fits(rows, begun(), lane, position, record)
        return ended(rows)

    def unread(
        self, entries: Sequence[Entry], since: dict[str, int], cursors: dict[str, int]
    ) -> Batch:
        """All entries as their bytes with the warning, for a store that fails on what they say."""
        rows = Rows(BatchColumns(0.0, 0.0), 0.0)
        for lane, piece in entries:
            for position, record in piece.records():
                rows.add_unread(lane, position, record)
        return rows.batch(cursors, since=since)

    def _add_piece(self, rows: Rows, lane: str, piece: Piece) -> None:
        rows.columns.add_block(
            lane,
            piece.position,
            piece.body,
            lambda position, record: self._add(rows, lane, position, record),
        )

    def _add(self, rows: Rows, lane: str, position: int, record: Record) -> None:
        if not self._works(
            lane, position, record, lambda: self._add_read(rows, lane, position, record)
        ):
            rows.add_unread(lane, position, record)

    def _add_read(self, rows: Rows, lane: str, position: int, record: Record) -> None:
        if record.kind == Kind.FRAME:
            rows.add(lane, position, record, self._read(record))
        else:
            rows.add_link(lane, position, record)

    def _add_if_it_fits(
        self, rows: Rows, alone: Rows, lane: str, position: int, record: Record
    ) -> None:
        self._add(alone, lane, position, record)
        if self._works(lane, position, record, lambda: alone.batch({})):
            self._add(rows, lane, position, record)
        else:
            rows.add_unread(lane, position, record)

    def _works(self, lane: str, position: int, record: Record, work: Callable[[], object]) -> bool:
        try:
            work()
        except Exception as problem:
            self.errors += 1
            if self._is_new(problem):
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
