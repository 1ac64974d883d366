"""One judgement: publishing rule, programme, and the options of 2012."""

from __future__ import annotations

from aqi.index import Reading, judge
from aqi.standards import HJ633_2012, HJ633_2026

FULL = Reading(pm25=20, pm10=30, so2=10, no2=15, co="0.5", o3_8h=60, o3_1h=60)
FIVE = ("PM2.5", "PM10", "SO2", "NO2", "O3")


def test_nothing_at_all() -> None:
    """No AQI, no level, nothing to publish."""
    for standard in (HJ633_2012, HJ633_2026):
        found = judge(standard, "daily", Reading())
        assert (found.aqi, found.level, found.category, found.primary) == (None, None, None, ())
        assert (found.published_aqi, found.published_primary) == ("NA", ("NA",))
        assert len(found.missing) == 6


def test_incomplete_is_published_above_100_only() -> None:
    """HJ 633-2026, 5.3.1; the version of 2012 has no such rule."""
    clean, dirty = Reading(pm25=60, no2=12), Reading(pm25=61, no2=12)
    assert judge(HJ633_2026, "daily", clean).published_aqi == "NA"
    assert judge(HJ633_2026, "daily", clean).aqi == 100
    assert judge(HJ633_2026, "daily", dirty).published_aqi == 101
    assert judge(HJ633_2012, "daily", clean).published_aqi == 82


def test_programme_and_exemption() -> None:
    """Outside the programme counts as missing unless it is exempt (5.3.2)."""
    without = judge(HJ633_2026, "daily", FULL, FIVE)
    assert (without.outside, without.missing) == (("CO",), ())
    assert without.iaqi["CO"] is None
    assert without.published_aqi == "NA"
    assert judge(HJ633_2026, "daily", FULL, FIVE, exempt=("CO",)).published_aqi == 30


def test_negative_is_missing() -> None:
    """A negative value is no clean air."""
    found = judge(HJ633_2026, "daily", Reading(20, 30, 10, 15, -0.1, o3_8h=60))
    assert found.missing == ("CO",)
    assert found.published_aqi == "NA"


def test_ozone_of_a_day() -> None:
    """MDA8 alone, both when asked for, the greatest hour beyond 800 (2012); 2026 MDA8 always."""
    reading = Reading(pm25=30, o3_8h=150, o3_1h=230)
    assert judge(HJ633_2012, "daily", reading).aqi == 92
    assert judge(HJ633_2012, "daily", reading, daily_o3=("8h", "1h")).aqi == 115
    assert judge(HJ633_2012, "daily", reading, daily_o3=("1h",)).iaqi["O3_8h"] is None
    assert judge(HJ633_2026, "daily", reading, daily_o3=("8h", "1h")).iaqi["O3_1h"] is None
    beyond = Reading(o3_8h=801, o3_1h=820)
    assert judge(HJ633_2012, "daily", beyond).aqi == 310
    assert judge(HJ633_2026, "daily", beyond).aqi == 300


def test_particles_in_real_time() -> None:
    """By the 1 h mean, or by the running 24 h mean of the text of 2012; not in 2026."""
    reading = Reading(pm25=115, pm25_24h=35, pm10=10, pm10_24h=50)
    assert judge(HJ633_2012, "hourly", reading).aqi == 150
    running = judge(HJ633_2012, "hourly", reading, pm_realtime="running24h")
    assert (running.iaqi["PM2.5"], running.iaqi["PM10"]) == (50, 50)
    assert judge(HJ633_2026, "hourly", reading, pm_realtime="running24h").aqi == 150


def test_exceeding_is_of_2012_only() -> None:
    """The version of 2026 has dropped the word."""
    reading = Reading(pm25=80, pm10=160)
    assert judge(HJ633_2012, "daily", reading).exceeding == ("PM2.5", "PM10")
    assert judge(HJ633_2026, "daily", reading).exceeding == ()
