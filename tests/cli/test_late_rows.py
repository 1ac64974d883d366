"""The column `late` of `hj212d query`: the same verdict as on the frames."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hj212d.cli.sample_rows import with_late
from hj212d.hub.lateness import is_late
from store.timeseries import PERIODS

TIMES = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(
    st.lists(
        st.tuples(TIMES, st.timedeltas(timedelta(-2), timedelta(3)), st.sampled_from([*PERIODS])),
        max_size=20,
    ),
    st.sampled_from([1.0, 600.0, 1e300]),
)
def test_rows_are_late_as_frames_are(
    rows: list[tuple[datetime, timedelta, str]], late_after_s: float
) -> None:
    """For each period and any moments, one before 1970 too."""
    table = pa.table(
        {
            "data_time": pa.array([time for time, _, _ in rows], pa.timestamp("us")),
            "received_at": pa.array([time + age for time, age, _ in rows], pa.timestamp("us")),
            "period": pa.array([PERIODS[cn] for _, _, cn in rows], pa.string()),
        }
    )
    expected = [is_late(cn, _us(time), _us(time + age), late_after_s) for time, age, cn in rows]
    assert with_late(table, late_after_s)["late"].to_pylist() == expected


def _us(moment: datetime) -> int:
    return (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
