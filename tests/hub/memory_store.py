"""A store in memory that plans its batches, as one without transactions does.

What it does not do by itself, tests make it do: stop in the middle of a commit, forget that it
was finished.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from store.timeseries import FRAMES, SAMPLES, Batch, Committed, StoreUnavailable


class MemoryStore:
    """Keeps the rows of each batch under its end: written twice, they are there once."""

    url = "memory://"

    def __init__(self) -> None:
        self.position: dict[str, int] = {}
        self.plan: dict[str, int] | None = None
        self.batches: dict[tuple[tuple[str, int], ...], Batch] = {}
        self.commits: list[Batch] = []
        self.stops_in_the_middle = False

    def cursors(self) -> dict[str, int]:
        """Where the last finished batch ended."""
        return dict(self.position)

    def planned(self) -> dict[str, int] | None:
        """Where the batch that was begun ends."""
        return self.plan

    def commit(self, batch: Batch) -> Committed:
        """Plan, write, finish; StoreUnavailable in the middle when it is told to."""
        assert batch.since is not None
        for lane, since in batch.since.items():
            assert self.position.get(lane, 0) == since
        assert self.plan is None or self.plan == batch.cursors
        self.plan = dict(batch.cursors)
        self.batches[tuple(sorted(batch.cursors.items()))] = batch
        self.commits.append(batch)
        if self.stops_in_the_middle:
            raise StoreUnavailable("it stopped in the middle")
        self.position |= batch.cursors
        self.plan = None
        return Committed(batch.frames.num_rows, 0, batch.samples.num_rows, 0)

    def frames(self) -> pa.Table:
        """All rows, in the order of their batches."""
        return pa.concat_tables(
            [FRAMES.empty_table(), *(batch.frames for batch in self.batches.values())]
        )

    def values(self) -> list[Any]:
        """All real-time values."""
        tables = [SAMPLES.empty_table(), *(batch.samples for batch in self.batches.values())]
        return pa.concat_tables(tables)["rtd"].to_pylist()
