"""What is counted of a batch: frames, verdicts, repairs and warnings per MN.

Read from the rows of frames as a whole, because a counter for each frame costs more than the
frame. Tests: tests/hub/test_rows.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from hj212d.wire.reasons import Reason
from store.timeseries import COUNTS

_OK = Reason.OK.label


def counts(frames: pa.Table, warnings: Sequence[tuple[str, str]] = ()) -> pa.Table:
    """Rows of COUNTS for rows of FRAMES. ``warnings``: (mn, label) of those that belong to no
    single frame."""
    bad = frames.filter(pc.not_equal(frames["reason"], _OK))
    further = pa.table(
        {
            "mn": pa.array([mn for mn, _ in warnings], pa.string()),
            "name": pa.array([label for _, label in warnings], pa.string()),
        }
    )
    named = pa.table({"mn": frames["mn"], "name": pa.repeat(pa.scalar(""), frames.num_rows)})
    return pa.concat_tables(
        [
            _summed("frames", named),
            _summed("reason", bad.select(["mn", "reason"]).rename_columns(["mn", "name"])),
            _summed("repair", _labels(frames, "repairs")),
            _summed("warning", pa.concat_tables([_labels(frames, "warnings"), further])),
        ]
    )


def _labels(frames: pa.Table, column: str) -> pa.Table:
    """(mn, name) for each of the labels that stand in a column, joined by blanks."""
    some = frames.filter(pc.not_equal(frames[column], ""))
    split = pc.split_pattern(some[column], " ").combine_chunks()
    mns = some["mn"].take(pc.list_parent_indices(split))
    return pa.table({"mn": mns, "name": pc.list_flatten(split)})


def _summed(what: str, named: pa.Table) -> pa.Table:
    """Rows of COUNTS from (mn, name)."""
    summed = named.group_by(["mn", "name"], use_threads=False).aggregate([([], "count_all")])
    kind = pa.repeat(pa.scalar(what), summed.num_rows)
    return pa.table([summed["mn"], kind, summed["name"], summed["count_all"]], schema=COUNTS)
