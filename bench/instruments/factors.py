"""What the simulated instruments measure: code, unit, digits and range of each factor.

Codes and decimals are those of HJ 212-2017 annex B (2025 where it differs). Ambient air is the
exception the field makes as well: micrograms (CO: milligrams) per cubic metre as in GB 3095,
because in milligrams the one decimal of the standard would print clean air as 0.0.
Test: tests/bench/test_instruments.py compares them with the protocol room's table.
"""

from __future__ import annotations

import msgspec


class Factor(msgspec.Struct, frozen=True):
    """A measured quantity. Values outside ``low`` to ``high`` are clipped and marked T."""

    code: str
    legacy: str  # code of 2005
    unit: str
    decimals: int
    low: float
    high: float
    decimals_2025: int | None = None
    converted: bool = False  # has Zs values: recalculated to the reference oxygen
    amount: str = ""  # "flow": Cou in m3; "mass": Cou in kg; else no Cou

    def text(self, value: float, version: str) -> str:
        """The value as this version of the standard prints it."""
        decimals = self.decimals
        if version == "2025" and self.decimals_2025 is not None:
            decimals = self.decimals_2025
        return f"{value:.{decimals}f}"

    def name(self, version: str) -> str:
        """The code in frames of this version."""
        return self.legacy if version == "2005" and self.legacy else self.code


def _by_code(*factors: Factor) -> dict[str, Factor]:
    return {factor.code: factor for factor in factors}


FACTORS = _by_code(
    # Weather.
    Factor("a01001", "", "degC", 1, -40, 60),
    Factor("a01002", "", "%", 1, 0, 100),
    Factor("a01006", "", "kPa", 3, 50, 110),
    Factor("a01007", "", "m/s", 1, 0, 60),
    Factor("a01008", "", "deg", 0, 0, 360),
    # Ambient air.
    Factor("a34004", "", "ug/m3", 3, 0, 999),
    Factor("a34002", "", "ug/m3", 3, 0, 999),
    Factor("a34001", "", "ug/m3", 3, 0, 2000),
    Factor("a21026", "", "ug/m3", 2, 0, 1300),
    Factor("a21004", "", "ug/m3", 1, 0, 950),
    Factor("a05024", "", "ug/m3", 1, 0, 1000),
    Factor("a21005", "", "mg/m3", 3, 0, 60),
    # Water.
    Factor("w00000", "B01", "L/s", 2, 0, 500, amount="flow"),
    Factor("w01001", "001", "1", 2, 0, 14),
    Factor("w01003", "", "NTU", 1, 0, 1000),
    Factor("w01009", "", "mg/L", 1, 0, 20),
    Factor("w01010", "", "degC", 1, -5, 50),
    Factor("w01014", "", "uS/cm", 1, 0, 999),
    Factor("w01018", "011", "mg/L", 1, 0, 500, amount="mass"),
    Factor("w01019", "", "mg/L", 1, 0, 100),
    Factor("w21001", "065", "mg/L", 2, 0, 100, amount="mass"),
    Factor("w21003", "060", "mg/L", 2, 0, 50, amount="mass"),
    Factor("w21011", "101", "mg/L", 2, 0, 20, amount="mass"),
    # Flue gas. The codes of the gases are those of ambient air, the units are not.
    Factor("a00000", "B02", "m3/s", 1, 0, 2000, amount="flow"),
    Factor("a01011", "S02", "m/s", 2, 0, 40),
    Factor("a01012", "S03", "degC", 1, 0, 300),
    Factor("a01013", "S08", "kPa", 3, -10, 10),
    Factor("a01014", "S05", "%", 1, 0, 40, decimals_2025=2),
    Factor("a19001", "S01", "%", 1, 0, 25, decimals_2025=2),
    Factor("a34013", "01", "mg/m3", 0, 0, 100, decimals_2025=1, converted=True, amount="mass"),
    Factor("a21002", "03", "mg/m3", 1, 0, 500, decimals_2025=2, converted=True, amount="mass"),
    # Noise.
    Factor("LA", "", "dB", 1, 20, 140),
    Factor("Leq", "", "dB", 1, 20, 140),
)

# Sulfur dioxide in a stack: milligrams, converted, with an amount.
STACK_SO2 = Factor("a21026", "02", "mg/m3", 2, 0, 1000, converted=True, amount="mass")
