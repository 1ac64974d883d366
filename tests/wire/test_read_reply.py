"""Replies of devices, in the forms seen in the field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import cut_all, read_segment

from hj212d.wire import codec
from hj212d.wire.replies import Reply, read_reply

QN = "20231008125115215"
HEAD = "PW=123456;MN=010000A8900016F000169DC0"


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (f"QN={QN};ST=91;CN=9011;{HEAD};Flag=4;CP=&&QnRtn=1&&", Reply("9011", QN, "9011", 1)),
        (f"QN={QN};ST=22;CN=9011;{HEAD};Flag=5;CP=&&QnRtn=3&&", Reply("9011", QN, "9011", 3)),
        (f"ST=91;CN=9011;{HEAD};Flag=0;CP=&&QN={QN};QnRtn=1&&", Reply("9011", QN, "9011", 1)),
        (f"ST=91;CN=9012;{HEAD};CP=&&QN={QN};ExeRtn=1&&", Reply("9012", QN, "9012", None, 1)),
        (f"ST=91;CN=9013;{HEAD};Flag=0;CP=&&QN={QN}&&", Reply("9013", QN, "9013")),
        (f"QN={QN};ST=91;CN=9012;{HEAD};Flag=8;CP=&&QnRtn=5&&",
         Reply("9012", QN, "9012", None, 5)),
        (f"QN={QN};ST=91;CN=9011;{HEAD};Flag=8;CP=&&QnRtn=&&", Reply("9011", QN, "9011")),
        (f"QN={QN};ST=32;CN=1012;{HEAD};Flag=4;CP=&&ExeRtn=1&&",
         Reply("9012", QN, "1012", None, 1)),
        ("QN=1617936069734;ST=21;CN=9011;PW=1;MN=D5;Flag=5;CP=&&QnRtn=1&&",
         Reply("9011", "1617936069734", "9011", 1)),
        (f"QN={QN};ST=32;CN=1011;{HEAD};Flag=4;CP=&&SystemTime=20160801085857&&",
         Reply("data", QN, "1011")),
    ],
    ids=["2017", "ST of the device, Flag 5", "2005", "2005, no Flag", "2005 notice",
         "code under the other name", "no code", "CN of the request", "QN of 13 digits", "data"],
)  # fmt: skip
def test_forms(segment: str, expected: Reply) -> None:
    """QN in front or in CP, any ST, any Flag."""
    assert read_reply(read_segment(segment)) == expected


@pytest.mark.parametrize("cn", ["9014", "9015"])
def test_what_is_no_reply(cn: str) -> None:
    """Answers to data and heartbeats are none."""
    assert read_reply(read_segment(f"QN={QN};ST=91;CN={cn};{HEAD};Flag=4;CP=&&&&")) is None


@given(st.binary(max_size=300))
def test_nothing_raises(content: bytes) -> None:
    """Whatever stands in CP, a reply is read or there is none."""
    stream = b"##0300QN=1;ST=91;CN=9011;MN=x;CP=&&" + content + b"&&0000\r\n"
    for cut in cut_all(stream):
        read_reply(codec.decode(cut))
