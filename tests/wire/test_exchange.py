"""One request under way: every order of replies, silence, resends, late replies."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import read_segment

from hj212d.wire import requests
from hj212d.wire.exchange import (
    Accepted,
    Data,
    Done,
    Event,
    Exchange,
    Failed,
    Late,
    Refused,
    Send,
    Timeout,
    asked_range,
)
from hj212d.wire.replies import Reply

QN = "20240601085857223"
RAW = b"##0087...\r\n"
ACCEPTED = Reply("9011", QN, "9011", 1)
EXECUTED = Reply("9012", QN, "9012", None, 1)
BUSY = Reply("9012", QN, "9012", None, 5)
REFUSED = Reply("9011", QN, "9011", 3)
CLOCK = Reply("data", QN, "1011")


def exchange(
    name: str = "read-clock", version: str = "2017", args: dict[str, str] | None = None
) -> Exchange:
    """A request by GPRS that waits to be started."""
    spec = requests.find(name, version)
    assert spec is not None
    return Exchange(spec, QN, 10, 3, raw=RAW, asked_us=asked_range(args or {}))


def started(name: str = "read-clock", args: dict[str, str] | None = None) -> Exchange:
    """A request that was sent at 0 s."""
    one = exchange(name, args=args)
    assert one.start(0) == [Send(RAW, 1)]
    return one


def test_a_request_in_order() -> None:
    """9011, data, 9012."""
    one = started()
    assert one.heard(ACCEPTED, 1) == [Accepted(1)]
    assert one.heard(CLOCK, 2) == [Data(CLOCK)]
    assert one.heard(EXECUTED, 3) == [Done()]
    assert (one.state, one.qn_rtn, one.exe_rtn, one.answers) == ("done", 1, 1, 1)
    assert one.next_at is None
    assert one.tick(1000) == []


def test_frames_are_read_too() -> None:
    """A frame of another request is none of its own; nothing is before the start."""
    one = exchange()
    segment = "QN={};ST=91;CN=9012;PW=1;MN=x;Flag=4;CP=&&ExeRtn=1&&"
    assert one.heard(read_segment(segment.format(QN)), 0) == []
    one.start(0)
    assert one.heard(read_segment(segment.format("20240601085857224")), 0) == []
    assert one.heard(read_segment(segment.format(QN)), 0) == [Done()]


@pytest.mark.parametrize(
    "order", list(itertools.permutations([ACCEPTED, CLOCK, EXECUTED, EXECUTED]))
)
def test_any_order_ends_the_same(order: tuple[Reply, ...]) -> None:
    """9012 first, doubled, or before the data: done, the data counted, nothing lost."""
    one = started()
    events = [event for reply in order for event in one.heard(reply, 1)]
    assert (one.state, one.qn_rtn, one.exe_rtn, one.answers) == ("done", 1, 1, 1)
    assert sum(isinstance(event, Done) for event in events) == 1
    assert sum(isinstance(event, Data) for event in events) == 1


_RTN = st.one_of(st.none(), st.integers(0, 10), st.just(100))
_REPLIES = st.lists(
    st.one_of(
        st.builds(lambda rtn: Reply("9011", QN, "9011", rtn), _RTN),
        st.builds(lambda rtn: Reply("9012", QN, "9012", None, rtn), _RTN),
        st.sampled_from([CLOCK, Reply("9013", QN, "9013"), Reply("9012", "", "9012", None, 1)]),
    ),
    max_size=6,
)


@given(_REPLIES, st.randoms(use_true_random=False), st.sampled_from(["read-clock", "stop-state"]))
def test_the_outcome_depends_on_what_was_said_alone(
    replies: list[Reply], random: object, name: str
) -> None:
    """However replies are ordered, doubled and contradictory: the same final state and codes."""
    shuffled = list(replies)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ends = []
    for order in (replies, shuffled, replies + replies):
        one = started(name)
        events: list[Event] = []
        for reply in order:
            events += one.heard(reply, 1)
        while one.next_at is not None:
            events += one.tick(one.next_at)
        ends.append((one.state, one.why.partition("data")[0], one.exe_rtn))
        outcomes = [event for event in events if isinstance(event, Done | Refused | Failed)]
        assert one.ended
        assert all(event.late for event in outcomes[1:])
        if one.state == "refused":
            assert one.qn_rtn not in (None, 1)
    if replies:
        assert len({state for state, _, _ in ends}) == 1
        assert len({code for _, _, code in ends}) == 1


def test_silence_is_answered_by_the_same_bytes() -> None:
    """10 s x 3: four sends in all, then a timeout (HJ 212-2017, table 1)."""
    one = started()
    assert one.tick(9.9) == []
    assert one.tick(10) == [Send(RAW, 2)]
    assert one.tick(20) == [Send(RAW, 3)]
    assert one.tick(30) == [Send(RAW, 4)]
    (event,) = one.tick(40)
    assert isinstance(event, Timeout)
    assert one.why == "no answer to 4 sends within 10 s each"


def test_data_prolong_the_time_to_execute() -> None:
    """The device may be silent for the timeout after 9011 and after each data frame."""
    args = {"BeginTime": "20240601000000", "EndTime": "20240601010000"}
    one = started("minutes", args)
    one.heard(ACCEPTED, 5)
    assert one.next_at == 15
    for second in range(6, 60, 9):
        inside = Reply("data", "20240601085857999", "2051", data_time_us=1717171200_000_000)
        assert one.heard(inside, second) == [Data(inside)]
    assert one.next_at == 61
    (event,) = one.tick(61)
    assert isinstance(event, Timeout)
    assert event.why == "accepted, 6 data frames, but no 9012 within 10 s"
    assert one.sends == 1


def test_which_data_are_those_asked_for() -> None:
    """History comes with QNs of its own: those of the range; other uploads go on meanwhile."""
    args = {"BeginTime": "20240601000000", "EndTime": "20240601010000"}
    one = started("minutes", args)
    outside = Reply("data", "20240601085857999", "2051", data_time_us=1717171200_000_000 + 1)
    begin, end = 1717171200_000_000, 1717174800_000_000
    assert one.heard(Reply("data", "x", "2051", data_time_us=begin - 1), 1) == []
    assert one.heard(Reply("data", "x", "2051", data_time_us=end + 1), 1) == []
    assert one.heard(Reply("data", "x", "2011", data_time_us=begin), 1) == []
    assert one.heard(outside, 1) == [Accepted(None), Data(outside)]
    clock = started("read-clock")
    assert clock.heard(Reply("data", "x", "1011"), 1)
    serial = started("read-id")
    assert serial.heard(Reply("data", "x", "3019", data_time_us=begin), 1) == []


def test_data_alone_stop_the_resends() -> None:
    """A device that leaves 9011 out has the request all the same."""
    one = started()
    assert one.heard(CLOCK, 2) == [Accepted(None), Data(CLOCK)]
    (event,) = one.tick(12)
    assert isinstance(event, Timeout)
    assert one.sends == 1


def test_a_refusal_and_a_failure_say_why() -> None:
    """Codes come with the standard's words."""
    one = started()
    assert one.heard(REFUSED, 1) == [Refused(3, "QnRtn 3 (Wrong password)")]
    one = started()
    assert one.heard(BUSY, 1) == [Failed(5, "ExeRtn 5 (System busy)")]
    one = started()
    assert one.heard(Reply("9012", QN, "9012"), 1) == [Failed(None, "ExeRtn None")]


def test_a_late_success_is_told() -> None:
    """A device that executes after the last resend did execute it."""
    one = started()
    while not one.ended:
        one.tick(one.next_at or 0)
    assert one.state == "timeout"
    assert one.heard(ACCEPTED, 50) == [Late(ACCEPTED)]
    assert one.heard(CLOCK, 51) == [Data(CLOCK, late=True)]
    assert one.heard(EXECUTED, 52) == [Late(EXECUTED), Done(late=True)]
    assert one.heard(BUSY, 53) == [Late(BUSY)]
    assert one.state == "done"


def test_a_notice_ends_with_9013() -> None:
    """2012 and 2022; a device that answers them as requests is understood too."""
    one = started("stop-realtime")
    assert one.heard(Reply("9013", QN, "9013"), 1) == [Done()]
    one = started("stop-realtime")
    assert one.heard(ACCEPTED, 1) == [Accepted(1)]
    assert one.heard(EXECUTED, 1) == [Done()]
