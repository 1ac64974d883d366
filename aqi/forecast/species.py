"""From a model's variable and its unit to ug/m3 (CO mg/m3) at 298.15 K and 1013.25 hPa.

The table is aqi/data/model_species.json. Mixing ratios become concentrations at the reference
state of GB 3095 (2018 amendment and 2026; confirmed), whatever the pressure at the place.
Tests: tests/aqi/forecast/test_species.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from aqi.forecast.baselines import Hours

GASES = ("SO2", "NO2", "CO", "O3")


class Species(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table: ``pollutants`` names by pollutant, ``kinds`` spellings of units."""

    about: str
    confidence: str
    pollutants: dict[str, list[str]]
    kinds: dict[str, str]
    molar_mass_g: dict[str, float]
    molar_volume_l_298: float
    air_density_kg_m3_298: float


@cache
def species() -> Species:
    """The table that comes with the program."""
    text = (files("aqi") / "data" / "model_species.json").read_bytes()
    return msgspec.json.decode(text, type=Species)


def variable_of(pollutant: str, variables: Iterable[str]) -> str | None:
    """The variable of a file that stands for a pollutant; None: there is none."""
    by_lower = {name.lower(): name for name in variables}
    for name in species().pollutants[pollutant]:
        if name.lower() in by_lower:
            return by_lower[name.lower()]
    return None


def to_concentration(values: Hours, unit: str, pollutant: str) -> Hours:
    """ug/m3, for CO mg/m3. ValueError, one sentence, for a unit that is not known or that does
    not go with the pollutant."""
    table = species()
    kind = table.kinds.get(" ".join(unit.split()), table.kinds.get(unit.strip().lower()))
    if kind is None:
        raise ValueError(f"the unit {unit!r} of {pollutant} is not known")
    if kind in ("ppm", "ppb"):
        if pollutant not in GASES:
            raise ValueError(f"{pollutant} has no mass by volume: unit {unit!r}")
        ppb = values * 1000 if kind == "ppm" else values
        micrograms = ppb * (table.molar_mass_g[pollutant] / table.molar_volume_l_298)
    else:
        factor = {
            "ug/m3": 1.0,
            "mg/m3": 1e3,
            "kg/m3": 1e9,
            "kg/kg": 1e9 * table.air_density_kg_m3_298,
        }[kind]
        micrograms = values * factor
    return micrograms / 1000 if pollutant == "CO" else micrograms
