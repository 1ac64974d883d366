"""One judgement: sub-indices, AQI, level, primary pollutants and what may be published of it.

For arrays see judge_arrays.py. Tests: tests/aqi/test_index.py, tests/aqi/test_index_vectors.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from aqi.factors import POLLUTANTS
from aqi.iaqi import iaqi
from aqi.rounding import Number
from aqi.standards import Mode, Standard, level_of

NA = "NA"  # HJ 633-2026, 5.3.1: missing, or not to be published
NOT_MONITORED = "/"  # of a pollutant outside the monitoring programme

DailyO3 = tuple[Literal["8h", "1h"], ...]
PmRealtime = Literal["1h", "running24h"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Mean concentrations, ug/m3, CO mg/m3; None: missing.

    Daily: 24 h means, ``o3_8h`` the greatest 8 h mean (MDA8), ``o3_1h`` the greatest hour.
    Hourly: 1 h means; ``o3_8h``, ``so2_24h``, ``pm25_24h`` and ``pm10_24h`` are running means.
    """

    pm25: Number | None = None
    pm10: Number | None = None
    so2: Number | None = None
    no2: Number | None = None
    co: Number | None = None
    o3_1h: Number | None = None
    o3_8h: Number | None = None
    so2_24h: Number | None = None
    pm25_24h: Number | None = None
    pm10_24h: Number | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What HJ 633 says of a reading.

    ``iaqi``: by "PM2.5" … "CO", "O3_1h", "O3_8h", None where there is none. ``aqi``, ``level``,
    ``category``, ``primary`` come of what is there; ``published_…`` is what may be published,
    "NA" where not. ``exceeding``: sub-indices above 100, by the version of 2012 only.
    ``missing``: of the programme without a sub-index; ``outside``: not in the programme.
    """

    iaqi: dict[str, int | None]
    aqi: int | None
    level: int | None
    category: str | None
    primary: tuple[str, ...]
    exceeding: tuple[str, ...]
    published_aqi: int | str
    published_primary: tuple[str, ...]
    missing: tuple[str, ...]
    outside: tuple[str, ...]


def judge(
    standard: Standard,
    mode: Mode,
    reading: Reading,
    programme: Collection[str] = POLLUTANTS,
    *,
    exempt: Collection[str] = (),
    daily_o3: DailyO3 = ("8h",),
    pm_realtime: PmRealtime = "1h",
) -> Judgement:
    """Judge a reading (HJ 633-2012 and -2026; AQI = greatest sub-index: confirmed).

    ``programme``: pollutants that are monitored at the place; a value of another one is not
    looked at. ``exempt``: of those outside, what three years have shown never to be primary at
    level 3 or worse, so that its absence does not stop publication (2026, 5.3.2; one source).
    ``daily_o3``: sub-indices that make the daily O3 of 2012; its text has both (background
    knowledge), published city values only MDA8 (confirmed). ``pm_realtime``: 2012 hourly only,
    the text's running 24 h means (background knowledge), or the 1 h means of practice
    (confirmed). The version of 2026 takes neither option.
    """
    found = _sub_indices(standard, mode, reading, programme, daily_o3, pm_realtime)
    best: dict[str, int] = {}
    for item, value in found.items():
        name = pollutant_of_item(item)
        if value is not None:
            best[name] = max(value, best.get(name, 0))
    missing = tuple(p for p in POLLUTANTS if p in programme and p not in best)
    outside = tuple(p for p in POLLUTANTS if p not in programme)
    aqi = max(best.values(), default=None)
    if aqi is None:
        return Judgement(found, None, None, None, (), (), NA, (NA,), missing, outside)
    level = level_of(aqi)
    primary = tuple(p for p in POLLUTANTS if aqi > 50 and best.get(p) == aqi)
    exceeding = tuple(p for p in POLLUTANTS if standard.names_exceeding and best.get(p, 0) > 100)
    complete = not missing and all(one in exempt for one in outside)
    shown = complete or aqi > 100 or not standard.needs_all
    return Judgement(
        found,
        aqi,
        level.level,
        level.category,
        primary,
        exceeding,
        aqi if shown else NA,
        primary if shown else (NA,),
        missing,
        outside,
    )


def pollutant_of_item(item: str) -> str:
    """ "O3_8h" -> "O3"; the other items are called like their pollutant."""
    return item.partition("_")[0]


def _sub_indices(
    standard: Standard,
    mode: Mode,
    reading: Reading,
    programme: Collection[str],
    daily_o3: DailyO3,
    pm_realtime: PmRealtime,
) -> dict[str, int | None]:
    """Sub-indices by item; O3 has two, of which those that the report leaves out are None."""
    old = standard.names_exceeding

    def sub_index(pollutant: str, average: str, value: Number | None) -> int | None:
        return iaqi(standard, pollutant, average, value) if pollutant in programme else None

    pm25, pm10 = reading.pm25, reading.pm10
    if old and mode == "hourly" and pm_realtime == "running24h":
        pm25, pm10 = reading.pm25_24h, reading.pm10_24h
    gas = "24h" if mode == "daily" else "1h"
    found = {
        "PM2.5": sub_index("PM2.5", "24h", pm25),
        "PM10": sub_index("PM10", "24h", pm10),
        "SO2": sub_index("SO2", gas, reading.so2),
        "NO2": sub_index("NO2", gas, reading.no2),
        "CO": sub_index("CO", gas, reading.co),
        "O3_1h": None,
        "O3_8h": None,
    }
    if old and mode == "hourly" and found["SO2"] is None and _measured(reading.so2):
        # Above 800 ug/m3 the version of 2012 has no 1 h sub-index and goes by the 24 h mean.
        found["SO2"] = sub_index("SO2", "24h", reading.so2_24h)
    if mode == "daily" or old:
        found["O3_8h"] = sub_index("O3", "8h", reading.o3_8h)
    if mode == "hourly" or old:
        found["O3_1h"] = sub_index("O3", "1h", reading.o3_1h)
    if mode == "daily" and old:
        if "8h" not in daily_o3:
            found["O3_8h"] = None
        elif "1h" not in daily_o3 and not (found["O3_8h"] is None and _measured(reading.o3_8h)):
            # Above 800 ug/m3 there is no 8 h sub-index either, and the greatest hour reports.
            found["O3_1h"] = None
    return found


def _measured(value: Number | None) -> bool:
    """Whether there is a concentration, be it beyond the nodes."""
    return value is not None and float(value) >= 0
