"""Exceptional events and the test that proposes dust."""

from __future__ import annotations

import numpy as np

from aqi.events import Event, dust_hours, taken_out

NAN = np.nan


def test_what_an_event_takes_out() -> None:
    """Dust takes particles, between its start and its end; a named list takes what it names."""
    hours = np.arange(6)
    dust, fire = Event(1, 3), Event(4, 5, ("O3",))
    assert taken_out(hours, "PM10", [dust, fire]).tolist() == [False, True, True, *[False] * 3]
    assert taken_out(hours, "O3", [dust, fire]).tolist() == [*[False] * 4, True, False]
    assert not taken_out(hours, "PM10", []).any()


def test_dust_begins_and_ends() -> None:
    """Twice the mean of six hours and above 150; back within 10 % of that mean."""
    series = np.array([80.0] * 6 + [160.0, 500.0, NAN, 89.0, 88.0, 80.0])
    assert dust_hours(series) == [(6, 10)]


def test_what_is_no_dust() -> None:
    """Twice a low mean is not enough, nor 150 itself, nor a mean with a gap."""
    assert dust_hours(np.array([40.0] * 6 + [120.0, 40.0])) == []
    assert dust_hours(np.array([75.0] * 6 + [150.0, 40.0])) == []
    assert dust_hours(np.array([80.0] * 5 + [NAN, 400.0])) == []
    assert dust_hours(np.array([80.0] * 6 + [400.0, 300.0])) == [(6, 8)]
    assert dust_hours(np.array([400.0])) == []
