"""What the parameters of requests take, and what is said of values that they don't."""

from __future__ import annotations

import pytest

from hj212d.wire import requests
from hj212d.wire.arguments import Arguments


@pytest.mark.parametrize(
    ("name", "args", "fault"),
    [
        ("set-realtime-interval", {"RtdInterval": "5"}, "'5' is not a number from 30"),
        ("set-realtime-interval", {"RtdInterval": "x"}, "RtdInterval: 'x' is not"),
        ("set-realtime-interval", {"RtdInterval": ["30", "60"]}, "RtdInterval: 2 values"),
        ("set-realtime-interval", {}, "RtdInterval is missing"),
        ("set-minute-interval", {"MinInterval": "7"}, "MinInterval: '7' is not one of 1, 2, 3"),
        ("set-timeouts", {"OverTime": "100", "ReCount": "3"}, "OverTime: '100'"),
        ("set-clock", {"SystemTime": "20240230000000"}, "SystemTime: '20240230000000' is not"),
        ("set-clock", {"SystemTime": "20240601085857", "Zone": "8"}, "Zone: set-clock does not"),
        ("read-clock", {"PolId": "w01;PW=1"}, "PolId: 'w01;PW=1' is not the code of a factor"),
        ("days", {"BeginTime": "20240602000000", "EndTime": "20240601000000"}, "EndTime: .* lies"),
        ("set-mn", {"MN": "a b", "i23005-Info": "1"}, "MN: 'a b' is not an MN"),
        ("set-password", {"NewPW": "12;456"}, "NewPW: the value is not a text of 6 characters"),
        ("set-key", {"SKCreateTime": "20240601085857", "NewSK": "äbcdefghijklmnop"},
         "NewSK: the value is not"),
        ("set-parameter", {"PolId": "w01018", "InfoId": "i13004"}, "xxx-Info is missing"),
        ("set-parameter", {"PolId": "w01018", "InfoId": "i13004", "a;b-Info": "1"},
         "xxx-Info is missing|a;b-Info: set-parameter does not"),
        ("set-parameter", {"PolId": "w01018", "InfoId": "i13004", "i13004-Info": "1;CN=2"},
         "i13004-Info: '1;CN=2' is not a text"),
        ("calibrate", {"PolId": "w01018", "CalibrationType": "2"}, "CalibrationType: '2'"),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, args: Arguments, fault: str) -> None:
    """Each fault names the parameter and the value; of a secret only the name."""
    spec = requests.find(name, "2025")
    assert spec is not None
    with pytest.raises(ValueError, match=fault):
        requests.content(spec, "2025", args)


def test_limits_without_a_factor_are_refused() -> None:
    """Either limit may be missing, but not both."""
    spec = requests.find("set-alarm-limits", "2005")
    assert spec is not None
    with pytest.raises(ValueError, match="xxx-LowValue or xxx-UpValue is missing"):
        requests.content(spec, "2005", {})
    assert requests.content(spec, "2005", {"101-UpValue": "-9.5"}) == "101-UpValue=-9.5"


@pytest.mark.parametrize("time", ["2359", "0000"])
def test_times_of_day(time: str) -> None:
    """ReportTime is hhmm."""
    spec = requests.find("set-report-time", "2005")
    assert spec is not None
    assert requests.content(spec, "2005", {"ReportTime": time}) == f"ReportTime={time}"


@pytest.mark.parametrize("time", ["2400", "24", "235959", "12a0"])
def test_what_is_no_time_of_day(time: str) -> None:
    """Nor is any other number."""
    spec = requests.find("set-report-time", "2005")
    assert spec is not None
    with pytest.raises(ValueError, match="hhmm"):
        requests.content(spec, "2005", {"ReportTime": time})
