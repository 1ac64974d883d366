"""Groups of packets: complete, incomplete after a time, bounded."""

from __future__ import annotations

from hj212d.wire.frame import Frame
from hj212d.wire.packets import PacketGroups
from hj212d.wire.reasons import Reason


def packet(pno: int, pnum: int = 3, mn: str = "M", data_time: str = "20240601080000") -> Frame:
    return Frame(
        Reason.OK, b"", st="31", cn="2061", mn=mn, pnum=pnum, pno=pno, cp={"DataTime": data_time}
    )


def test_a_group_is_complete_with_its_last_packet() -> None:
    """In any order, and QN plays no part (HJ 212-2017, C.49)."""
    groups = PacketGroups()
    assert groups.add(packet(3), 0) == groups.add(packet(1), 1) == []
    (group,) = groups.add(packet(2), 2)
    assert (group.complete, group.missing) == (True, [])
    assert (group.mn, group.st, group.cn, group.data_time) == ("M", "31", "2061", "20240601080000")


def test_frames_that_are_no_packets() -> None:
    """They belong to no group."""
    groups = PacketGroups()
    assert groups.add(Frame(Reason.OK, b""), 0) == []
    assert len(groups) == 0


def test_packets_sent_again() -> None:
    """A packet that comes twice completes nothing and begins no second group."""
    groups = PacketGroups(timeout_s=10)
    assert groups.add(packet(1, 2), 0) == groups.add(packet(1, 2), 1) == []
    assert len(groups.add(packet(2, 2), 2)) == 1
    assert groups.add(packet(2, 2), 3) == []
    assert groups.expire(100) == []


def test_a_group_that_stays_incomplete() -> None:
    """The time counts from its last packet; what is missing is told."""
    groups = PacketGroups(timeout_s=10)
    groups.add(packet(1), 0)
    groups.add(packet(3), 8)
    assert groups.expire(17.9) == []
    (group,) = groups.expire(18)
    assert (group.complete, group.missing) == (False, [2])
    assert len(groups) == 0


def test_groups_are_told_apart() -> None:
    """By MN and by DataTime."""
    groups = PacketGroups()
    for frame in (packet(1, 2), packet(2, 2, mn="N"), packet(2, 2, data_time="20240601090000")):
        assert groups.add(frame, 0) == []
    assert len(groups) == 3


def test_the_number_of_groups_is_bounded() -> None:
    """The oldest go first and are told when they were incomplete."""
    groups = PacketGroups(most_groups=2)
    groups.add(packet(1, mn="A"), 0)
    groups.add(packet(1, mn="B"), 1)
    groups.add(packet(2, mn="A"), 2)
    (ended,) = groups.add(packet(1, mn="C"), 3)
    assert (ended.mn, ended.missing) == ("B", [2, 3])


def test_the_number_of_packets_is_bounded() -> None:
    """One device with very many packets does not hold memory without end."""
    groups = PacketGroups(most_packets=100)
    ended = [group for pno in range(1, 1000) for group in groups.add(packet(pno, 99999), 0)]
    assert len(ended) == 9
    assert all(len(group.numbers) == 101 for group in ended)
    assert len(ended[0].missing) == 100
