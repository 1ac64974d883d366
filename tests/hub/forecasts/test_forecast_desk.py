"""Kept forecasts: put from a file of the data folder, answered by the hour and by the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from admin.commands import Declined
from hj212d.hub.forecasts.assembly import newest_issue_us
from hj212d.hub.forecasts.desk import ForecastDesk
from hj212d.hub.forecasts.keeping import answered, put_file
from hj212d.hub.forecasts.requests import Forecasts
from hj212d.hub.slow_work import SlowWork
from store.means import FORECASTS, Store
from store.open import open_store
from store.settings import StoreSettings

ISSUED = datetime(2026, 11, 20, 16)


@pytest.fixture(params=["duckdb", "chdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each engine."""
    urls = {"duckdb": f"duckdb:///{tmp_path}/a.duckdb", "chdb": f"chdb:///{tmp_path}/chdb"}
    opened = open_store(urls[request.param], StoreSettings())
    yield opened
    opened.close()


def rows(model: str, value: float, rmse: float | None, issued: datetime = ISSUED) -> pa.Table:
    """Two days of PM2.5 at one station."""
    return pa.Table.from_pylist(
        [
            {
                "issued": issued,
                "model": model,
                "place": "A",
                "factor": "a34004",
                "level": "hour",
                "start": issued + timedelta(hours=hour),
                "value": value,
                "rmse": rmse,
            }
            for hour in range(48)
        ],
        schema=FORECASTS,
    )


def test_put_from_a_file_and_answered(store: Store, tmp_path: Path) -> None:
    """The best model's days; the newest issue unless another is asked for."""
    for name, table in (
        ("old", rows("damped", 10.0, 5.0, ISSUED - timedelta(days=1))),
        ("new", pa.concat_tables([rows("damped", 80.0, 5.0), rows("persistence", 20.0, 9.0)])),
    ):
        pq.write_table(table, tmp_path / f"{name}.parquet")
        assert put_file(store, tmp_path / f"{name}.parquet", tmp_path) == table.num_rows
    days = answered(store, Forecasts(place="A")).to_pylist()
    assert [(row["pm25"], row["aqi"], row["models"]) for row in days] == [
        (80.0, 119, "damped"),
        (80.0, 119, "damped"),
    ]
    hours = answered(store, Forecasts(level="hour", model="all"))
    assert hours.num_rows == 96
    every = answered(
        store, Forecasts(level="hour", model="damped", issued_from="2026-11-01T00:00:00")
    )
    assert every.num_rows == 96
    assert newest_issue_us(store) == round(ISSUED.timestamp() * 1_000_000)


def test_a_file_that_is_no_forecast_is_refused(tmp_path: Path) -> None:
    """One outside the folder, one of other columns, one that is no Parquet."""
    store = open_store(f"duckdb:///{tmp_path}/a.duckdb", StoreSettings())
    inside = tmp_path / "data"
    inside.mkdir()
    junk, other = inside / "junk.parquet", inside / "other.parquet"
    junk.write_bytes(b"junk")
    pq.write_table(pa.table({"a": [1]}), other)
    with pytest.raises(ValueError, match="does not lie in the data folder"):
        put_file(store, tmp_path / "out.parquet", inside)
    for file in (junk, other):
        with pytest.raises(ValueError, match="holds no forecasts"):
            put_file(store, file, inside)
    store.close()


def test_the_api_says_what_is_wrong(tmp_path: Path) -> None:
    """An unknown level, a bound that is no time; an empty store has no rows."""
    store = open_store(f"duckdb:///{tmp_path}/a.duckdb", StoreSettings())
    slow = SlowWork("test", threads=1, waiting=1, timeout_s=90)
    desk = ForecastDesk(None, store, tmp_path, slow, slow)
    assert desk.rows({}) == []
    for asked in ({"level": "week"}, {"start": "soon"}, {"colour": "red"}):
        with pytest.raises(Declined):
            desk.rows(asked)
    slow.close()
    store.close()
