"""Which records leave, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest
from feed_rig import NOON_US, RECENTS, frame, received, rules
from hub_rig import MN, bad, sealed

from hj212d.hub.forward import acks
from hj212d.hub.forward.bale import Unsent
from hj212d.hub.forward.dedup import Recent
from hj212d.hub.forward.reading import Counters, Leaving, Reading
from hj212d.journal.record import Kind, Record
from hj212d.wire.frame import Device
from hj212d.wire.reasons import Reason

KEY = b"0123456789abcdef"


def reading(sent: Recent | None = None, keys: tuple[bytes, ...] = (), **wanted: Any) -> Reading:
    """A reading for a target with these keys."""
    shared = Recent() if sent is None else sent
    return Reading(rules(**wanted), Recent(), shared, lambda _: Device(keys=keys))


def test_a_good_upload_leaves_as_it_came() -> None:
    """Byte for byte, with the key of its answer."""
    raw = frame(5)
    found = reading().read(received(raw), 10)
    assert found == Leaving(raw, acks.key(MN.encode(), b"20260601000005005"), MN)


def test_what_is_no_good_frame_never_leaves() -> None:
    """Nor is it counted: it is nobody's."""
    one = reading()
    assert one.read(bad(frame(), Reason.CRC_WRONG), 1) is None
    assert one.read(Record(Kind.LINK_OPENED, NOON_US, 1, meta=b"{}"), 2) is None
    assert one.counters == Counters()


def test_what_the_target_does_not_get_is_counted() -> None:
    """By CN, ST and MN alike."""
    one = reading(cn=["2011"], st=["32"], mn=["*C0"])
    for raw in (frame(cn="2061"), frame(st="22"), frame(mn="X"), frame(cn="9011", cp="")):
        assert one.read(received(raw), 1) is None
    assert one.counters.filtered == 4


def test_a_frame_that_asks_for_no_answer_has_no_key() -> None:
    """By bit 0 of Flag, or without Flag."""
    one = reading()
    for raw in (frame(1, flag=4), frame(2, flag=None)):
        found = one.read(received(raw), 1)
        assert isinstance(found, Leaving)
        assert found.key == 0


@pytest.mark.parametrize("kind", RECENTS)
def test_a_resend_leaves_once(kind: type[Recent]) -> None:
    """The same bytes; other bytes with the same QN are another frame."""
    one = Reading(rules(), kind(), kind(), lambda _: Device())
    assert one.read(received(frame(1)), 1) is not None
    assert one.read(received(frame(1)), 2) is None
    assert one.read(received(frame(1, cn="2051")), 3) is not None
    assert one.counters.doubled == 1


def test_frames_without_any_time_leave_each_time() -> None:
    """The same twice is no resend."""
    one = reading()
    raw = frame(cn="3019", qn="", flag=0, cp="PolId=w01018")
    assert one.read(received(raw), 1) is not None
    assert one.read(received(raw), 2) is not None


def test_what_was_sent_out_and_comes_back_stays() -> None:
    """For this target and all others that share what was sent."""
    sent = Recent()
    first, other = reading(sent, set_mn=[f"{MN}=UPPER"]), reading(sent)
    out = first.read(received(frame(1)), 1)
    assert isinstance(out, Leaving)
    for one in (first, other):
        assert one.read(received(out.raw), 2) is None
        assert one.counters.looped == 1


def test_what_cannot_be_rewritten_is_said() -> None:
    """With its bytes as received, for the dead letters."""
    raw = frame(cn="2999")
    found = reading(set_version="2005").read(received(raw), 99)
    assert found == Unsent(
        99, NOON_US, MN, "2999", raw, "CN 2999 does not exist in the version of 2005"
    )


def test_a_sealed_frame_passes_without_its_key() -> None:
    """The header is all that is needed where nothing is rewritten."""
    raw = sealed(KEY)
    found = reading(st=["31"], cn=["2011"]).read(received(raw), 1)
    assert found == Leaving(raw, acks.key(MN.encode(), b"20260601120000000"), MN)
