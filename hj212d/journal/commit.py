"""Group commit: one thread per lane makes durable what was submitted while it was busy, then says
so in order. With ``sync = none`` there is nothing to wait for, and what the open segment can take
is written and said at once, without the thread.

Nothing is dropped and nothing is said early: while the disk is full or broken the thread tries
again, and the pending bytes tell the owner to stop reading.
Tests: tests/journal/test_group_commit.py.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue

import msgspec

from hj212d.journal.errors import JournalError, State
from hj212d.journal.lanes import extents
from hj212d.journal.record import Run
from hj212d.journal.settings import Sync
from hj212d.journal.writer import LaneWriter

COMMIT_BYTES = 16 * 1024 * 1024  # what waits beyond goes into the next commit
# With a disk to wait for, commits that follow one another start this far apart: each costs about
# 0.15 ms of processor time whatever it holds. One that comes after a pause starts at once.
SPACING_S = 0.004
_RETRY_FIRST_S = 0.1
_RETRY_LAST_S = 2.0

Done = Callable[[], None]


class LaneStatus(msgspec.Struct, frozen=True):
    """A lane at a moment, for ``status``. Seconds of a commit are write, sync and all."""

    lane: str
    sync: Sync
    state: State
    why: str
    end: int
    durable: int
    pending_bytes: int
    segments: int
    disk_bytes: int
    cut_tails: int
    commits: int
    records: int
    bytes: int
    last_sync_ms: float
    max_sync_ms: float


class _Batch(msgspec.Struct, gc=False):
    """What was submitted in one call and is not yet durable."""

    run: Run
    done: Done


class GroupCommit:
    """The queue and the thread in front of a LaneWriter, which stays its creator's to close.

    ``wake``: runs a callable on the owner's loop, ``loop.call_soon_threadsafe``. ``on_state``: is
    called on the loop with the new state and a sentence. Submit from one thread only.
    ``broken``: a fault of ours ended the work for good; only a new process helps.
    """

    def __init__(
        self,
        writer: LaneWriter,
        wake: Callable[[Callable[[], None]], object],
        on_state: Callable[[State, str], None] | None = None,
    ) -> None:
        self.writer = writer
        self.state: State = "ok"
        self.why = ""
        self.broken = False
        self.commits = 0
        self.records = 0
        self.bytes = 0
        self.last_sync_s = 0.0
        self.max_sync_s = 0.0
        self._wake = wake
        self._on_state = on_state
        # Each counter has one writing thread, so that the hot path takes no lock.
        self._submitted_bytes = 0
        self._durable_bytes = 0
        self._unsaid = 0  # batches given to the thread whose end was not yet said on the loop
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._begun = 0.0  # when the thread last began a commit
        self._closing = False
        self._give_up = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"journal-{writer.lane}", daemon=True
        )
        self._thread.start()

    def submit(self, run: Run, done: Done) -> None:
        """Make records durable, then run ``done`` on the loop; in the order of calls. With
        ``sync = none`` it may run before this returns."""
        if self._closing:
            raise RuntimeError("submitted to a journal that was closed")
        if not self._unsaid and self.writer.sync == "none" and self._write_now(run):
            done()
            return
        self._unsaid += 1
        self._submitted_bytes += len(run.body)
        self._queue.put(_Batch(run, done))

    @property
    def immediate(self) -> bool:
        """Whether what is submitted is mostly durable at once, so that nothing is won by more."""
        return self.writer.sync == "none"

    @property
    def pending_bytes(self) -> int:
        """Bytes submitted and not yet durable; the owner keeps them bounded."""
        return self._submitted_bytes - self._durable_bytes

    def close(self, timeout_s: float = 10.0) -> bool:
        """Commit all that was submitted and end the thread; False when it could not be done in
        time, and the rest is neither durable nor was it said to be."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self._give_up.set()
            self._thread.join(1.0)
        return not self._thread.is_alive() and self.pending_bytes == 0

    def status(self) -> LaneStatus:
        """A snapshot; looks at the folder, so not for the hot path."""
        writer = self.writer
        found = extents(writer.directory)
        return LaneStatus(
            lane=writer.lane,
            sync=writer.sync,
            state=self.state,
            why=self.why,
            end=writer.end,
            durable=writer.durable,
            pending_bytes=self.pending_bytes,
            segments=len(found),
            disk_bytes=sum(extent.file_bytes for extent in found),
            cut_tails=writer.cut_tails,
            commits=self.commits,
            records=self.records,
            bytes=self.bytes,
            last_sync_ms=round(self.last_sync_s * 1e3, 3),
            max_sync_ms=round(self.max_sync_s * 1e3, 3),
        )

    def _write_now(self, run: Run) -> bool:
        """Write without the thread, which is idle; False: it must do it after all, because a file
        is to be opened or closed, or because of an error, which is its to handle."""
        if not self.writer.has_room(len(run.body)):
            return False
        started = time.perf_counter()
        try:
            self.writer.append_run(run)
        except JournalError:
            return False
        except BaseException:
            self._break()
            raise
        self._committed(started)
        self.records += run.count
        self.bytes += len(run.body)
        return True

    def _run(self) -> None:
        try:
            while (waiting := self._next()) and self._commit(waiting):
                pass
        except BaseException:
            self._break()
            raise

    def _break(self) -> None:
        """A fault of ours: show it, and let who called us report it. Nothing was said durable."""
        self.broken = True
        self._set_state("failed", "a fault of our own has ended the writing")

    def _next(self) -> deque[_Batch]:
        """Waits for work and takes what is there; empty at the end."""
        waiting: deque[_Batch] = deque()
        batch = self._queue.get()
        if self.writer.sync == "group":
            ahead_s = self._begun + SPACING_S - time.perf_counter()
            if 0 < ahead_s <= SPACING_S and not self._closing:
                time.sleep(ahead_s)
            self._begun = time.perf_counter()
        size = 0
        while batch is not None:
            waiting.append(batch)
            size += len(batch.run.body)
            if size >= COMMIT_BYTES:
                return waiting
            try:
                batch = self._queue.get_nowait()
            except Empty:
                return waiting
        if waiting:
            self._queue.put(None)
        return waiting

    def _commit(self, waiting: deque[_Batch]) -> bool:
        """Make all of it durable, however long it takes; False when told to give up."""
        delay_s = _RETRY_FIRST_S
        while waiting:
            run = _all_of(waiting)
            started = time.perf_counter()
            try:
                self.writer.append_run(run)
            except JournalError as error:
                if error.durable:
                    self._finish(waiting, error.durable)
                    delay_s = _RETRY_FIRST_S
                self._set_state(error.state, str(error))
                if self._give_up.wait(delay_s):
                    return False
                delay_s = min(2 * delay_s, _RETRY_LAST_S)
            else:
                self._committed(started)
                self._finish(waiting, run.count)
                self._set_state("ok", "")
        return True

    def _committed(self, started: float) -> None:
        self.last_sync_s = time.perf_counter() - started
        self.max_sync_s = max(self.max_sync_s, self.last_sync_s)
        self.commits += 1

    def _finish(self, waiting: deque[_Batch], count: int) -> None:
        """The first ``count`` records are durable: say so to those who are done with them."""
        self.records += count
        finished: deque[Done] = deque()
        size = 0
        while waiting and waiting[0].run.count <= count:
            batch = waiting.popleft()
            count -= batch.run.count
            size += len(batch.run.body)
            finished.append(batch.done)
        if count:
            batch = waiting[0]
            left = batch.run.behind(count)
            size += len(batch.run.body) - len(left.body)
            batch.run = left
        self._durable_bytes += size
        self.bytes += size
        if finished:
            self._wake(partial(self._say, finished))

    def _say(self, finished: deque[Done]) -> None:
        """Runs on the loop. What one of them raises goes to the loop; the others still run."""
        try:
            while finished:
                self._unsaid -= 1
                finished.popleft()()
        finally:
            if finished:
                self._wake(partial(self._say, finished))

    def _set_state(self, state: State, why: str) -> None:
        if (state, why) == (self.state, self.why):
            return
        changed = state != self.state
        self.state, self.why = state, why
        if changed and self._on_state is not None:
            self._wake(partial(self._on_state, state, why))


def _all_of(waiting: deque[_Batch]) -> Run:
    if len(waiting) == 1:
        return waiting[0].run
    bodies = [batch.run.body for batch in waiting]
    return Run(b"".join(bodies), sum(batch.run.count for batch in waiting))
