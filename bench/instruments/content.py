"""What stands between the && of a frame: the items of each upload command, as text.

Each function returns items without DataTime; :func:`packets` adds it and splits what is longer
than the standard's 950 characters. Averages are made from the same readings that real-time frames
show. Clauses: HJ 212-2017 annex C. Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bench.instruments import conditions
from bench.instruments.clock import date_text
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.factors import Factor
from bench.instruments.outlets import boiler_load, converted
from bench.instruments.station import KINDS, Habit, Measured, Station, measure

CP_LIMIT = 950  # characters, CP=&& and && included: HJ 212-2017 table 3
NOT_COMPUTABLE = "9999.99"  # converted value without a meaning, 2025

_NOISE_PERCENTILES = {"L5": 95, "L10": 90, "L50": 50, "L90": 10, "L95": 5}


def real_time(station: Station, t: float) -> list[str]:
    """CN 2011: one reading of each factor."""
    return real_time_items(station, measure(station, t))


def real_time_items(station: Station, shown: Measured) -> list[str]:
    """The same from readings at hand."""
    items = []
    for factor in station.factors:
        value, state = shown[factor.code]
        name = factor.name(station.version)
        fields = [f"{name}-Rtd={factor.text(value, station.version)}"]
        if factor.converted:
            zs = converted(value, shown["a19001"][0])
            if zs is not None:
                fields.append(f"{name}-ZsRtd={factor.text(zs, station.version)}")
            elif station.version == "2025":
                fields.append(f"{name}-ZsRtd={NOT_COMPUTABLE}")
        fields.append(f"{name}-Flag={state}")
        items.append(",".join(fields))
    return items


def period(station: Station, start: float, seconds: int, of: int = 0) -> list[str]:
    """CN 2051, 2061, 2031: amount, least, mean, greatest of each factor from ``start`` on, made of
    so many readings (0: of as many as such a period usually has)."""
    if station.kind == "noise":
        return _noise_period(station, start, seconds)
    readings = [
        measure(station, start + (i + 0.5) * seconds / count)
        for count in [of or _sample_count(seconds)]
        for i in range(count)
    ]
    return [_period_item(station, factor, readings, seconds) for factor in station.factors]


def _sample_count(seconds: int) -> int:
    return 6 if seconds <= 60 else 30 if seconds <= 3600 else 96


def _period_item(
    station: Station, factor: Factor, readings: Sequence[Measured], seconds: int
) -> str:
    name = factor.name(station.version)
    marks = [each[factor.code][1] for each in readings]
    good = [each for each in readings if each[factor.code][1] == conditions.NORMAL] or readings
    values = [each[factor.code][0] for each in good]
    mean = _mean_direction(values) if factor.code == "a01008" else sum(values) / len(values)
    fields = []
    if factor.amount == "flow":
        per_litre = 1000 if factor.unit == "L/s" else 1
        fields.append(f"{name}-Cou={mean * seconds / per_litre:.2f}")
    elif factor.amount == "mass" and (flow := _flow_code(station)):
        # mg/L times L/s as mg/m3 times m3/s: milligrams a second.
        mass = sum(each[factor.code][0] * each[flow][0] for each in good) / len(good) / 1e6
        fields.append(f"{name}-Cou={mass * seconds:.2f}")
    for suffix, value in (("Min", min(values)), ("Avg", mean), ("Max", max(values))):
        fields.append(f"{name}-{suffix}={factor.text(value, station.version)}")
    if factor.converted:
        zs = [converted(each[factor.code][0], each["a19001"][0]) for each in good]
        known = [each for each in zs if each is not None]
        if known:
            spread = (min(known), sum(known) / len(known), max(known))
            for suffix, value in zip(("ZsMin", "ZsAvg", "ZsMax"), spread, strict=True):
                fields.append(f"{name}-{suffix}={factor.text(value, station.version)}")
    fields.append(f"{name}-Flag={conditions.period_mark(factor.code, marks)}")
    return ",".join(fields)


def _flow_code(station: Station) -> str:
    """Code of the factor that carries the masses; empty where nothing flows through a meter."""
    return next((each.code for each in station.factors if each.amount == "flow"), "")


def _mean_direction(degrees: Iterable[float]) -> float:
    angles = [math.radians(each) for each in degrees]
    mean = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles)))
    return math.degrees(mean) % 360


def _noise_period(station: Station, start: float, seconds: int) -> list[str]:
    step = max(1, seconds // 240)
    levels = [
        (t, measure(station, t)["LA"][0])
        for t in (start + k * step for k in range(seconds // step))
    ]
    items = _noise_statistics([level for _, level in levels], "Data", "Leq")
    if seconds < DAY_S:
        return items
    by_day = [level for t, level in levels if 6 <= (t + BEIJING_S) % DAY_S / 3600 < 22]
    by_night = [level for t, level in levels if not 6 <= (t + BEIJING_S) % DAY_S / 3600 < 22]
    day_night = 10 * math.log10(
        (16 * 10 ** (_energy_mean(by_day) / 10) + 8 * 10 ** (_energy_mean(by_night) / 10 + 1)) / 24
    )
    return [
        *items,
        f"Ldn-Data={day_night:.1f}",
        *_noise_statistics(by_day, "DayData", "Ld"),
        *_noise_statistics(by_night, "NightData", "Ln"),
    ]


def _energy_mean(levels: Sequence[float]) -> float:
    return 10 * math.log10(sum(10 ** (each / 10) for each in levels) / len(levels))


def _noise_statistics(levels: Sequence[float], suffix: str, mean_name: str) -> list[str]:
    ranked = sorted(levels)
    values = {
        name: ranked[round((len(ranked) - 1) * share / 100)]
        for name, share in _NOISE_PERCENTILES.items()
    }
    values |= {mean_name: _energy_mean(ranked), "LMx": ranked[-1], "LMn": ranked[0]}
    return [f"{name}-{suffix}={value:.1f}" for name, value in values.items()]


def equipment_state(station: Station, t: float) -> list[str]:
    """CN 2021: 1 runs, 0 stands; the last machine is a spare."""
    count = KINDS[station.kind].equipment
    low = station.kind == "flue" and boiler_load(station.seed, t) < 0.45
    return [f"SB{n}-RS={int(n < count and not (low and n == count - 1))}" for n in _upto(count)]


def equipment_hours(station: Station, start: float) -> list[str]:
    """CN 2041: hours of running on the day that begins at ``start``."""
    hours = [0.0] * KINDS[station.kind].equipment
    for k in range(48):
        for n, item in enumerate(equipment_state(station, start + k * 1800)):
            hours[n] += 0.5 * item.endswith("=1")
    return [f"SB{n}-RT={each:.2f}" for n, each in enumerate(hours, 1)]


def _upto(count: int) -> range:
    return range(1, count + 1)


def restarted(t: float) -> list[str]:
    """CN 2081: when the logger came up."""
    return [f"RestartTime={date_text(t)}"]


_LOG_LINES = ("清洗管路", "更换试剂", "零点校准完成", "远程登录", "采样泵启动", "门禁打开")


def log_entry(station: Station, t: float) -> list[str]:
    """CN 3020: a line of the instrument's log, in Chinese."""
    return [f"PolId={station.factors[0].code}", f"i11001-Info=//{log_line(station, t)}//"]


def log_line(station: Station, t: float) -> str:
    """What the log says of a moment."""
    return _LOG_LINES[(station.seed + int(t) // 3600) % len(_LOG_LINES)]


def packets(station: Station, data_time: float, items: Sequence[str]) -> list[str]:
    """CP of each packet: DataTime repeated, whole items, at most ``cp_limit`` characters."""
    time_text = date_text(data_time)
    if Habit.TIME_MILLISECONDS in station.habits:
        time_text += "000"
    head = f"DataTime={time_text}"
    trailing = ";" if Habit.TRAILING_SEPARATOR in station.habits else ""
    room = station.cp_limit - len("CP=&&&&") - len(trailing)
    bodies = [head]
    for item in items:
        if len(bodies[-1]) + 1 + len(item) > room:
            bodies.append(head)
        bodies[-1] += ";" + item
    return [body + trailing for body in bodies]
