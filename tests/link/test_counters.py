"""hj212d/link/counters.py: totals by label, and which events are worth a line."""

import logging

import msgspec
import pytest

from hj212d.link import counters as module
from hj212d.link.closes import Close
from hj212d.link.counters import Counters
from hj212d.link.log import LimitedLog
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

BOTH = Tolerance.CRC_LOWER_CASE | Tolerance.KEY_REPEATED


class Counted:
    """What was counted elsewhere."""

    frames = 3
    oversize = 1
    bytes_in = 100
    acked = 2


@pytest.fixture
def counters(caplog: pytest.LogCaptureFixture) -> Counters:
    """Counters whose log is caught."""
    caplog.set_level(logging.INFO)
    return Counters(LimitedLog(logging.getLogger("hj212d.link"), lambda: 0.0), Counted())


def test_snapshot_has_labels_and_is_json(counters: Counters) -> None:
    """Reasons, repairs and closes stand under the labels that people see."""
    counters.accepted()
    counters.good("M", BOTH, registered=True)
    counters.good("N", Tolerance.CRC_LOWER_CASE, registered=False)
    counters.rejected_piece("M", Reason.CRC_WRONG, b"##", 1, "192.0.2.1:5")
    counters.rejected_piece("", Reason.JUNK, b"junk!", 1, "192.0.2.1:5")
    counters.refused_link(Close.NOT_ALLOWED, "192.0.2.1", 5)
    counters.closed_link(Close.IDLE, "M", 1, "192.0.2.1:5")
    assert msgspec.json.decode(msgspec.json.encode(counters.snapshot())) == {
        "accepted_total": 1,
        "refused": {"not_allowed": 1},
        "frames_total": 5,
        "acked_total": 2,
        "sent_total": 0,
        "rejected": {"crc_wrong": 1, "junk": 1},
        "repairs": {"crc_lower_case": 2, "key_repeated": 1, "segment_oversize": 1},
        "closed": {"idle": 1},
        "bytes_in_total": 100,
        "junk_bytes_total": 5,
        "unregistered": 1,
    }


def test_good_frames_and_ordinary_ends_are_silent(
    counters: Counters, caplog: pytest.LogCaptureFixture
) -> None:
    """A line for each frame or each reconnect would drown the rest."""
    counters.accepted()
    counters.good("M", BOTH, registered=False)
    for why in (Close.PEER, Close.RESET, Close.IDLE, Close.SUPERSEDED, Close.DRAIN):
        counters.closed_link(why, "M", 1, "192.0.2.1:5")
    assert caplog.messages == []


def test_what_a_person_should_see_has_a_line(
    counters: Counters, caplog: pytest.LogCaptureFixture
) -> None:
    """Rejected pieces, conflicts and ends by our decision are said, the MN first."""
    counters.rejected_piece("M", Reason.CRC_WRONG, b"##0001PW=x;", 7, "192.0.2.1:5")
    counters.conflict("M", 7, "192.0.2.1:5")
    counters.closed_link(Close.JUNK, "", 7, "192.0.2.1:5")
    counters.link_fault(ValueError("ours"), "M", 7, b"raw")
    assert caplog.messages[0] == (
        'mn=M event=rejected_crc_wrong link=7 peer=192.0.2.1:5 raw="##0001PW=***;"'
    )
    assert [message.split(" link")[0] for message in caplog.messages[1:]] == [
        "mn=M event=mn_conflict",
        "event=closed_junk",
        "mn=M event=link_fault",
    ]


def test_unregistered_mns_are_bounded(counters: Counters, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that invents MNs fills no memory."""
    monkeypatch.setattr(module, "MAX_UNREGISTERED", 3)
    for n in range(10):
        counters.good(f"M{n}", Tolerance.NONE, registered=False)
    assert counters.snapshot()["unregistered"] == 3
