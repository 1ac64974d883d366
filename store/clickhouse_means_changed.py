"""Which hours something stored since touched, in the ClickHouse store.

Frames since a moment are found by the receipt that each granule knows the bounds of; a commit pays
nothing for it. A replay takes the places of old rows: it notes its times.
Tests: tests/store/test_means_store.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from store.clickhouse_engine import Engine, listed, quoted
from store.clickhouse_lookup import instant
from store.means import CHANGED, Cursors
from store.means_asked import BEIJING_S, CNS, DAY_S, END_STAMP_S, REALTIME_S, seconds

# A clock that is put back by less than this hides no frame.
_MARGIN_US = 3_600_000_000
_HOUR_US = 3_600_000_000
_US = 1_000_000
_TIME = pa.timestamp("us")

_GOOD = f"reason = 'ok' AND removed = 0 AND cn IN {listed(list(CNS))} AND isNotNull(data_time)"
_NOTED = pa.schema(
    [
        ("mn", pa.string()),
        ("cn", pa.string()),
        ("data_time", _TIME),
        ("replay", pa.string()),
    ]
)


def cursors_now(engine: Engine) -> Cursors:
    """Cursors at the present end."""
    return Cursors({lane: (position, 0) for lane, position in _ends(engine).items()})


def changed(
    engine: Engine, cursors: Cursors, before: datetime, end_stamped: tuple[str, ...]
) -> tuple[pa.Table, Cursors, pa.Table]:
    """Rows of CHANGED, the cursors behind them, and what was noted of replays: to be forgotten
    when these cursors were put."""
    ends = _ends(engine)
    lanes = {lane: _from(cursors.lanes.get(lane), end) for lane, end in ends.items()}
    since = [
        f"(origin = {quoted(lane)} AND place >= {position} "
        f"AND received_at >= {instant(max(0, received - _MARGIN_US))})"
        for lane, (position, received) in lanes.items()
        if position < ends[lane]
    ]
    noted = _as(engine.query(f"SELECT {', '.join(_NOTED.names)} FROM means_noted FINAL"), _NOTED)
    found = []
    behind: dict[str, int] = {}
    if since:
        rows = (
            "SELECT mn, cn, assumeNotNull(data_time) AS data_time FROM frames "
            f"WHERE ({' OR '.join(since)}) AND {_GOOD}"
        )
        found.append(engine.query(_hours(rows, before, end_stamped)))
        last = engine.query(
            "SELECT origin, toUnixTimestamp64Micro(argMax(received_at, place)) AS received "
            f"FROM frames WHERE ({' OR '.join(since)}) AND {_GOOD} GROUP BY origin"
        )
        behind = dict(zip(*(last[name].to_pylist() for name in last.column_names), strict=True))
    if noted.num_rows:
        rows = "SELECT mn, cn, data_time FROM means_noted FINAL"
        found.append(engine.query(_hours(rows, before, end_stamped)))
    table = pa.concat_tables([CHANGED.empty_table(), *map(_as_changed, found)])
    table = table.group_by(CHANGED.names).aggregate([]).cast(CHANGED)
    table = table.sort_by([(name, "ascending") for name in ("start", "mn", "period")])
    cursors = Cursors(
        {lane: (end, behind.get(lane, lanes[lane][1])) for lane, end in ends.items()}
    )
    return table, cursors, noted


def noted_rows(
    taken_out: Iterable[tuple[str, str, int | None]], frames: pa.Table, replay: str
) -> pa.Table:
    """Rows of the table of noted times: of the frames that a replay takes out (mn, cn,
    data_time), and of those that it brings. Two times stand for an hour: its beginning, and one
    within it for all others."""
    good = frames.filter(pc.equal(frames["reason"].cast(pa.string()), "ok"))
    brought = zip(
        good["mn"].cast(pa.string()).to_pylist(),
        good["cn"].cast(pa.string()).to_pylist(),
        good["data_time"].cast(pa.int64()).to_pylist(),
        strict=True,
    )
    times = {
        (mn, cn, at if at % _HOUR_US == 0 else at - at % _HOUR_US + _HOUR_US // 2)
        for mn, cn, at in (*taken_out, *brought)
        if cn in CNS and at is not None
    }
    columns = list(zip(*sorted(times), strict=True)) or [(), (), ()]
    return pa.table(
        {
            "mn": pa.array(columns[0], pa.string()),
            "cn": pa.array(columns[1], pa.string()),
            "data_time": pa.array(columns[2], pa.int64()).cast(_TIME),
            "replay": pa.array([replay] * len(columns[0]), pa.string()),
        }
    )


def forget_noted(engine: Engine, noted: pa.Table) -> None:
    """Forget what was noted of replays whose hours were made anew."""
    removed = pa.array([1] * noted.num_rows, pa.uint8())
    engine.insert("means_noted", noted.append_column("removed", removed))


def _ends(engine: Engine) -> dict[str, int]:
    """Where the lanes of all nodes stand, by node/lane."""
    rows = engine.query("SELECT node, lanes FROM progress FINAL WHERE step = 'done'").to_pylist()
    return {
        f"{row['node']}/{lane}": position
        for row in rows
        for lane, position in dict(row["lanes"]).items()
    }


def _from(known: tuple[int, int] | None, end: int) -> tuple[int, int]:
    """Where to begin in a lane; a journal that was made anew begins at its beginning."""
    if known is None:
        return 0, 0
    position, received = known
    return (position, received) if position <= end else (0, received)


def _hours(rows: str, before: datetime, end_stamped: tuple[str, ...]) -> str:
    """The hours and days of frames, each once."""
    steps = ", ".join(
        f"cn = '{cn}', {END_STAMP_S[period]}"
        for cn, period in CNS.items()
        if period in END_STAMP_S
    )
    ended = f"mn IN {listed(sorted(end_stamped))}" if end_stamped else "false"
    shift = f"multiIf(cn = '2011', {REALTIME_S}, NOT ({ended}), 0, {steps}, 0)"
    return (
        "SELECT DISTINCT mn, start_s, period FROM ("
        f"SELECT mn, if(cn = '2031', 'day', 'hour') AS period, "
        f"intDiv(toUnixTimestamp64Micro(data_time), 1000000) - {shift} AS at_s, "
        f"at_s - if(cn = '2031', positiveModulo(at_s + {BEIJING_S}, {DAY_S}), "
        f"positiveModulo(at_s, 3600)) AS start_s FROM ({rows})"
        f") WHERE start_s < {seconds(before)}"
    )


def _as_changed(found: pa.Table) -> pa.Table:
    start = pc.multiply(found["start_s"].cast(pa.int64()), _US).cast(_TIME)
    return _as(found.append_column("start", start), CHANGED)


def _as(found: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        column = found[field.name]
        if field.type == _TIME:
            column = column.cast(pa.int64())
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=schema)
