# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Bales and acknowledgements in C: the twins of baling.py, dedup.py and acks.py, which say what
each name means.

Plain frames that leave as they came take no Python object each. All others go to reading.py one
by one. Tests: tests/hub/forward/test_bale_twins.py, test_acks.py, test_dedup.py.
"""

from cpython cimport array
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

import array

from hj212d.hub._xxh64 cimport xxh64
from hj212d.wire._plain cimport NO_TIME, Plain, Span, behind_separators, plain_at

from hj212d.hub.forward import acks as _acks
from hj212d.hub.forward.bale import Bale, Unsent
from hj212d.hub.forward.dedup import REMEMBERED
from hj212d.hub.forward.reading import Counters, Reading
from hj212d.journal.record import Record
from hj212d.wire._plain import VERSIONS
from hj212d.wire.tolerances import Tolerance
from hj212d.wire.version import BEFORE_2025

cdef enum:
    LONGEST_SEGMENT = 9999
    LONGEST_ANSWER = 4096  # Cutter's own limit
    FRAME = 1  # Kind.FRAME
    FIRST_ROOM = 256  # frames
    MOST_NAMES = 1 << 17  # MNs whose answer is kept

cdef enum:
    NOT_ASKED
    NO
    YES

cdef int FIRST_BEFORE_2025 = int(min(BEFORE_2025))
cdef int LAST_BEFORE_2025 = int(max(BEFORE_2025))
cdef uint32_t OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)

cdef extern from *:
    """
    #define SPREAD 0x9E3779B97F4A7C15ULL
    """
    const uint64_t SPREAD

cdef extern from *:
    """
    #define WANTED_SOON(place) __builtin_prefetch(place, 1)
    """
    void WANTED_SOON(const void *place) noexcept nogil

cdef array.array _U4 = array.array("I")
cdef array.array _U8 = array.array("Q")
cdef array.array _I8 = array.array("q")


# The head of a record (hj212d/journal/FORMAT.md).
cdef packed struct Head:
    uint32_t length
    uint8_t kind
    uint8_t spare
    uint16_t verdict
    uint32_t marks
    uint64_t link
    int64_t time_us
    uint16_t meta_length


# What a forwarder must know of a frame.
cdef struct Known:
    Span mn
    Span st
    Span qn
    int cn_number
    int flag  # -1: no Flag
    int version  # index into VERSIONS
    bint timed  # a time stands in it


cdef inline uint64_t _key(const unsigned char *raw, Span qn, uint64_t owner) noexcept nogil:
    cdef uint64_t key = owner * SPREAD + xxh64(raw + qn.at, qn.size)
    return key if key else 1


# Letters, digits, _ and -: what the values of a header in the standard's form are made of.
cdef unsigned char[256] IN_VALUE
for _byte in range(256):
    IN_VALUE[_byte] = chr(_byte).isascii() and (chr(_byte).isalnum() or chr(_byte) in "_-")


cdef inline int _value(
    const unsigned char *raw, const unsigned char *stop, int at, const char *name, int size
) noexcept nogil:
    """Where the value ends of the field ``name`` that stands at ``at``; -1 when another does, or
    the value is out of the ordinary. Its ; follows."""
    cdef const unsigned char *here = raw + at
    if stop - here <= size or memcmp(here, name, size) != 0:
        return -1
    here += size
    while IN_VALUE[here[0]]:
        here += 1
    return <int>(here - raw) if here[0] == c';' and here < stop else -1


cdef bint _known_at(const unsigned char *raw, Py_ssize_t size, Known *known) noexcept nogil:
    """Read the header of a frame that was judged good and unrepaired when it came, so that CRC
    and content are not looked at again: QN, ST, CN, PW, MN, Flag, then the rest, as 2017 and 2025
    have them. False says nothing but that somebody else must look.

    Each record ends with four CRC digits behind &&, where every search stops."""
    cdef const unsigned char *stop = raw + size - 8
    cdef int at = 6, end, length = 0, digit, year
    if size < 60 or raw[0] != c'#' or raw[1] != c'#':
        return False
    for digit in range(2, 6):
        if not c'0' <= raw[digit] <= c'9':
            return False
        length = 10 * length + raw[digit] - c'0'
    if length + 10 != size or memcmp(raw + size - 6, b"&&", 2) != 0:
        return False
    end = _value(raw, stop, at, b"QN=", 3)
    if end - at != 20 or not _is_time(raw + at + 3):
        return False
    known.qn.at, known.qn.size = at + 3, 17
    year = _two(raw + at + 3) * 100 + _two(raw + at + 5)
    at = end + 1
    end = _value(raw, stop, at, b"ST=", 3)
    if end - at < 4:
        return False
    known.st.at, known.st.size = at + 3, end - at - 3
    at = end + 1
    end = _value(raw, stop, at, b"CN=", 3)
    if end - at != 7:
        return False
    known.cn_number = 0
    for digit in range(at + 3, end):
        if not c'0' <= raw[digit] <= c'9':
            return False
        known.cn_number = 10 * known.cn_number + raw[digit] - c'0'
    at = end + 1
    end = _value(raw, stop, at, b"PW=", 3)
    if end < 0:
        return False
    at = end + 1
    end = _value(raw, stop, at, b"MN=", 3)
    if not 4 <= end - at <= 67:
        return False
    known.mn.at, known.mn.size = at + 3, end - at - 3
    at = end + 1
    end = _value(raw, stop, at, b"Flag=", 5)
    if end - at == 6:
        known.flag = raw[at + 5] - c'0'
        if not 4 <= known.flag <= 9:
            return False
    elif end - at == 7 and raw[at + 5] == c'1':
        known.flag = 10 + raw[at + 6] - c'0'
        if not 10 <= known.flag <= 11:
            return False
    else:
        return False
    known.version = known.flag >> 2
    if known.version == 2 and FIRST_BEFORE_2025 <= year <= LAST_BEFORE_2025:
        known.version = 1
    at = end + 1
    end = _value(raw, stop, at, b"PNUM=", 5)
    if end >= 0:
        at = end + 1
        end = _value(raw, stop, at, b"PNO=", 4)
        if end < 0:
            return False
        at = end + 1
    end = _value(raw, stop, at, b"RF=", 3)
    if end >= 0:
        at = end + 1
    known.timed = True
    return raw + at < stop and memcmp(raw + at, b"CP=&&", 5) == 0


cdef inline int _two(const unsigned char *text) noexcept nogil:
    """Two digits; -1000 when they are none."""
    cdef unsigned char tens = text[0] - c'0', ones = text[1] - c'0'
    return 10 * tens + ones if tens <= 9 and ones <= 9 else -1000


cdef inline bint _is_time(const unsigned char *text) noexcept nogil:
    """Whether 17 digits are a time beyond doubt; others are left to the careful reader."""
    return (
        20 <= _two(text) <= 29
        and _two(text + 2) >= 0
        and 1 <= _two(text + 4) <= 12
        and 1 <= _two(text + 6) <= 28 + 2 * (_two(text + 4) != 2)
        and 0 <= _two(text + 8) <= 23
        and 0 <= _two(text + 10) <= 59
        and 0 <= _two(text + 12) <= 59
        and _two(text + 14) >= 0
        and c'0' <= text[16] <= c'9'
    )


cdef bint _plain(
    const unsigned char *raw, Py_ssize_t size, uint32_t marks, Known *known
) noexcept nogil:
    """The same for any plain frame, whatever its header has."""
    cdef Plain frame
    if (
        not plain_at(raw, size, 0, LONGEST_SEGMENT, &frame)
        or frame.end != size
        or frame.repairs & ~marks
    ):
        return False
    known.mn, known.st, known.qn = frame.mn, frame.st, frame.qn
    known.cn_number, known.flag, known.version = frame.cn_number, frame.flag, frame.version
    known.timed = frame.data_time_us != NO_TIME or frame.qn_time_us != NO_TIME
    return True


cdef class Recent:
    """A table of hashes with open addressing, and their ring in order of age. 0 stands for an
    empty place, so the hash 0 is kept as 1."""

    cdef uint64_t *_table
    cdef uint64_t *_ring
    cdef Py_ssize_t _size, _count, _oldest
    cdef uint64_t _mask

    def __cinit__(self, Py_ssize_t size=REMEMBERED):
        cdef uint64_t places = 16
        if size < 1:
            raise ValueError("nothing can be remembered in no room")
        while places < <uint64_t>(2 * size):
            places *= 2
        self._size = size
        self._mask = places - 1
        self._table = <uint64_t *>calloc(places, sizeof(uint64_t))
        self._ring = <uint64_t *>calloc(size, sizeof(uint64_t))
        if self._table == NULL or self._ring == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self._table)
        free(self._ring)

    def __len__(self):
        return self._count

    def __contains__(self, uint64_t digest):
        return self.has(digest)

    def add(self, uint64_t digest):
        return bool(self.put(digest))

    cdef inline void soon(self, uint64_t digest) noexcept nogil:
        """This one will be put next but one: have its place, and that of the one which then goes,
        brought near. It saves a fifth of the time of a frame."""
        cdef Py_ssize_t old = self._oldest + 1 if self._oldest + 1 < self._size else 0
        WANTED_SOON(&self._table[digest & self._mask])
        WANTED_SOON(&self._table[self._ring[old] & self._mask])

    cdef inline uint64_t _place(self, uint64_t digest) noexcept nogil:
        """Where the hash is, or would be."""
        cdef uint64_t at = digest & self._mask
        while self._table[at] and self._table[at] != digest:
            at = (at + 1) & self._mask
        return at

    cdef inline bint has(self, uint64_t digest) noexcept nogil:
        digest = digest if digest else 1
        return self._table[self._place(digest)] != 0

    cdef bint put(self, uint64_t digest) noexcept nogil:
        cdef uint64_t at
        digest = digest if digest else 1
        at = self._place(digest)
        if self._table[at]:
            return False
        if self._count == self._size:
            self._remove(self._ring[self._oldest])
            at = self._place(digest)
        else:
            self._count += 1
        self._table[at] = digest
        self._ring[self._oldest] = digest
        self._oldest += 1
        if self._oldest == self._size:
            self._oldest = 0
        return True

    cdef void _remove(self, uint64_t digest) noexcept nogil:
        """Close the gap, so that no search stops at it."""
        cdef uint64_t gap = self._place(digest), at = gap, home
        while True:
            at = (at + 1) & self._mask
            if not self._table[at]:
                break
            home = self._table[at] & self._mask
            if ((at - home) & self._mask) >= ((at - gap) & self._mask):
                self._table[gap] = self._table[at]
                gap = at
        self._table[gap] = 0


cdef class _Names:
    """Hash of an MN -> whether it is taken. Forgets all when it is full."""

    cdef uint64_t *_hashes
    cdef uint8_t *_answers
    cdef uint64_t _mask
    cdef Py_ssize_t _count

    def __cinit__(self):
        self._mask = 2 * MOST_NAMES - 1
        self._hashes = <uint64_t *>calloc(self._mask + 1, sizeof(uint64_t))
        self._answers = <uint8_t *>calloc(self._mask + 1, 1)
        if self._hashes == NULL or self._answers == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self._hashes)
        free(self._answers)

    cdef inline uint64_t _place(self, uint64_t name) noexcept nogil:
        cdef uint64_t at = name & self._mask
        while self._answers[at] and self._hashes[at] != name:
            at = (at + 1) & self._mask
        return at

    cdef inline int answer(self, uint64_t name) noexcept nogil:
        return self._answers[self._place(name)]

    cdef void keep(self, uint64_t name, int answer) noexcept nogil:
        cdef uint64_t at
        if self._count == MOST_NAMES:
            self.clear()
        at = self._place(name)
        self._hashes[at] = name
        self._answers[at] = <uint8_t>answer
        self._count += 1

    cdef void clear(self) noexcept nogil:
        memset(self._answers, 0, self._mask + 1)
        self._count = 0


cdef struct Flight:
    uint64_t key  # 0: an empty place
    int64_t number


cdef class Flying:
    """A table with open addressing, at most half full."""

    cdef Flight *_table
    cdef uint64_t _mask
    cdef Py_ssize_t _count

    def __cinit__(self):
        self._mask = 4096 - 1
        self._table = <Flight *>calloc(self._mask + 1, sizeof(Flight))
        if self._table == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self._table)

    def __len__(self):
        return self._count

    def __contains__(self, uint64_t key):
        return self._table[self._place(key)].key != 0

    def put(self, array.array keys not None, Py_ssize_t first, Py_ssize_t last, int64_t number):
        cdef uint64_t *given = <uint64_t *>keys.data.as_voidptr
        cdef uint64_t at
        cdef Py_ssize_t one
        if keys.typecode != "Q" or not 0 <= first <= last <= len(keys):
            raise ValueError("these are no keys")
        while 2 * (self._count + last - first) > <Py_ssize_t>self._mask:
            self._widen()
        for one in range(first, last):
            at = self._place(given[one])
            if not given[one] or self._table[at].key:
                while one > first:
                    one -= 1
                    self._remove(self._place(given[one]))
                return False
            self._table[at].key = given[one]
            self._table[at].number = number + one - first
            self._count += 1
        return True

    def set(self, uint64_t key, int64_t number):
        cdef uint64_t at
        if 2 * (self._count + 1) > <Py_ssize_t>self._mask:
            self._widen()
        at = self._place(key)
        self._count += not self._table[at].key
        self._table[at].key = key
        self._table[at].number = number

    def pop(self, uint64_t key):
        return self._pop(key)

    def take(self, array.array keys not None):
        cdef uint64_t *given = <uint64_t *>keys.data.as_voidptr
        cdef int64_t number, begin = 0, end = -1
        cdef Py_ssize_t one, count = len(keys)
        cdef list spans = [], strange = []
        if keys.typecode != "Q":
            raise ValueError("these are no keys")
        for one in range(count):
            number = self._pop(given[one])
            if number < 0:
                strange.append(given[one])
            elif number == end:
                end += 1
            else:
                if end >= 0:
                    spans.append((begin, end))
                begin, end = number, number + 1
        if end >= 0:
            spans.append((begin, end))
        return spans, strange

    def clear(self):
        memset(self._table, 0, (self._mask + 1) * sizeof(Flight))
        self._count = 0

    cdef inline uint64_t _place(self, uint64_t key) noexcept nogil:
        cdef uint64_t at = key & self._mask
        while self._table[at].key and self._table[at].key != key:
            at = (at + 1) & self._mask
        return at

    cdef inline int64_t _pop(self, uint64_t key) noexcept nogil:
        cdef uint64_t at = self._place(key)
        cdef int64_t number
        if not self._table[at].key:
            return -1
        number = self._table[at].number
        self._remove(at)
        return number

    cdef void _remove(self, uint64_t gap) noexcept nogil:
        cdef uint64_t at = gap
        self._count -= 1
        while True:
            at = (at + 1) & self._mask
            if not self._table[at].key:
                break
            if ((at - self._table[at].key) & self._mask) >= ((at - gap) & self._mask):
                self._table[gap] = self._table[at]
                gap = at
        self._table[gap].key = 0

    cdef int _widen(self) except -1:
        cdef Flight *old = self._table
        cdef uint64_t places = self._mask + 1, one
        self._table = <Flight *>calloc(2 * places, sizeof(Flight))
        if self._table == NULL:
            self._table = old
            raise MemoryError
        self._mask = 2 * places - 1
        for one in range(places):
            if old[one].key:
                self._table[self._place(old[one].key)] = old[one]
        free(old)
        return 0


cdef class Baler:
    cdef object _rules, _reading
    cdef Recent _recent, _sent
    cdef _Names _names
    cdef bint _rewrites, _takes_all_mns
    cdef unsigned char[3][10000] _cns  # by version and CN
    cdef unsigned char[65536] _sts  # of two bytes
    cdef list _unsent
    cdef int64_t _last, _seen_us
    cdef Py_ssize_t _filtered, _doubled, _looped
    cdef unsigned char *_body
    cdef Py_ssize_t _used, _body_room
    cdef Py_ssize_t _count, _room
    cdef uint32_t *_ends
    cdef uint64_t *_keys
    cdef int64_t *_positions
    cdef int64_t *_received_us
    cdef uint64_t *_owners

    def __cinit__(self):
        memset(self._cns, NOT_ASKED, sizeof(self._cns))
        memset(self._sts, NOT_ASKED, sizeof(self._sts))

    def __init__(self, rules, Recent recent not None, Recent sent not None, device):
        self._rules = rules
        self._rewrites = rules.rewrite is not None
        self._takes_all_mns = rules.takes_all_mns
        self._recent = recent
        self._sent = sent
        self._reading = Reading(rules, recent, sent, device)
        self._names = _Names()
        self._unsent = []

    def __dealloc__(self):
        free(self._body)
        free(self._ends)
        free(self._keys)
        free(self._positions)
        free(self._received_us)
        free(self._owners)

    @property
    def size(self):
        return self._used

    @property
    def counters(self):
        slow = self._reading.counters
        return Counters(
            slow.filtered + self._filtered, slow.doubled + self._doubled, slow.looped + self._looped
        )

    def forget(self):
        self._names.clear()

    def forget_counts(self):
        self._filtered = self._doubled = self._looped = 0
        self._reading.counters = Counters()

    def add(self, int64_t position, bytes body not None, Py_ssize_t at, Py_ssize_t room):
        cdef const unsigned char *data = body
        cdef Py_ssize_t size = len(body), raw, stop
        cdef Head head
        cdef Known known
        cdef const unsigned char *text
        cdef uint64_t digest, ahead = 0
        cdef bint is_ahead = False
        while at < size and self._used < room:
            if size - at < <Py_ssize_t>sizeof(Head):
                raise ValueError(f"{size - at} stray bytes at offset {at}")
            memcpy(&head, data + at, sizeof(Head))
            raw = at + sizeof(Head) + head.meta_length
            stop = at + 4 + head.length
            if not raw <= stop <= size:
                raise ValueError(f"record of impossible length {head.length} at offset {at}")
            if head.kind == FRAME and not head.verdict:
                text = data + raw
                digest = ahead if is_ahead else xxh64(text, stop - raw)
                is_ahead = self._looked_ahead(data, size, stop, &ahead)
                if (
                    self._rewrites
                    or head.marks & ~OVERSIZE
                    or not (
                        _known_at(text, stop - raw, &known)
                        or _plain(text, stop - raw, head.marks, &known)
                    )
                ):
                    self._take_slowly(&head, body[raw:stop], position + stop)
                else:
                    self._take(text, stop - raw, &known, digest, &head, position + stop)
            else:
                is_ahead = False
            self._last, self._seen_us = position + stop, head.time_us
            at = stop
        return at

    def bale(self, str lane not None):
        cdef Py_ssize_t count = self._count
        made = Bale(
            lane,
            PyBytes_FromStringAndSize(<char *>self._body, self._used),
            count,
            _filled(_U4, self._ends, count),
            _filled(_U8, self._keys, count),
            _filled(_I8, self._positions, count),
            self._last,
            _filled(_I8, self._received_us, count),
            _filled(_U8, self._owners, count),
            self._seen_us,
            tuple(self._unsent),
        )
        self._used = self._count = 0
        self._last = self._seen_us = 0
        self._unsent = []
        return made

    cdef int _take_slowly(self, const Head *head, bytes raw, int64_t behind) except -1:
        record = Record(head.kind, head.time_us, head.link, head.verdict, head.marks, b"", raw)
        found = self._reading.read(record, behind)
        cdef bytes text
        if found is None:
            return 0
        if isinstance(found, Unsent):
            self._unsent.append(found)
            return 0
        raw = found.raw
        text = found.mn.encode()
        return self._put(
            raw, len(raw), found.key, behind, head.time_us, xxh64(text, len(text))
        )

    cdef inline bint _looked_ahead(
        self, const unsigned char *data, Py_ssize_t size, Py_ssize_t at, uint64_t *digest
    ) noexcept nogil:
        """The digest of the frame in the record at ``at``, if one is there."""
        cdef Head head
        cdef Py_ssize_t raw, stop
        if size - at < <Py_ssize_t>sizeof(Head):
            return False
        memcpy(&head, data + at, sizeof(Head))
        raw = at + sizeof(Head) + head.meta_length
        stop = at + 4 + head.length
        if head.kind != FRAME or head.verdict or not raw <= stop <= size:
            return False
        digest[0] = xxh64(data + raw, stop - raw)
        self._recent.soon(digest[0])
        return True

    cdef int _take(
        self,
        const unsigned char *raw,
        Py_ssize_t size,
        const Known *frame,
        uint64_t digest,
        const Head *head,
        int64_t behind,
    ) except -1:
        cdef uint64_t owner, key = 0
        cdef int answer = self._cns[frame.version][frame.cn_number]
        if answer == NOT_ASKED:
            taken = self._rules.takes_cn(f"{frame.cn_number:04d}", VERSIONS[frame.version])
            answer = self._cns[frame.version][frame.cn_number] = YES if taken else NO
        if answer == NO or not self._takes_st(raw, frame):
            self._filtered += 1
            return 0
        owner = xxh64(raw + frame.mn.at, frame.mn.size)
        if not self._takes_all_mns:
            answer = self._names.answer(owner)
            if answer == NOT_ASKED:
                answer = YES if self._rules.takes_mn(_text(raw, frame.mn)) else NO
                self._names.keep(owner, answer)
            if answer == NO:
                self._filtered += 1
                return 0
        if self._sent._count and self._sent.has(digest):
            self._looped += 1
            return 0
        if frame.timed and not self._recent.put(digest):
            self._doubled += 1
            return 0
        if frame.flag >= 0 and frame.flag & 1:
            key = _key(raw, frame.qn, owner)
        return self._put(raw, size, key, behind, head.time_us, owner)

    cdef inline int _takes_st(self, const unsigned char *raw, const Known *frame) except -1:
        cdef unsigned char *answer
        if frame.st.size != 2:
            return bool(self._rules.takes_st(_text(raw, frame.st)))
        answer = &self._sts[raw[frame.st.at] << 8 | raw[frame.st.at + 1]]
        if answer[0] == NOT_ASKED:
            answer[0] = YES if self._rules.takes_st(_text(raw, frame.st)) else NO
        return answer[0] == YES

    cdef int _put(
        self,
        const unsigned char *raw,
        Py_ssize_t size,
        uint64_t key,
        int64_t behind,
        int64_t received_us,
        uint64_t owner,
    ) except -1:
        cdef Py_ssize_t row = self._count
        if row == self._room or self._used + size + 2 > self._body_room:
            self._widen(size + 2)
        memcpy(self._body + self._used, raw, size)
        self._body[self._used + size] = c'\r'
        self._body[self._used + size + 1] = c'\n'
        self._used += size + 2
        self._ends[row] = <uint32_t>self._used
        self._keys[row] = key
        self._positions[row] = behind
        self._received_us[row] = received_us
        self._owners[row] = owner
        self._count += 1
        return 0

    cdef int _widen(self, Py_ssize_t more) except -1:
        cdef Py_ssize_t rows = max(2 * self._room, FIRST_ROOM)
        if self._count == self._room:
            _grow(<void **>&self._ends, rows * sizeof(uint32_t))
            _grow(<void **>&self._keys, rows * sizeof(uint64_t))
            _grow(<void **>&self._positions, rows * sizeof(int64_t))
            _grow(<void **>&self._received_us, rows * sizeof(int64_t))
            _grow(<void **>&self._owners, rows * sizeof(uint64_t))
            self._room = rows
        if self._used + more > self._body_room:
            _grow(<void **>&self._body, max(2 * self._body_room, self._used + more, 1 << 16))
            self._body_room = max(2 * self._body_room, self._used + more, 1 << 16)
        return 0


def find(bytes data not None):
    """acks.find: plain acknowledgements here, from the first frame that is none on there."""
    cdef const unsigned char *raw = data
    cdef Py_ssize_t size = len(data), at = 0, count = 0
    cdef Plain frame
    # No acknowledgement is shorter than 32 bytes.
    cdef array.array keys = array.clone(_U8, size // 32 + 1, zero=False)
    while True:
        at = behind_separators(raw, size, at)
        if (
            at == size
            or not plain_at(raw, size, at, LONGEST_ANSWER, &frame)
            or not 9013 <= frame.cn_number <= 9014
        ):
            break
        keys.data.as_ulonglongs[count] = _key(
            raw + at, frame.qn, xxh64(raw + at + frame.mn.at, frame.mn.size)
        )
        count += 1
        at = frame.end
    array.resize(keys, count)
    if at == size:
        return keys, [], b""
    more, others, rest = _acks.find(data[at:])
    keys.extend(more)
    return keys, others, rest


cdef array.array _filled(array.array kind, const void *values, Py_ssize_t count):
    cdef array.array made = array.clone(kind, count, zero=False)
    if count:
        memcpy(made.data.as_voidptr, values, count * made.ob_descr.itemsize)
    return made


cdef int _grow(void **memory, Py_ssize_t size) except -1:
    cdef void *found = realloc(memory[0], size)
    if found == NULL:
        raise MemoryError
    memory[0] = found
    return 0


cdef str _text(const unsigned char *raw, Span span):
    return raw[span.at : span.at + span.size].decode("ascii")
