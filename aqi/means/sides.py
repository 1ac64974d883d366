"""The instrument's own day values beside ours: which one counts, and both of them to be compared.

Tests: tests/aqi/means/test_day.py.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aqi.means.hour import hour_rows
from aqi.means.rows import ROWS, sorted_rows
from aqi.means.stations import Judging, Station

_KEY = ["start", "mn", "factor", "stat"]
# What is taken from the side that counts, and what it is when that side is not there.
_TAKEN: dict[str, str | int | None] = {
    "value": None,
    "min": None,
    "max": None,
    "n": 0,
    "need": 0,
    "mark": "none",
    "source": "",
}


def with_reports(ours: pa.Table, reports: pa.Table, judging: Judging) -> pa.Table:
    """``ours`` with the instruments' day values in column ``reported``, and in place of ours where
    ``judging.day_from`` prefers them. Days that only instruments know have rows, too.

    ``reports``: of the form of the store's DAY_REPORTS.
    """
    said = _said(reports, judging)
    both = ours.join(said, keys=_KEY, join_type="full outer", right_suffix="_said")
    first, second = ("_said", "") if judging.day_from[0] == "day" else ("", "_said")
    reported_valid = pc.fill_null(pc.equal(both["mark_said"], ""), False)
    valid = {"": pc.fill_null(pc.equal(both["mark"], ""), False), "_said": reported_valid}
    # The first side that is valid; else the first that is there.
    falls_back = pc.and_(
        pc.invert(valid[first]), pc.or_(valid[second], pc.is_null(both[f"mark{first}"]))
    )
    if len(judging.day_from) == 1:
        falls_back = pc.and_(falls_back, False)
    columns = {name: both[name] for name in _KEY}
    for name, empty in _TAKEN.items():
        taken = pc.if_else(falls_back, both[f"{name}{second}"], both[f"{name}{first}"])
        columns[name] = taken if empty is None else pc.fill_null(taken, empty)
    nothing = pa.scalar(None, pa.float64())
    columns["reported"] = pc.if_else(reported_valid, both["value_said"], nothing)
    columns["computed"] = both["computed"]
    return sorted_rows([pa.table([columns[name] for name in ROWS.names], schema=ROWS)])


def _said(reports: pa.Table, judging: Judging) -> pa.Table:
    """Judged like the hours that instruments make themselves."""
    n = reports.num_rows
    as_hours = reports.set_column(
        reports.column_names.index("period"),
        "period",
        pa.array(["hour"], pa.string()).take(pa.array(np.zeros(n, np.int8))),
    )
    alone = Judging(judging.rules, lambda _: Station(hour_from=("hour",)), judging.keep_negative)
    rows = hour_rows(as_hours, alone)
    return rows.drop_columns(["reported", "computed"])
