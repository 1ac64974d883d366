"""Requests for what an instrument knows of itself: delay, serial number, log, state, parameters.

Information codes: i, class (1 analyser, 2 logger), kind (1 log, 2 state, 3 parameter), three more
(HJ 212-2017, annex B); CN 3018-3021. Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.instruments import content
from bench.instruments.ask import DONE, NO_DATA, WRONG, Answer, Ask, Handler, Result
from bench.instruments.chance import seed_of, uniform
from bench.instruments.clock import moment
from bench.instruments.schedule import LOG_S, ticks
from bench.instruments.state import State

_INFO = re.compile(r"i[12][123][0-9a-z]{3}")
_LOG, _STATE, _PARAMETER = "1", "2", "3"
_DEEDS = {
    "calibrate": "校准完成",
    "sample": "即时采样",
    "clean": "清洗管路",
    "compare": "比对采样",
    "keep": "留样",
    "check": "标样核查",
}


def read_delay(state: State, ask: Ask) -> Result:
    """3018: minutes from the sample to its result."""
    polid = ask.text("PolId")
    if polid not in state.polids:
        return WRONG
    return Result(data=[Answer("3018", [f"PolId={polid}", f"Stime={delay_min(state, polid)}"])])


def delay_min(state: State, polid: str) -> int:
    """Minutes that an analyser takes: half an hour and more in water, one or two in air."""
    share = uniform(seed_of(state.station.seed, polid, "delay"), 0)
    return 30 + int(60 * share) if polid.startswith("w2") else 1 + int(2 * share)


def read_id(state: State, ask: Ask) -> Result:
    """3019."""
    polid = ask.text("PolId")
    if polid not in state.polids:
        return WRONG
    serial = f"{seed_of(state.station.seed, polid, 'id'):016X}".rjust(24, "A")
    return Result(data=[Answer("3019", [f"PolId={polid}", f"{polid}-SN={serial}"])])


def read_info(state: State, ask: Ask) -> Result:
    """3020: lines of a log between two times, or one state or parameter."""
    polid, info = ask.text("PolId"), ask.text("InfoId")
    if not _known(state, polid, info):
        return WRONG
    which = [f"PolId={polid}"] if polid else []
    if info[2] != _LOG:
        text = f"{info}-Info={value(state, polid, info)}"
        return Result(data=[Answer("3020", [*which, text], state.clock.read(ask.now))])
    begin, end = moment(ask.text("BeginTime")), moment(ask.text("EndTime"))
    if begin is None or end is None or begin > end:
        return WRONG
    lines = list(_log(state, polid, begin, min(end, state.clock.read(ask.now))))
    if not lines:
        return Result(NO_DATA)
    return Result(
        data=[
            Answer("3020", [*which, f"{info}-Info=//{line}//"], t, own_exchange=True)
            for t, line in lines
        ]
    )


def set_parameter(state: State, ask: Ask) -> Result:
    """3021: one parameter; state and log cannot be set."""
    polid, info = ask.text("PolId"), ask.text("InfoId")
    text = ask.frame.factors.get(info, {}).get("Info", "")
    if not _known(state, polid, info) or info[2] != _PARAMETER or not text:
        return WRONG
    state.parameters[polid, info] = text
    return DONE


def value(state: State, polid: str, info: str) -> str:
    """The state or parameter as it is now."""
    if info[2] == _STATE:
        return "0"
    seed = seed_of(state.station.seed, polid, info)
    return state.parameters.get((polid, info), f"{200 * uniform(seed, 0):.1f}")


def _known(state: State, polid: str, info: str) -> bool:
    """Whether there is such information: of an analyser by its PolId, of the logger without."""
    if not _INFO.fullmatch(info):
        return False
    return polid in state.polids or (info[1] == "2" and not polid)


def _log(state: State, polid: str, begin: float, end: float) -> Iterator[tuple[float, str]]:
    lines = [
        (shown, _DEEDS[each.what])
        for each in state.deeds
        if each.polid == polid and begin <= (shown := state.clock.read(each.at)) <= end
    ]
    offset = state.station.seed % LOG_S
    for at in ticks(max(begin, state.installed) - 1 - offset, end - offset, LOG_S):
        lines.append((at + offset, content.log_line(state.station, at + offset)))
    yield from sorted(lines)


SINCE_2017: dict[str, Handler] = {
    "3018": read_delay,
    "3019": read_id,
    "3020": read_info,
    "3021": set_parameter,
}
