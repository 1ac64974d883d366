"""From the journal into the store: every record once, whatever happens in between.

The journal is the queue: what the store cannot take now stays there and is read again. Rows and
cursors are committed together, and only the store's word says where reading goes on; the copy in
``journal/cursors/ingest.json`` tells retention what may go. While the store commits a batch and
more is waiting, the next one is read and built in another thread.
Blocks; runs in a thread of its own.
Tests: tests/hub/test_ingest.py, test_ingest_faults.py, test_ingest_plans.py, test_ingest_crash.py.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.hub import ingest_lag, memory
from hj212d.hub.assemble import Assembler, Entry
from hj212d.hub.ingest_ahead import Ahead
from hj212d.hub.ingest_isolation import commit_in_parts
from hj212d.hub.ingest_reading import Reading, Taken
from hj212d.hub.reread import Rereader
from hj212d.hub.rows import INGEST_ERROR
from hj212d.journal import cursors
from hj212d.journal.record import Record
from hj212d.wire.frame import Device, Frame
from hj212d.wire.packets import PacketGroups
from store.settings import StoreSettings
from store.timeseries import COUNTS, Batch, Committed, StoreUnavailable, TimeSeriesStore

log = logging.getLogger(__name__)

CURSOR = "ingest"
PACKETS_INCOMPLETE = "packets_incomplete"
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0


class Step(msgspec.Struct, frozen=True):
    """What one step did. ``wait_s``: pause before the next one; 0: more is waiting."""

    records: int
    wait_s: float
    committed: Committed | None = None


class Damaged(msgspec.Struct):
    """What of the journal was found damaged on the way into the store, since the start.

    ``mended``: blocks with one flipped bit turned back; ``places`` and ``bytes``: skipped.
    """

    mended: int = 0
    places: int = 0
    bytes: int = 0


class _Prepared(msgspec.Struct):
    """A batch and what it was made of; none when nothing is new. ``incomplete``: the MN of each
    group of packets that is counted with it."""

    taken: Taken
    batch: Batch | None
    incomplete: list[str]


class Ingest:
    """Reads all lanes of a journal and commits what they hold.

    ``device``: mn -> what the wire must know of it (keys). ``now``: UTC seconds. ``observer``
    gets each batch once it is committed, with the duplicates that the store found among its
    counts. ``settings``, ``clock_tolerance_s`` and ``late_after_s`` may be exchanged
    between steps.

    ``state`` is "starting" until a step has reached the store, then "ok", or "unavailable"; then
    ``error`` says why in one sentence. ``behind``: the last step left more to read. Only ``step``
    and ``close`` change anything; the rest may be asked from other threads.
    """

    def __init__(
        self,
        journal_dir: Path,
        store: TimeSeriesStore,
        device: Callable[[str], Device],
        settings: StoreSettings,
        now: Callable[[], float],
        *,
        clock_tolerance_s: float = 600.0,
        late_after_s: float = 600.0,
        observer: Callable[[Batch], None] | None = None,
    ) -> None:
        self.settings = settings
        self.clock_tolerance_s = clock_tolerance_s
        self.late_after_s = late_after_s
        self.state = "starting"
        self.error = ""
        self.behind = False
        self.records_total = 0
        self.rows_total = 0
        # Records that a fault of ours struck, here or in the store: they are in the store as bytes
        # with the warning ``ingest_error``.
        self.errors = 0
        self.damaged = Damaged()
        self._journal_dir = journal_dir
        self._store = store
        self._now = now
        self._observer = observer
        self._rereader = Rereader(device)
        self._assembler = Assembler(self._frame)
        self._packets = PacketGroups()
        self._incomplete: list[str] = []  # MN of each group of packets that was given up
        self._reading: Reading | None = None
        self._plan: dict[str, int] | None = None
        self._ahead = Ahead("ingest-ahead", self._prepare)
        self._ready = False
        self._saved: Mapping[str, int] | None = None
        # Replaced as a whole, because other threads read it.
        self._committed: Mapping[str, int] = _saved(journal_dir)
        self._wait_s = _FIRST_WAIT_S

    @property
    def ready(self) -> bool:
        """Whether the store was reached and the copy of its cursors brought up to date."""
        return self._ready

    @property
    def lag_bytes(self) -> int:
        """Durable bytes of the journal that are not in the store."""
        return ingest_lag.lag_bytes(self._journal_dir, self._committed)

    @property
    def lag_seconds(self) -> float:
        """Age of the oldest durable record that is not in the store; 0 when there is none."""
        oldest_us = ingest_lag.oldest_us(self._journal_dir, self._committed)
        return 0.0 if oldest_us is None else max(0.0, self._now() - oldest_us / 1e6)

    def step(self) -> Step:
        """Bring the next batch into the store.

        A store or disk that does not serve is no exception here: nothing is lost, ``state`` and
        ``error`` tell, and ``wait_s`` grows from step to step. Faults of ours come out; the next
        step begins where the store stands.
        """
        try:
            if self._reading is None:
                self._position()
            prepared = self._ahead.take()
            if prepared is None:
                return self._unavailable("the journal does not yet reach the batch begun before")
            try:
                committed = self._commit(prepared)
            except BaseException:
                self._start_over()  # first, because the other thread adds to the list
                # Counted with the batch that is made of the same records again.
                self._incomplete = prepared.incomplete + self._incomplete
                raise
        except (StoreUnavailable, OSError) as problem:
            return self._unavailable(str(problem))
        except BaseException:
            # What was read is ahead of the store: it must be read again.
            self._start_over()
            raise
        taken = prepared.taken
        self.state = "ok"
        self.error = taken.error
        if self.behind and not taken.more:
            memory.give_back()
        self.behind = taken.more
        self._wait_s = _FIRST_WAIT_S
        self._save_cursors()
        self._ready = True
        wait_s = 0.0 if taken.more else self.settings.batch_interval_s
        return Step(taken.records, wait_s, committed)

    def close(self) -> None:
        """Close the journal's files and end the thread; the store belongs to the caller."""
        self._start_over()
        self._ahead.close()

    def _position(self) -> None:
        """Stand where the store says."""
        self._committed = self._store.cursors()
        self._plan = self._store.planned()
        self._reading = Reading(self._journal_dir, self._committed)

    def _start_over(self) -> None:
        """Forget what was read and is not in the store; the next step asks the store again."""
        dropped = self._ahead.drop()
        if dropped is not None:
            self._incomplete = dropped.incomplete + self._incomplete
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    def _unavailable(self, problem: str) -> Step:
        # What was read is dropped and read again: memory stays bounded however long it takes,
        # and a store that was exchanged is asked anew where it stands.
        self._start_over()
        if self.state != "unavailable":
            log.warning("ingest waits: %s", problem)
        self.state = "unavailable"
        self.error = problem
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, _LONGEST_WAIT_S)
        return Step(0, wait_s)

    def _prepare(self) -> _Prepared | None:
        """Read and build the next batch, in this thread or in the one ahead; None while the
        journal lacks what the store has planned."""
        assert self._reading is not None
        if self._plan is None:
            taken = self._reading.take(self.settings.batch_bytes)
        else:
            planned = self._reading.take_up_to(self._plan)
            if planned is None:
                return None
            taken, self._plan = planned, None
            # All of the journal is behind it.
            taken.more = True
        if not taken.cursors:
            return _Prepared(taken, None, [])
        incomplete, self._incomplete = self._incomplete, []
        warnings = [(mn, PACKETS_INCOMPLETE) for mn in incomplete]
        batch = self._make(taken.entries, taken.since, taken.cursors, warnings)
        taken.entries = []  # the journal has them
        return _Prepared(taken, batch, incomplete)

    def _make(
        self,
        entries: Sequence[Entry],
        since: dict[str, int],
        ends: dict[str, int],
        warnings: Sequence[tuple[str, str]] = (),
    ) -> Batch:
        return self._assembler.batch(
            entries,
            ends,
            since=since,
            clock_tolerance_s=self.clock_tolerance_s,
            late_after_s=self.late_after_s,
            warnings=warnings,
        )

    def _commit(self, prepared: _Prepared) -> Committed | None:
        taken, batch = prepared.taken, prepared.batch
        if batch is None:
            return None
        if taken.more:
            self._ahead.begin()
        try:
            committed = self._store.commit(batch)
        except (StoreUnavailable, OSError):
            raise
        except Exception:
            log.exception("event=batch_failed records=%d: it goes in by parts", taken.records)
            committed = self._isolate(taken)
            self._incomplete = prepared.incomplete + self._incomplete
        else:
            self._note(batch, committed, taken.records)
        self._count_damage(taken)
        return committed

    def _isolate(self, taken: Taken) -> Committed:
        """Read the batch again and bring it in around what the store fails on.

        A batch that the store has planned cannot be divided: all of it goes in as bytes, of which
        a replay makes readings.
        """
        self._start_over()
        reading = Reading(self._journal_dir, taken.since)
        try:
            again = reading.take_up_to(taken.cursors)
        finally:
            reading.close()
        if again is None:
            raise StoreUnavailable("the journal has lost what a batch was made of")
        done: list[Committed] = []

        def commit(batch: Batch, records: int) -> None:
            done.append(self._store.commit(batch))
            self._note(batch, done[-1], records)

        if self._store.planned() is None:
            commit_in_parts(
                again.entries,
                taken.since,
                taken.cursors,
                make=self._make,
                make_unread=self._assembler.unread,
                commit=commit,
            )
        else:
            log.error("event=batch_unread records=%d: replay them", taken.records)
            unread = self._assembler.unread(again.entries, taken.since, taken.cursors)
            commit(unread, taken.records)
        return _summed(done)

    def _note(self, batch: Batch, committed: Committed, records: int) -> None:
        """A batch is in the store."""
        self._committed = {**self._committed, **batch.cursors}
        self.records_total += records
        self.rows_total += committed.frames + committed.samples
        unread = pc.sum(pc.equal(batch.frames["warnings"], INGEST_ERROR)).as_py()
        self.errors += unread or 0
        self._show(batch, committed)

    def _count_damage(self, taken: Taken) -> None:
        """Once for each place: what is not committed is read again, and counted then."""
        for lane, place in taken.damage:
            log.error(
                "event=journal_damage lane=%s position=%d bytes=%d what=%r",
                lane,
                place.position,
                place.bytes,
                place.what,
            )
        self.damaged.mended += taken.mended
        self.damaged.places += taken.damaged
        self.damaged.bytes += taken.damaged_bytes

    def _frame(self, record: Record) -> Frame:
        frame = self._rereader.as_recorded(record)
        if frame.pnum is not None and frame.ok:
            # By the time of receipt, so that reading a backlog makes nothing late. What ends here
            # is counted with the next batch.
            now_s = record.time_us / 1e6
            ended = self._packets.expire(now_s) + self._packets.add(frame, now_s)
            self._incomplete += [group.mn for group in ended if not group.complete]
        return frame

    def _show(self, batch: Batch, committed: Committed) -> None:
        """The batch is in the store whatever the observer does with it."""
        if self._observer is None:
            return
        batch.counts = pa.concat_tables([batch.counts, _duplicate_counts(committed)])
        try:
            self._observer(batch)
        except Exception:
            log.exception("the observer failed on a batch of %d frames", batch.frames.num_rows)

    def _save_cursors(self) -> None:
        """Retention may lag: a copy that cannot be written keeps segments, it loses none."""
        if self._saved == self._committed:
            return
        try:
            cursors.save(self._journal_dir, CURSOR, self._committed)
            self._saved = self._committed
        except OSError as problem:
            self.error = f"the cursor for retention cannot be written: {problem}"


def _saved(journal_dir: Path) -> Mapping[str, int]:
    """Where the store stood when it was last heard of; serves status until it answers."""
    try:
        return cursors.load(journal_dir, CURSOR, log.warning)
    except OSError as problem:
        log.warning("the cursor for retention cannot be read: %s", problem)
        return {}


def _duplicate_counts(committed: Committed) -> pa.Table:
    found = committed.duplicates_by_mn
    return pa.table(
        [
            pa.array(found.keys(), pa.string()),
            pa.array(["duplicates"] * len(found), pa.string()),
            pa.array([""] * len(found), pa.string()),
            pa.array(found.values(), pa.int64()),
        ],
        schema=COUNTS,
    )


def _summed(parts: Sequence[Committed]) -> Committed:
    """Several commits as one."""
    by_mn: Counter[str] = Counter()
    for part in parts:
        by_mn.update(part.duplicates_by_mn)
    return Committed(
        frames=sum(part.frames for part in parts),
        duplicates=sum(part.duplicates for part in parts),
        samples=sum(part.samples for part in parts),
        samples_stale=sum(part.samples_stale for part in parts),
        duplicates_by_mn=dict(by_mn),
    )
