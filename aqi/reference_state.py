"""The state in which concentrations of ambient air are given; from the old one, and from ppb.

Gases: 273 K and 101.325 kPa until 2018-08-31, then 298.15 K and 1013.25 hPa; particles from
then as sampled (GB 3095-2012, amendment of 2018; confirmed; 2026 keeps it, one source). Flue gas
has rules of its own. Tests: tests/aqi/test_reference_state.py.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

State = Literal["273", "298"]

CHANGED: Final = date(2018, 9, 1)
GASES: Final = ("SO2", "NO2", "CO", "O3", "NOx", "NO")
# Background knowledge: molar masses in g/mol; NOx counts as NO2 (GB 3095-2012, 3).
MOLAR_MASS: Final = {
    "SO2": 64.06,
    "NO2": 46.01,
    "NOx": 46.01,
    "NO": 30.01,
    "CO": 28.01,
    "O3": 48.00,
}
MOLAR_VOLUME_L: Final = 24.465  # of a gas at 298.15 K and 1013.25 hPa
_OLD_K: Final = 273.0
_NEW_K: Final = 298.15


def state_at(day: date) -> State:
    """The state of gases in data of that (Beijing) day."""
    return "298" if day >= CHANGED else "273"


def to_298(concentration: float, pollutant: str, state: State) -> float:
    """A concentration as of today's state, same unit: gases of the old one times 273/298.15.

    Particles stay as they are: how the old ones were sampled nobody wrote down.
    """
    if state == "298" or pollutant not in GASES:
        return concentration
    return concentration * _OLD_K / _NEW_K


def ug_m3_of_ppb(ppb: float, pollutant: str) -> float:
    """ug/m3 at 298.15 K and 1013.25 hPa of a mixing ratio; ValueError: not a gas we know."""
    return ppb * _mass(pollutant) / MOLAR_VOLUME_L


def _mass(pollutant: str) -> float:
    mass = MOLAR_MASS.get(pollutant)
    if mass is None:
        raise ValueError(f"{pollutant} has no molar mass here: its ppb cannot become ug/m3")
    return mass
