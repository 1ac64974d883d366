"""Counts and means by direction, calm hours, and the mean wind as a vector."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.analysis.roses import (
    SECTOR_NAMES,
    SECTOR_NAMES_ZH,
    polar_frequency,
    pollution_rose,
    sector_of,
    vector_mean,
    wind_rose,
)

NAN = float("nan")


def test_sectors_are_centred_on_north() -> None:
    """0, 360 and 355 are north; 11.25 begins the next sector."""
    said = sector_of([0, 360, 355, 11.2, 11.25, 45, 90, 180, 270, 348.75])
    assert [SECTOR_NAMES[n] for n in said] == (
        ["N", "N", "N", "N", "NNE", "NE", "E", "S", "W", "N"]
    )
    assert [SECTOR_NAMES_ZH[n] for n in sector_of([22.5, 67.5, 315])] == [
        "北东北",
        "东东北",
        "西北",
    ]
    assert list(sector_of([44.9, 45.1, 359], sectors=4)) == [0, 1, 0]


def test_every_hour_is_counted_once() -> None:
    """In a sector and class, as calm, or as skipped."""
    direction = [0, 359, 90, 90, NAN, 400, 10, 10, NAN]
    speed = [1.0, 2.0, 3.3, 9.0, 2.0, 2.0, -1.0, NAN, 0.2]
    rose = wind_rose(direction, speed)
    assert rose.edges == (1.5, 3.3, 5.4, 7.9)
    assert list(rose.counts[0]) == [1, 1, 0, 0, 0]
    assert list(rose.counts[4]) == [0, 1, 0, 0, 1]
    assert (rose.calm, rose.skipped, rose.n) == (1, 4, 5)
    assert rose.mean[0] == pytest.approx(1.5)
    assert np.isnan(rose.mean[8])
    assert rose.calm_mean == pytest.approx(0.2)
    assert rose.shares().sum() == pytest.approx(4 / 5)
    assert rose.class_names() == ("<= 1.5", "1.5-3.3", "3.3-5.4", "5.4-7.9", "> 7.9")


def test_calm_limit_can_be_set() -> None:
    """What is calm to one vane is wind to another; calm hours need no direction."""
    assert wind_rose([0, 0, NAN], [0.3, 0.6, 0.3]).calm == 2
    assert wind_rose([0, 0, NAN], [0.3, 0.6, 0.3], calm_ms=0.2).calm == 0
    assert wind_rose([0, 0, NAN], [0.3, 0.6, 0.3], calm_ms=0.2).skipped == 1


def test_pollution_rose_counts_concentrations() -> None:
    """By class of the value, with the mean of each sector; a missing value is skipped."""
    rose = pollution_rose(
        [90, 90, 90, 270, 90, 90],
        [2, 2, 2, 2, 0.1, 2],
        [35, 50, 100, 20, 80, NAN],
        (35, 75),
        what="PM2.5",
    )
    assert list(rose.counts[4]) == [1, 1, 1]
    assert list(rose.counts[12]) == [1, 0, 0]
    assert rose.mean[4] == pytest.approx(185 / 3)
    assert (rose.calm, rose.calm_mean, rose.skipped) == (1, 80.0, 1)
    assert pollution_rose([90], [2], [-5], (35,)).skipped == 1


def test_counts_equal_a_loop() -> None:
    """A year of hours against counting one by one."""
    random = np.random.default_rng(4)
    direction, speed = random.random(8760) * 360, random.gamma(2, 1, 8760)
    rose = wind_rose(direction, speed)
    counts = np.zeros_like(rose.counts)
    for d, v in zip(direction, speed, strict=True):
        if v >= 0.5:
            sector = int(((d + 11.25) % 360) // 22.5)
            counts[sector, sum(v > edge for edge in rose.edges)] += 1
    np.testing.assert_array_equal(rose.counts, counts)
    assert rose.n == 8760


def test_polar_frequency() -> None:
    """Hours and means by sector and speed."""
    found = polar_frequency([0, 0, 180, 0], [0.5, 0.5, 5.5, NAN], [10, 20, 40, 50])
    assert found.counts[0, 0] == 2
    assert found.mean[0, 0] == 15
    assert found.counts[8, 5] == 1
    assert np.isnan(found.mean[3, 3])
    assert found.skipped == 1
    assert polar_frequency([90], [2.5]).mean[4, 2] == 2.5


def test_mean_of_two_norths_is_north() -> None:
    """Never the mean of degrees."""
    mean = vector_mean([350, 10], [2, 2])
    assert mean.direction == pytest.approx(0.0, abs=1e-9) or mean.direction == pytest.approx(360)
    assert mean.speed == pytest.approx(2 * np.cos(np.radians(10)))
    assert mean.steadiness == pytest.approx(np.cos(np.radians(10)))


def test_mean_of_opposites_has_no_direction() -> None:
    """They cancel; nothing blows; nothing is known."""
    mean = vector_mean([90, 270], [3, 3])
    assert np.isnan(mean.direction)
    assert mean.steadiness == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(vector_mean([NAN], [2]).speed)
    assert vector_mean([NAN], [2]).n == 0
    assert vector_mean([90, 180], [3, 1]).direction == pytest.approx(np.degrees(np.arctan2(3, -1)))


def test_wrong_questions() -> None:
    """Borders must rise, and each speed has a direction."""
    with pytest.raises(ValueError, match="must rise"):
        wind_rose([1], [1], edges=(3, 2))
    with pytest.raises(ValueError, match="not as many"):
        wind_rose([1, 2], [1])


def test_nothing_at_all() -> None:
    """No hours make an empty rose."""
    rose = wind_rose([], [])
    assert (rose.n, rose.calm, rose.shares().sum()) == (0, 0, 0)
    assert np.isnan(rose.calm_mean)
