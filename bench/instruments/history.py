"""Requests for data of the past: what the logger has measured between two times.

A record belongs to the range when its DataTime lies in it, ends included, and its period is over
by the logger's clock. The readings are those of station.measure, as in the uploads of that time.
HJ 212-2017 C.20-C.25, HJ 212-2025 C.24-C.40. Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from bench.instruments import content, information
from bench.instruments.ask import CONDITION, NO_DATA, Answer, Ask, Handler, Result
from bench.instruments.chance import seed_of, uniform, wander
from bench.instruments.clock import date_text
from bench.instruments.conditions import CALIBRATED
from bench.instruments.curves import BEIJING_S, DAY_S
from bench.instruments.schedule import ticks
from bench.instruments.settings_requests import start_real_time
from bench.instruments.span import Span, span_of
from bench.instruments.state import State
from bench.instruments.station import KINDS, measure

RAW_CYCLE_S = {"sewage": 2 * 3600, "river": 4 * 3600}  # of analysers that work by the batch
NOISE_S = 600  # length of one measurement
ELECTRICITY_S = 300
ALARM_S = 600
LONGEST_SEARCH_S = 31 * DAY_S  # for alarms

Records = Callable[[State, Span], Iterator[Answer]]


def _answered_by(records: Records) -> Handler:
    """The handler that tells these records, or that there are none."""

    def handler(state: State, ask: Ask) -> Result:
        span = span_of(state, ask)
        if span is None:
            return Result(CONDITION)
        found = records(state, span)
        first = next(found, None)
        return Result(NO_DATA) if first is None else Result(data=chain([first], found))

    return handler


def _averages(state: State, span: Span, cn: str, seconds: int) -> Iterator[Answer]:
    for start in span.starts(seconds):
        items = content.period(state.station, start, seconds)
        yield Answer(cn, items, start, own_exchange=True)


def minutes(state: State, span: Span) -> Iterator[Answer]:
    """2051, by the interval that is set now."""
    return _averages(state, span, "2051", state.station.minutes * 60)


def hours(state: State, span: Span) -> Iterator[Answer]:
    """2061; noise has none in 2025."""
    if state.station.kind == "noise" and state.station.version == "2025":
        return iter(())
    return _averages(state, span, "2061", 3600)


def days(state: State, span: Span) -> Iterator[Answer]:
    """2031."""
    return _averages(state, span, "2031", DAY_S)


def running_time(state: State, span: Span) -> Iterator[Answer]:
    """2041, where there are machines."""
    if KINDS[state.station.kind].equipment:
        for start in span.starts(DAY_S):
            items = content.equipment_hours(state.station, start)
            yield Answer("2041", items, start, own_exchange=True)


def noise(state: State, span: Span) -> Iterator[Answer]:
    """2052: one measurement of ten minutes each hour."""
    if state.station.kind == "noise":
        for start in span.starts(3600, NOISE_S):
            items = content.period(state.station, start, NOISE_S)
            yield Answer("2052", items, start, own_exchange=True)


def raw(state: State, span: Span) -> Iterator[Answer]:
    """2013: each batch of the analysers in water, when it was taken and when it was done."""
    cycle_s = RAW_CYCLE_S.get(state.station.kind)
    if cycle_s is None:
        return
    for start in span.starts(cycle_s):
        shown = measure(state.station, start)
        items = []
        for polid, factor in state.polids.items():
            if factor.code not in CALIBRATED:
                continue
            done = start + information.delay_min(state, polid) * 60
            reading, mark = shown[factor.code]
            items.append(
                f"{polid}-SampleTime={date_text(start)},{polid}-CompleteTime={date_text(done)},"
                f"{polid}-SampleType=1,{polid}-Avg={factor.text(reading, '2025')},"
                f"{polid}-Flag={mark}"
            )
        yield Answer("2013", items, start, own_exchange=True)


def standard_checks(state: State, span: Span) -> Iterator[Answer]:
    """2062: the check of each night, and those that were ordered (3024, 3011)."""
    factors = {name: each for name, each in state.polids.items() if each.code in CALIBRATED}
    ordered = [
        (state.clock.read(deed.at), [deed.polid])
        for deed in state.deeds
        if deed.what in ("check", "calibrate") and deed.polid in factors
    ]
    nightly = [(at + 3600, list(factors)) for at in ticks(span.begin - 3601, span.end, DAY_S)]
    for at, polids in sorted(ordered + nightly):
        if not (span.begin <= at <= span.end) or not polids:
            continue
        items = []
        for polid in polids:
            standard = 0.5 * factors[polid].high
            error = 0.08 * wander(seed_of(state.station.seed, polid, "check"), at, DAY_S) / 3
            items.append(
                f"{polid}-SampleRd={standard * (1 + error):.2f},"
                f"{polid}-StandardValue={standard:.2f},"
                f"{polid}-ResultType={int(abs(error) <= 0.05)}"
            )
        yield Answer("2062", items, at, own_exchange=True)


def alarms(state: State, span: Span) -> Iterator[Answer]:
    """2071 of 2005: readings beyond the limits, each ten minutes."""
    names = {each.code: polid for polid, each in state.polids.items()}
    begin = max(span.begin, span.end - LONGEST_SEARCH_S)
    for at in ticks(begin - 1, span.end, ALARM_S):
        items = []
        for code, (reading, mark) in measure(state.station, at).items():
            factor = state.polids[names[code]]
            low, up = state.limits.get(names[code], (factor.low, factor.high))
            if mark == "N" and not low <= reading <= up:
                items.append(f"{names[code]}-Ala={factor.text(reading, '2005')}")
        if items:
            yield Answer("2071", items, at, own_exchange=True)


def electricity(state: State, span: Span) -> Iterator[Answer]:
    """2011 with ST=44: power and energy of each machine, where there are machines."""
    for at in span.starts(ELECTRICITY_S):
        items = []
        for n in range(1, KINDS[state.station.kind].equipment + 1):
            seed = seed_of(state.station.seed, "power", n)
            power = 8 + 20 * uniform(seed, 0) + wander(seed, at, 1800)
            energy = power * (at + BEIJING_S) % DAY_S / 3600
            items.append(f"d2{n:02d}01-Rtd={power:.2f},d2{n:02d}01-Flag=N")
            items.append(f"d2{n:02d}02-Rtd={energy:.1f},d2{n:02d}02-Flag=N")
        if items:
            yield Answer("2011", items, at, own_exchange=True, st="44")


def real_time_or_electricity(state: State, ask: Ask) -> Result:
    """2011 of 2025: with a range it asks for the electricity of the past (C.39)."""
    if ask.text("BeginTime"):
        return _answered_by(electricity)(state, ask)
    return start_real_time(state, ask)


ALWAYS: dict[str, Handler] = {
    "2031": _answered_by(days),
    "2041": _answered_by(running_time),
    "2051": _answered_by(minutes),
    "2061": _answered_by(hours),
}
IN_2005: dict[str, Handler] = {"2071": _answered_by(alarms)}
IN_2025: dict[str, Handler] = {
    "2011": real_time_or_electricity,
    "2013": _answered_by(raw),
    "2052": _answered_by(noise),
    "2062": _answered_by(standard_checks),
}
