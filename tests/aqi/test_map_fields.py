"""Fields of one pollutant: methods, masks, fallbacks and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from aqi import extras
from aqi.maps import kriging
from aqi.maps.field import Field, Method, interpolate
from aqi.maps.grid import grid_over
from aqi.maps.plane import Plane

RANDOM = np.random.default_rng(663)
POINTS = RANDOM.random((25, 2)) * 40_000
PLANAR = 30 + POINTS[:, 0] / 1_000 + 0.5 * POINTS[:, 1] / 1_000
GRID = grid_over(Plane("EPSG:32651"), POINTS, 3_000.0, 1_000.0)
NAN = float("nan")


def field(values: np.ndarray, method: Method = "idw", count: int = 25, log: bool = False) -> Field:
    """The field of the first stations."""
    names = tuple(f"s{n}" for n in range(count))
    return interpolate(
        GRID,
        POINTS[:count],
        values[:count],
        buffer_m=3_000.0,
        method=method,
        log=log,
        with_sigma=True,
        names=names,
    )


def codes(found: Field) -> list[str]:
    """What is said of a field."""
    return [note.code for note in found.notes]


def test_plane_comes_back_from_kriging() -> None:
    """A tilted plane is met within a few percent of its range, better than by distance."""
    x, y = np.meshgrid(GRID.x, GRID.y)
    truth = 30 + x / 1_000 + 0.5 * y / 1_000
    kriged, weighted = field(PLANAR, "kriging"), field(PLANAR)
    assert kriged.method == "kriging"
    assert np.abs(kriged.values - truth)[kriged.inside].max() < 0.1 * np.ptp(PLANAR)
    assert kriged.score.mae < weighted.score.mae / 2
    assert codes(kriged) == codes(weighted) == []


def test_nothing_is_shown_outside() -> None:
    """The mask is the hull of the stations with a value, plus the buffer."""
    found = field(PLANAR)
    assert np.isnan(found.shown()[~found.inside]).all()
    assert np.isfinite(found.shown()[found.inside]).all()
    assert 0.4 < found.inside.mean() < 0.99
    fewer = np.where(POINTS[:, 0] < 20_000, PLANAR, NAN)
    assert field(fewer).inside.sum() < found.inside.sum()


def test_few_stations_fall_back_and_say_so() -> None:
    """Three or seven stations make no variogram."""
    for count in (3, 7):
        found = field(PLANAR, "kriging", count)
        assert found.method == "idw"
        assert found.sigma is None
        assert codes(found) == ["few_for_kriging"]
    assert field(PLANAR, "kriging", 8).method == "kriging"


def test_no_variogram_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no system can be solved the field is weighted by distance."""
    monkeypatch.setattr(kriging, "_WORST_CONDITION", 1.0)
    found = field(PLANAR, "kriging")
    assert found.method == "idw"
    assert codes(found) == ["no_variogram"]


def test_equal_values() -> None:
    """A flat field has no variogram; it is flat, and said to be."""
    found = field(np.full(25, 42.0), "kriging")
    np.testing.assert_allclose(found.values, 42.0)
    assert codes(found) == ["all_equal"]


def test_one_station_and_none() -> None:
    """One station makes a map with a warning; none makes an empty one."""
    alone = field(PLANAR, count=1)
    np.testing.assert_allclose(alone.values, PLANAR[0])
    assert np.isnan(alone.score.rmse)
    assert codes(alone) == ["one_station"]
    nothing = field(np.full(25, NAN))
    assert np.isnan(nothing.values).all()
    assert not nothing.inside.any()
    assert codes(nothing) == ["no_value", "no_station"]


def test_stations_on_one_line() -> None:
    """They are kriged all the same, shown along the line, and said to be one."""
    road = np.column_stack([np.linspace(0, 40_000, 10), np.linspace(0, 20_000, 10)])
    found = interpolate(GRID, road, PLANAR[:10], buffer_m=2_000.0, method="kriging")
    assert np.isfinite(found.values).all()
    assert "one_line" in codes(found)


def test_missing_values_are_named() -> None:
    """A station without a value is left out by name and has no error."""
    values = PLANAR.copy()
    values[3] = NAN
    found = field(values)
    assert found.notes[0].names == ("s3",)
    assert found.score.n == 24
    assert np.isnan(found.said[3])


def test_log_keeps_skewed_fields_above_zero() -> None:
    """The logarithm is kriged and turned back; its standard error is of the logarithm."""
    skewed = np.exp(RANDOM.normal(2.0, 1.0, 25))
    found = field(skewed, "kriging", log=True)
    assert found.log
    assert found.values.min() >= 0
    assert found.sigma is not None
    assert np.nanmax(found.sigma) < 5


def test_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra is told its name."""

    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(extras.importlib, "import_module", absent)
    with pytest.raises(extras.ExtraMissing, match=r"shapely is not installed.*hj212d\[analysis\]"):
        field(PLANAR)
