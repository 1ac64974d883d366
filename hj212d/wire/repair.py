"""Look into a frame that is not simply good: where does it end, and what is wrong with it?

Only the cutter's failure path comes here. A verdict names the reason a strict reader would give
(``refused``) and the repair that would make the frame good; the cutter asks the tolerances.
Verdicts depend on the bytes alone, not on their delivery: what is undecided waits for more.
Tests: tests/wire/test_repair.py, tests/wire/test_stream.py.
"""

from __future__ import annotations

import re

import msgspec

from hj212d.wire import sm4
from hj212d.wire.crc import PRINTED, START, crc
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

HEADER = re.compile(rb"##(?!#)")  # of a run of # the last two begin a frame

# Inside a broken frame only a whole header is believed to be the next frame.
_RESTART = rb"##\d{2,4}(?:QN|ST|CN|PW|MN|Flag|PNUM|PNO|RF|CP)="
_RESTARTS = re.compile(_RESTART)
_EVENTS = re.compile(rb"(?P<restart>" + _RESTART + rb")|(?P<closed>&&(?=[0-9A-Fa-f]{4}))|[\r\n]")
_HEADER_OR_LINE_END = re.compile(rb"##(?!#)|[\r\n]")
_AHEAD = 12  # no event is longer
_LENGTH = re.compile(rb"##(\d{0,4})")
_CRC_DIGITS = re.compile(rb"[0-9A-Fa-f]{0,4}")
_LETTER = re.compile(rb"[A-Za-z]")
_BEHIND_CRC = frozenset(b"\r\n \0#")
_SEPARATORS = b"\r\n \0"


class Piece(msgspec.Struct):
    """A verdict. Positions as in the searched data; ``end`` 0: the segment's end is not known.

    ``reason`` holds when all ``repairs`` are allowed, ``refused`` when not.
    """

    reason: Reason
    stop: int
    begin: int = 0
    end: int = 0
    declared: int = -1
    repairs: Tolerance = Tolerance.NONE
    refused: Reason = Reason.OK


def begin(data: bytes, at: int, size: int, limit: int, final: bool) -> Search | int:
    """Begin a search in the frame whose ``##`` stands at ``at``; or how many bytes it takes.

    ``final``: no more bytes will come.
    """
    found = _LENGTH.match(data, at)
    digits = found[1] if found else b""
    segment = at + 2 + len(digits)
    short = len(digits) < 4
    if short and segment == size:
        return Search(at, size, -1, size, limit, Reason.TRUNCATED) if final else size + 1
    if short and (len(digits) < 2 or not _LETTER.match(data, segment)):
        return Search(at, at + 2, -1, at + 2, limit, Reason.LENGTH_NOT_NUMERIC)
    declared = int(digits)
    if declared > limit:
        return Search(at, segment, declared, segment, limit, Reason.LENGTH_OVER_LIMIT)
    end = segment + declared
    if size < end + 4 and not final:
        found = _CRC_DIGITS.match(data, end) if size > end else None
        if found is None or found.end() == size:
            return max(size, end) + 1
    return Search(at, segment, declared, end, limit, None, short)


class Search:
    """The search for the end of one broken frame; goes on where it stopped when bytes come."""

    __slots__ = (
        "_at",
        "_begin",
        "_cipher_checked",
        "_declared",
        "_end",
        "_position",
        "_reason",
        "_register",
        "_short",
        "_stop",
        "_summed",
        "_whole",
    )

    def __init__(
        self,
        at: int,
        begin: int,
        declared: int,
        end: int,
        limit: int,
        reason: Reason | None,
        short: bool = False,
    ) -> None:
        self._at = at
        self._begin = begin  # of the segment
        self._declared = declared
        self._end = end  # of the segment, as declared
        self._stop = begin + limit + 4  # no frame is longer
        self._reason = reason  # of a broken header; None: the header is whole
        self._short = short
        self._whole = reason is None  # the declared end has not been looked at
        self._position = begin  # searched so far
        self._register = START  # CRC of the bytes from begin ...
        self._summed = begin  # ... to here
        self._cipher_checked = False

    def shift(self, by: int) -> None:
        """The first ``by`` bytes of the data are gone."""
        self._at -= by
        self._begin -= by
        self._end -= by
        self._stop -= by
        self._position -= by
        self._summed -= by

    def advance(self, data: bytes, size: int, final: bool) -> Piece | None:
        """The verdict; None: more bytes are needed."""
        if self._whole:
            self._whole = False
            piece = self._at_declared_end(data, size, final)
            if piece is not None:
                return piece
            if self._short:
                self._reason = Reason.LENGTH_NOT_NUMERIC
                self._declared = -1
                self._position = self._at + 2
        if self._reason is Reason.LENGTH_NOT_NUMERIC:
            return self._to_next_header(data, size, final)
        return self._to_event(data, size, final)

    def _at_declared_end(self, data: bytes, size: int, final: bool) -> Piece | None:
        """The length is believed when a closed segment and a CRC, or none at all, stand there."""
        begin, end = self._begin, self._end
        if size < end:
            return None
        closed = data.startswith(b"&&", end - 2) and end - 2 >= begin
        found = _CRC_DIGITS.match(data, end)
        stop = found.end() if found else end
        digits = data[end:stop]
        cut_off = stop == size and final
        if len(digits) < 4 and not (closed and (cut_off or data[stop] in _BEHIND_CRC)):
            return None
        fits = digits.upper().rjust(4, b"0") == PRINTED[crc(data[begin:end])]
        # The CRC fits one piece of nonsense in 256: with a header inside, that is enough only
        # for a frame which is whole in every other respect.
        whole = fits and closed and not self._short and len(digits) == 4
        if not whole and _RESTARTS.search(data, begin, end):
            return None
        repairs = Tolerance.LENGTH_SHORT if self._short else Tolerance.NONE
        refused = Reason.LENGTH_NOT_NUMERIC if self._short else Reason.OK
        reason = Reason.OK
        if not digits:
            repairs |= Tolerance.CRC_ABSENT
            refused = refused or (Reason.TRUNCATED if cut_off else Reason.CRC_MISSING)
        elif not fits:
            if not closed or (cut_off and len(digits) < 4):
                return None
            reason = Reason.CRC_WRONG
        elif len(digits) < 4:
            repairs |= Tolerance.CRC_SHORT
            refused = refused or Reason.CRC_WRONG
        return Piece(reason, stop, begin, end, self._declared, repairs, refused)

    def _to_next_header(self, data: bytes, size: int, final: bool) -> Piece | None:
        found = _HEADER_OR_LINE_END.search(data, self._position)
        if found and (final or found.end() < size or found.end() - found.start() == 1):
            return self._broken(data, min(found.start(), self._stop))
        if final or size >= self._stop + _AHEAD:
            return self._broken(data, min(size, self._stop))
        self._position = max(self._position, size - _AHEAD)
        return None

    def _to_event(self, data: bytes, size: int, final: bool) -> Piece | None:
        """The first of: a closed segment with a fitting CRC, a new header, a line end."""
        for found in _EVENTS.finditer(data, self._position):
            start = found.start()
            if start >= self._stop:
                break
            if found["closed"]:
                piece = self._closed(data, start + 2)
                if piece is not None:
                    return piece
            elif found["restart"] or start >= self._end:
                return self._broken(data, start)
        if final or size >= self._stop + _AHEAD:
            return self._broken(data, min(size, self._stop))
        self._position = max(self._position, size - _AHEAD)
        return None

    def _closed(self, data: bytes, end: int) -> Piece | None:
        """A segment closed at ``end`` with four hexadecimal digits behind: is it the true end?"""
        if end <= self._summed:
            return None
        self._register = crc(data[self._summed : end], self._register)
        self._summed = end
        reason = Reason.OK
        if PRINTED[self._register] == data[end : end + 4].upper():
            repairs = Tolerance.LENGTH_OFF
            segment = data[self._begin : end]
            if self._reason is None and _counts_characters(segment, self._declared):
                repairs = Tolerance.LENGTH_IN_CHARACTERS
        else:
            if self._cipher_checked:
                return None
            self._cipher_checked = True
            binary = sm4.from_text(data[self._begin : end])
            if binary is None or len(binary) != self._declared:
                return None
            reason, repairs = Reason.CRC_WRONG, Tolerance.CIPHER_AS_TEXT
        refused = self._reason or Reason.LENGTH_WRONG
        return Piece(reason, end + 4, self._begin, end, self._declared, repairs, refused)

    def _broken(self, data: bytes, stop: int) -> Piece:
        """No true end was found: the piece ends before ``stop``, line ends left out."""
        while stop > self._at + 2 and data[stop - 1] in _SEPARATORS:
            stop -= 1
        end = self._end
        if self._reason is not None:
            return Piece(self._reason, stop, declared=self._declared)
        if stop < end + 4:
            return Piece(Reason.TRUNCATED, stop, declared=self._declared)
        if stop == end + 4:  # the length is right
            found = _CRC_DIGITS.match(data, end)
            if found and found.end() == stop:
                return Piece(Reason.CRC_WRONG, stop, self._begin, end, self._declared)
            if data.startswith(b"&&", end - 2):
                return Piece(Reason.CRC_MISSING, stop, self._begin, end, self._declared)
        return Piece(Reason.LENGTH_WRONG, stop, declared=self._declared)


def _counts_characters(segment: bytes, declared: int) -> bool:
    """Whether the declared length is that of the text, in UTF-8 or else in GB18030."""
    if segment.isascii():
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            return len(segment.decode(encoding)) == declared
        except UnicodeDecodeError:
            continue
    return False
