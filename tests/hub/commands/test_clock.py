"""How wrong a clock is, and whether it may be set: pure."""

from __future__ import annotations

import pytest
from command_rig import START_US, frame
from hub_rig import MN

from hj212d.hub.commands.clock import HOUR_US, KNOWN_FOR_US, Clocks, Drift, drift_in
from hj212d.hub.commands.ear_pass import Heard
from hj212d.wire import build

SECOND_US = 1_000_000


def heard(cn: str, qn: str = "", cp: str = "") -> Heard:
    """A frame that came at the start of 2026 in UTC, 8 o'clock in Beijing."""
    segment = build.segment(qn=qn, st="32", cn=cn, pw="1", mn=MN, flag=4, cp=cp)
    return Heard(frame(build.frame(segment)), 1, START_US, "0", 0)


@pytest.mark.parametrize(
    ("cn", "qn", "cp", "drift_s"),
    [
        ("1013", "20260101080100000", "", 60),
        ("9015", "20260101075959500", "", -0.5),
        ("1011", "20250101000000000", "SystemTime=20260101080010", 10),
        ("1011", "20260101080100000", "SystemTime=late", None),
        ("1013", "", "", None),
        ("2011", "20260101080100000", "DataTime=20260101080000", None),
    ],
)
def test_what_a_frame_tells(cn: str, qn: str, cp: str, drift_s: float | None) -> None:
    """QN of notices and SystemTime of 1011; not the QN of data, which may have waited long."""
    found = drift_in(heard(cn, qn, cp))
    assert (found and found.drift_us) == (None if drift_s is None else drift_s * SECOND_US)


def test_an_older_sight_does_not_count() -> None:
    """Frames of two lanes may come in any order."""
    clocks = Clocks(30)
    clocks.note(MN, Drift(100 * SECOND_US, START_US, "1013"))
    clocks.note(MN, Drift(0, START_US - 1, "1013"))
    assert clocks.is_off(MN, START_US)


def test_old_knowledge_is_none() -> None:
    """A drift seen long ago allows nothing."""
    clocks = Clocks(30)
    clocks.note(MN, Drift(100 * SECOND_US, START_US, "1013"))
    assert "not known" in clocks.why_not(MN, START_US + KNOWN_FOR_US + 1)


def test_within_the_hour_and_after() -> None:
    """After it was set its drift is unknown, and for an hour nothing is allowed."""
    clocks = Clocks(30)
    clocks.note(MN, Drift(-100 * SECOND_US, START_US, "1013"))
    assert clocks.why_not(MN, START_US) == ""
    clocks.was_set(MN, START_US)
    assert "60 min 0 s; its drift is not known since" in clocks.why_not(MN, START_US)
    clocks.note(MN, Drift(-50 * SECOND_US, START_US + 1, "1013"))
    assert "50.0 s behind" in clocks.why_not(MN, START_US + HOUR_US - 1)
    assert clocks.why_not(MN, START_US + HOUR_US) == ""


def test_bounded() -> None:
    """Of more MNs than there is room for the oldest are forgotten."""
    clocks = Clocks(30, room=2)
    for number in range(3):
        clocks.note(str(number), Drift(100 * SECOND_US, START_US, "1013"))
    assert [clocks.is_off(str(number), START_US) for number in range(3)] == [False, True, True]
