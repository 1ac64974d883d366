"""Hours side by side, and the flow of outlets."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from hj212d.hub.media.grid import Grid, cubic_metres, dry_cubic_metres, micros, moment
from hj212d.hub.media.lines import Mean
from hj212d.hub.site import Site

BEGIN = datetime(2025, 6, 1, 16)
FIRST = micros(BEGIN)
HOUR_US = 3_600_000_000


def mean(
    factor: str, item: str, hour: int, value: float | None, mark: str = "", stat: str = "mean"
) -> Mean:
    """An hour of a factor."""
    start = BEGIN + timedelta(hours=hour)
    rest = (value, None, None, 60, 45, mark, 1, None)
    return Mean(start, start + timedelta(hours=1), factor, item, stat, *rest)


def test_moments_there_and_back() -> None:
    """Naive UTC, to the microsecond."""
    at = datetime(2025, 6, 1, 3, 4, 5, 678901)
    assert moment(micros(at)) == at


def test_marked_and_foreign_hours_are_no_values() -> None:
    """A marked mean is nan with its mark; hours outside are left out."""
    grid = Grid(
        [
            mean("w01018", "COD", 0, 10.0),
            mean("w01018", "COD", 1, 20.0, "flag"),
            mean("w01018", "COD", 9, 30.0),
            mean("w01018", "COD", 0, 1.5, stat="total"),
        ],
        FIRST,
        FIRST + 3 * HOUR_US,
    )
    assert grid.size == 3
    assert grid.values("w01018")[0] == 10.0
    assert np.isnan(grid.values("w01018")[1:]).all()
    assert grid.marks("w01018").tolist() == ["", "flag", ""]
    assert grid.values("w01018", "total")[0] == 1.5
    assert np.isnan(grid.values("w00000")).all()
    assert grid.between(FIRST + HOUR_US, FIRST + 9 * HOUR_US) == slice(1, 3)


@pytest.mark.parametrize(
    ("unit", "value", "wanted"),
    [("", 10.0, 36.0), ("m3/h", 36.0, 36.0), ("m3/s", 0.01, 36.0), ("mg/L", 1.0, None)],
)
def test_water_by_the_hour(unit: str, value: float, wanted: float | None) -> None:
    """10 L/s are 36 m3 an hour; a unit that is no flow gives nothing."""
    site = Site(mn="W1", medium="wastewater", units={"w00000": unit} if unit else {})
    found = cubic_metres(site, Grid([mean("w00000", "flow", 0, value)], FIRST, FIRST + HOUR_US))
    assert found[0] == pytest.approx(wanted) if wanted is not None else np.isnan(found[0])
    negative = Grid([mean("w00000", "flow", 0, -1.0)], FIRST, FIRST + HOUR_US)
    assert np.isnan(cubic_metres(site, negative)[0])


def test_flue_gas_by_flow_or_by_velocity() -> None:
    """The flow as sent; without one the velocity through the duct, brought to the dry standard
    state; with neither nothing."""
    sent = Grid([mean("a00000", "flow", 0, 50.0)], FIRST, FIRST + HOUR_US)
    found, source = dry_cubic_metres(Site(mn="F1", medium="flue"), sent)
    assert (float(found[0]), source) == (180_000.0, "flow")
    parts = [("a01011", "velocity", 10.0), ("a01012", "temperature", 273.0)]
    parts += [("a01013", "pressure", 0.0), ("a01014", "humidity", 10.0)]
    by_speed = Grid(
        [mean(code, item, 0, value) for code, item, value in parts], FIRST, FIRST + HOUR_US
    )
    duct = Site(mn="F1", medium="flue", stack_area_m2=5.0)
    found, source = dry_cubic_metres(duct, by_speed)
    assert (float(found[0]), source) == (pytest.approx(81_000.0), "velocity")
    found, source = dry_cubic_metres(Site(mn="F1", medium="flue"), by_speed)
    assert np.isnan(found[0])
    assert source == ""


def test_a_wet_flow_is_dried() -> None:
    """Where the outlet says that it is sent wet and as it is."""
    parts = [("a00000", "flow", 50.0), ("a01012", "temperature", 273.0)]
    parts += [("a01013", "pressure", 0.0), ("a01014", "humidity", 10.0)]
    grid = Grid(
        [mean(code, item, 0, value) for code, item, value in parts], FIRST, FIRST + HOUR_US
    )
    site = Site(mn="F1", medium="flue", outlet={"flow": "wet"})
    assert float(dry_cubic_metres(site, grid)[0][0]) == pytest.approx(81_000.0)
