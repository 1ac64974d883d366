"""The room of forecasts, put together. Tests: tests/hub/forecasts/test_forecast_desk.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.hub.bulletins.calendar import Calendar
from hj212d.hub.connection import Answering
from hj212d.hub.forecasts.desk import ForecastDesk
from hj212d.hub.forecasts.requests import ForecastPut, Forecasts
from hj212d.hub.forecasts.schedule import ForecastSchedule
from hj212d.hub.forecasts.settings import ForecastSettings
from hj212d.hub.jobs.room import JobRoom
from hj212d.hub.requests import Request
from hj212d.hub.slow_work import SlowWork
from store.means import ForecastQuery, MeansStore

WRITE_TIMEOUT_S = 300.0
KIND = "forecast"
SUFFIX = "parquet"
ARGV = ("forecast", "make")


class ForecastsRoom(msgspec.Struct, frozen=True):
    """``service`` is to be started after the job room."""

    service: ForecastSchedule
    answers: dict[type[Request], Answering]
    window: ForecastDesk


def make_forecasts(
    reactor: Any,
    *,
    store: MeansStore,
    data_dir: Path,
    jobs: JobRoom,
    slow: SlowWork,
    settings: ForecastSettings,
    now_us: Callable[[], int],
) -> ForecastsRoom:
    """``slow``: the threads of queries."""
    writing = SlowWork("forecasts", threads=1, waiting=4, timeout_s=WRITE_TIMEOUT_S)
    desk = ForecastDesk(reactor, store, data_dir, slow, writing)
    schedule = ForecastSchedule(
        reactor,
        calendar=Calendar(reactor),
        newest_us=lambda: slow.defer(reactor, lambda: newest_issue_us(store)),
        submit=lambda who: jobs.submit(KIND, ARGV, SUFFIX, {}, who),
        settings=settings,
        now_us=now_us,
    )
    answers: dict[type[Request], Answering] = {Forecasts: desk.forecasts, ForecastPut: desk.put}
    return ForecastsRoom(schedule, answers, desk)


def newest_issue_us(store: MeansStore) -> int | None:
    """When the newest forecast of a baseline was issued; None: there is none."""
    rows = store.forecasts(ForecastQuery(model="persistence", level="hour", newest=True))
    newest = pc.max(rows["issued"].cast(pa.int64())).as_py()
    return None if newest is None else int(newest)
