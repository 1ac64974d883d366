"""Kept forecasts: asked from a store as people want them, and put into it from a file.

Blocking. Tests: tests/hub/forecasts/test_forecast_desk.py.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hj212d.hub.forecasts.reading import best_of, days_of
from hj212d.hub.forecasts.requests import BEST, Forecasts
from store.means import FORECASTS, MeansStore

MOST_ROWS = 20_000_000


def answered(store: MeansStore, request: Forecasts) -> pa.Table:
    """What a request asks for. ValueError, StoreUnavailable."""
    hours = store.forecasts(request.meaning())
    if request.model == BEST or request.level == "day":
        hours = best_of(hours)
    return days_of(hours) if request.level == "day" else hours


def put_file(store: MeansStore, path: Path, folder: Path) -> int:
    """How many rows were put. ValueError, one sentence, for a file that does not lie in the
    folder or holds no forecasts; StoreUnavailable."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{path} does not lie in the data folder {folder}")
    try:
        if pq.read_metadata(path).num_rows > MOST_ROWS:
            raise ValueError(f"{path.name} has more than {MOST_ROWS} rows")
        table = pq.read_table(path).select(FORECASTS.names).cast(FORECASTS)
    except (OSError, KeyError, pa.ArrowException) as problem:
        raise ValueError(f"{path.name} holds no forecasts: {problem}") from problem
    store.put_forecasts(table)
    return int(table.num_rows)
