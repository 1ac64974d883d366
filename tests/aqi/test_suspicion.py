"""Hour values that look wrong."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.suspicion import Figures, Suspicion, suspicions

FIGURES = Figures(
    constant_h=4,
    jump_times=8.0,
    jump_least={"PM2.5": 50.0, "PM10": 80.0},
    inversion_margin=5.0,
    range_most={"PM2.5": 1000.0},
)
NAN = float("nan")


def found(figures: Figures = FIGURES, /, **hours: list[float]) -> list[Suspicion]:
    """What looks wrong; fine and coarse stand for PM2.5 and PM10."""
    names = {"fine": "PM2.5", "coarse": "PM10", "co": "CO"}
    return suspicions({names[name]: np.array(v, float) for name, v in hours.items()}, figures)


def test_an_ordinary_day() -> None:
    """Nothing is proposed; nor where nothing is."""
    day = [30 + 10 * np.sin(hour / 4) + hour % 3 for hour in range(24)]
    assert found(fine=day, coarse=[2 * value for value in day]) == []
    assert found(fine=[NAN] * 24) == found(fine=[]) == []


def test_a_value_that_stands_still() -> None:
    """From so many on; a gap ends it."""
    (one,) = found(fine=[20, 31.5, 31.5, 31.5, 31.5, 22])
    assert one == Suspicion("PM2.5", 1, 5, "constant", "31.5 ug/m3 for 4 hours")
    assert found(fine=[20, 31.5, 31.5, 31.5, 22]) == []
    assert found(fine=[31.5, 31.5, NAN, 31.5, 31.5]) == []
    assert found(FIGURES._replace(constant_h=0), fine=[7.0] * 24) == []


def test_one_hour_far_from_both_its_neighbours() -> None:
    """Up or down; a rise that stays is weather, and the last hour has one neighbour only."""
    (up,) = found(fine=[20, 22, 21, 180, 23, 21])
    assert up == Suspicion("PM2.5", 3, 4, "jump", "180 between 21 and 23 ug/m3")
    (down,) = found(fine=[120, 122, 121, 2, 123, 121])
    assert (down.first, down.reason) == (3, "jump")
    assert found(fine=[20, 22, 21, 180, 190, 185]) == []
    assert found(fine=[20, 22, 21, 180]) == []
    assert found(fine=[20, 22, NAN, 180, 23]) == []
    assert found(FIGURES._replace(jump_times=0), fine=[20, 22, 21, 180, 23, 21]) == []


def test_what_is_usual_here_is_no_jump() -> None:
    """Where every hour is far from the next, none stands out."""
    assert found(fine=[10, 90, 12, 95, 9, 91, 14, 88]) == []


def test_fine_dust_above_coarse() -> None:
    """Proposed for both, since nobody knows which is wrong; a little is noise."""
    both = found(fine=[30, 50, 62, 30], coarse=[33, 40, 48, 28])
    sentence = "PM2.5 62 above PM10 48 ug/m3"
    assert both == [
        Suspicion("PM10", 1, 3, "inversion", sentence),
        Suspicion("PM2.5", 1, 3, "inversion", sentence),
    ]


def test_below_zero_and_out_of_range() -> None:
    """Neighbouring hours are one proposal."""
    negative, beyond = found(fine=[5, -1, -3.25, 4, 1200, 1100, 1001, 6])
    assert negative == Suspicion("PM2.5", 1, 3, "negative", "down to -3.25 ug/m3")
    assert beyond == Suspicion("PM2.5", 4, 7, "range", "up to 1200, above 1000 ug/m3")
    (own,) = found(co=[0.5, -0.25, 0.625])
    assert own.note == "down to -0.25 mg/m3"


@pytest.mark.parametrize("place", [0, 23])
def test_at_the_edges(place: int) -> None:
    """The first and the last hour are judged as far as they can be."""
    day = [20.0 + hour % 5 for hour in range(24)]
    day[place] = -4.0
    (one,) = found(fine=day)
    assert (one.first, one.last, one.reason) == (place, place + 1, "negative")
