"""One batch into ClickHouse, which has no transactions: in steps that can be taken again.

First the plan is written (where the batch begins and ends, its number), then the rows, last the
cursor. A batch that was interrupted anywhere comes again: its rows have the same keys and are one
row, its sums begin with what was before it. So nothing depends on how far it came.

Each insert carries a token, so that a statement that is sent again by the client or by a proxy is
taken once. A batch that comes again has new tokens: a plain MergeTree remembers a token a moment
before the rows are on disk, and a kill in between would lose rows if the token came again.
Tests: tests/store/test_timeseries.py, test_clickhouse_weather.py.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store import clickhouse_lookup as lookup
from store.clickhouse_days import is_closed, late_rows
from store.clickhouse_engine import Engine
from store.clickhouse_lookup import Age, FrameContent, OldFrame, SampleKey
from store.clickhouse_marks import Marks
from store.clickhouse_means_changed import noted_rows
from store.clickhouse_rows import (
    GENERATION,
    REREAD,
    encoded,
    frame_rows,
    lags,
    origins,
    sample_rows,
    times,
)
from store.clickhouse_runs import Runs
from store.timeseries import Batch, Committed

Places = set[tuple[str, int]]  # origin, position
CountKey = tuple[str, str, str]
Mask = NDArray[np.bool_]

_NO_TIME = np.iinfo(np.int64).min
_UNKNOWN = (False, None, "", "")


class Writer:
    """Writes the rows of batches. Knows the marks and the sums of its node; when anything fails,
    a new one must be made: what it knows may not be what the store has."""

    def __init__(
        self,
        engine: Engine,
        node: str,
        frame_marks: Marks,
        sample_marks: Marks,
        counts: dict[CountKey, int],
        half_counted: dict[CountKey, int],
        now: Callable[[], float],
    ) -> None:
        """``half_counted``: sums before the batch that was interrupted, of those it changed."""
        self._engine = engine
        self._node = node
        self._frame_marks = frame_marks
        self._sample_marks = sample_marks
        self._counts = counts
        self._half_counted = half_counted
        self._now = now

    def write(self, batch: Batch, number: int) -> Committed:
        """All rows of a batch but its cursors."""
        attempt = secrets.token_hex(4)
        inserts = count()

        def insert(table: str, rows: pa.Table, *, merged: bool = False) -> None:
            token = f"{self._node}-{number}-{attempt}-{next(inserts)}"
            self._engine.insert(table, rows, token, merged=merged)

        replaced = self._replaced(batch) if batch.replay else _Replaced([], {}, set())
        duplicate, rereads, frame_marks = self._duplicates(batch.frames, replaced)
        samples, sample_marks = self._samples(batch, duplicate, replaced)
        # Marks first: what is in the store must be known as perhaps in the store.
        insert("marks", pa.concat_tables([frame_marks, sample_marks]), merged=True)
        insert("late", self._late(samples, replaced, number))
        if batch.replay:
            told = [(frame.mn, frame.row["cn"], frame.data_time) for frame in replaced.frames]
            insert("means_noted", noted_rows(told, batch.frames, attempt))
        kept = batch.frames.filter(pa.array(~duplicate)) if duplicate.any() else batch.frames
        by_mn = Counter(batch.frames["mn"].filter(pa.array(duplicate)).to_pylist())

        def insert_frames() -> None:
            if replaced.frames:
                insert("frames", _tombstones(replaced))
                rereads[:] = np.maximum(rereads, lookup.reread_of(replaced.frames) + 2)
            if kept.num_rows:
                insert("frames", frame_rows(kept, self._node, rereads[~duplicate]))

        def insert_samples() -> None:
            if replaced.samples:
                insert("samples", _sample_tombstones(replaced.samples))
            insert("samples", samples.rows)

        def insert_the_rest() -> None:
            insert("links", _link_rows(batch.links, self._node))
            insert("devices", _device_rows(batch.frames), merged=True)
            if not batch.replay:
                insert("counts", self._sums(batch, by_mn, number))

        # Side by side: the engine writes one insert with one thread.
        with ThreadPoolExecutor(2) as threads:
            begun = [threads.submit(work) for work in (insert_samples, insert_the_rest)]
            insert_frames()
            for one in begun:
                one.result()
        return Committed(
            frames=kept.num_rows,
            duplicates=int(duplicate.sum()),
            samples=samples.rows.num_rows,
            samples_stale=samples.stale,
            duplicates_by_mn=dict(by_mn),
        )

    def _replaced(self, batch: Batch) -> _Replaced:
        """What stands in the places of a replay's frames."""
        lanes, positions = batch.frames["lane"], batch.frames["position"]
        places = {
            (f"{self._node}/{lane}", position)
            for lane, position in zip(lanes.to_pylist(), positions.to_pylist(), strict=True)
        }
        if not places:
            return _Replaced([], {}, places)
        old = lookup.frames_at(self._engine, places, times(batch.frames["received_at"]).tolist())
        data_times = {frame.data_time for frame in old if frame.data_time is not None}
        mns = {frame.mn for frame in old}
        samples = lookup.samples_of(self._engine, places, mns, data_times) if mns else {}
        return _Replaced(old, samples, places)

    def _duplicates(
        self, frames: pa.Table, replaced: _Replaced
    ) -> tuple[Mask, NDArray[np.int64], pa.Table]:
        """Which frames are there already or were earlier in the batch; how often each was read,
        as its row must say to be seen; and their marks."""
        found = np.zeros(frames.num_rows, bool)
        rereads = np.zeros(frames.num_rows, np.int64)
        timed = pc.is_valid(frames["key_time"]).to_numpy()
        if not timed.any():
            nothing = np.zeros(0, np.int64)
            return found, rereads, self._frame_marks.mark(nothing, nothing, nothing)
        keys = times(frames["key_time"], _NO_TIME)
        slots = self._frame_marks.slots(encoded(frames["mn"]), encoded(frames["cn"]))
        late = timed & self._frame_marks.late(slots, keys)
        marks = self._frame_marks.mark(
            slots[timed], keys[timed], times(frames["received_at"])[timed]
        )
        suspects = np.flatnonzero(late | (timed & _repeated(frames["digest"].to_numpy())))
        if not len(suspects):
            return found, rereads, marks
        chosen = frames.take(pa.array(suspects))
        contents: list[FrameContent] = list(
            zip(
                keys[suspects].tolist(),
                *(chosen[name].to_pylist() for name in ("digest", "mn", "reason", "raw")),
                strict=True,
            )
        )
        origin = origins(encoded(chosen["lane"]), self._node).to_pylist()
        places = list(zip(origin, chosen["position"].to_pylist(), strict=True))
        asked = {content for at, content in zip(suspects, contents, strict=True) if late[at]}
        known = lookup.frames_with(self._engine, asked) if asked else {}
        seen: set[FrameContent] = set()
        for at, content, place in zip(suspects, contents, places, strict=True):
            stored = known.get(content)
            others = stored and stored.standing and {stored.standing} - replaced.places - {place}
            if content in seen or others:
                found[at] = True
            elif stored is not None:
                rereads[at] = stored.reread + (stored.standing is None)
            seen.add(content)
        return found, rereads, marks

    def _samples(
        self, batch: Batch, duplicate: Mask, replaced: _Replaced
    ) -> tuple[_Samples, pa.Table]:
        """The samples that stay, their versions, and their marks."""
        samples = batch.samples
        nothing = np.zeros(0, np.int64)
        if not samples.num_rows:
            return _Samples(samples, 0, set()), self._sample_marks.mark(nothing, nothing, nothing)
        runs = Runs(samples)
        slots = self._sample_marks.slots(runs.mn, runs.period)
        late = self._sample_marks.late(slots, runs.data_time)
        marks = self._sample_marks.mark(slots, runs.data_time, runs.received)
        left_out = runs.rows_in(runs.of(batch.frames.filter(pa.array(duplicate))))
        suspects = np.flatnonzero(runs.rows_in(late | runs.shared(slots)) & ~left_out)
        versions = lags(times(samples["data_time"]), times(samples["received_at"]))
        stale = 0
        if len(suspects):
            maybe = runs.rows_in(late)
            losers = self._losers(samples, suspects, maybe, versions, replaced)
            stale = len(losers)
            left_out[losers] = True
        lanes = runs.lanes
        if left_out.any():
            kept = pa.array(~left_out)
            samples, lanes = samples.filter(kept), lanes.filter(kept)
            versions = versions[~left_out]
        closed = is_closed(runs.data_time, self._now())
        days = runs.days(closed) if closed.any() else set()
        rows = sample_rows(samples, self._node, lanes, versions)
        return _Samples(rows, stale, days), marks

    def _losers(
        self,
        samples: pa.Table,
        suspects: NDArray[np.int64],
        maybe: Mask,
        versions: NDArray[np.int64],
        replaced: _Replaced,
    ) -> list[int]:
        """Rows that lose to another of the batch or to one in the store. Those that win against
        what a replay touched get its generation."""
        chosen = samples.take(pa.array(suspects))
        keys: list[SampleKey] = list(
            zip(
                *(chosen[name].to_pylist() for name in ("mn", "factor", "period")),
                times(chosen["data_time"]).tolist(),
                strict=True,
            )
        )
        ages: list[Age] = list(
            zip(
                times(chosen["received_at"]).tolist(),
                chosen["lane"].to_pylist(),
                chosen["position"].to_pylist(),
                strict=True,
            )
        )
        best: dict[SampleKey, int] = {}
        losers: list[int] = []
        for number, (key, age) in enumerate(zip(keys, ages, strict=True)):
            before = best.setdefault(key, number)
            if before == number:
                continue
            newer = age >= ages[before]
            losers.append(int(suspects[before if newer else number]))
            if newer:
                best[key] = number
        asked = {key for key, number in best.items() if maybe[suspects[number]]}
        known = lookup.samples_with(self._engine, asked) if asked else {}
        for key in replaced.samples:
            known.pop(key, None)
        ties = {key for key, old in known.items() if old.age[0] == _second(ages[best[key]][0])}
        if ties:
            lookup.places_of(self._engine, ties, known)
        for key, number in best.items():
            row = int(suspects[number])
            stored = known.get(key)
            if stored is not None:
                if stored.age > ages[number] and (
                    key in ties or stored.age[0] > _second(ages[number][0])
                ):
                    losers.append(row)
                versions[row] += stored.generation
            elif key in replaced.samples:
                old = replaced.samples[key]
                versions[row] += old - old % GENERATION
                if versions[row] < old:
                    versions[row] += GENERATION
        return losers

    def _late(self, samples: _Samples, replaced: _Replaced, number: int) -> pa.Table:
        """Days of MNs to be summed up anew."""
        days = set(samples.days)
        if replaced.samples:
            keys = list(replaced.samples)
            at = np.array([key[3] for key in keys], np.int64)
            days |= Runs.days_of([key[0] for key in keys], at, is_closed(at, self._now()))
        return late_rows(days, self._node, number)

    def _sums(self, batch: Batch, duplicates: Counter[str], number: int) -> pa.Table:
        """Sums with this batch, of what it counts and of what its interrupted try counted."""
        added: Counter[CountKey] = Counter()
        for mn, what, name, n in zip(
            *(batch.counts[name].to_pylist() for name in _COUNTS), strict=True
        ):
            added[mn, what, name] += n
        for mn, n in duplicates.items():
            added[mn, "duplicates", ""] += n
        self._counts.update(self._half_counted)
        keys = list(added.keys() | self._half_counted.keys())
        self._half_counted = {}
        before = [self._counts.get(key, 0) for key in keys]
        after = [old + added[key] for key, old in zip(keys, before, strict=True)]
        self._counts.update(zip(keys, after, strict=True))
        return pa.table(
            {
                "mn": pa.array([key[0] for key in keys], pa.string()),
                "what": pa.array([key[1] for key in keys], pa.string()),
                "name": pa.array([key[2] for key in keys], pa.string()),
                "node": pa.array([self._node] * len(keys), pa.string()),
                "batch": pa.array([number] * len(keys), pa.uint64()),
                "before": pa.array(before, pa.int64()),
                "n": pa.array(after, pa.int64()),
            }
        )


_COUNTS = ("mn", "what", "name", "n")


class _Replaced:
    """What a replay takes back: frames, samples (key -> version), and where they came from."""

    def __init__(
        self, frames: list[OldFrame], samples: dict[SampleKey, int], places: Places
    ) -> None:
        self.frames = frames
        self.samples = samples
        self.places = places


class _Samples:
    """The samples that a batch writes, how many it leaves out, and days to be summed up anew."""

    def __init__(self, rows: pa.Table, stale: int, days: set[tuple[str, int]]) -> None:
        self.rows = rows
        self.stale = stale
        self.days = days


def _second(time_us: int) -> int:
    return time_us - time_us % 1_000_000


def _repeated(numbers: NDArray[np.uint64]) -> Mask:
    """Which numbers occur more than once."""
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    repeated: Mask = (counts > 1)[inverse]
    return repeated


def _tombstones(replaced: _Replaced) -> pa.Table:
    """Rows that take frames back: the same keys, of a later reading."""
    reread = lookup.reread_of(replaced.frames) + 1
    rows = [
        {
            **{name: value for name, value in frame.row.items() if name != "data_time"},
            "precedence": frame.row["precedence"] % REREAD + reread * REREAD,
            "removed": 1,
        }
        for frame in replaced.frames
    ]
    return pa.table(
        {
            "mn": pa.array([row["mn"] for row in rows], pa.string()),
            "key_time": pa.array([row["key_time"] for row in rows], pa.timestamp("us", "UTC")),
            "timed": pa.array([row["timed"] for row in rows], pa.bool_()),
            "digest": pa.array([row["digest"] for row in rows], pa.uint64()),
            "own": pa.array([row["own"] for row in rows], pa.uint64()),
            "reason": pa.array([row["reason"] for row in rows], pa.string()),
            "precedence": pa.array([row["precedence"] for row in rows], pa.uint64()),
            "received_at": pa.array(
                [row["received_at"] for row in rows], pa.timestamp("us", "UTC")
            ),
            "raw": pa.array([row["raw"] for row in rows], pa.binary()),
            "removed": pa.array([1] * len(rows), pa.uint8()),
        }
    )


def _sample_tombstones(samples: dict[SampleKey, int]) -> pa.Table:
    """Rows that take samples back: the same keys and versions, written later."""
    keys = list(samples)
    return pa.table(
        {
            "mn": pa.array([key[0] for key in keys], pa.string()),
            "factor": pa.array([key[1] for key in keys], pa.string()),
            "period": pa.array([key[2] for key in keys], pa.string()),
            "data_time": pa.array([key[3] for key in keys], pa.int64()).cast(pa.timestamp("us")),
            "lag": pa.array(list(samples.values()), pa.uint64()),
            "removed": pa.array([1] * len(keys), pa.uint8()),
        }
    )


def _link_rows(links: pa.Table, node: str) -> pa.Table:
    if not links.num_rows:
        return links
    columns = {name: links[name] for name in ("mn", "at", "link", "event", "detail")}
    columns["origin"] = origins(encoded(links["lane"]), node)
    columns["place"] = links["position"]
    return pa.table(columns)


def _device_rows(frames: pa.Table) -> pa.Table:
    """What good frames say of their devices; the engine takes maxima and minima.

    ST 91 is the address of replies (HJ 212-2017, 6.6.1): it says nothing of the device. A DataTime
    ahead of its receipt by more than a day is a wrong clock and would stay the newest for years.
    """
    good = frames.filter(pc.and_(pc.equal(frames["reason"], "ok"), pc.not_equal(frames["mn"], "")))
    received = good["received_at"]
    day = pa.scalar(86_400_000_000, pa.duration("us"))
    believed = pc.less_equal(good["data_time"], pc.add(received, day))
    describes = pc.invert(pc.is_in(good["st"], pa.array(["", "91"])))
    said = [
        describes.combine_chunks(),
        received.combine_chunks(),
        pc.if_else(describes, good["st"], "").combine_chunks(),
        pc.if_else(describes, good["version"], "").combine_chunks(),
    ]
    return pa.table(
        {
            "mn": good["mn"],
            "first_seen": received,
            "last_seen": received,
            "last_data_time": pc.if_else(believed, good["data_time"], None),
            "described": pa.StructArray.from_arrays(said, names=["is", "at", "st", "version"]),
        }
    )
