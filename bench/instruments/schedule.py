"""When a logger sends what: a pure function of station and a stretch of its clock.

DataTime is the sampling moment for 2011 and 2021 and the start of the period for averages
(HJ 212-2017, 6.6.3). Test: tests/bench/test_instruments.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from bench.instruments import content
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.station import KINDS, Station

HEARTBEAT_S = 60
LOG_S = 6 * 3600


class Due(msgspec.Struct, frozen=True):
    """One upload that is due: its command, DataTime and length of the period (0: a moment), and of
    how many readings its averages are made (0: as usual)."""

    at: float
    cn: str
    data_time: float
    seconds: int = 0
    readings: int = 0


def due(station: Station, after: float, until: float, interval_s: float) -> list[Due]:
    """What falls due in (after, until] of the device clock, in order."""
    found = list(_due(station, after, until, interval_s))
    return sorted(found, key=lambda each: (each.at, each.cn))


def _due(station: Station, after: float, until: float, interval_s: float) -> Iterator[Due]:
    for at in ticks(after, until, interval_s):
        yield Due(at, "2011", at)
    periods = [("2051", station.minutes * 60), ("2061", 3600), ("2031", DAY_S)]
    if station.kind == "noise" and station.version == "2025":
        periods.remove(("2061", 3600))  # noise by the hour was dropped in 2025
    for cn, seconds in periods:
        for at in ticks(after, until, seconds):
            yield Due(at, cn, at - seconds, seconds)
    if KINDS[station.kind].equipment:
        for at in ticks(after, until, 3600):
            yield Due(at, "2021", at)
        for at in ticks(after, until, DAY_S):
            yield Due(at, "2041", at - DAY_S, DAY_S)
    if station.version != "2005":
        offset = station.seed % LOG_S
        for at in ticks(after - offset, until - offset, LOG_S):
            yield Due(at + offset, "3020", at + offset)


def ticks(after: float, until: float, step: float) -> Iterator[float]:
    """Multiples of ``step`` in (after, until], counted from midnight in Beijing."""
    first = math.floor((after + BEIJING_S) / step) + 1
    last = math.floor((until + BEIJING_S) / step)
    for n in range(first, last + 1):
        yield n * step - BEIJING_S


def at_start(station: Station, now: float) -> list[Due]:
    """What a logger sends when it comes up: restart time, a line of its log, the state of
    machines, the last whole periods."""
    hour = math.floor(now / 3600) * 3600
    day = math.floor((now + BEIJING_S) / DAY_S) * DAY_S - BEIJING_S
    found = []
    if station.version != "2005":
        found += [Due(now, "2081", now), Due(now, "3020", now)]
    if KINDS[station.kind].equipment:
        found.append(Due(now, "2021", now))
    if not (station.kind == "noise" and station.version == "2025"):
        found.append(Due(now, "2061", hour - 3600.0, 3600))
    found.append(Due(now, "2031", float(day - DAY_S), DAY_S))
    return found


def of_the_past(station: Station, now: float, days: float) -> Iterator[Due]:
    """What a logger still has to send of the last ``days``: hours and days, oldest first, up to
    those that :func:`at_start` sends anyway. Made of fewer readings, since there are many."""
    begin = now - days * DAY_S
    last_hour = math.floor(now / 3600) * 3600
    last_day = math.floor((now + BEIJING_S) / DAY_S) * DAY_S - BEIJING_S
    hourly = not (station.kind == "noise" and station.version == "2025")
    for end in ticks(begin, last_hour - 1, 3600):
        if hourly and end - 3600 >= begin:
            yield Due(end, "2061", end - 3600, 3600, 6)
        if (end + BEIJING_S) % DAY_S == 0 and begin <= end - DAY_S and end < last_day:
            yield Due(end, "2031", end - DAY_S, DAY_S, 24)


def items(station: Station, what: Due) -> list[str]:
    """The items of CP, without DataTime."""
    match what.cn:
        case "2011":
            return content.real_time(station, what.data_time)
        case "2021":
            return content.equipment_state(station, what.data_time)
        case "2041":
            return content.equipment_hours(station, what.data_time)
        case "2081":
            return content.restarted(what.data_time)
        case "3020":
            return content.log_entry(station, what.data_time)
        case _:
            return content.period(station, what.data_time, what.seconds, what.readings)
