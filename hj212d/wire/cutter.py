"""Cut a stream into frames by the length field, byte by byte or megabyte by megabyte.

Sans-IO: bytes in, cuts out; no clock (the owner calls :meth:`Cutter.expire`). Nothing is lost: the
raw bytes of all cuts, in order, and the separators skipped between them are the stream. What comes
out does not depend on how the stream was delivered. Broken frames are looked into by repair.py.
Tests: tests/wire/test_cutter.py, tests/wire/test_stream.py.
"""

from __future__ import annotations

from collections.abc import Callable

from hj212d.wire import repair
from hj212d.wire.crc import PRINTED, crc
from hj212d.wire.frame import Cut
from hj212d.wire.mn import mn_of
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, Tolerance

JUNK_BYTES = 512  # junk comes out in pieces of this size, or what there is before the next ##

_OK = Reason.OK
_HASH = ord("#")
_SEPARATORS = frozenset(b"\r\n \0")
_LENGTHS = {b"%04d" % length: length for length in range(10000)}  # 2.5 times as fast as int()
_TEXTS = {printed: printed.decode() for printed in PRINTED.values()}


class Cutter:
    """One stream's cutter; holds less than one frame or one piece of junk between calls.

    ``max_segment_bytes`` bounds what is waited for; a longer declared length is a broken header.
    ``tolerances`` is a set for all devices of the stream, or gives the set for an MN.
    """

    __slots__ = ("_held", "_limit", "_need", "_offset", "_search", "_tolerances")

    def __init__(
        self,
        max_segment_bytes: int = 4096,
        tolerances: Tolerance | Callable[[str], Tolerance] = DEFAULT,
    ) -> None:
        self._limit = max_segment_bytes
        self._tolerances = tolerances
        self._held = bytearray()  # from the first byte not yet cut
        self._need = 0  # so many held bytes before another look is worth it
        self._offset = 0  # of the first held byte in the stream
        self._search: repair.Search | None = None  # in the broken frame that is held

    @property
    def pending(self) -> int:
        """Bytes of the half frame held; 0: none. Junk that may go on is not a half frame."""
        held = self._held
        return len(held) if held.startswith(b"##") else 0

    @property
    def empty(self) -> bool:
        """Whether nothing is held: but for the offsets, a new cutter would go on alike."""
        return not self._held

    def feed(self, data: bytes) -> list[Cut]:
        """Take the next bytes of the stream; the cuts that are now certain, in order."""
        held = self._held
        if not held:
            return self._cut(data, False)
        held += data
        return self._cut(bytes(held), False) if len(held) >= self._need else []

    def expire(self) -> list[Cut]:
        """Give the half frame up and cut what is behind it; nothing stays inside."""
        return self._cut(bytes(self._held), True) if self._held else []

    def _cut(self, data: bytes, final: bool) -> list[Cut]:
        cuts: list[Cut] = []
        at = 0
        size = len(data)
        while at < size:
            if self._search is None:
                if data[at] in _SEPARATORS:
                    at += 1
                    continue
                # The way of nearly all frames: whole, closed, the CRC fits.
                begin = at + 6
                length = _LENGTHS.get(data[at + 2 : begin]) if data.startswith(b"##", at) else None
                if length is not None and length <= self._limit:
                    end = begin + length
                    stop = end + 4
                    printed = data[end:stop]
                    if (
                        stop <= size
                        and data.startswith(b"&&", end - 2)
                        and PRINTED[crc(data[begin:end])] == printed
                    ):
                        raw = data[at:stop]
                        offset = self._offset + at
                        text = _TEXTS[printed]
                        cuts.append(Cut(_OK, raw, offset, 6, 6 + length, length, text))
                        at = stop
                        continue
            cut = self._look(data, at, size, final)
            if cut is None:
                break
            cuts.append(cut)
            at += len(cut.raw)
        self._offset += at
        self._held[:] = data[at:]
        if self._search is not None:
            self._search.shift(at)
        self._need -= at
        return cuts

    def _look(self, data: bytes, at: int, size: int, final: bool) -> Cut | None:
        """The piece at ``at`` that is not simply a good frame; None: more bytes are needed."""
        search = self._search
        if search is None:
            if not data.startswith(b"##", at) or data.startswith(b"###", at):
                cut = junk(data, at, size, final, self._offset + at)
                if cut is None:
                    self._need = size + 1
                return cut
            begun = repair.begin(data, at, size, self._limit, final)
            if isinstance(begun, int):
                self._need = begun
                return None
            search = begun
        piece = search.advance(data, size, final)
        if piece is None:
            self._search = search
            self._need = size + 1
            return None
        self._search = None
        return judged(piece, data, at, self._offset + at, self._tolerances)


def judged(
    piece: repair.Piece,
    data: bytes,
    at: int,
    offset: int,
    tolerances: Tolerance | Callable[[str], Tolerance],
) -> Cut:
    """The cut for a broken piece: repaired where the device's tolerances allow it."""
    raw = data[at : piece.stop]
    reason, repairs = piece.reason, piece.repairs
    if repairs:
        allowed = tolerances(mn_of(raw)) if callable(tolerances) else tolerances
        if repairs & ~allowed:
            reason, repairs = piece.refused, Tolerance.NONE
    return Cut(
        reason,
        raw,
        offset,
        max(piece.begin - at, 0),
        max(piece.end - at, 0),
        piece.declared,
        data[piece.end : piece.stop].decode("latin-1") if piece.end else "",
        repairs,
    )


def junk(data: bytes, at: int, size: int, final: bool, offset: int) -> Cut | None:
    """Junk up to the next header, None: more bytes are needed; a drip searches one piece's bytes
    again at most."""
    found = repair.HEADER.search(data, at)
    stop = found.start() if found else size
    if found and found.end() == size and not final:
        found = None  # a third # may follow
    if found is None and not final and stop - at < JUNK_BYTES + 2:
        return None
    return Cut(Reason.JUNK, data[at : min(stop, at + JUNK_BYTES)], offset)
