"""A ground and batches for tests of the evaluator."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from alerts.rules.book import Rule, checked
from alerts.settings import AlertsSettings
from hj212d.hub.alerts.evaluator import Evaluator
from store.registry.alert_records import RuleRecord
from store.timeseries import FRAMES, SAMPLES

T0 = datetime(2026, 1, 1)
US0 = round(T0.replace(tzinfo=UTC).timestamp() * 1e6)
S = 1_000_000


class Bounds(msgspec.Struct):
    """A limit."""

    low: float | None
    high: float | None
    unit: str = "ug/m3"
    stat: str = "mean"
    night: float | None = None
    step: float | None = None


class Ground:
    """One region, one medium, limits as the test says."""

    def __init__(
        self, limits: dict[str, float] | None = None, *, found: dict[str, Bounds] | None = None
    ) -> None:
        """``limits``: own ones of an hour by factor; ``found``: of any factor by period."""
        self.own = limits or {}
        self.found = found or {}
        self.mns: list[str] = []

    def registered(self) -> Collection[str]:
        return self.mns

    def region(self, _mn: str) -> str:
        return "330100"

    def medium(self, _mn: str) -> str:
        return "air"

    def position(self, _mn: str) -> tuple[float, float] | None:
        return None

    def unit(self, _mn: str, _factor: str) -> str:
        return "ug/m3"

    def limits(self, _mn: str, factor: str, period: str, by: Any) -> Bounds | None:
        if period in self.found:
            return self.found[period]
        high = self.own.get(factor) if by == "own" and period == "hour" else None
        return None if high is None else Bounds(None, high)


def rule(key: str, kind: Any, way: Any = "live", **params: Any) -> Rule:
    """A rule in force; of silence one that misses whoever spoke."""
    if kind == "offline":
        params = {"stranger_frames": 0, "stranger_s": 0.0, **params}
    return checked(RuleRecord(key=key, kind=kind, way=way, params=params))


def evaluator(*rules: Rule, ground: Ground | None = None) -> Evaluator:
    """One that knows nothing yet."""
    return Evaluator(rules, ground or Ground(), AlertsSettings())


def tables(rows: list[dict[str, Any]]) -> tuple[pa.Table, pa.Table]:
    """Frames and samples; a row is one frame: mn, at_s, values by factor, flag, rf, data_s."""
    frames, samples = [], []
    for position, row in enumerate(rows):
        received = T0 + timedelta(seconds=row["at_s"])
        data_time = T0 + timedelta(seconds=int(row.get("data_s", row["at_s"])))
        mn, place = row.get("mn", "A"), {"lane": "w0", "position": row.get("position", position)}
        frames.append(
            {
                "received_at": received,
                "mn": mn,
                "cn": row.get("cn", "2011"),
                "data_time": data_time,
                "rf": row.get("rf"),
                "reason": row.get("reason", "ok"),
                **place,
            }
        )
        for factor, value in row.get("values", {}).items():
            samples.append(
                {
                    "received_at": received,
                    "data_time": data_time,
                    "mn": mn,
                    "factor": factor,
                    "period": row.get("period", "realtime"),
                    "rtd": value,
                    "flag": row.get("flag", "N"),
                    **place,
                }
            )
    return pa.Table.from_pylist(frames, FRAMES), pa.Table.from_pylist(samples, SAMPLES)


def told(signals: Any) -> list[tuple[str, str, str, float, float]]:
    """What, subject, factor, began and at in seconds after T0."""
    since = T0.replace(tzinfo=UTC)
    return [
        (
            one.what,
            one.subject,
            one.factor,
            (one.began - since).total_seconds(),
            (one.at - since).total_seconds(),
        )
        for one in signals
    ]


def series(values: list[float], every_s: int = 30, **more: Any) -> list[dict[str, Any]]:
    """One factor of one station."""
    return [{"at_s": n * every_s, "values": {"f": v}, **more} for n, v in enumerate(values)]


def seen(judge: Evaluator, rows: list[dict[str, Any]], now_s: float = 0) -> list[Any]:
    """What is said of some frames."""
    return told(judge.observe(*tables(rows), US0 + round(now_s * S)))
