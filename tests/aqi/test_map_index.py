"""Bands of concentrations, maps of the index, and the atlas that makes both."""

from __future__ import annotations

import numpy as np
import pytest

from aqi.judge_arrays import BIT, judge_arrays
from aqi.maps.atlas import Atlas, Choice
from aqi.maps.bands import (
    band_at,
    bands_of_index,
    bands_of_pollutant,
    nodes_of,
    smooth_index,
)
from aqi.maps.notes import Note
from aqi.standards import HJ633_2012, HJ633_2026

NAN = float("nan")
RANDOM = np.random.default_rng(3095)
COUNT = 20
LON, LAT = 119.5 + RANDOM.random(COUNT) * 1.2, 29.8 + RANDOM.random(COUNT) * 0.8
PM25, O3 = 20 + RANDOM.random(COUNT) * 120, 80 + RANDOM.random(COUNT) * 200
NAMES = [f"s{n}" for n in range(COUNT)]
ATLAS = Atlas(NAMES, LON, LAT, cell_m=4_000.0)


def borders(pollutant: str, mode: str = "daily", standard: object = HJ633_2026) -> list[float]:
    """The upper ends of the bands."""
    found = bands_of_pollutant(standard, pollutant, mode)  # type: ignore[arg-type]
    return [band.upper for band in found]


def test_bands_are_the_nodes_of_the_sub_index() -> None:
    """Table of HJ 633: PM2.5 changed in 2026, the last band is open."""
    assert borders("PM2.5") == [35, 60, 115, 150, 250, np.inf]
    assert borders("PM2.5", standard=HJ633_2012) == [35, 75, 115, 150, 250, np.inf]
    assert borders("PM10") == [50, 120, 250, 350, 420, np.inf]
    assert borders("CO", "hourly") == [5, 10, 35, 60, 90, np.inf]
    assert borders("O3") == [100, 160, 215, 265, np.inf]
    assert borders("O3", "hourly") == [160, 200, 300, 400, 800, np.inf]


def test_bands_where_the_sub_index_ends() -> None:
    """SO2 of an hour: 200 for all above 800 in 2026, none at all in 2012."""
    assert borders("SO2", "hourly") == [150, 500, 650, np.inf]
    old = bands_of_pollutant(HJ633_2012, "SO2", "hourly")
    assert [band.upper for band in old] == [150, 500, 650, 800, np.inf]
    assert (old[-1].level, old[-1].category) == (0, "无分指数")
    with pytest.raises(ValueError, match="no sub-index for TSP"):
        bands_of_pollutant(HJ633_2026, "TSP", "daily")


def test_a_border_belongs_to_the_cleaner_side() -> None:
    """35 ug/m3 is 50, and 0 is measured."""
    bands = bands_of_pollutant(HJ633_2026, "PM2.5", "daily")
    levels = [band.level if (band := band_at(bands, v)) else None for v in (0, 35, 35.1, 999, NAN)]
    assert levels == [1, 1, 2, 6, None]
    assert [band.range_text(whole=True) for band in bands_of_index()][:2] == ["0-50", "51-100"]
    assert bands[-1].range_text() == "> 250"


@pytest.mark.parametrize("mode", ["daily", "hourly"])
@pytest.mark.parametrize("pollutant", ["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"])
def test_smooth_index_rounds_up_to_the_judged_one(pollutant: str, mode: str) -> None:
    """At whole steps of a concentration the two differ by the rounding up alone."""
    found = nodes_of(HJ633_2026, pollutant, mode)  # type: ignore[arg-type]
    values = np.arange(0, found.steps[-1] + 50) / 10.0**found.decimals
    smooth = smooth_index(HJ633_2026, pollutant, mode, values)  # type: ignore[arg-type]
    judged = judge_arrays(HJ633_2026, mode, {pollutant: values}).aqi  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.ceil(smooth - 1e-9), judged)


def test_concentrations_first_then_the_index() -> None:
    """Each cell's AQI is that of its interpolated concentrations, its primary too."""
    made = ATLAS.index({"PM2.5": PM25, "O3": O3}, HJ633_2026, "hourly")
    cells = {p: field.shown() for p, field in made.fields.items()}
    judged = judge_arrays(HJ633_2026, "hourly", cells)
    np.testing.assert_array_equal(made.judged.aqi, judged.aqi)
    inside = made.surface.inside
    assert (made.judged.aqi[~inside] == -1).all()
    assert (made.judged.aqi[inside] >= 0).all()
    assert set(made.judged.primary[inside]) >= {BIT["PM2.5"], BIT["O3"]}


def test_the_index_is_not_interpolated() -> None:
    """Two bad places, each by its own pollutant, have a clean place between them."""
    atlas = Atlas(["a", "b"], [120.0, 120.4], [30.0, 30.0], cell_m=2_000.0, buffer_m=5_000.0)
    made = atlas.index({"PM2.5": [150.0, 0.0], "O3": [0.0, 400.0]}, HJ633_2026, "hourly")
    np.testing.assert_array_equal(made.surface.measured, [200, 200])
    row = made.surface.values[atlas.grid.shape[0] // 2]
    assert np.nanmin(row) < 130


def test_error_is_that_of_the_index() -> None:
    """Said concentrations are judged, then compared with the stations' own AQI."""
    made = ATLAS.index({"PM2.5": PM25, "O3": O3}, HJ633_2026, "hourly")
    said = {p: field.said for p, field in made.fields.items()}
    expected = judge_arrays(HJ633_2026, "hourly", said).aqi
    np.testing.assert_array_equal(made.surface.said, expected)
    own = judge_arrays(HJ633_2026, "hourly", {"PM2.5": PM25, "O3": O3})
    assert made.surface.score.rmse == pytest.approx(np.sqrt(np.mean((expected - own.aqi) ** 2.0)))
    hits = judge_arrays(HJ633_2026, "hourly", said).level == own.level
    assert made.surface.level_hits == hits.sum()


def test_what_is_not_measured_everywhere_is_said() -> None:
    """O3 in the west only, nothing at one station, and no CO at all."""
    ozone = np.where(LON < 120.0, O3, NAN)
    dust = PM25.copy()
    silent = int(np.argmax(LON))
    dust[silent] = NAN
    made = ATLAS.index({"PM2.5": dust, "O3": ozone}, HJ633_2026, "hourly")
    assert Note("absent", ("PM10", "SO2", "NO2", "CO")) in made.surface.notes
    assert Note("covers_part", ("O3",)) in made.surface.notes
    assert Note("no_value", (f"s{silent}",)) in made.surface.notes


def test_kriging_of_an_index_names_who_fell_back() -> None:
    """PM2.5 is kriged; three stations of O3 are too few."""
    ozone = np.where(np.arange(COUNT) < 3, O3, NAN)
    made = ATLAS.index({"PM2.5": PM25, "O3": ozone}, HJ633_2026, "hourly", Choice("kriging"))
    assert Note("few_for_kriging", ("O3",)) in made.surface.notes
    assert made.surface.how[1] == "ordinary kriging of PM2.5, the others by inverse distance"


def test_atlas_keeps_grid_and_order() -> None:
    """Hours differ in values, never in cells or in the order of stations."""
    one = ATLAS.concentration("PM2.5", PM25, HJ633_2026, "daily")
    other = ATLAS.concentration("PM2.5", np.full(COUNT, NAN), HJ633_2026, "daily")
    assert one.grid is other.grid
    assert one.names == other.names == tuple(NAMES)
    assert np.isnan(other.shown()).all()
    assert [note.code for note in other.notes] == ["no_value", "no_station"]
    assert one.show(35.5) == "36"
    assert ATLAS.concentration("CO", PM25 / 50, HJ633_2026, "daily").show(1.25) == "1.2"


def test_wide_networks_are_said_to_be() -> None:
    """A map of the country stands in an equal-area plane."""
    wide = Atlas(NAMES, 90 + LON - LON.min() + np.arange(COUNT), LAT, cell_m=50_000.0)
    assert Note("wide") in wide.concentration("PM2.5", PM25, HJ633_2026, "daily").notes


def test_nothing_to_map() -> None:
    """Without coordinates there is no plane; a buffer must be one."""
    with pytest.raises(ValueError, match="no station has coordinates"):
        Atlas(["a"], [NAN], [NAN])
    with pytest.raises(ValueError, match="shows nothing"):
        Atlas(["a"], [120.0], [30.0], buffer_m=-1.0)
    with pytest.raises(ValueError, match="at least one pollutant"):
        ATLAS.index({}, HJ633_2026, "daily")
