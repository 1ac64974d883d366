"""Requests that read or change settings: times, intervals, password, uploads on and off.

HJ 212-2017 C.1-C.17; those of 2005 alone by their sources. Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from bench.instruments.ask import DONE, WRONG, Answer, Ask, Handler, Result
from bench.instruments.clock import date_text, moment
from bench.instruments.state import State

MINUTE_INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)


def set_timeouts(state: State, ask: Ask) -> Result:
    """1000."""
    most = 99999 if state.station.version == "2005" else 99
    over_time, resends = ask.whole("OverTime", 1, most), ask.whole("ReCount", 1, 99)
    if over_time is None or resends is None:
        return WRONG
    state.over_time_s, state.resends = float(over_time), resends
    return DONE


def set_alarm_time(state: State, ask: Ask) -> Result:
    """1001 of 2005."""
    minutes = ask.whole("WarnTime", 0, 99999)
    if minutes is None:
        return WRONG
    state.warn_time_min = minutes
    return DONE


def read_clock(state: State, ask: Ask) -> Result:
    """1011: of the logger, or with PolId of one analyser."""
    polid = ask.text("PolId")
    if polid and polid not in state.polids:
        return WRONG
    shown = state.clock_of(polid, ask.now).read(ask.now)
    which = [f"PolId={polid}"] if polid else []
    return Result(data=[Answer("1011", [*which, f"SystemTime={date_text(shown)}"])])


def set_clock(state: State, ask: Ask) -> Result:
    """1012: of the logger, or with PolId of one analyser; 17 digits are taken too (F3)."""
    polid = ask.text("PolId")
    shown = moment(ask.text("SystemTime"))
    if shown is None or (polid and polid not in state.polids):
        return WRONG
    state.clock_of(polid, ask.now).set(ask.now, shown)
    return DONE


def read_alarm_limits(state: State, ask: Ask) -> Result:
    """1021 of 2005: of the factors that are named, or of all."""
    asked = ask.texts("PolId") or list(state.polids)
    if not set(asked) <= set(state.polids):
        return WRONG
    items = []
    for polid in asked:
        low, up = state.limits.get(polid, (state.polids[polid].low, state.polids[polid].high))
        items.append(f"{polid}-LowValue={low:g},{polid}-UpValue={up:g}")
    return Result(data=[Answer("1021", items)])


def set_alarm_limits(state: State, ask: Ask) -> Result:
    """1022 of 2005; all or none."""
    found = {}
    for polid, fields in ask.frame.factors.items():
        try:
            found[polid] = (float(fields["LowValue"]), float(fields["UpValue"]))
        except (KeyError, ValueError):
            return WRONG
    if not found or not set(found) <= set(state.polids):
        return WRONG
    state.limits |= found
    return DONE


def read_target(state: State, _ask: Ask) -> Result:
    """1031 of 2005."""
    return Result(data=[Answer("1031", [f"AlarmTarget={state.alarm_target}"])])


def set_target(state: State, ask: Ask) -> Result:
    """1032 of 2005; some sources write ReportTarget."""
    target = ask.text("AlarmTarget") or ask.text("ReportTarget")
    if not 1 <= len(target) <= 20:
        return WRONG
    state.alarm_target = target
    return DONE


def read_report_time(state: State, _ask: Ask) -> Result:
    """1041 of 2005."""
    return Result(data=[Answer("1041", [f"ReportTime={state.report_time}"])])


def set_report_time(state: State, ask: Ask) -> Result:
    """1042 of 2005: hhmm."""
    text = ask.text("ReportTime")
    if len(text) != 4 or not text.isdigit() or text[:2] > "23" or text[2:] > "59":
        return WRONG
    state.report_time = text
    return DONE


def read_interval(state: State, _ask: Ask) -> Result:
    """1061."""
    return Result(data=[Answer("1061", [f"RtdInterval={max(1, round(state.interval_s))}"])])


def set_interval(state: State, ask: Ask) -> Result:
    """1062: 30 to 3600 s."""
    seconds = ask.whole("RtdInterval", 30, 3600)
    if seconds is None:
        return WRONG
    state.interval_s = float(seconds)
    return DONE


def read_minute_interval(state: State, _ask: Ask) -> Result:
    """1063."""
    return Result(data=[Answer("1063", [f"MinInterval={state.station.minutes}"])])


def set_minute_interval(state: State, ask: Ask) -> Result:
    """1064: what divides an hour."""
    minutes = ask.whole("MinInterval", 1, 30)
    if minutes not in MINUTE_INTERVALS:
        return WRONG
    state.change(minutes=minutes)
    return DONE


def set_password(state: State, ask: Ask) -> Result:
    """1072: NewPW, in 2005 PW; it counts once the result has been told with the old one."""
    password = ask.text("PW" if state.station.version == "2005" else "NewPW")
    if not 1 <= len(password) <= 6:
        return WRONG
    return Result(after=lambda: state.change(password=password))


def start_real_time(state: State, _ask: Ask) -> Result:
    """2011."""
    state.real_time = True
    return DONE


def stop_real_time(state: State, _ask: Ask) -> Result:
    """2012, a notice."""
    state.real_time = False
    return DONE


def start_machines(state: State, _ask: Ask) -> Result:
    """2021."""
    state.machines = True
    return DONE


def stop_machines(state: State, _ask: Ask) -> Result:
    """2022, a notice."""
    state.machines = False
    return DONE


ALWAYS: dict[str, Handler] = {
    "1000": set_timeouts,
    "1011": read_clock,
    "1012": set_clock,
    "1061": read_interval,
    "1062": set_interval,
    "1072": set_password,
    "2011": start_real_time,
    "2012": stop_real_time,
    "2021": start_machines,
    "2022": stop_machines,
}
IN_2005: dict[str, Handler] = {
    "1001": set_alarm_time,
    "1021": read_alarm_limits,
    "1022": set_alarm_limits,
    "1031": read_target,
    "1032": set_target,
    "1041": read_report_time,
    "1042": set_report_time,
}
SINCE_2017: dict[str, Handler] = {"1063": read_minute_interval, "1064": set_minute_interval}
