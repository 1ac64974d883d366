# cython: language_level=3, boundscheck=False, wraparound=False
"""The compiled twin of cutter.Cutter: good frames are cut in C, all else as the Python one does.

A cutter that holds nothing is one object of 88 bytes. Tests: tests/wire/test_twins.py,
tests/wire/test_stream.py.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t
from libc.string cimport memcmp

from hj212d.wire._plain cimport behind_separators, crc212

from hj212d.wire import repair
from hj212d.wire.crc import PRINTED
from hj212d.wire.cutter import judged, junk
from hj212d.wire.frame import Cut
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT

cdef object OK = Reason.OK
cdef object TEXTS = {value: printed.decode() for value, printed in PRINTED.items()}
cdef const char *DIGITS = b"0123456789ABCDEF"
cdef object BEGIN = repair.begin

cdef enum:
    HEADER = 6  # ## and the length
    CRC_DIGITS = 4
    START = 0xFFFF


cdef int _good_length(
    const unsigned char *data, Py_ssize_t size, Py_ssize_t at, int limit, uint32_t *crc
) noexcept nogil:
    """Length of the segment of the good frame at ``at``: whole, closed, the CRC fits; or -1."""
    cdef const unsigned char *frame = data + at
    cdef const unsigned char *end
    cdef int length = 0, place
    if size - at < HEADER or frame[0] != c'#' or frame[1] != c'#':
        return -1
    for place in range(2, HEADER):
        if not c'0' <= frame[place] <= c'9':
            return -1
        length = length * 10 + (frame[place] - c'0')
    if length < 2 or length > limit or size - at < HEADER + length + CRC_DIGITS:
        return -1
    end = frame + HEADER + length
    if memcmp(end - 2, b"&&", 2) != 0:
        return -1
    crc[0] = crc212(frame + HEADER, length, START)
    for place in range(CRC_DIGITS):
        if end[place] != <unsigned char>DIGITS[(crc[0] >> (12 - 4 * place)) & 15]:
            return -1
    return length


cdef class Cutter:
    """What cutter.Cutter is, with the same arguments, methods and answers."""

    cdef object _held  # a bytearray from the first byte not yet cut, or None
    cdef object _search
    cdef object _tolerances
    cdef long long _offset
    cdef Py_ssize_t _need
    cdef int _limit

    def __init__(self, int max_segment_bytes=4096, tolerances=DEFAULT):
        self._limit = max_segment_bytes
        self._tolerances = tolerances

    @property
    def pending(self):
        """Bytes of the half frame held; 0: none. Junk that may go on is not a half frame."""
        held = self._held
        return len(held) if held is not None and held.startswith(b"##") else 0

    @property
    def empty(self):
        """Whether nothing is held: but for the offsets, a new cutter would go on alike."""
        return self._held is None

    def feed(self, bytes data not None):
        """Take the next bytes of the stream; the cuts that are now certain, in order."""
        held = self._held
        if held is None:
            return self._cut(data, False)
        held += data
        return self._cut(bytes(held), False) if len(held) >= self._need else []

    def expire(self):
        """Give the half frame up and cut what is behind it; nothing stays inside."""
        return [] if self._held is None else self._cut(bytes(self._held), True)

    cdef list _cut(self, bytes data, bint final):
        cdef list cuts = []
        cdef const unsigned char *start = <const unsigned char *>PyBytes_AS_STRING(data)
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), at = 0, stop
        cdef uint32_t crc = 0
        cdef int length
        cdef bytes raw
        while at < size:
            if self._search is None:
                at = behind_separators(start, size, at)
                if at == size:
                    break
                length = _good_length(start, size, at, self._limit, &crc)
                if length >= 0:
                    stop = at + HEADER + length + CRC_DIGITS
                    if at == 0 and stop == size:
                        raw = data
                    else:
                        raw = PyBytes_FromStringAndSize(<const char *>start + at, stop - at)
                    cuts.append(
                        Cut(OK, raw, self._offset + at, 6, 6 + length, length, TEXTS[crc])
                    )
                    at = stop
                    continue
            cut = self._look(data, at, size, final)
            if cut is None:
                break
            cuts.append(cut)
            at += len(cut.raw)
        self._offset += at
        self._need -= at
        if at == size:
            self._held = None
        elif self._held is None:
            self._held = bytearray(data[at:])
        elif at:
            del self._held[:at]
        if self._search is not None:
            self._search.shift(at)
        return cuts

    cdef object _look(self, bytes data, Py_ssize_t at, Py_ssize_t size, bint final):
        """The piece at ``at`` that is not simply a good frame; None: more bytes are needed."""
        search = self._search
        if search is None:
            if not data.startswith(b"##", at) or data.startswith(b"###", at):
                cut = junk(data, at, size, final, self._offset + at)
                if cut is None:
                    self._need = size + 1
                return cut
            search = BEGIN(data, at, size, self._limit, final)
            if isinstance(search, int):
                self._need = search
                return None
        piece = search.advance(data, size, final)
        if piece is None:
            self._search = search
            self._need = size + 1
            return None
        self._search = None
        return judged(piece, data, at, self._offset + at, self._tolerances)
