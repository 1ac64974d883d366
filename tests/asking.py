"""Arguments for every request of every version, fit for a simulated instrument."""

from __future__ import annotations

from bench.instruments.clock import date_text
from bench.instruments.state import State

NEW_KEY = "fedcba9876543210"
NEW_PASSWORD = "654321"
HOUR_S, DAY_S = 3600, 86400


def arguments(name: str, state: State, now: float) -> dict[str, str | list[str]]:
    """For the request of that name; ranges end before ``now`` (UTC seconds)."""
    polid = next(iter(state.polids))
    late = now - HOUR_S  # what is over then, is over by a clock that is late as well
    hour = late - late % HOUR_S
    day = late - (late + 8 * HOUR_S) % DAY_S  # midnight in Beijing
    last_hour = {"BeginTime": date_text(hour - HOUR_S), "EndTime": date_text(hour - 1)}
    last_days = {"BeginTime": date_text(day - 2 * DAY_S), "EndTime": date_text(day - 1)}
    known: dict[str, dict[str, str | list[str]]] = {
        "set-timeouts": {"OverTime": "7", "ReCount": "4"},
        "set-alarm-time": {"WarnTime": "5"},
        "set-mn": {"MN": "7" * 24, "i23005-Info": state.serials["i23005"]},
        "set-clock": {"SystemTime": date_text(now)},
        "set-key": {"SKCreateTime": f"{date_text(now)}123", "NewSK": NEW_KEY},
        "read-alarm-limits": {"PolId": [polid]},
        "set-alarm-limits": {f"{polid}-LowValue": "0", f"{polid}-UpValue": "0.001"},
        "set-target": {"AlarmTarget": "3882599"},
        "set-report-time": {"ReportTime": "0230"},
        "set-realtime-interval": {"RtdInterval": "120"},
        "set-minute-interval": {"MinInterval": "5"},
        "set-password": {
            "PW" if state.station.version == "2005" else "NewPW": NEW_PASSWORD,
        },
        "electricity": {**last_hour},
        "raw-data": {**last_days},
        "days": {**last_days},
        "running-time": {**last_days},
        "minutes": {**last_hour},
        "noise": {**last_hour},
        "hours": {**last_hour},
        "standard-check-data": {**last_days},
        "alarm-records": {**last_hour},
        "calibrate": {"PolId": polid},
        "sample": {"PolId": polid},
        "clean": {"PolId": polid},
        "comparison-sample": {"PolId": polid},
        "set-sample-cycle": {"PolId": polid, "CTime": ["4", "10", "16"]},
        "set-sampling-period": {"PolId": polid, "CstartTime": "013000", "Ctime": "3"},
        "read-sampling-period": {"PolId": polid},
        "read-delay": {"PolId": polid},
        "read-id": {"PolId": polid},
        "read-info": {"PolId": polid, "InfoId": "i13004"},
        "set-parameter": {"PolId": polid, "InfoId": "i13004", "i13004-Info": "168.0"},
        "standard-check": {"PolId": polid},
    }
    if state.station.version == "2025":
        known["keep-sample"] = {"PolId": polid}
        known["calibrate"] = {"PolId": polid, "CalibrationType": "1"}
    return known.get(name, {})
