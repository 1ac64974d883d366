"""Factors as the evaluator judges them: means, indexes, neighbours, stuck and missing ones."""

from datetime import timedelta
from random import Random
from typing import Any

import pyarrow as pa
from alerts_evaluated import T0, US0, Ground, evaluator, rule, seen, series, told

SWING = rule("swing", "swing", least_samples=60, least_change={"f": 20})


def means(rows: list[tuple[str, int, float]], stat: str = "mean", mark: str = "") -> pa.Table:
    """Hours: MN, hour, value."""
    return pa.table(
        {
            "mn": [mn for mn, _, _ in rows],
            "factor": ["f"] * len(rows),
            "stat": [stat] * len(rows),
            "start": pa.array([T0 + timedelta(hours=h) for _, h, _ in rows], pa.timestamp("us")),
            "end": pa.array([T0 + timedelta(hours=h + 1) for _, h, _ in rows], pa.timestamp("us")),
            "value": [value for _, _, value in rows],
            "mark": [mark] * len(rows),
        }
    )


def indexes(rows: list[tuple[str, int, int]]) -> pa.Table:
    """AQI of hours: place, hour, index."""
    return pa.table(
        {
            "place": [place for place, _, _ in rows],
            "start": pa.array([T0 + timedelta(hours=h) for _, h, _ in rows], pa.timestamp("us")),
            "end": pa.array([T0 + timedelta(hours=h + 1) for _, h, _ in rows], pa.timestamp("us")),
            "aqi": pa.array([aqi for _, _, aqi in rows], pa.int16()),
        }
    )


def test_means_of_hours_against_their_limit() -> None:
    """One is enough; a marked one is none; a correction says nothing new."""
    limit = rule("own", "over_limit", by="own", period="hour", in_a_row=1, clear_in_a_row=1)
    judge = evaluator(limit, ground=Ground({"f": 100}))
    assert judge.hours(means([("A", 0, 500.0)], mark="few"), US0) == []
    found = judge.hours(means([("A", 1, 120.0), ("B", 1, 80.0)]), US0)
    assert told(found) == [("raised", "mn:A", "f", 3600, 3600)]
    assert found[0].detail["period"] == "hour"
    assert judge.hours(means([("A", 1, 90.0)]), US0) == []
    assert [one[0] for one in told(judge.hours(means([("A", 2, 90.0)]), US0))] == ["cleared"]


def test_an_index_tells_each_worse_level() -> None:
    """Severity by level; 150 is not above category 3."""
    aqi = rule("aqi", "over_limit", by="aqi", level=4, in_a_row=1, severities={"5": "severe"})
    judge = evaluator(aqi)
    seen(judge, [{"at_s": 0}])
    found = []
    for hour, value in enumerate([150, 151, 160, 201, 210]):
        found += judge.aqi(indexes([("A", hour, value), ("330100", hour, 500)]), US0)
    assert [(one.what, one.severity, one.value) for one in found] == [
        ("raised", "", 151.0),
        ("changed", "severe", 201.0),
    ]


class Town(Ground):
    """Six stations within a few kilometres."""

    def position(self, mn: str) -> tuple[float, float] | None:
        return 116.0 + 0.01 * int(mn[1:]), 31.0


def town(values: Any, minutes: int, seed: int = 1) -> list[dict[str, Any]]:
    """Six stations, each minute; values(station, minute) times a level with noise."""
    random = Random(seed)
    return [
        {
            "at_s": 60 * minute + station,
            "data_s": 60 * minute,
            "mn": f"S{station}",
            "values": {"f": round(50 * values(station, minute) * random.gauss(1, 0.05), 2)},
        }
        for minute in range(minutes)
        for station in range(6)
    ]


def test_one_station_far_from_its_neighbours_is_told() -> None:
    """With the first value that was out."""
    judge = evaluator(SWING, ground=Town())
    rows = town(lambda station, minute: 6 if station == 2 and minute >= 200 else 1, 205)
    found = seen(judge, rows)
    assert [one[:4] for one in found] == [("raised", "mn:S2", "f", 12_000)]


def test_pollution_that_comes_to_all_is_no_swing() -> None:
    """At once, or over hours; each station with a strength of its own."""
    for hours in (0.1, 3.0):
        judge = evaluator(SWING, ground=Town())
        grown = 60 * hours

        def level(station: int, minute: int, grown: float = grown) -> float:
            strength = min(1.0, max(0.0, (minute - 300) / grown))
            return 1 + (5 + 0.4 * station) * strength

        assert seen(judge, town(level, 700)) == []


def test_a_factor_that_does_not_come_while_others_do() -> None:
    """Two hours after its last sample; over when it is back."""
    judge = evaluator(rule("gone", "offline", scope="device", after_s=7200, least_frames=10))
    rows = [
        {"at_s": 60 * n, "values": {"f": 1.0, **({"g": 2.0} if n < 30 or n > 200 else {})}}
        for n in range(210)
    ]
    found = seen(judge, rows)
    assert [one[:4] for one in found] == [
        ("raised", "mn:A", "g", 29 * 60 + 7200),
        ("cleared", "mn:A", "g", 29 * 60 + 7200),
    ]


def test_a_value_that_stands_still_and_one_that_may() -> None:
    """After an hour; not at or below the exempt value."""
    stuck = rule("stuck", "stuck", default_s=3600, exempt_at_most={"f": 3})
    lively = [float(n % 5 + 4) for n in range(60)]
    found = seen(evaluator(stuck), series([*lively, *[9.0] * 150, 5.0]))
    assert [one[:4] for one in found] == [
        ("raised", "mn:A", "f", 1800),
        ("cleared", "mn:A", "f", 1800),
    ]
    assert seen(evaluator(stuck), series([*lively, *[3.0] * 300])) == []


def test_minute_values_are_judged_where_there_are_no_finer_ones() -> None:
    """One alarm of a factor that sends both."""
    stuck = rule("stuck", "stuck", default_s=3600)
    both = evaluator(stuck)
    for period in ("realtime", "minute"):
        alone = evaluator(stuck)
        rows = series([9.0] * 300)
        for row in rows:
            row["period"] = period
        assert len(seen(alone, rows)) == 1
        seen(both, rows[:100])
    rows = [
        {"at_s": 3000 + 30 * n, "position": 2 * n + k, "values": {"f": 9.0}, "period": period}
        for n in range(300)
        for k, period in enumerate(("realtime", "minute"))
    ]
    assert len(seen(both, rows)) == 1
