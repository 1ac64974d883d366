"""Which hourly values of waste water count."""

from __future__ import annotations

import numpy as np

from aqi.waste_water.validity import failed_hours, marks

NAN = float("nan")


def test_the_first_reason_that_fits() -> None:
    """One mark an hour, in a fixed order."""
    found = marks(
        [30, NAN, np.inf, -1, 30, 30, 30, 30, 30],
        [10, 10, 10, 10, 10, 10, 0, -1, NAN],
        ["N", "N", "N", "N", "C", "N", "N", "N", ""],
        failed=[False] * 5 + [True] + [False] * 3,
    )
    assert found.tolist() == [
        *("", "none", "absurd", "negative", "flag", "control"),
        *("no flow", "flow", "flow"),
    ]


def test_ph_twenty_is_absurd() -> None:
    """Only for pH; a chemical oxygen demand of 20 is clean."""
    assert marks([20.0], [1.0], item="pH").tolist() == ["absurd"]
    assert marks([20.0], [1.0], item="COD").tolist() == [""]


def test_without_a_flow_meter_hours_are_not_looked_at_for_it() -> None:
    """The pond without a meter."""
    assert marks([20.0, -1.0], None).tolist() == ["", "negative"]


def test_failed_until_the_next_passed_control() -> None:
    """From the failed check on; a later failure does not shorten it."""
    found = failed_hours(10, [(6, True), (3, False), (5, False), (8, False)])
    assert np.flatnonzero(found).tolist() == [3, 4, 5, 8, 9]
    assert not failed_hours(5, []).any()
