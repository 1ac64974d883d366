"""Requests that make an instrument do something: calibrate, sample, clean, keep, check.

The logger remembers each deed (state.Deed). HJ 212-2017 C.32-C.40, HJ 212-2025 C.41-C.43.
Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

import re

from bench.instruments.ask import CONDITION, DONE, WRONG, Answer, Ask, Handler, Result
from bench.instruments.state import State

_START = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")


def calibrate(state: State, ask: Ask) -> Result:
    """3011; 2025 says whether zero (0) or span (1)."""
    kind = ask.text("CalibrationType")
    if state.station.version == "2025" and kind not in ("0", "1"):
        return WRONG
    return _deed(state, ask, "calibrate", kind)


def sample(state: State, ask: Ask) -> Result:
    """3012."""
    return _deed(state, ask, "sample")


def clean(state: State, ask: Ask) -> Result:
    """3013."""
    return _deed(state, ask, "clean")


def compare(state: State, ask: Ask) -> Result:
    """3014 of 2017."""
    return _deed(state, ask, "compare")


def check(state: State, ask: Ask) -> Result:
    """3024 of 2025; what came of it is in 2062."""
    return _deed(state, ask, "check")


def keep(state: State, ask: Ask) -> Result:
    """3015 of 2017, 3022 of 2025: a sample into the next bottle; tells its number, in 2025 by an
    upload of its own (C.63)."""
    polid = ask.text("PolId")
    if polid and polid not in state.polids:
        return WRONG
    vase = 1 + sum(each.what == "keep" for each in state.deeds) % 99
    state.did(ask.now, "keep", polid, str(vase))
    upload = state.station.version == "2025"
    told = Answer("3015", [f"VaseNo={vase}"], state.clock.read(ask.now), own_exchange=upload)
    return Result(data=[told])


def set_hours(state: State, ask: Ask) -> Result:
    """3014 of 2005: at which hours of the day a factor is sampled."""
    polid = ask.text("PolId")
    hours = ask.texts("CTime") or ask.texts("Ctime")
    if polid not in state.polids or not hours:
        return WRONG
    if not all(each.isdigit() and int(each) <= 24 for each in hours):
        return WRONG
    state.hours[polid] = [int(each) for each in hours]
    return DONE


def set_cycle(state: State, ask: Ask) -> Result:
    """3016 of 2017: start of the day's first sample and hours between; examples write CTime."""
    polid, start = ask.text("PolId"), ask.text("CstartTime")
    hours = ask.whole("Ctime", 1, 24) or ask.whole("CTime", 1, 24)
    if polid not in state.polids or not _START.fullmatch(start) or hours is None:
        return WRONG
    state.cycles[polid] = (start, hours)
    return DONE


def read_cycle(state: State, ask: Ask) -> Result:
    """3017 of 2017."""
    polid = ask.text("PolId")
    if polid not in state.polids:
        return WRONG
    start, hours = state.cycles.get(polid, ("000000", 2))
    items = [f"PolId={polid}", f"CstartTime={start}", f"Ctime={hours}"]
    return Result(data=[Answer("3017", items)])


def _deed(state: State, ask: Ask, what: str, detail: str = "") -> Result:
    polid = ask.text("PolId")
    if polid not in state.polids:
        return Result(CONDITION)
    state.did(ask.now, what, polid, detail)
    return DONE


ALWAYS: dict[str, Handler] = {"3011": calibrate, "3012": sample, "3013": clean}
IN_2005: dict[str, Handler] = {"3014": set_hours}
IN_2017: dict[str, Handler] = {
    "3014": compare,
    "3015": keep,
    "3016": set_cycle,
    "3017": read_cycle,
}
IN_2025: dict[str, Handler] = {"3022": keep, "3024": check}
