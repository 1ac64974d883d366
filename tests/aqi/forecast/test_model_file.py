"""NetCDF files as CMAQ and CAMS write them, made here, read back at stations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cmaq_grid import CMAQ
from netCDF4 import Dataset

from aqi.forecast.model_file import ModelFileError, read_model_file

START = 1_793_491_200  # 2026-11-01 00:00 UTC
HERE = np.array([119.2]), np.array([30.1])


def cams(path: Path, *, downwards: bool = True, unit: str = "kg m**-3") -> Path:
    """Three-hourly, latitudes from north to south, PM2.5 rising by 1 ug/m3 an hour."""
    with Dataset(path, "w") as file:
        for name, values in (
            ("time", np.arange(0, 73, 3)),
            ("latitude", np.arange(28, 32.1, 0.4)[:: -1 if downwards else 1]),
            ("longitude", np.arange(118, 122.1, 0.4)),
        ):
            file.createDimension(name, len(values))
            file.createVariable(name, "f8", (name,))[:] = values
        file["time"].units = "hours since 2026-11-01 00:00:00"
        pm = file.createVariable("pm2p5", "f8", ("time", "latitude", "longitude"), fill_value=-999)
        pm.units = unit
        hours = np.asarray(file["time"][:])[:, None, None]
        north = np.asarray(file["latitude"][:])[None, :, None]
        pm[:] = (20 + hours + 10 * (north - 30.1) + np.zeros((1, 1, 11))) * 1e-9
    return path


def cmaq(path: Path) -> Path:
    """Hourly ozone in ppmV, one layer, with the attributes of IOAPI."""
    with Dataset(path, "w") as file:
        for name, size in (("TSTEP", 24), ("VAR", 1), ("DATE-TIME", 2), ("LAY", 1)):
            file.createDimension(name, size)
        file.createDimension("ROW", CMAQ["NROWS"])
        file.createDimension("COL", CMAQ["NCOLS"])
        file.setncatts(CMAQ)
        times = file.createVariable("TFLAG", "i4", ("TSTEP", "VAR", "DATE-TIME"))
        times[:, 0, 0] = 2026305
        times[:, 0, 1] = np.arange(24) * 10000
        ozone = file.createVariable("O3", "f4", ("TSTEP", "LAY", "ROW", "COL"))
        ozone.units = "ppmV            "
        ozone[:] = (np.arange(24)[:, None, None, None] + 30) / 1000 + np.zeros(ozone.shape)
    return path


@pytest.mark.parametrize("downwards", [True, False])
def test_cams_is_read_hourly_at_the_station(tmp_path: Path, *, downwards: bool) -> None:
    """Three-hourly values are bridged; what the file does not have is said."""
    said = read_model_file(cams(tmp_path / "cams.nc", downwards=downwards), *HERE)
    assert said.hours[0] == START
    assert said.step_h == 3
    assert np.allclose(said.values["PM2.5"][0], 20 + np.arange(73))
    assert said.missing == ("PM10", "SO2", "NO2", "CO", "O3")


def test_cmaq_is_read_at_the_station(tmp_path: Path) -> None:
    """TFLAG gives the hours, the projection the cell, ppmV the concentration."""
    said = read_model_file(cmaq(tmp_path / "cctm.nc"), *HERE)
    assert said.hours.tolist() == [START + 3600 * hour for hour in range(24)]
    assert np.allclose(said.values["O3"][0], (30 + np.arange(24)) * 48.0 / 24.465, rtol=1e-5)


def test_a_station_outside_the_grid_gets_nothing(tmp_path: Path) -> None:
    """NaN for each hour."""
    far = np.array([100.0]), np.array([30.0])
    said = read_model_file(cams(tmp_path / "cams.nc"), *far)
    assert np.isnan(said.values["PM2.5"]).all()


def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path: Path) -> None:
    """No NetCDF, an unknown unit, no pollutant."""
    junk = tmp_path / "junk.nc"
    junk.write_bytes(b"not a file of that kind")
    with pytest.raises(ModelFileError, match=r"junk\.nc cannot be used"):
        read_model_file(junk, *HERE)
    with pytest.raises(ModelFileError, match=r"'stone' of PM2\.5"):
        read_model_file(cams(tmp_path / "stone.nc", unit="stone"), *HERE)
    with Dataset(tmp_path / "empty.nc", "w") as file:
        file.title = "nothing"
    with pytest.raises(ModelFileError, match="no longitudes"):
        read_model_file(tmp_path / "empty.nc", *HERE)
