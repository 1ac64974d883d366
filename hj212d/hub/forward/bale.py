"""Frames ready to leave, as columns: a run of one lane, one behind the other as they go out.

Tests: tests/hub/forward/test_bale.py.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from hj212d.wire import header

LINE_END = b"\r\n"

_QN_IN_CP = re.compile(rb"(?<![A-Za-z])QN=([0-9]{17})(?![0-9])")


class Parcel(msgspec.Struct, frozen=True, gc=False):
    """One frame that goes out, without its line end. ``position``: behind its record."""

    raw: bytes
    mn: str
    cn: str
    qn: str
    st: str
    position: int
    received_us: int


class Unsent(msgspec.Struct, frozen=True, gc=False):
    """A frame that cannot be rewritten and so never leaves: a dead letter from the start.

    ``position``: behind its record. ``raw``: as it was received.
    """

    position: int
    received_us: int
    mn: str
    cn: str
    raw: bytes
    why: str


class Bale(msgspec.Struct, gc=False):
    """``count`` frames of one lane, in order of their positions.

    ``body``: the frames, each with CR LF; ``ends``: where each one ends there. ``keys``: what its
    acknowledgement is matched by (acks.key); 0: its Flag asks for none, so none will come.
    ``positions``: journal position behind each frame's record. ``received_us``: UTC. ``owners``:
    a hash of the MN each was received from. ``last``: position behind all that was looked at,
    taken or not; a bale without frames may still move it. ``seen_us``: receive time of the last
    record looked at. ``unsent``: frames of this stretch that must be kept as dead letters before
    the place moves past them.
    """

    lane: str
    body: bytes
    count: int
    ends: array[int]  # "I"
    keys: array[int]  # "Q"
    positions: array[int]  # "q"
    last: int
    received_us: array[int]  # "q"
    owners: array[int]  # "Q"
    seen_us: int = 0
    unsent: tuple[Unsent, ...] = ()

    def frames(self) -> Iterator[Parcel]:
        """Each frame by itself: the slow way, for publishers and dead letters."""
        return (self.frame(index) for index in range(self.count))

    def frame(self, index: int) -> Parcel:
        """One frame. Its texts are those it goes out with."""
        start = self.ends[index - 1] if index else 0
        raw = self.body[start : self.ends[index] - len(LINE_END)]
        head, _, content = raw.partition(b"CP=")
        fields = header.parse(head.lstrip(b"#0123456789").decode("latin-1")).fields
        qn = fields.get("QN", "")
        if not qn and (found := _QN_IN_CP.search(content)):  # 2005
            qn = found[1].decode("ascii")
        return Parcel(
            raw,
            fields.get("MN", ""),
            fields.get("CN", ""),
            qn,
            fields.get("ST", ""),
            self.positions[index],
            self.received_us[index],
        )

    def fitting(self, room: int) -> int:
        """How many frames, from the first one on, have no more than ``room`` bytes."""
        return bisect_right(self.ends, room)

    def split(self, count: int) -> tuple[Bale, Bale]:
        """The first ``count`` frames, at least one, and the rest, at least one."""
        at = self.ends[count - 1]
        behind = self.positions[count - 1]
        first = Bale(
            self.lane,
            self.body[:at],
            count,
            self.ends[:count],
            self.keys[:count],
            self.positions[:count],
            behind,
            self.received_us[:count],
            self.owners[:count],
            self.received_us[count - 1],
            tuple(one for one in self.unsent if one.position <= behind),
        )
        rest = Bale(
            self.lane,
            self.body[at:],
            self.count - count,
            array("I", [end - at for end in self.ends[count:]]),
            self.keys[count:],
            self.positions[count:],
            self.last,
            self.received_us[count:],
            self.owners[count:],
            self.seen_us,
            tuple(one for one in self.unsent if one.position > behind),
        )
        return first, rest
