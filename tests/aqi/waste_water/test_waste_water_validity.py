"""Which hourly values of waste water count."""

from __future__ import annotations

import numpy as np

from aqi.waste_water.validity import marks

NAN = float("nan")


def test_the_first_reason_that_fits() -> None:
    """One mark an hour, in a fixed order."""
    found = marks(
        [30, NAN, np.inf, -1, 30, 30, 30, 30],
        [10, 10, 10, 10, 10, 0, -1, NAN],
        ["N", "N", "N", "N", "C", "N", "N", ""],
    )
    assert found.tolist() == [
        *("", "none", "absurd", "negative", "flag"),
        *("no flow", "flow", "flow"),
    ]


def test_ph_twenty_is_absurd() -> None:
    """Only for pH; a chemical oxygen demand of 20 is clean."""
    assert marks([20.0], [1.0], item="pH").tolist() == ["absurd"]
    assert marks([20.0], [1.0], item="COD").tolist() == [""]


def test_without_a_flow_meter_hours_are_not_looked_at_for_it() -> None:
    """The pond without a meter."""
    assert marks([20.0, -1.0], None).tolist() == ["", "negative"]
