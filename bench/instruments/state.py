"""What a data logger remembers: its settings, its clock, and what was done with it.

Commands change it, uploads and answers are made from it. Nothing of this is on the wire yet.
Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

import msgspec

from bench.instruments.behaviour import KeyMishap
from bench.instruments.clock import DeviceClock, date_text
from bench.instruments.curves import DAY_S
from bench.instruments.factors import Factor
from bench.instruments.station import Station

HISTORY_S = 400 * DAY_S  # what fits into its memory


class Deed(msgspec.Struct, frozen=True):
    """Something that was done with an instrument on request; ``at`` is true time."""

    at: float
    what: str  # "calibrate", "sample", "clean", "compare", "keep", "check"
    polid: str
    detail: str = ""


class State:
    """One logger's memory. ``station`` is what it is now: MN, PW, key and minute interval change.

    ``real_time`` and ``machines``: whether 2011 and 2021 are uploaded. ``installed``: its history
    begins there. ``limits``: of 2005, lower and upper by factor code.
    """

    def __init__(
        self,
        station: Station,
        now: float,
        *,
        interval_s: float = 60.0,
        over_time_s: float = 10.0,
        resends: int = 3,
        activated: bool = True,
        key_mishap: KeyMishap = KeyMishap.NONE,
    ) -> None:
        self.station = station
        self.clock = DeviceClock(now, station.clock_offset_s, station.clock_drift_ppm)
        self.analyser_clocks: dict[str, DeviceClock] = {}
        self.interval_s = interval_s
        self.over_time_s = over_time_s
        self.resends = resends
        self.real_time = True
        self.machines = True
        self.installed = now - HISTORY_S
        self.activated = activated
        self.serials = _serials(station)
        self.key_created = date_text(now - 91 * DAY_S)
        self.key_mishap = key_mishap
        self.deeds: list[Deed] = []
        self.parameters: dict[tuple[str, str], str] = {}
        self.cycles: dict[str, tuple[str, int]] = {}  # start hhmmss, hours between
        self.hours: dict[str, list[int]] = {}  # 2005: at which hours it samples
        self.warn_time_min = 10
        self.limits: dict[str, tuple[float, float]] = {}
        self.alarm_target = "3882566"
        self.report_time = "0100"

    @property
    def polids(self) -> dict[str, Factor]:
        """The factors by the names that this version writes."""
        return {each.name(self.station.version): each for each in self.station.factors}

    def did(self, now: float, what: str, polid: str, detail: str = "") -> None:
        """Remember a deed."""
        self.deeds.append(Deed(now, what, polid, detail))

    def clock_of(self, polid: str, now: float) -> DeviceClock:
        """The clock of an analyser, or with "" the logger's own."""
        if not polid:
            return self.clock
        if polid not in self.analyser_clocks:
            self.analyser_clocks[polid] = DeviceClock(now, self.clock.offset_s(now) + 2.0)
        return self.analyser_clocks[polid]

    def change(self, **fields: object) -> None:
        """The station with other values from now on."""
        self.station = msgspec.structs.replace(self.station, **fields)


def _serials(station: Station) -> dict[str, str]:
    """The hardware of a logger as 1001 tells it: logger, processor, two MAC addresses."""
    digits = f"{station.seed:016X}"
    return {
        "i23005": f"6970000000001{digits[-11:]}",
        "i23006": f"A800{digits[:8]}",
        "i23007": f"E86A{digits[2:10]}",
        "i23008": f"A763{digits[4:12]}",
    }
