"""The samples of a batch by frames: what the factors of a frame share is looked at once.

A run is neighbouring rows with the same frame, time and period. Pure.
Tests: tests/store/test_clickhouse_runs.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.clickhouse_days import day_of
from store.clickhouse_rows import Times, encoded, times

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class Runs:
    """The runs of a table of SAMPLES that has rows."""

    def __init__(self, samples: pa.Table) -> None:
        mn, period, lane = (encoded(samples[name]) for name in ("mn", "period", "lane"))
        data_time = times(samples["data_time"])
        position: Numbers = samples["position"].to_numpy()
        self.lanes = lane
        shared = (
            position,
            data_time,
            *(column.indices.to_numpy() for column in (lane, mn, period)),
        )
        begins = np.ones(samples.num_rows, bool)
        begins[1:] = False
        for column in shared:
            begins[1:] |= column[1:] != column[:-1]
        first = np.flatnonzero(begins)
        chosen = pa.array(first)
        self._run_of_row: Numbers = np.cumsum(begins) - 1
        self._position = position[first]
        self._lane = lane.take(chosen)
        self.mn = mn.take(chosen)
        self.period = period.take(chosen)
        self.data_time: Times = data_time[first]
        self.received: Times = times(samples["received_at"])[first]

    def rows_in(self, chosen: Mask) -> Mask:
        """The rows of these runs."""
        rows: Mask = chosen[self._run_of_row]
        return rows

    def of(self, frames: pa.Table) -> Mask:
        """The runs that belong to these frames."""
        found = np.zeros(len(self.data_time), bool)
        if not frames.num_rows:
            return found
        lanes = self._lane.dictionary.to_pylist()
        indices = self._lane.indices.to_numpy()
        for at, lane in enumerate(lanes):
            positions = frames.filter(pc.equal(frames["lane"], lane))["position"]
            found |= (indices == at) & np.isin(self._position, positions.to_numpy())
        return found

    def shared(self, slots: Numbers) -> Mask:
        """The runs whose pair of MN and period (a slot each) and time another run has too."""
        order = np.lexsort((self.data_time, slots))
        at, slot = self.data_time[order], slots[order]
        same = (at[1:] == at[:-1]) & (slot[1:] == slot[:-1])
        found = np.zeros(len(order), bool)
        found[order[1:][same]] = True
        found[order[:-1][same]] = True
        return found

    def days(self, chosen: Mask) -> set[tuple[str, int]]:
        """(mn, Beijing day) of these runs."""
        mns = self.mn.dictionary.to_pylist()
        kinds = self.mn.indices.to_numpy()[chosen].astype(np.int64)
        days, which = np.unique(day_of(self.data_time[chosen]), return_inverse=True)
        pairs = np.unique(which * len(mns) + kinds)
        return {
            (mns[kind], day)
            for day, kind in zip(
                days[pairs // len(mns)].tolist(), (pairs % len(mns)).tolist(), strict=True
            )
        }

    @staticmethod
    def days_of(mns: Sequence[str], at: Times, chosen: Mask) -> set[tuple[str, int]]:
        """(mn, Beijing day) of these rows."""
        return {
            (mn, day)
            for mn, day, wanted in zip(mns, day_of(at).tolist(), chosen.tolist(), strict=True)
            if wanted
        }
