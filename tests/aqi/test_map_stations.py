"""Stations that a map can use, and the notes about those that it cannot."""

from __future__ import annotations

import numpy as np

from aqi.maps.notes import Note
from aqi.maps.stations import gather

NAN = float("nan")


def test_usable_stations_stay_as_they_are() -> None:
    """Nothing is said where nothing is wrong; a missing value stays missing."""
    found = gather(["a", "b"], [120.0, 121.0], [30.0, 31.0], {"PM2.5": [35.0, NAN]})
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.values["PM2.5"], [35.0, NAN])
    assert found.notes == ()


def test_without_coordinates_is_left_out_by_name() -> None:
    """Unknown, impossible and forgotten (0, 0) places are three stations less, each named."""
    found = gather(
        ["a", "b", "c", "d"],
        [120.0, NAN, 0.0, 190.0],
        [30.0, 30.0, 0.0, 30.0],
        {"PM2.5": [1.0, 2.0, 3.0, 4.0]},
    )
    assert found.names == ("a",)
    assert found.notes == (Note("no_coordinates", ("b",)), Note("bad_coordinates", ("c", "d")))


def test_one_mistyped_coordinate_does_not_stretch_the_map() -> None:
    """More than 20 degrees from the middle of the others is no neighbour."""
    found = gather(
        ["a", "b", "c", "swapped"],
        [120.0, 120.1, 120.2, 30.3],
        [30.0, 30.1, 30.2, 60.2],
        {"PM2.5": [1.0, 2.0, 3.0, 4.0]},
    )
    assert found.names == ("a", "b", "c")
    assert found.notes == (Note("far_away", ("swapped",)),)


def test_same_place_is_averaged_and_said() -> None:
    """Two instruments on one roof are one station with the mean of what they have."""
    found = gather(
        ["b", "a", "b2", "c"],
        [120.0, 119.0, 120.0, 121.0],
        [30.0, 30.0, 30.0, 30.0],
        {"PM2.5": [10.0, 1.0, 20.0, 3.0], "O3": [NAN, 1.0, 8.0, NAN]},
    )
    assert found.names == ("b+b2", "a", "c")
    np.testing.assert_array_equal(found.values["PM2.5"], [15.0, 1.0, 3.0])
    np.testing.assert_array_equal(found.values["O3"], [8.0, 1.0, NAN])
    assert found.notes == (Note("same_place", ("b", "b2")),)


def test_impossible_values_are_missing() -> None:
    """Negative and infinite values are no concentrations; a measured 0 is one."""
    found = gather(["a", "b", "c"], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"CO": [-0.1, np.inf, 0.0]})
    np.testing.assert_array_equal(found.values["CO"], [NAN, NAN, 0.0])
    assert found.notes == (Note("bad_value", ("a", "b")),)


def test_notes_speak_two_languages() -> None:
    """Names come first, many of them are counted."""
    note = Note("no_coordinates", ("甲", "乙"))
    assert note.english() == "甲, 乙: left out, without coordinates"
    assert note.chinese() == "甲、乙：无坐标，未参与"
    assert Note("one_line").english() == "the stations stand on one line"
    many = Note("no_value", tuple("abcdefgh"))
    assert many.english() == "a, b, c, d, e, f… (8): without a valid value"
    assert Note("clipped", count=3).as_json()["zh"] == "网格负值置零（3）"
