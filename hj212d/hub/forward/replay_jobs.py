"""Replays to a target: selected frames of the journal once more, beside what lives.

A job is a folder with what was asked for and a place of its own, so that it outlives a restart;
retention keeps what it has yet to read. Lanes follow each other whole. Frames that were rejected
when they came go too, if they are good by what is known today. Blocks; runs in a pool's thread,
but for what its standing does. Tests: tests/hub/forward/test_replay_jobs.py.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from hj212d.hub.forward import cursor
from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.bales import Baler
from hj212d.hub.forward.cursor import Progress
from hj212d.hub.forward.standing import Standing
from hj212d.hub.replay import Selection
from hj212d.hub.reread import Rereader
from hj212d.journal.disk import Disk, replace_file
from hj212d.journal.reader import LaneReader
from hj212d.journal.record import Record, encode
from hj212d.wire.frame import Frame
from hj212d.wire.reasons import Reason

READ_BYTES = 32 * 1024  # at a time: what lives waits behind no more
MOST_JOBS = 10  # of a target at a time
_ROOM = 1 << 62
_DISK = Disk()


class _Asked(msgspec.Struct, frozen=True):
    """What stands in the job's file. ``spans``: lane -> start and stop."""

    selection: Selection
    spans: dict[str, tuple[int, int]]


class ReplayJob:
    """One replay, as a source of bales."""

    def __init__(
        self, folder: Path, journal_dir: Path, name: str, baler: Baler, today: _Today
    ) -> None:
        """``folder`` has the job's file."""
        self.id = int(folder.name.rpartition("-")[2])
        self._folder = folder
        self._journal_dir = journal_dir
        self._cursor = f"{name}-{folder.name}"
        self._baler = baler
        self._today = today
        asked = msgspec.json.decode((folder / "job.json").read_bytes(), type=_Asked)
        self._selection, self._spans = asked.selection, asked.spans
        self._progress = Progress(folder, journal_dir, self._cursor)
        for lane, (start, _) in self._spans.items():
            self._progress.advance(lane, start)
        self._progress.sync()
        self._progress.keep()
        self.standing = Standing(self._progress.advance)
        self._ready: deque[Bale] = deque()
        self._given = 0
        self._readers = {
            lane: LaneReader(journal_dir / lane, at)
            for lane, at in self._progress.positions.items()
            if at < self._spans[lane][1]
        }

    @property
    def over(self) -> bool:
        """Whether all is delivered."""
        read = not self._readers and not self._ready
        return read and self._given == self.standing.total and self.standing.empty

    def status(self) -> dict[str, Any]:
        """How far it is, in bytes of the journal."""
        places = self._progress.positions
        total = sum(stop - start for start, stop in self._spans.values())
        done = sum(
            min(places.get(lane, start), stop) - start
            for lane, (start, stop) in self._spans.items()
        )
        percent = 100.0 if not total else round(100 * done / total, 1)
        return {"id": self.id, "bytes_done": done, "bytes_total": total, "percent": percent}

    def take(self, max_bytes: int) -> list[Bale]:  # noqa: ARG002
        """The next part of the journal, with what is selected of it."""
        if not self._ready:
            self._read()
        if not self._ready:
            return []
        self._given += 1
        return [self._ready.popleft()]

    def _read(self) -> None:
        for lane, reader in list(self._readers.items()):
            stop = self._spans[lane][1]
            found = reader.pieces(min(READ_BYTES, stop - reader.position))
            for piece in found:
                for position, record in piece.records():
                    if position < stop and self._selection.takes(record):
                        self._baler.add(position, encode(self._today.good(record)), 0, _ROOM)
            bale = self._baler.bale(lane)
            bale.last = max(bale.last, reader.position)
            if not found or reader.position >= stop:
                bale.last = max(bale.last, stop)
                reader.close()
                del self._readers[lane]
            while 0 < (count := max(1, bale.fitting(READ_BYTES))) < bale.count:
                first, bale = bale.split(count)
                self._ready.append(first)
            self._ready.append(bale)
            return

    def is_letter(self, bale: Bale, index: int) -> bool:  # noqa: ARG002
        """Not yet."""
        return False

    def rest(self) -> None:
        """Put the place on the disk."""
        self._progress.sync()

    def close(self) -> None:
        """Close all files; the job stays."""
        for reader in self._readers.values():
            reader.close()
        self._progress.close()

    def remove(self) -> None:
        """It is over: nothing of it stays."""
        self.close()
        cursor.forget(self._journal_dir, self._cursor)
        shutil.rmtree(self._folder)


class _Today:
    """Records with the verdict of today."""

    def __init__(self, rereader: Rereader, admit: Callable[[Frame], Reason]) -> None:
        self._rereader = rereader
        self._admit = admit

    def good(self, record: Record) -> Record:
        """A rejected record as a good one, if it is good now."""
        if record.verdict == Reason.OK:
            return record
        frame = self._rereader.read(record.raw, lambda device: device.tolerances)
        if not frame.ok or self._admit(frame) is not Reason.OK:
            return record
        return msgspec.structs.replace(record, verdict=0, marks=int(frame.repairs))


class ReplayJobs:
    """The jobs of one target, on the disk."""

    def __init__(
        self,
        folder: Path,
        journal_dir: Path,
        name: str,
        make_baler: Callable[[], Baler],
        rereader: Callable[[], Rereader],
        admit: Callable[[Frame], Reason],
    ) -> None:
        """``folder``: of the target."""
        self._folder = folder
        self._journal_dir = journal_dir
        self._name = name
        self._make_baler = make_baler
        self._rereader = rereader
        self._admit = admit

    def open(self) -> list[ReplayJob]:
        """All jobs that are not over, oldest first."""
        return [self._job(folder) for folder in self._folders()]

    def create(self, selection: Selection) -> ReplayJob:
        """A new one, durable; ValueError when there are too many."""
        folders = self._folders()
        if len(folders) >= MOST_JOBS:
            raise ValueError(f"{MOST_JOBS} replays to {self._name} go on already")
        number = 1 + max((int(one.name.rpartition("-")[2]) for one in folders), default=0)
        folder = self._folder / f"replay-{number}"
        folder.mkdir(parents=True)
        ends = cursor.beginning(self._journal_dir, "now")
        spans = selection.spans(self._journal_dir, ends)
        asked = _Asked(selection, {lane: (start, stop) for lane, start, stop in spans})
        replace_file(_DISK, folder / "job.json", msgspec.json.encode(asked))
        return self._job(folder)

    def _folders(self) -> list[Path]:
        found = [one.parent for one in self._folder.glob("replay-*/job.json")]
        return sorted(found, key=lambda one: int(one.name.rpartition("-")[2]))

    def _job(self, folder: Path) -> ReplayJob:
        today = _Today(self._rereader(), self._admit)
        return ReplayJob(folder, self._journal_dir, self._name, self._make_baler(), today)
