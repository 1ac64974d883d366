"""The physics behind the simulated readings: what a reader of the data will look for is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from statistics import correlation, fmean, pstdev

import pytest

from bench.instruments import chance, curves, outdoors, outlets

BEIJING = timezone(timedelta(hours=8))
SUMMER = datetime(2026, 7, 6, tzinfo=BEIJING).timestamp()  # a Monday
WINTER = datetime(2026, 1, 12, tzinfo=BEIJING).timestamp()  # a Monday
DAYS = 14


def at(start: float, hour: float, day: int = 0) -> float:
    return start + day * 86400 + hour * 3600


def working_days(start: float) -> list[int]:
    return [day for day in range(DAYS) if not curves.weekend(at(start, 12, day))]


def mean(
    read: Callable[[int, float], dict[str, float]], code: str, start: float, hours: range
) -> float:
    """Over stations, working days and the given hours."""
    return fmean(
        read(seed, at(start, hour + 0.5, day))[code]
        for seed in (1, 2, 3)
        for day in working_days(start)
        for hour in hours
    )


def test_chance_depends_on_nothing_but_seed_and_moment() -> None:
    """The same question has the same answer, in any order; other seeds have others."""
    forward = [chance.wander(7, t, 900) for t in range(0, 9000, 10)]
    backward = [chance.wander(7, t, 900) for t in reversed(range(0, 9000, 10))]
    assert forward == backward[::-1]
    assert forward != [chance.wander(8, t, 900) for t in range(0, 9000, 10)]


def test_wander_is_smooth_centred_and_of_about_unit_size() -> None:
    """Noise has a memory: neighbours are alike, far moments are not; it stays around nought."""
    values = [chance.wander(3, t, 900) for t in range(0, 400 * 900, 90)]
    assert abs(fmean(values)) < 0.2
    assert 0.7 < pstdev(values) < 1.4
    assert correlation(values[:-1], values[1:]) > 0.7
    assert abs(correlation(values[:-100], values[100:])) < 0.2


def test_jitter_has_no_memory() -> None:
    """Neighbouring readings carry independent noise."""
    values = [chance.jitter(3, float(t)) for t in range(5000)]
    assert abs(fmean(values)) < 0.1
    assert 0.8 < pstdev(values) < 1.2
    assert abs(correlation(values[:-1], values[1:])) < 0.1


def test_hours_and_weekdays_are_beijing() -> None:
    """The day of all curves begins at midnight in Beijing."""
    assert curves.hour(SUMMER) == 0
    assert curves.hour(at(SUMMER, 8.5)) == 8.5
    assert not curves.weekend(SUMMER)
    assert curves.weekend(at(SUMMER, 1, day=5))
    assert curves.weekend(at(SUMMER, 23, day=6))


def test_sun_shines_by_day_and_higher_in_summer() -> None:
    """Dark at midnight, highest at noon, longer and higher days in July than in January."""
    assert curves.sun(at(SUMMER, 0)) == 0
    assert curves.sun(at(SUMMER, 12)) > curves.sun(at(SUMMER, 9)) > 0
    assert curves.sun(at(SUMMER, 12)) > curves.sun(at(WINTER, 12)) + 0.2
    assert curves.sun(at(SUMMER, 18)) > 0 == curves.sun(at(WINTER, 18))


def test_ozone_follows_the_sun_and_fears_traffic() -> None:
    """Ozone peaks in the afternoon, more so in summer, and runs against nitrogen dioxide."""
    air = outdoors.ambient_air
    afternoon = mean(air, "a05024", SUMMER, range(13, 17))
    assert afternoon > mean(air, "a05024", SUMMER, range(7, 9)) + 30
    assert afternoon > mean(air, "a05024", SUMMER, range(2, 5)) + 30
    assert afternoon > mean(air, "a05024", WINTER, range(13, 17)) + 30
    day = [air(1, at(SUMMER, hour / 4)) for hour in range(96)]
    assert correlation([r["a05024"] for r in day], [r["a21004"] for r in day]) < -0.2


def test_nitrogen_dioxide_and_monoxide_have_rush_hours() -> None:
    """Traffic shows at eight and at eighteen o'clock on working days."""
    air = outdoors.ambient_air
    for code in ("a21004", "a21005"):
        noon = mean(air, code, SUMMER, range(11, 13))
        assert mean(air, code, SUMMER, range(7, 9)) > 1.3 * noon
        assert mean(air, code, SUMMER, range(17, 19)) > 1.1 * noon


def test_particles_pile_up_in_calm_nights_and_in_winter() -> None:
    """PM2.5 is higher before dawn than in the afternoon, and in January than in July."""
    air = outdoors.ambient_air
    night = mean(air, "a34004", WINTER, range(2, 6))
    assert night > 1.15 * mean(air, "a34004", WINTER, range(13, 17))
    assert night > 1.3 * mean(air, "a34004", SUMMER, range(2, 6))


def test_fine_particles_are_part_of_the_coarser() -> None:
    """PM2.5 <= PM10 <= TSP wherever both are measured."""
    for k in range(500):
        air = outdoors.ambient_air(k, SUMMER + k * 7201)
        assert air["a34004"] < air["a34002"]
        site = outdoors.building_site(k, SUMMER + k * 7201)
        assert site["a34004"] < site["a34002"] < site["a34001"] + 15


def test_building_sites_are_loud_and_dusty_by_day() -> None:
    """Work shows in dust and noise."""
    site = outdoors.building_site
    for code, factor in (("a34001", 1.3), ("LA", 1.15)):
        assert mean(site, code, SUMMER, range(9, 11)) > factor * mean(site, code, SUMMER, range(4))


def test_streets_are_quieter_at_night() -> None:
    """Noise follows traffic."""
    street = outdoors.street_noise
    assert mean(street, "LA", SUMMER, range(8, 9)) > mean(street, "LA", SUMMER, range(2, 4)) + 5


def test_river_oxygen_follows_light_and_temperature() -> None:
    """Algae give oxygen by day; cold water holds more of it."""
    river = outlets.river
    assert mean(river, "w01009", SUMMER, range(13, 16)) > 0.3 + mean(
        river, "w01009", SUMMER, range(3, 5)
    )
    assert mean(river, "w01009", WINTER, range(24)) > 2 + mean(river, "w01009", SUMMER, range(24))
    assert mean(river, "w01001", SUMMER, range(13, 16)) > mean(river, "w01001", SUMMER, range(4))


def test_waste_water_flows_with_the_shifts() -> None:
    """A plant discharges by day."""
    plant = outlets.waste_water
    assert mean(plant, "w00000", SUMMER, range(9, 12)) > 1.4 * mean(
        plant, "w00000", SUMMER, range(1, 5)
    )


def test_stack_gas_hangs_together() -> None:
    """More load: less oxygen, faster gas, more flow."""
    day = [outlets.flue_gas(5, at(SUMMER, hour / 4)) for hour in range(96)]
    load = [outlets.boiler_load(5, at(SUMMER, hour / 4)) for hour in range(96)]
    assert correlation(load, [r["a19001"] for r in day]) < -0.7
    assert correlation(load, [r["a01011"] for r in day]) > 0.9
    assert correlation(load, [r["a00000"] for r in day]) > 0.9


@pytest.mark.parametrize(
    ("value", "oxygen", "expected"), [(30, 6.0, 30), (30, 11.0, 45), (30, 20.9, None)]
)
def test_conversion_to_reference_oxygen(
    value: float, oxygen: float, expected: float | None
) -> None:
    """C * (21 - 6) / (21 - O2); nothing when the stack is full of air."""
    assert outlets.converted(value, oxygen) == pytest.approx(expected)
