"""Forecasts on the command line: histories asked for, forecasts made, kept, tried and imported.

By the running daemon, or on the store itself when none runs. Every failure becomes a `Refusal`.
Tests: tests/cli/test_forecast_command.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aqi.factors import POLLUTANTS, code_of
from aqi.forecast.baselines import Hours
from aqi.forecast.bias import Correction, Method, fit
from aqi.forecast.model_file import ModelFileError, StationForecast, read_model_file
from aqi.forecast.statistical import NotInstalled
from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.here import Here
from hj212d.cli.refusal import NO, Refusal
from hj212d.cli.report_source import ReportSource
from hj212d.config import places as folders
from hj212d.hub.forecasts.history import HOUR_US, History, history_of
from hj212d.hub.forecasts.keeping import answered, put_file
from hj212d.hub.forecasts.making import Plan, make, unknown_models
from hj212d.hub.forecasts.requests import Forecasts
from hj212d.hub.forecasts.scoring import tried, verified
from hj212d.hub.forecasts.settings import ForecastSettings
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS
from store.means import FORECASTS

if TYPE_CHECKING:
    import pyarrow as pa

Step = Callable[[str, int, int], object]

SLOW = "mstl"
_DAYS_AT_ONCE = 10
_RAW, _CORRECTED = "-raw", ""
_EPOCH = datetime(1970, 1, 1)


class Forecasting:
    """``now``: aware."""

    def __init__(self, here: Here, now: datetime) -> None:
        self._here = here
        self._settings: ForecastSettings = here.config().forecast
        self._source = ReportSource(here)
        self._answers = Answers(here)
        self._now_us = round(now.timestamp() * 1_000_000)

    def history(self, places: Sequence[str], days: int, step: Step) -> History:
        """The last whole days of hours up to the last whole hour."""
        end_us = self._now_us // HOUR_US * HOUR_US
        end = _moment(end_us)
        import pyarrow as pa

        parts = [AQI_ROWS.empty_table()]
        for first in range(0, days, _DAYS_AT_ONCE):
            step("历史", first, days)
            some = min(_DAYS_AT_ONCE, days - first)
            start = end - timedelta(days=days - first)
            question = AqiQuestion(tuple(places), "hour", start, start + timedelta(days=some))
            parts.append(self._source.aqi(question))
        return history_of(pa.concat_tables(parts), end_us, days)

    def plan(self, models: Sequence[str], series: int) -> Plan:
        """What is made of so many series; Refusal for a model that there is not."""
        wanted = list(models or self._settings.models)
        unknown = unknown_models(wanted)
        if unknown:
            raise Refusal(f"there is no model {unknown[0]!r}; there are damped and mstl")
        if not models and series > self._settings.slow_series:
            wanted = [name for name in wanted if name != SLOW]
        return Plan(tuple(wanted), self._settings.days, self._settings.trial_origins)

    def make(self, places: Sequence[str], models: Sequence[str], step: Step) -> pa.Table:
        """Rows of FORECASTS, not kept yet."""
        history = self.history(self._places(places), self._settings.history_days, step)
        self._some(history)
        plan = self.plan(models, len(history.places) * len(POLLUTANTS))
        try:
            return make(history, plan, lambda done, total: step("预报", done, total))
        except NotInstalled as missing:
            raise Refusal(str(missing)) from missing

    def score(self, places: Sequence[str], models: Sequence[str], step: Step) -> pa.Table:
        """Rows of SCORES of models tried anew."""
        history = self.history(self._places(places), self._settings.history_days, step)
        self._some(history)
        plan = self.plan(models, len(history.places) * len(POLLUTANTS))
        try:
            return tried(history, plan, lambda done, total: step("检验", done, total))
        except (ValueError, NotInstalled) as problem:
            raise Refusal(str(problem), NO) from problem

    def verify(self, places: Sequence[str], days: int, step: Step) -> pa.Table:
        """Rows of SCORES of forecasts that were kept."""
        history = self.history(self._places(places), days, step)
        first = _moment(history.end_us) - timedelta(days=days)
        kept = self.kept(level="hour", model="all", start=_iso(first), issued_from=_iso(first))
        return verified(kept, history)

    def kept(self, **asked: Any) -> pa.Table:
        """Kept forecasts."""
        answers = self._answers
        try:
            with refused():
                return answers.client.table("forecasts", **asked)
        except NoDaemonRuns:
            try:
                question = Forecasts(**asked)
                with answers.store() as store:
                    return answered(store, question)
            except ValueError as problem:
                raise Refusal(str(problem)) from problem

    def keep(self, table: pa.Table, output: Path | None) -> Path | None:
        """Put them into the store; the file stays when it was asked for."""
        import pyarrow.parquet as pq

        folder = Path(self._here.data) / "forecasts"
        path = output or folder / f"{os.getpid()}.parquet"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, path, compression="zstd")
            self._put(path.absolute())
        except OSError as problem:
            raise Refusal(f"{path}: {problem.strerror}") from problem
        finally:
            if output is None:
                path.unlink(missing_ok=True)
        return output

    def read(
        self, file: Path, model: str, issued: datetime | None, correct: str, step: Step
    ) -> tuple[pa.Table, list[str]]:
        """A numerical model's file as rows of FORECASTS, and notes. ``correct``: "none", "line"
        or "quantiles". Without ``issued`` the file's first hour is when it was issued."""
        stations = [site for site in self._source.sites() if _is_placed(site)]
        if not stations:
            raise Refusal("no station has coordinates: hj212d site set MN ...", NO)
        step("读取", 0, 1)
        try:
            said = read_model_file(
                file,
                np.array([site["longitude"] for site in stations], float),
                np.array([site["latitude"] for site in stations], float),
            )
        except ModelFileError as problem:
            raise Refusal(str(problem)) from problem
        mns = [str(site["mn"]) for site in stations]
        issued_us = (
            int(said.hours[0]) * 1_000_000
            if issued is None
            else round(issued.timestamp() * 1_000_000)
        )
        notes = [f"{one}: not in the file" for one in said.missing]
        corrections = self._corrections(mns, model, correct, step)
        import pyarrow as pa

        parts = [_rows(said, mns, issued_us, model + _RAW, {})]
        if corrections is not None:
            parts.append(_rows(said, mns, issued_us, model + _CORRECTED, corrections))
            fitted = sum(one.method != "none" for one in corrections.values())
            notes.append(f"{fitted} of {len(corrections)} series corrected by past pairs")
        return pa.concat_tables(parts), notes

    def _corrections(
        self, mns: Sequence[str], model: str, method: str, step: Step
    ) -> dict[tuple[str, str], Correction] | None:
        """By station and pollutant, fitted on earlier imports of the model."""
        if method == "none":
            return None
        days = self._settings.history_days
        history = self.history(["stations:*"], days, step)
        first = _moment(history.end_us) - timedelta(days=days)
        kept = self.kept(
            level="hour", model=model + _RAW, start=_iso(first), issued_from=_iso(first)
        )
        pairs = _pairs(kept, history)
        chosen: Method = "quantiles" if method == "quantiles" else "line"
        nothing: tuple[Hours, Hours] = np.empty(0), np.empty(0)
        return {
            (mn, pollutant): fit(*pairs.get((mn, code_of(pollutant)), nothing), method=chosen)
            for mn in mns
            for pollutant in POLLUTANTS
        }

    def _put(self, path: Path) -> None:
        answers = self._answers
        try:
            with refused():
                answers.client.call("forecastput", path=str(path))
        except NoDaemonRuns:
            from store.open import open_store

            url = folders.store_url(answers.config, self._here.data)
            with refused():
                store = open_store(url, answers.config.store)
                try:
                    put_file(store, path, path.parent)
                finally:
                    store.close()

    def _places(self, places: Sequence[str]) -> Sequence[str]:
        return places or self._settings.places

    @staticmethod
    def _some(history: History) -> None:
        if not any(np.isfinite(series).any() for series in history.values.values()):
            raise Refusal("nothing was measured at these places in the days of the history", NO)


def _rows(
    said: StationForecast,
    mns: Sequence[str],
    issued_us: int,
    model: str,
    corrections: Mapping[tuple[str, str], Correction],
) -> pa.Table:
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    issued = _moment(issued_us)
    starts = [_moment(int(hour) * 1_000_000) for hour in said.hours]
    for pollutant, values in said.values.items():
        for mn, series in zip(mns, values, strict=True):
            correction = corrections.get((mn, pollutant))
            told = series if correction is None else correction.apply(series)
            rows += [
                {
                    "issued": issued,
                    "model": model,
                    "place": mn,
                    "factor": code_of(pollutant),
                    "level": "hour",
                    "start": start,
                    "value": float(value),
                }
                for start, value in zip(starts, told, strict=True)
                if np.isfinite(value) and start >= issued
            ]
    return pa.Table.from_pylist(rows, schema=FORECASTS)


def _pairs(kept: pa.Table, history: History) -> dict[tuple[str, str], tuple[Hours, Hours]]:
    """Station and code -> what was said and what came, of the shortest lead of each hour."""
    shortest: dict[tuple[str, str, datetime], tuple[datetime, float]] = {}
    for row in kept.to_pylist():
        key = row["place"], row["factor"], row["start"]
        if key not in shortest or shortest[key][0] < row["issued"]:
            shortest[key] = row["issued"], row["value"]
    row_of = {place: number for number, place in enumerate(history.places)}
    codes = {code_of(pollutant): pollutant for pollutant in POLLUTANTS}
    count = len(next(iter(history.values.values()))[0]) if history.places else 0
    first = _moment(history.end_us) - timedelta(hours=count)
    found: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for (place, factor, start), (_, value) in shortest.items():
        column = (start - first) // timedelta(hours=1)
        if place not in row_of or factor not in codes or not 0 <= column < count:
            continue
        said, came = found.setdefault((place, factor), ([], []))
        said.append(value)
        came.append(float(history.values[codes[factor]][row_of[place], column]))
    return {key: (np.array(said), np.array(came)) for key, (said, came) in found.items()}


def _is_placed(site: Mapping[str, Any]) -> bool:
    return site.get("longitude") is not None and site.get("latitude") is not None


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat()
