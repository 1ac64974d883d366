"""Neighbours: found within the radius, of one medium, whatever the crowd."""

import numpy as np

from alerts.detect.neighbours import NOBODY, medians, nearest


def _slow_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lon, lat = np.radians(a[0] - b[0]), np.radians(a[1] - b[1])
    mean = np.radians((a[1] + b[1]) / 2)
    return float(6371 * np.hypot(lon * np.cos(mean), lat))


def test_those_within_the_radius_are_neighbours() -> None:
    """Against all pairs, where nobody has more than there is room for."""
    random = np.random.default_rng(1)
    places = np.column_stack([random.uniform(115, 118, 120), random.uniform(30, 33, 120)])
    group = random.integers(0, 2, 120)
    near = nearest(places[:, 0], places[:, 1], group, 20.0)
    for one in range(120):
        km = {
            other: _slow_km(tuple(places[one]), tuple(places[other]))
            for other in range(120)
            if other != one and group[other] == group[one]
        }
        wanted = {other for other, far in km.items() if far < 19.9}
        found = set(near.who[one].tolist()) - {NOBODY}
        assert wanted <= found
        assert all(km[other] < 20.1 for other in found)
        assert (np.diff(near.km[one][np.isfinite(near.km[one])]) >= 0).all()


def test_in_a_crowd_there_are_as_many_as_there_is_room_for() -> None:
    """Thousands in a town, and all in one spot: a dozen near ones each, never oneself."""
    random = np.random.default_rng(2)
    for spread in (0.2, 0.0):
        x = 116 + spread * random.uniform(0, 1, 3000)
        y = 31 + spread * random.uniform(0, 1, 3000)
        near = nearest(x, y, np.zeros(3000, np.int64), 20.0)
        assert (near.who != NOBODY).all()
        assert (near.who != np.arange(3000)[:, None]).all()
        assert near.km.max() < 20.0


def test_who_has_no_place_has_no_neighbours() -> None:
    """And is nobody's."""
    x, y = np.array([116.0, np.nan, 116.01]), np.array([31.0, 31.0, 31.0])
    near = nearest(x, y, np.zeros(3, np.int64), 20.0)
    assert near.who[:, 0].tolist() == [2, NOBODY, 0]
    assert near.within(np.array([0]), np.array([0.5])).tolist()[0][0] == NOBODY


def test_medians_of_what_is_there() -> None:
    """nan is left out; too few make nan."""
    nan = np.nan
    values = np.array([[1.0, 9.0, 2.0, nan], [1.0, nan, nan, nan], [4.0, 1.0, 3.0, 2.0]])
    found = medians(values, np.array([3, 3, 3]))
    assert found[0] == 2.0
    assert np.isnan(found[1])
    assert found[2] == 2.5
