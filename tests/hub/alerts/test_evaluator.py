"""The evaluator: from batches to signals."""

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


class Ground:
    """One region, one medium, limits as the test says."""

    def __init__(self, limits: dict[str, float] | None = None) -> None:
        self.own = limits or {}
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
        high = self.own.get(factor) if by == "own" and period == "hour" else None
        return None if high is None else Bounds(None, high)


def rule(key: str, kind: Any, way: Any = "live", **params: Any) -> Rule:
    """A rule in force."""
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
                    "period": "realtime",
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


LIMIT = rule("own", "over_limit", by="own", period="realtime")
OFFLINE = rule("offline", "offline", after_s=900)


def test_a_value_over_the_limit_is_told_by_its_data_time() -> None:
    """Of several values of one factor in a batch each is judged, in their order."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    assert seen(judge, series([50, 120, 120, 50, 50])) == [
        ("raised", "mn:A", "f", 30, 60),
        ("cleared", "mn:A", "f", 30, 120),
    ]


def test_what_was_judged_is_not_judged_again() -> None:
    """A batch that was seen says nothing the second time."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    rows = series([50, 120, 120, 120])
    assert len(seen(judge, rows)) == 1
    assert seen(judge, rows) == []


def test_values_with_a_flag_are_passed_over() -> None:
    """Calibration neither raises nor ends anything."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    rows = series([120, 120, 120, 50, 50, 50, 120])
    for row in rows[3:6]:
        row["flag"] = "C"
    rows[0]["flag"] = "M"
    assert seen(judge, rows) == [("raised", "mn:A", "f", 30, 60)]


def test_a_silent_station_is_told_after_fifteen_minutes_and_over_with_its_next_frame() -> None:
    """14:59, 15:00, 15:01; told once."""
    judge = evaluator(OFFLINE)
    seen(judge, [{"at_s": 0}])
    for after_s, count in [(899, 0), (900, 0), (901, 1), (902, 0)]:
        assert len(told(judge.tick(US0 + after_s * S, 0))) == count
    assert seen(judge, [{"at_s": 1000}, {"at_s": 1001}]) == [("cleared", "mn:A", "", 900, 1000)]
    assert told(judge.tick(US0 + 1100 * S, 0)) == []


def test_a_rule_that_goes_ends_its_alarms() -> None:
    """Told by the next look at the clock."""
    judge = evaluator(LIMIT, OFFLINE, ground=Ground({"f": 100}))
    seen(judge, series([120, 120]), 60)
    judge.set_rules([OFFLINE])
    assert told(judge.tick(US0 + 60 * S, 0)) == [("cleared", "mn:A", "f", 0, 60)]
    assert judge.active() == []


def test_a_rule_that_says_the_same_keeps_its_alarms() -> None:
    """Also when others come before it, or its note is another."""
    judge = evaluator(LIMIT, ground=Ground({"f": 100}))
    seen(judge, series([120, 120]))
    other = rule("a", "over_limit", by="value", period="realtime", high=1000.0)
    judge.set_rules([other, msgspec.structs.replace(LIMIT, note="x")])
    assert judge.tick(US0, 0) == []
    assert [one[:3] for one in judge.active()] == [("own", "mn:A", "f")]
    later = [{"at_s": 90 + 30 * n, "values": {"f": 10}} for n in range(2)]
    assert [one[0] for one in seen(judge, later)] == ["cleared"]


def test_unregistered_stations_are_not_missed() -> None:
    """Where stations are registered, who else spoke once is nobody's loss."""
    ground = Ground()
    ground.mns = ["B"]
    judge = evaluator(OFFLINE, ground=ground)
    seen(judge, [{"at_s": 0}, {"at_s": 0, "mn": "B"}])
    assert [one[1] for one in told(judge.tick(US0 + 1000 * S, 0))] == ["mn:B"]
