"""One pass of the ear: what is new in the journal and may matter to somebody, as frames.

A block of records costs a search of its bytes; only records in which a pattern occurs are read as
frames. Header fields stand in clear also in encrypted frames, so that the search finds those too.
Blocks on files only; knows no listener. Tests: tests/hub/commands/test_ear_pass.py.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from hj212d.hub.reread import Rereader
from hj212d.journal.lanes import DURABLE, lanes
from hj212d.journal.mark import read_mark
from hj212d.journal.reader import LaneReader, Piece
from hj212d.journal.record import Kind, decode_all, offsets
from hj212d.wire.frame import Frame

PASS_BYTES = 1024 * 1024  # of one lane

# Clock, keys, intervals and all that 3xxx asks for; the answers of the standard.
_OF_INTEREST = rb"CN=(?:[13][0-9]{3}|901[123]);"
_MNS = re.compile(rb"MN=([^;&#]{1,64})")
# A record that an MN begins to speak on a link; its first frame stands nearby.
_BEGINS = b'{"mn":"'
_PASSWORDS = re.compile(rb"PW=([^;&#]{1,64});MN=([^;&#]{1,64})")


class Heard(msgspec.Struct, frozen=True):
    """A frame of interest and where it stands. ``received_us``: UTC microseconds; ``position``:
    of its record in the lane, so that ``(lane, position)`` names it for good.

    The frame has the verdict of the listener: look at ``frame.ok`` before believing it.
    """

    frame: Frame
    link: int
    received_us: int
    lane: str
    position: int


class Wanted(msgspec.Struct, frozen=True):
    """What to listen for, beyond the fixed CNs: every frame of some MNs, and every record in
    which some bytes occur."""

    mns: frozenset[bytes] = frozenset()
    pattern: re.Pattern[bytes] = re.compile(_OF_INTEREST)


def wanted(mns: Collection[str], patterns: Sequence[bytes] = ()) -> Wanted:
    """For these MNs, and for these bytes, taken literally."""
    alternatives = b"|".join([_OF_INTEREST, *(re.escape(pattern) for pattern in patterns)])
    return Wanted(frozenset(mn.encode() for mn in mns), re.compile(alternatives))


class EarPass:
    """A reader for each lane. ``positions``: where to begin; a lane that is not named is read
    from its beginning."""

    def __init__(
        self, journal_dir: Path, positions: Mapping[str, int], rereader: Rereader
    ) -> None:
        self._journal_dir = journal_dir
        self._rereader = rereader
        self._readers = {
            lane: LaneReader(journal_dir / lane, position) for lane, position in positions.items()
        }
        self.passwords: dict[str, str] = {}  # of MNs that began to speak, until they are taken
        self.looked_at_bytes = 0
        self.candidates = 0

    @property
    def positions(self) -> dict[str, int]:
        """Lane -> behind the last record that was looked at."""
        return {lane: reader.position for lane, reader in self._readers.items()}

    def read(
        self, what: Wanted, ends: Mapping[str, int] | None = None
    ) -> tuple[list[Heard], bool]:
        """What is new and wanted, lane by lane in the order of the journal; whether more waits.

        ``ends``: durable ends, not to be passed; as they are now when None. Who waits for answers
        while the journal grows has to find out what is wanted after the ends, not before.
        """
        ends = durable_ends(self._journal_dir) if ends is None else ends
        heard: list[Heard] = []
        more = False
        for lane, durable in ends.items():
            reader = self._readers.get(lane)
            if reader is None:
                reader = self._readers[lane] = LaneReader(self._journal_dir / lane)
            if reader.position >= durable:
                continue
            for piece in reader.pieces(PASS_BYTES, stop=durable):
                self.looked_at_bytes += len(piece.body)
                heard += self._found(lane, piece, what)
                if _BEGINS in piece.body:
                    self._learn(piece)
            more = more or reader.position < durable
        return heard, more

    def lag_bytes(self) -> int:
        """Bytes of the journal that were not yet looked at."""
        return sum(reader.lag_bytes for reader in self._readers.values())

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()

    def _learn(self, piece: Piece) -> None:
        """PWs of the MNs that begin to speak in a block: a request needs one, and the store would
        take 10 ms to find it."""
        began = {
            msgspec.json.decode(record.meta)["mn"].encode()
            for _, record in piece.records()
            if record.kind == Kind.LINK_IDENTIFIED
        }
        for password, mn in _PASSWORDS.findall(piece.body):
            if mn in began:
                self.passwords[mn.decode("ascii", "replace")] = password.decode("ascii", "replace")

    def _found(self, lane: str, piece: Piece, what: Wanted) -> Iterator[Heard]:
        body = piece.body
        places = [match.start() for match in what.pattern.finditer(body)]
        if what.mns and not what.mns.isdisjoint(_MNS.findall(body)):
            places += [match.start() for match in _MNS.finditer(body) if match[1] in what.mns]
        if not places:
            return
        starts = offsets(body)
        for number in sorted({bisect_right(starts, place) - 1 for place in places}):
            at = starts[number]
            end = starts[number + 1] if number + 1 < len(starts) else len(body)
            ((_, record),) = decode_all(body[at:end])
            if record.kind != Kind.FRAME:
                continue
            self.candidates += 1
            frame = self._rereader.as_recorded(record)
            yield Heard(frame, record.link, record.time_us, lane, piece.position + at)


def durable_ends(journal_dir: Path) -> dict[str, int]:
    """Lane -> its durable end now."""
    return {lane: read_mark(journal_dir / lane / DURABLE) or 0 for lane in lanes(journal_dir)}
