"""What a batch must know of the store: which of its rows are there already.

Asked only for rows that may be there (see clickhouse_marks.py), with their MNs and narrow ranges
of time, by which the engine reads a few granules. Tests: tests/store/test_timeseries.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from store.clickhouse_engine import Engine, listed
from store.clickhouse_rows import GENERATION, REREAD, SECOND_US, times
from store.clickhouse_schema import LAG_BIAS
from store.time_ranges import ranges

_Item = TypeVar("_Item")
_MNS_AT_ONCE = 5000
_DIGESTS_AT_ONCE = 50_000

FrameContent = tuple[int, int, str, str, bytes]  # key_time, digest, mn, reason, raw
SampleKey = tuple[str, str, str, int]  # mn, factor, period, data_time
Age = tuple[int, str, int]  # received_at, lane, position: the greater is the newer


class Known(msgspec.Struct):
    """What is known of a frame's content: where the row came from that stands (origin, position),
    None: it was taken back; and how often it was read again."""

    standing: tuple[str, int] | None
    reread: int


class Stored(msgspec.Struct):
    """A sample in the store: its version, and its age with the place it came from."""

    version: int
    age: Age

    @property
    def generation(self) -> int:
        """What new rows of its key must have in the high bits of theirs."""
        return self.version - self.version % GENERATION


class OldFrame(msgspec.Struct):
    """A frame that a replay replaces: what its row is known by."""

    row: dict[str, Any]
    mn: str
    data_time: int | None


def frames_with(engine: Engine, wanted: set[FrameContent]) -> dict[FrameContent, Known]:
    """What the store has of frames with these contents, taken back or not."""
    found: dict[FrameContent, Known] = {}
    instants = within("key_time", (content[0] for content in wanted))
    digests = sorted({content[1] for content in wanted})
    for mns in _cut(sorted({content[2] for content in wanted}), _MNS_AT_ONCE):
        for part in _cut(digests, _DIGESTS_AT_ONCE):
            # Without FINAL, which would hide what was taken back: a row that comes for it now
            # must be of a later reading.
            rows = engine.query(
                "SELECT mn, key_time, digest, reason, own, "
                "argMax((origin, place, removed), precedence) AS last, max(precedence) AS most, "
                "any(raw) AS raw FROM frames "
                f"WHERE timed AND mn IN {listed(mns)} AND {instants} "
                f"AND digest IN ({', '.join(map(str, part))}) "
                "GROUP BY mn, key_time, digest, reason, own"
            )
            contents = zip(
                times(rows["key_time"]).tolist(),
                *(rows[name].to_pylist() for name in ("digest", "mn", "reason")),
                rows["raw"].cast(pa.binary()).to_pylist(),
                strict=True,
            )
            lasts = (tuple(last.values()) for last in rows["last"].to_pylist())
            readings = rows["most"].to_pylist()
            for content, last, most in zip(contents, lasts, readings, strict=True):
                if content in wanted:
                    origin, place, removed = last
                    standing = None if removed else (origin, place)
                    found[content] = Known(standing, most // REREAD)
    return found


def samples_with(engine: Engine, wanted: set[SampleKey]) -> dict[SampleKey, Stored]:
    """The samples in the store that have one of these keys.

    The place is asked for only where it decides: a second call, for those received in one of the
    same seconds, is :func:`places_of`.
    """
    found: dict[SampleKey, Stored] = {}
    periods = listed(sorted({key[2] for key in wanted}))
    instants = within("data_time", (key[3] for key in wanted))
    for mns in _cut(sorted({key[0] for key in wanted}), _MNS_AT_ONCE):
        rows = engine.query(
            "SELECT mn, factor, period, data_time, lag FROM samples FINAL "
            f"WHERE mn IN {listed(mns)} AND period IN {periods} AND {instants}"
        )
        for key, row in _by_key(rows):
            if key in wanted:
                version = row["lag"]
                found[key] = Stored(version, (_received(key, version), "", -1))
    return found


def places_of(engine: Engine, wanted: set[SampleKey], known: dict[SampleKey, Stored]) -> None:
    """Complete the age of these samples: microsecond, lane and position."""
    instants = within("data_time", (key[3] for key in wanted))
    for mns in _cut(sorted({key[0] for key in wanted}), _MNS_AT_ONCE):
        rows = engine.query(
            "SELECT mn, factor, period, data_time, lag, rest_us, origin, place FROM samples FINAL "
            f"WHERE mn IN {listed(mns)} AND factor IN {listed(sorted({k[1] for k in wanted}))} "
            f"AND {instants}"
        )
        for key, row in _by_key(rows):
            if key in wanted:
                lane = row["origin"].rpartition("/")[2]
                received = _received(key, row["lag"]) + row["rest_us"]
                known[key] = Stored(row["lag"], (received, lane, row["place"]))


def frames_at(
    engine: Engine, places: set[tuple[str, int]], received: Iterable[int]
) -> list[OldFrame]:
    """The frames that came from these places (origin, position) of the journal."""
    rows = engine.query(
        "SELECT mn, key_time, timed, digest, own, reason, precedence, origin, place, received_at, "
        "raw, cn, data_time FROM frames FINAL "
        f"WHERE {within('received_at', received)} "
        f"AND origin IN {listed(sorted({origin for origin, _ in places}))} "
        f"AND place IN ({', '.join(str(place) for _, place in sorted(places))})"
    )
    rows = rows.set_column(rows.column_names.index("raw"), "raw", rows["raw"].cast(pa.binary()))
    return [
        OldFrame(row, row["mn"], None if missing else at)
        for at, missing, row in zip(
            times(rows["data_time"]).tolist(),
            rows["data_time"].is_null().to_pylist(),
            rows.to_pylist(),
            strict=True,
        )
        if (row["origin"], row["place"]) in places
    ]


def samples_of(
    engine: Engine, places: set[tuple[str, int]], mns: set[str], data_times: set[int]
) -> dict[SampleKey, int]:
    """Key -> version of the samples that came from these places of the journal."""
    found: dict[SampleKey, int] = {}
    for part in _cut(sorted(mns), _MNS_AT_ONCE):
        rows = engine.query(
            "SELECT mn, factor, period, data_time, lag, origin, place FROM samples FINAL "
            f"WHERE mn IN {listed(part)} AND {within('data_time', data_times)} "
            f"AND origin IN {listed(sorted({origin for origin, _ in places}))}"
        )
        for key, row in _by_key(rows):
            if (row["origin"], row["place"]) in places:
                found[key] = row["lag"]
    return found


def within(column: str, instants: Iterable[int]) -> str:
    """A condition that holds for these instants and few others."""
    spans = [
        f"{column} BETWEEN {instant(first)} AND {instant(last)}"
        for first, last in ranges(instants)
    ]
    return f"({' OR '.join(spans)})" if spans else "false"


def instant(time_us: int) -> str:
    """A time as SQL has it."""
    return f"fromUnixTimestamp64Micro({time_us:d}, 'UTC')"


def reread_of(frames: list[OldFrame]) -> int:
    """How often the most reread of these frames was read again."""
    return max((frame.row["precedence"] // REREAD for frame in frames), default=0)


def _received(key: SampleKey, version: int) -> int:
    return (key[3] // SECOND_US + version % GENERATION - LAG_BIAS) * SECOND_US


def _by_key(rows: pa.Table) -> Iterator[tuple[SampleKey, dict[str, Any]]]:
    for at, row in zip(times(rows["data_time"]).tolist(), rows.to_pylist(), strict=True):
        yield (row["mn"], row["factor"], row["period"], at), row


def _cut(items: list[_Item], size: int) -> Iterator[list[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
