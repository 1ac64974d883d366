"""Stores with the data that a test wants, and times as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa

from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch, TimeSeriesStore

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CNS = {"realtime": "2011", "minute": "2051", "hour": "2061", "day": "2031"}
_TIME = pa.timestamp("us")

URLS = {
    "duckdb": "duckdb:///{folder}/store.duckdb",
    "clickhouse": "chdb:///{folder}/store.chdb",
}


def at(text: str) -> int:
    """A Beijing time of 2026 in microseconds."""
    moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)
    return (moment - EPOCH) // timedelta(microseconds=1)


def every(step_us: int, start_us: int, end_us: int) -> list[int]:
    """Times from start to end, which is not included."""
    return list(range(start_us, end_us, step_us))


class Field:
    """Devices that have sent values: a frame for each time, received five minutes later or at a
    moment of the test's choice."""

    def __init__(self, store: TimeSeriesStore) -> None:
        self.store = store
        self._position = 0

    def sent(
        self,
        mn: str,
        period: str,
        times: Iterable[int],
        factors: Iterable[str] = ("w01018",),
        *,
        received_us: int | None = None,
        flag: str = "N",
        value: float = 1.0,
    ) -> None:
        """Values of some factors at these times."""
        frames, samples = [], []
        for time_us in times:
            self._position += 1
            row = dict.fromkeys(FRAMES.names)
            row |= {
                "received_at": time_us + 5 * MINUTE if received_us is None else received_us,
                "lane": "0",
                "position": self._position,
                "link": 1,
                "mn": mn,
                "st": "32",
                "cn": CNS[period],
                "qn": "",
                "version": "2017",
                "rf": False,
                "encrypted": False,
                "reason": "ok",
                "repairs": "",
                "warnings": "",
                "data_time": time_us,
                "key_time": time_us,
                "digest": self._position,
                "raw": b"frame %d" % self._position,
            }
            frames.append(row)
            for factor in factors:
                sample = dict.fromkeys(SAMPLES.names)
                sample |= {name: row[name] for name in ("mn", "rf", "lane", "position")}
                sample |= {"data_time": time_us, "received_at": row["received_at"]}
                sample |= {"factor": factor, "period": period, "avg": value, "flag": flag}
                samples.append(sample)
        self.store.commit(
            Batch(
                frames=_table(frames, FRAMES),
                samples=_table(samples, SAMPLES),
                links=LINKS.empty_table(),
                counts=COUNTS.empty_table(),
                cursors={"0": self._position},
            )
        )


def _table(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    """Rows whose times are microseconds."""
    plain = pa.schema(
        [(field.name, pa.int64() if field.type == _TIME else field.type) for field in schema]
    )
    return pa.Table.from_pylist(rows, plain).cast(schema)
