"""A station: who it is, what stands there, and its reading at a moment.

Only values and marks here; how they are written into frames is content.py's and envelope.py's.
Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from bench.instruments import conditions, outdoors, outlets
from bench.instruments.factors import FACTORS, STACK_SO2, Factor


class Habit(StrEnum):
    """How a device strays from the standard; letters as in docs/quirks.md."""

    CRC_LOWER_CASE = "crc_lower_case"  # B1
    TEXT_GBK = "text_gbk"  # C1
    TIME_MILLISECONDS = "time_milliseconds"  # E7
    DTU_HEARTBEAT = "dtu_heartbeat"  # A10
    TRAILING_SEPARATOR = "trailing_separator"  # A13
    NO_LINE_END = "no_line_end"  # A1
    NO_QN = "no_qn"  # D1, D8: 2005 without QN and Flag, never acknowledged
    REPLIES_AS_DATA = "replies_as_data"  # D10: replies with its own ST and a Flag that asks


class Kind(msgspec.Struct, frozen=True):
    """A sort of station: its ST, the factors in the order of the frame, the perfect reading."""

    st: str
    factors: tuple[Factor, ...]
    read: Callable[[int, float], dict[str, float]]
    equipment: int = 0  # machines whose state goes into 2021 and 2041


def _factors(codes: str) -> tuple[Factor, ...]:
    return tuple(FACTORS[code] for code in codes.split())


_WEATHER = "a01001 a01002 a01006 a01007 a01008"

KINDS = {
    "air": Kind(
        "22",
        _factors("a34004 a34002 a21026 a21004 a05024 a21005 " + _WEATHER),
        outdoors.ambient_air,
    ),
    "river": Kind(
        "21",
        _factors("w01010 w01001 w01009 w01014 w01003 w01019 w21003 w21011 w21001"),
        outlets.river,
    ),
    "sewage": Kind(
        "32",
        _factors("w00000 w01001 w01018 w21003 w21011 w21001"),
        outlets.waste_water,
        equipment=2,
    ),
    "flue": Kind(
        "31",
        (
            *_factors("a00000 a01011 a01012 a01013 a01014 a19001 a34013"),
            STACK_SO2,
            FACTORS["a21002"],
        ),
        outlets.flue_gas,
        equipment=3,
    ),
    "dust": Kind("39", _factors("a34001 a34002 a34004 LA " + _WEATHER), outdoors.building_site),
    "noise": Kind("23", _factors("LA"), outdoors.street_noise),
}


class Sticking(msgspec.Struct, frozen=True):
    """A factor that shows one value for ``for_s`` from each ``every_s`` of the clock on."""

    factor: str
    for_s: float
    every_s: float

    def read_at(self, t: float) -> float:
        """The moment whose value it shows."""
        begun = t - t % self.every_s
        return begun if t - begun < self.for_s else t


class Station(msgspec.Struct, frozen=True):
    """One data logger with its instruments.

    ``send_delay_s``: from the sampling moment to the frame. ``clock_offset_s``: device clock less
    true time; ``clock_drift_ppm`` adds to it since the start. ``key``: SM4, 16 bytes, or empty.
    """

    mn: str
    name: str
    kind: str
    version: str  # "2005", "2017", "2025"
    password: str
    seed: int
    minutes: int  # interval of 2051
    key: bytes = b""
    send_delay_s: float = 0.0
    clock_offset_s: float = 0.0
    clock_drift_ppm: float = 0.0
    habits: frozenset[Habit] = frozenset()
    cp_limit: int = 950  # where it splits; loggers with small buffers do so earlier
    sticking: Sticking | None = None

    @property
    def st(self) -> str:
        """System code."""
        return KINDS[self.kind].st

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What is measured, in the order of the frame."""
        return KINDS[self.kind].factors


Measured = dict[str, tuple[float, str]]  # code -> value, mark


def measure(station: Station, t: float) -> Measured:
    """What the instruments show at a moment (UTC seconds): value and mark for each code."""
    truth = KINDS[station.kind].read(station.seed, t)
    if (sticking := station.sticking) is not None:
        held = KINDS[station.kind].read(station.seed, sticking.read_at(t))
        truth[sticking.factor] = held[sticking.factor]
    return {
        factor.code: conditions.reported(
            factor, truth[factor.code], conditions.mark(station.seed, factor.code, t)
        )
        for factor in station.factors
    }
