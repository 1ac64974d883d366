"""From the journal into the store: every record once, whatever happens in between.

The journal is the queue: what the store cannot take now stays there and is read again. Rows and
cursors are committed in one transaction of the store, and only the store's word says where
reading goes on; the copy in ``journal/cursors/ingest.json`` tells retention what may go.
Blocks; runs in a thread of its own.
Tests: tests/hub/test_ingest.py, test_ingest_faults.py, test_ingest_crash.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from hj212d.hub.assemble import Assembler, Entry
from hj212d.hub.reread import Rereader
from hj212d.journal import cursors
from hj212d.journal.lanes import lanes
from hj212d.journal.reader import LaneReader
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
_LEAST_SHARE_BYTES = 16 * 1024


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


class Ingest:
    """Reads all lanes of a journal and commits what they hold.

    ``device``: mn -> what the wire must know of it (keys). ``now``: UTC seconds. ``observer``
    gets each batch once it is committed, with the duplicates that the store found among its
    counts. ``settings`` and ``clock_tolerance_s`` may be exchanged between steps.

    ``state`` is "starting" until a step has reached the store, then "ok", or "unavailable"; then
    ``error`` says why in one sentence. Only ``step`` and ``close`` change anything; the rest may
    be asked from other threads.
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
        observer: Callable[[Batch], None] | None = None,
    ) -> None:
        self.settings = settings
        self.clock_tolerance_s = clock_tolerance_s
        self.state = "starting"
        self.error = ""
        self.records_total = 0
        self.rows_total = 0
        self._journal_dir = journal_dir
        self._store = store
        self._now = now
        self._observer = observer
        self._rereader = Rereader(device)
        self._assembler = Assembler(self._frame)
        self._packets = PacketGroups()
        self._incomplete: list[str] = []  # MN of each group of packets that was given up
        self._readers: dict[str, LaneReader] = {}
        self.damaged = Damaged()
        self._positioned = False
        self._ready = False
        self._saved: Mapping[str, int] | None = None
        # Replaced as a whole, because other threads read it.
        self._committed: Mapping[str, int] = _saved(journal_dir)
        self._wait_s = _FIRST_WAIT_S
        self._lane_error = ""

    @property
    def ready(self) -> bool:
        """Whether the store was reached and the copy of its cursors brought up to date."""
        return self._ready

    @property
    def errors(self) -> int:
        """Records that our own code failed on since the start; they are in the store as bytes
        with the warning ``ingest_error``."""
        return self._assembler.errors

    @property
    def lag_bytes(self) -> int:
        """Durable bytes of the journal that are not in the store."""
        committed = self._committed
        lag = 0
        for lane in lanes(self._journal_dir):
            with LaneReader(self._journal_dir / lane, committed.get(lane, 0)) as reader:
                lag += reader.lag_bytes
        return lag

    @property
    def lag_seconds(self) -> float:
        """Age of the oldest durable record that is not in the store; 0 when there is none."""
        committed = self._committed
        oldest_us = None
        for lane in lanes(self._journal_dir):
            with LaneReader(self._journal_dir / lane, committed.get(lane, 0)) as reader:
                for _, record in reader.read(1)[:1]:
                    oldest_us = min(oldest_us or record.time_us, record.time_us)
        return 0.0 if oldest_us is None else max(0.0, self._now() - oldest_us / 1e6)

    def step(self) -> Step:
        """Bring the next batch into the store.

        A store or disk that does not serve is no exception here: nothing is lost, ``state`` and
        ``error`` tell, and ``wait_s`` grows from step to step. Faults of ours come out; the next
        step begins where the store stands.
        """
        self._lane_error = ""
        try:
            if not self._positioned:
                self._position()
            entries, more = self._read()
            committed = self._commit(entries)
        except (StoreUnavailable, OSError) as problem:
            return self._unavailable(problem)
        except BaseException:
            # The readers are ahead of the store: what they gave must be read again.
            self.close()
            raise
        self.state = "ok"
        self.error = self._lane_error
        self._wait_s = _FIRST_WAIT_S
        self._save_cursors()
        self._ready = True
        return Step(len(entries), 0.0 if more else self.settings.batch_interval_s, committed)

    def close(self) -> None:
        """Close the journal's files; the store belongs to the caller."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self._positioned = False

    def _position(self) -> None:
        """Stand where the store says."""
        self.close()
        self._committed = self._store.cursors()
        self._positioned = True

    def _unavailable(self, problem: Exception) -> Step:
        # What was read is dropped and read again: memory stays bounded however long it takes,
        # and a store that was exchanged is asked anew where it stands.
        self.close()
        if self.state != "unavailable":
            log.warning("ingest waits: %s", problem)
        self.state = "unavailable"
        self.error = str(problem)
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, _LONGEST_WAIT_S)
        return Step(0, wait_s)

    def _read(self) -> tuple[list[Entry], bool]:
        """Entries of all lanes, in order within each, and whether there may be more.

        The lanes share ``batch_bytes``; what one does not need is another's. Each gets a little
        in every batch, however much another has.
        """
        entries: list[Entry] = []
        left = self.settings.batch_bytes
        thirsty = lanes(self._journal_dir)
        while thirsty and left > 0:
            share = max(_LEAST_SHARE_BYTES, left // len(thirsty))
            flowing: list[str] = []
            for lane in thirsty:
                reader = self._reader(lane)
                start = reader.position
                try:
                    found = reader.read(share)
                except OSError as problem:
                    # The other lanes go on; this one is tried again from where it stood.
                    self._lane_error = f"lane {lane} of the journal cannot be read: {problem}"
                    reader.close()
                    self._readers[lane] = LaneReader(reader.directory, start)
                    continue
                entries += [(lane, position, record) for position, record in found]
                left -= reader.position - start
                if found:
                    flowing.append(lane)
            thirsty = flowing
        return entries, left <= 0

    def _reader(self, lane: str) -> LaneReader:
        reader = self._readers.get(lane)
        if reader is None:
            position = self._committed.get(lane, 0)
            reader = self._readers[lane] = LaneReader(self._journal_dir / lane, position)
        return reader

    def _commit(self, entries: list[Entry]) -> Committed | None:
        positions = {lane: reader.position for lane, reader in self._readers.items()}
        moved = {
            lane: position
            for lane, position in positions.items()
            if position != self._committed.get(lane, 0)
        }
        if not moved:
            return None
        incomplete = self._incomplete.copy()
        batch = self._assembler.batch(
            entries,
            moved,
            since={lane: self._committed.get(lane, 0) for lane in moved},
            clock_tolerance_s=self.clock_tolerance_s,
            warnings=[(mn, PACKETS_INCOMPLETE) for mn in incomplete],
        )
        committed = self._store.commit(batch)
        del self._incomplete[: len(incomplete)]
        self._committed = {**self._committed, **moved}
        self.records_total += len(entries)
        self.rows_total += committed.frames + committed.samples
        self._count_damage()
        self._show(batch, committed)
        return committed

    def _count_damage(self) -> None:
        """Once for each place: what is not committed is read again, and counted then."""
        for lane, reader in self._readers.items():
            for place in reader.damage:
                log.error(
                    "event=journal_damage lane=%s position=%d bytes=%d what=%r",
                    lane,
                    place.position,
                    place.bytes,
                    place.what,
                )
            self.damaged.mended += reader.mended
            self.damaged.places += reader.damaged
            self.damaged.bytes += reader.damaged_bytes
            reader.damage.clear()
            reader.mended = reader.damaged = reader.damaged_bytes = 0

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
