"""Factors as the evaluator judges them: means, indexes, neighbours, stuck and missing ones."""

from datetime import timedelta
from random import Random
from typing import Any

import pyarrow as pa
from alerts_evaluated import (
    T0,
    US0,
    Bounds,
    Ground,
    evaluator,
    rule,
    seen,
    series,
    tables,
    told,
)

SWING = rule("swing", "swing", least_samples=60, least_change={"f": 20})


def means(
    rows: list[tuple[str, int, float]], stat: str = "mean", mark: str = "", hours: int = 1
) -> pa.Table:
    """Hours, or longer: MN, hour, value."""
    ends = [T0 + timedelta(hours=h + hours) for _, h, _ in rows]
    return pa.table(
        {
            "mn": [mn for mn, _, _ in rows],
            "factor": ["f"] * len(rows),
            "stat": [stat] * len(rows),
            "start": pa.array([T0 + timedelta(hours=h) for _, h, _ in rows], pa.timestamp("us")),
            "end": pa.array(ends, pa.timestamp("us")),
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


def test_limits_at_the_reference_oxygen() -> None:
    """The converted mean of an hour is judged, never the measured one, in either order."""
    limit = rule("limit", "over_limit", by="national", in_a_row=1, clear_in_a_row=1)
    judge = evaluator(limit, ground=Ground(found={"hour": Bounds(None, 50, stat="zs")}))
    assert judge.hours(means([("A", 0, 500.0)]), US0) == []
    both = [means([("A", 1, 40.0)]), means([("A", 1, 60.0)], stat="zs")]
    found = judge.hours(pa.concat_tables(both), US0)
    assert [(one.what, one.value) for one in found] == [("raised", 60.0)]
    assert found[0].detail["at_reference_o2"] is True
    both = [means([("A", 2, 30.0)], stat="zs"), means([("A", 2, 70.0)])]
    assert [one.what for one in judge.hours(pa.concat_tables(both), US0)] == ["cleared"]


def test_limits_of_what_was_measured() -> None:
    """A converted value stands beside it and does not count."""
    limit = rule("limit", "over_limit", by="own", in_a_row=1)
    judge = evaluator(limit, ground=Ground(found={"hour": Bounds(None, 50)}))
    both = pa.concat_tables([means([("A", 1, 40.0)]), means([("A", 1, 60.0)], stat="zs")])
    assert judge.hours(both, US0) == []
    assert [one.value for one in judge.hours(means([("A", 2, 55.0)]), US0)] == [55.0]


def test_what_a_verdict_calls_kept_is_no_alarm() -> None:
    """Means are rounded as the limit is written before they are compared."""
    limit = rule("limit", "over_limit", by="own", in_a_row=1)
    judge = evaluator(limit, ground=Ground(found={"hour": Bounds(None, 50, step=1)}))
    assert judge.hours(means([("A", 1, 50.5)]), US0) == []
    assert [one.value for one in judge.hours(means([("A", 2, 50.6)]), US0)] == [51.0]


def test_single_values_at_the_reference_oxygen() -> None:
    """Live values are judged by the limit of an hour, converted ones where it holds for these."""
    limit = rule("limit", "over_limit", by="own", period="realtime", in_a_row=2)
    judge = evaluator(limit, ground=Ground(found={"hour": Bounds(None, 50, stat="zs")}))
    frames, samples = tables(series([500.0, 500.0, 500.0]))
    assert told(judge.observe(frames, samples, US0)) == []
    frames, samples = tables([{"at_s": n, "values": {"f": 40.0}} for n in (200, 230)])
    at = samples.column_names.index("zs_rtd")
    samples = samples.set_column(at, "zs_rtd", pa.array([60.0, 60.0]))
    assert [one[0] for one in told(judge.observe(frames, samples, US0))] == ["raised"]


def test_noise_has_another_limit_at_night() -> None:
    """From 22:00 to 6:00 in Beijing, 14:00 to 22:00 UTC."""
    limit = rule("limit", "over_limit", by="national", in_a_row=1, clear_in_a_row=1, clear_ratio=1)
    ground = Ground(found={"hour": Bounds(None, 60, "dB", "leq day", 50)})
    judge = evaluator(limit, ground=ground)
    found = []
    for hour in range(12, 24):
        found += judge.hours(means([("A", hour, 55.0)], stat="leq"), US0)
    assert [(one.what, one.limit) for one in found] == [("raised", 50.0), ("cleared", 60.0)]
    assert [one[4] / 3600 for one in told(found)] == [14, 22]


def test_day_and_night_of_one_day() -> None:
    """Each against its own limit; the whole day's level has none."""
    limit = rule("limit", "over_limit", by="national", period="day", in_a_row=1, clear_in_a_row=1)
    ground = Ground(found={"day": Bounds(None, 60, "dB"), "night": Bounds(None, 50, "dB")})
    judge = evaluator(limit, ground=ground)
    levels = {"leq": 90.0, "ld": 61.0, "ln": 51.0, "ldn": 90.0}
    day = pa.concat_tables([means([("A", 0, v)], stat=s, hours=24) for s, v in levels.items()])
    found = judge.hours(day, US0)
    assert [(one.value, one.limit, one.detail["period"]) for one in found] == [
        (61.0, 60.0, "day"),
        (51.0, 50.0, "night"),
    ]
    assert found[0].began != found[1].began


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
