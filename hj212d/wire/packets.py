"""Split uploads: have all packets of a group come?

Each packet has whole items and is stored on its own; this only tells which groups stayed
incomplete. Every packet has a QN of its own (HJ 212-2017, C.49), so a group is (MN, ST, CN,
DataTime). No clock: times are arguments. Tests: tests/wire/test_packets.py.
"""

from __future__ import annotations

import msgspec

from hj212d.wire.frame import Frame

Key = tuple[str, str, str, str]


class Group(msgspec.Struct):
    """Packets with one key. ``data_time`` as on the wire; ``last_s`` when the last one came."""

    mn: str
    st: str
    cn: str
    data_time: str
    pnum: int
    last_s: float
    numbers: set[int] = msgspec.field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether all of PNO 1..PNUM have come."""
        return len(self.numbers) >= self.pnum

    @property
    def missing(self) -> list[int]:
        """PNO that have not come, the first hundred of them."""
        missing = (number for number in range(1, self.pnum + 1) if number not in self.numbers)
        return [number for number, _ in zip(missing, range(100), strict=False)]


class PacketGroups:
    """Groups that packets belong to, ``most_groups`` of them with ``most_packets`` in all.

    A complete group is remembered for ``timeout_s`` too, so that a packet sent again does not
    begin a new one.
    """

    def __init__(
        self, timeout_s: float = 600.0, most_groups: int = 10_000, most_packets: int = 100_000
    ) -> None:
        self._timeout_s = timeout_s
        self._most_groups = most_groups
        self._most_packets = most_packets
        self._groups: dict[Key, Group] = {}  # in the order of their last packets
        self._packets = 0

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, frame: Frame, now_s: float) -> list[Group]:
        """Take a frame; the groups that ended by it: its own, now complete, and incomplete ones
        that had to go because there are too many. Frames without PNUM end none."""
        if frame.pnum is None or frame.pno is None:
            return []
        data_time = frame.cp.get("DataTime", "")
        key = (frame.mn, frame.st, frame.cn, data_time)
        group = self._groups.pop(key, None)
        if group is None:
            group = Group(*key, frame.pnum, now_s)
        self._groups[key] = group
        was_complete = group.complete
        group.last_s = now_s
        group.pnum = frame.pnum
        if frame.pno not in group.numbers:
            group.numbers.add(frame.pno)
            self._packets += 1
        ended = [group] if group.complete and not was_complete else []
        while len(self._groups) > self._most_groups or self._packets > self._most_packets:
            oldest = self._drop_oldest()
            if not oldest.complete:
                ended.append(oldest)
        return ended

    def expire(self, now_s: float) -> list[Group]:
        """Forget groups without a packet for the time-out; those that stayed incomplete."""
        ended = []
        while self._groups:
            oldest = next(iter(self._groups.values()))
            if now_s - oldest.last_s < self._timeout_s:
                break
            self._drop_oldest()
            if not oldest.complete:
                ended.append(oldest)
        return ended

    def _drop_oldest(self) -> Group:
        group = self._groups.pop(next(iter(self._groups)))
        self._packets -= len(group.numbers)
        return group
