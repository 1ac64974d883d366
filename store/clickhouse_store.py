"""Time series in ClickHouse: on a server or a cluster of them, or in this process.

Nothing is opened before it is used, so that a server that is down is a state of the store and no
obstacle to start. docs/clickhouse.md says what is kept where and what holds when several daemons
write into one database. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa

from store import (
    clickhouse_means_changed,
    clickhouse_means_kept,
    clickhouse_means_sums,
    clickhouse_presence,
    clickhouse_queries,
    clickhouse_state,
)
from store.clickhouse_commit import Writer
from store.clickhouse_engine import Engine
from store.clickhouse_place import Place
from store.clickhouse_state import DONE, PLANNED, Progress
from store.clickhouse_tidy import Tidier
from store.lateness import LATE_AFTER_S
from store.means import (
    Cursors,
    DerivedQuery,
    ForecastQuery,
    HourSumsQuery,
    MeansState,
    Put,
)
from store.settings import StoreSettings
from store.timeseries import (
    AggregateQuery,
    Batch,
    Committed,
    FrameQuery,
    PresenceQuery,
    SampleQuery,
    SlotQuery,
    StoreUnavailable,
)

ONLY_NODE = "main"
_DEFAULTS = StoreSettings()


class ClickHouseStore:
    """A :class:`store.means.Store`. ``node``: whose journal the lanes and cursors
    are of; ``now``: UTC seconds, decides which days are open."""

    def __init__(
        self,
        place: Place,
        *,
        node: str = ONLY_NODE,
        settings: StoreSettings = _DEFAULTS,
        late_after_s: float = LATE_AFTER_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.url = place.shown
        self._node = node
        self._now = now
        self._settings = settings
        self._engine = Engine(place, settings.timeout_s)
        self._writing = threading.Lock()
        self._preparing = threading.Lock()
        self._prepared = False
        self._progress: Progress | None = None
        self._told: tuple[Cursors, pa.Table] | None = None  # replays noted when last asked
        self._writer: Writer | None = None
        self._tidier = Tidier(self._engine, node, late_after_s)

    @property
    def late_after_s(self) -> float:
        """Longer than this after the end of its period a value is late."""
        return self._tidier.late_after_s

    @late_after_s.setter
    def late_after_s(self, seconds: float) -> None:
        self._tidier.late_after_s = seconds

    def cursors(self) -> dict[str, int]:
        """Lane -> position of this node's journal up to which everything is in the store."""
        with self._writing:
            return dict(self._stand(anew=True).lanes)

    def planned(self) -> dict[str, int] | None:
        """The cursors of a batch that was begun and is not known to be finished, else None."""
        with self._writing:
            planned = self._stand(anew=True).planned
            return None if planned is None else dict(planned)

    def commit(self, batch: Batch) -> Committed:
        """Write rows and then cursors; a second caller waits for the first.

        When it raises, some rows may be in the store already. They are the rows that come again
        with the next try, and until then they are seen.
        """
        with self._writing:
            try:
                return self._commit(batch)
            except BaseException:
                # What we know may not be what the store has.
                self._progress = self._writer = None
                raise

    def frames(self, query: FrameQuery) -> pa.Table:
        """Rows of FRAMES in order of receipt, the newest ``limit`` of them."""
        return clickhouse_queries.frames(self._ready(), query)

    def samples(self, query: SampleQuery) -> pa.Table:
        """Rows of READINGS in order of data_time, mn, factor, the newest ``limit`` of them."""
        return clickhouse_queries.samples(self._ready(), query)

    def aggregates(self, query: AggregateQuery) -> pa.Table:
        """Rows of AGGREGATES in order of start, mn, factor, the newest ``limit`` of them."""
        return clickhouse_queries.aggregates(self._ready(), query)

    def presence(self, query: PresenceQuery) -> pa.Table:
        """Rows of PRESENCE in order of day, mn, factor, period."""
        return clickhouse_presence.presence(self._ready(), query, self.late_after_s)

    def spacings(self, query: PresenceQuery) -> pa.Table:
        """Rows of SPACINGS in order of day, mn, period."""
        return clickhouse_presence.spacings(self._ready(), query)

    def slots(self, query: SlotQuery) -> pa.Table:
        """Rows of SLOTS, ascending."""
        return clickhouse_presence.slots(self._ready(), query)

    def latest(self) -> pa.Table:
        """For each (mn, factor, period) the row of READINGS with the newest data_time."""
        return clickhouse_queries.latest(self._ready())

    def devices(self) -> pa.Table:
        """Rows of DEVICES in order of MN."""
        return clickhouse_queries.devices(self._ready())

    def counts(self) -> pa.Table:
        """COUNTS of all nodes, summed since the store was made."""
        return clickhouse_queries.counts(self._ready())

    def totals(self) -> dict[str, int]:
        """Rows: {"frames", "frames_bad", "samples", "devices"}."""
        return clickhouse_queries.totals(self._ready())

    def hour_sums(self, query: HourSumsQuery) -> pa.Table:
        """Rows of HOUR_SUMS in order of start, mn, factor, period."""
        return clickhouse_means_sums.hour_sums(self._ready(), query)

    def minute_sums(self, query: HourSumsQuery) -> pa.Table:
        """The same of each minute of real-time values."""
        return clickhouse_means_sums.minute_sums(self._ready(), query)

    def day_reports(self, query: HourSumsQuery) -> pa.Table:
        """The instruments' own day values."""
        return clickhouse_means_sums.day_reports(self._ready(), query)

    def cursors_now(self) -> Cursors:
        """Cursors at the present end, of all nodes."""
        return clickhouse_means_changed.cursors_now(self._ready())

    def changed(
        self, cursors: Cursors, before: datetime, end_stamped: tuple[str, ...] = ()
    ) -> tuple[pa.Table, Cursors]:
        """Hours before ``before`` that something stored since ``cursors`` touched."""
        found, behind, noted = clickhouse_means_changed.changed(
            self._ready(), cursors, before, end_stamped
        )
        self._told = (behind, noted)
        return found, behind

    def put_derived(self, table: pa.Table, state: MeansState | None = None) -> Put:
        """Rows of DERIVED, and the state behind them."""
        engine = self._ready()
        put = clickhouse_means_kept.put_derived(engine, table)
        if state is not None:
            clickhouse_means_kept.put_state(engine, state)
            told, self._told = self._told, None
            if told is not None and told[0] == state.cursors:
                clickhouse_means_changed.forget_noted(engine, told[1])
        return put

    def means_state(self) -> MeansState | None:
        """The state that was put last, by any node."""
        return clickhouse_means_kept.means_state(self._ready())

    def derived(self, query: DerivedQuery) -> pa.Table:
        """Rows of DERIVED in order of start, mn, factor, stat."""
        return clickhouse_means_kept.derived(self._ready(), query)

    def put_forecasts(self, table: pa.Table) -> None:
        """Rows of FORECASTS, in the place of those of the same keys."""
        clickhouse_means_kept.put_forecasts(self._ready(), table)

    def forecasts(self, query: ForecastQuery) -> pa.Table:
        """Rows of FORECASTS."""
        return clickhouse_means_kept.forecasts(self._ready(), query)

    def is_first(self) -> bool:
        """Whether no other node that is alive comes before this one by name."""
        self._ready()
        return self._tidier.is_first()

    def tidy(self, now: datetime) -> bool:
        """Make hours and counts of closed days, merge past months; whether there is more."""
        self._ready()
        return self._tidier.step(now.replace(tzinfo=UTC).timestamp(), self._now())

    def close(self) -> None:
        """Close the line to the engine, after the commit that is under way."""
        with self._writing:
            self._engine.close()

    def _commit(self, batch: Batch) -> Committed:
        at = self._stand()
        for lane, position in (batch.since or {}).items():
            if at.lanes.get(lane, 0) != position:
                raise StoreUnavailable(
                    f"the store stands at {at.lanes.get(lane, 0)} of lane {lane}, "
                    f"the batch at {position}"
                )
        if self._writer is None:
            self._writer = clickhouse_state.writer(self._engine, self._node, at, self._now)
        if batch.replay:
            return self._writer.write(batch, at.next)
        lanes = {**at.lanes, **batch.cursors}
        clickhouse_state.write_step(self._engine, self._node, PLANNED, at.next, lanes)
        committed = self._writer.write(batch, at.next)
        clickhouse_state.write_step(self._engine, self._node, DONE, at.next, lanes)
        self._progress = Progress(at.next, lanes, None)
        return committed

    def _stand(self, *, anew: bool = False) -> Progress:
        """Where this node stands; asked of the store when we do not know, or ``anew``."""
        engine = self._ready()
        if self._progress is None or anew:
            found = clickhouse_state.progress(engine, self._node)
            if found != self._progress:
                self._progress, self._writer = found, None
        assert self._progress is not None
        return self._progress

    def _ready(self) -> Engine:
        """The engine, once its tables were found or made."""
        with self._preparing:
            if not self._prepared:
                clickhouse_state.prepare(
                    self._engine,
                    self._now,
                    frames_days=self._settings.frames_days,
                    samples_days=self._settings.samples_days,
                )
                self._prepared = True
        return self._engine
