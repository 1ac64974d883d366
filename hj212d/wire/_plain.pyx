# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Read plain frames in C: what _plain.pxd declares, and doors to it for Python.

Everything that is not plain is left to the Python reader, which is the specification; where it is
cheaper to be unsure, this says "not plain". Times, packet numbers and the version are as
hj212d.wire.decode has them. Tests: tests/wire/test_plain.py, tests/wire/test_twins.py.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy
from libc.math cimport isfinite

from hj212d.wire import tables as _tables
from hj212d.wire.decode import STANDARD_SEGMENT_BYTES
from hj212d.wire.tolerances import Tolerance
from hj212d.wire.version import BEFORE_2025, V2005, V2017, V2025

include "_crc.pxi"
include "_pieces.pxi"
include "_number.pxi"

VERSIONS = (V2005, V2017, V2025)

cdef enum:
    LONGEST_MN = 64
    LONGEST_NAME = 32  # of a code, a suffix, a plain field
    MOST_CODES = 512
    MOST_MARKS = 2048  # suffixes of all codes
    MOST_FIELDS = 64
    SHORTEST = 20  # CN=9015;MN=1;CP=&&&&
    HEADER = 6  # ## and the length
    CRC_DIGITS = 4

# What a byte can be; a byte outside of printable ASCII, and a blank, is in no plain frame.
cdef enum:
    NAME = 1  # in a code or suffix
    DASH = 2
    STOP = 4  # ; , = & end a value, / may begin log text

cdef unsigned char[256] KIND
cdef unsigned char[10000] CARRIES_DATA
cdef int STANDARD_LENGTH = STANDARD_SEGMENT_BYTES
cdef uint32_t OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)
cdef uint64_t DATA_TIME, QN, PNUM, PNO, FLAG
cdef int FIRST_BEFORE_2025 = int(min(BEFORE_2025))
cdef int LAST_BEFORE_2025 = int(max(BEFORE_2025))


cdef _fill_tables():
    cdef int byte, size
    for byte in range(256):
        KIND[byte] = 0
    for byte in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_":
        KIND[byte] = NAME
    KIND[c'-'] = DASH
    for byte in b";,=&/":
        KIND[byte] = STOP
    for size in range(10000):
        CARRIES_DATA[size] = _tables.carries_data(f"{size:04d}")


_fill_tables()
DATA_TIME = _packed(b"DataTime")
QN = _packed(b"QN")
PNUM = _packed(b"PNUM")
PNO = _packed(b"PNO")
FLAG = _packed(b"Flag")


cdef inline bint _is_field(const unsigned char *at, const char *name, int size) noexcept nogil:
    return memcmp(at, name, size) == 0


cdef inline int _packet_number(const unsigned char *text, int size) noexcept nogil:
    return _digits(text, size) if 1 <= size <= 5 else -1


cdef inline Span _span(
    const unsigned char *origin, const unsigned char *at, Py_ssize_t size
) noexcept nogil:
    cdef Span span
    span.at = <int>(at - origin)
    span.size = <int>size
    return span


# What the header and CP leave for the end, where both are known.
cdef struct Found:
    const unsigned char *qn
    int qn_size  # -1: the header has none
    const unsigned char *pnum
    int pnum_size  # -1: there is none
    const unsigned char *pno
    int pno_size
    bint packet_in_header
    const unsigned char *qn_in_cp
    int qn_in_cp_size
    const unsigned char *data_time
    int data_time_size
    int modern  # codes in the form of 2017


cdef const unsigned char *_header(
    const unsigned char *origin, const unsigned char *at, Plain *frame, Found *found
) noexcept nogil:
    """Read up to ``CP=&&``; what stands behind it, or NULL. The closing && stops it."""
    cdef int rank, before = 0, size
    cdef const unsigned char *value
    cdef bint cn = False, mn = False
    while True:
        if at[0] == c'Q' and _is_field(at, b"QN=", 3):
            rank, value = 1, at + 3
        elif at[0] == c'S' and _is_field(at, b"ST=", 3):
            rank, value = 2, at + 3
        elif at[0] == c'C' and _is_field(at, b"CN=", 3):
            rank, value = 3, at + 3
        elif at[0] == c'P' and _is_field(at, b"PW=", 3):
            rank, value = 4, at + 3
        elif at[0] == c'M' and _is_field(at, b"MN=", 3):
            rank, value = 5, at + 3
        elif at[0] == c'F' and _is_field(at, b"Flag=", 5):
            rank, value = 6, at + 5
        elif at[0] == c'P' and _is_field(at, b"PNUM=", 5):
            rank, value = 7, at + 5
        elif at[0] == c'P' and _is_field(at, b"PNO=", 4):
            rank, value = 8, at + 4
        elif at[0] == c'R' and _is_field(at, b"RF=", 3):
            rank, value = 9, at + 3
        else:
            return at + 5 if cn and mn and _is_field(at, b"CP=&&", 5) else NULL
        if rank <= before:
            return NULL
        before = rank
        at = value
        while KIND[at[0]] != STOP or at[0] == c'/':
            at += 1
        if at[0] != c';':
            return NULL
        size = <int>(at - value)
        at += 1
        if rank == 1:
            found.qn, found.qn_size = value, size
        elif rank == 2:
            frame.st = _span(origin, value, size)
        elif rank == 3:
            frame.cn = _span(origin, value, size)
            frame.cn_number = _digits(value, 4) if size == 4 else -1
            if frame.cn_number < 0:
                return NULL
            cn = True
        elif rank == 4:
            frame.pw = _span(origin, value, size)
        elif rank == 5:
            frame.mn = _span(origin, value, size)
            if not 1 <= size <= LONGEST_MN:
                return NULL
            while size:
                size -= 1
                if not KIND[value[size]] & (NAME | DASH):
                    return NULL
            mn = True
        elif rank == 6:
            frame.flag = _digits(value, size) if 1 <= size <= 3 else -1
            if not 0 <= frame.flag <= 255:
                return NULL
        elif rank == 7:
            found.pnum, found.pnum_size, found.packet_in_header = value, size, True
        elif rank == 8:
            found.pno, found.pno_size, found.packet_in_header = value, size, True
        else:
            frame.rf = size == 1 and value[0] == c'1'


cdef bint _content(
    const unsigned char *at, const unsigned char *stop, Plain *frame, Found *found
) noexcept nogil:
    """Read what stands between CP=&& and ``stop``; the closing && stops it."""
    cdef uint64_t[MOST_CODES] codes
    cdef uint64_t[MOST_MARKS] marks  # code and suffix
    cdef uint64_t[MOST_FIELDS] names
    cdef uint64_t word = 0, suffix_word, last_word = 0, seen = 0, bit
    cdef int factors = 0, items = 0, fields = 0, since = 0, one
    cdef const unsigned char *key
    cdef const unsigned char *dash
    cdef const unsigned char *suffix
    cdef const unsigned char *value
    cdef const unsigned char *last = NULL
    cdef Py_ssize_t size, last_size = 0
    cdef bint joined = False, same, hashed = False
    cdef unsigned char kind
    while at < stop:
        key = at
        dash = NULL
        while True:
            kind = KIND[at[0]]
            if kind == DASH:
                dash = at
            elif kind != NAME:
                break
            at += 1
        if at[0] != c'=':
            return False
        suffix = key if dash == NULL else dash + 1
        if not 1 <= at - suffix <= LONGEST_NAME:
            return False
        suffix_word = _word_of(suffix, at - suffix)
        at += 1
        value = at
        while KIND[at[0]] != STOP or (at[0] == c'/' and at[1] != c'/'):
            at += 1
        if dash != NULL:
            size = dash - key
            if not 1 <= size <= LONGEST_NAME:
                return False
            word = _word_of(key, size)
            same = word == last_word and size == last_size and (
                size <= 8 or memcmp(key, last, size) == 0
            )
            if same != joined:
                return False
            if not same:
                # Noise has a code several times: all L-Data, then all L-DayData.
                hashed = hashed or size > 8
                since = items
                bit = <uint64_t>1 << ((word * <uint64_t>0x9E3779B97F4A7C15) >> 58)
                if seen & bit:
                    for one in range(factors):
                        if codes[one] == word:
                            if hashed:
                                return False
                            since = 0
                            break
                if since == items:
                    if factors == MOST_CODES:
                        return False
                    seen |= bit
                    codes[factors] = word
                    factors += 1
                    found.modern += (
                        size == 6
                        and <unsigned char>(key[0] - c'a') < 26
                        and _digits(key + 1, 5) >= 0
                    )
                last, last_size, last_word = key, size, word
            word = word * <uint64_t>0x9E3779B97F4A7C15 ^ suffix_word
            for one in range(since, items):
                if marks[one] == word:
                    return False
            if items == MOST_MARKS:
                return False
            marks[items] = word
            items += 1
        else:
            if suffix_word == FLAG or fields == MOST_FIELDS:
                return False
            for one in range(fields):
                if names[one] == suffix_word:
                    return False
            names[fields] = suffix_word
            fields += 1
            last_size = 0
            if value - suffix > 9:  # a longer name, and = : its word is a hash
                suffix_word = 0
            size = at - value
            if suffix_word == DATA_TIME:
                found.data_time, found.data_time_size = value, <int>size
            elif suffix_word == QN:
                found.qn_in_cp, found.qn_in_cp_size = value, <int>size
            elif suffix_word == PNUM and not found.packet_in_header:
                found.pnum, found.pnum_size = value, <int>size
            elif suffix_word == PNO and not found.packet_in_header:
                found.pno, found.pno_size = value, <int>size
        if at == stop:
            break
        joined = at[0] == c','
        if not joined and at[0] != c';':
            return False
        at += 1
        if at == stop:  # a separator with nothing behind it
            return False
    frame.factors = factors
    return True


cdef int _version(const Plain *frame, const Found *found) noexcept nogil:
    """What version.version_of() says, as an index into VERSIONS."""
    cdef int version = frame.flag >> 2 if frame.flag >= 0 else 3
    cdef int year
    if version == 2:
        year = _digits(found.qn, 4) if found.qn_size >= 4 else -1
        return 1 if FIRST_BEFORE_2025 <= year <= LAST_BEFORE_2025 else 2
    if version < 2:
        return version
    if found.qn_size < 0:
        return 0
    if found.qn_size == 0:
        return 1
    return 1 if 2 * found.modern > frame.factors else 0


cdef bint plain_at(
    const unsigned char *data, Py_ssize_t size, Py_ssize_t at, int limit, Plain *frame
) noexcept nogil:
    cdef const unsigned char *origin = data + at
    cdef const unsigned char *begin = origin + HEADER
    cdef const unsigned char *body
    cdef const unsigned char *end
    cdef int length, index
    cdef Found found
    if size - at < HEADER + SHORTEST + CRC_DIGITS or origin[0] != c'#' or origin[1] != c'#':
        return False
    length = _digits(origin + 2, 4)
    if length < SHORTEST or length > limit or size - at < HEADER + length + CRC_DIGITS:
        return False
    end = begin + length
    if memcmp(end - 2, b"&&", 2) != 0:
        return False
    index = _crc_index_of_text(begin, length)
    if index < 0 or memcmp(end, PRINTED[index], CRC_DIGITS) != 0:
        return False

    frame.begin = at
    frame.end = at + HEADER + length + CRC_DIGITS
    frame.length = length
    frame.qn = frame.st = frame.cn = frame.pw = frame.mn = _span(origin, origin, 0)
    frame.cn_number = 0
    frame.flag = -1
    frame.pnum = frame.pno = 0
    frame.rf = False
    frame.repairs = OVERSIZE if length > STANDARD_LENGTH else 0
    frame.qn_time_us = frame.data_time_us = NO_TIME
    frame.factors = 0
    found.qn = found.pnum = found.pno = found.qn_in_cp = found.data_time = origin
    found.qn_size = found.pnum_size = found.pno_size = found.qn_in_cp_size = -1
    found.packet_in_header = False
    found.data_time_size = -1
    found.modern = 0

    body = _header(origin, begin, frame, &found)
    end -= 2  # the closing &&
    if body == NULL or body > end or not _content(body, end, frame, &found):
        return False
    frame.body = _span(origin, body, end - body)
    frame.version = _version(frame, &found)
    if found.qn_size <= 0 and found.qn_in_cp_size >= 0:  # 2005: in CP
        found.qn, found.qn_size = found.qn_in_cp, found.qn_in_cp_size
    if found.qn_size > 0:
        frame.qn = _span(origin, found.qn, found.qn_size)
        if found.qn_size == 17:
            frame.qn_time_us = _time_us(found.qn, 17)
    if found.pnum_size >= 0 or found.pno_size >= 0:
        frame.pnum = _packet_number(found.pnum, found.pnum_size)
        frame.pno = _packet_number(found.pno, found.pno_size)
        if not 1 <= frame.pno <= frame.pnum:
            return False
    if found.data_time_size == 17:  # a repair
        return False
    if found.data_time_size == 14:
        frame.data_time_us = _time_us(found.data_time, 14)
    return frame.data_time_us != NO_TIME or not (
        frame.factors and CARRIES_DATA[frame.cn_number]
    )


cdef Py_ssize_t behind_separators(
    const unsigned char *data, Py_ssize_t size, Py_ssize_t at
) noexcept nogil:
    while at < size and (
        data[at] == c'\r' or data[at] == c'\n' or data[at] == c' ' or data[at] == 0
    ):
        at += 1
    return at


cdef bint item_at(
    const unsigned char *data, const Plain *frame, int at, Item *item
) noexcept nogil:
    cdef const unsigned char *origin = data + frame.begin
    cdef const unsigned char *key = origin + at
    cdef const unsigned char *here = key
    cdef const unsigned char *dash = NULL
    cdef const unsigned char *value
    if at >= frame.body.at + frame.body.size:
        return False
    while here[0] != c'=':
        if here[0] == c'-':
            dash = here
        here += 1
    if dash == NULL:
        item.code = _span(origin, key, 0)
        item.suffix = _span(origin, key, here - key)
    else:
        item.code = _span(origin, key, dash - key)
        item.suffix = _span(origin, dash + 1, here - dash - 1)
    here += 1
    value = here
    while KIND[here[0]] != STOP or here[0] == c'/':
        here += 1
    item.value = _span(origin, value, here - value)
    item.next = <int>(here - origin) + 1
    return True


# Doors for Python: the codec's CRC, and what the tests compare with the specification.

def crc(bytes data not None, uint32_t register=0xFFFF):
    """CRC of ``data``; with the result for a first part as ``register``, the CRC of both parts."""
    return crc212(data, len(data), register)


def number_of(bytes text not None):
    """What number() reads, or None."""
    cdef double value = 0
    return value if number(text, <int>len(text), &value) else None


def separators_at(bytes data not None, Py_ssize_t at):
    """The place that behind_separators() finds."""
    return behind_separators(data, len(data), at)


cdef str _text(const unsigned char *data, const Plain *frame, Span span):
    return (data + frame.begin + span.at)[:span.size].decode("ascii")


def facts_at(bytes data not None, Py_ssize_t at=0, int limit=9999):
    """All that a plain frame at ``at`` says, as a dict of the names in Plain, with the texts of
    its spans and ``items`` as (code, suffix, value); None when there is no plain frame."""
    cdef Plain frame
    cdef Item item
    cdef const unsigned char *bytes_ = data
    cdef int place
    if not plain_at(bytes_, len(data), at, limit, &frame):
        return None
    items = []
    place = frame.body.at
    while item_at(bytes_, &frame, place, &item):
        items.append(
            (
                _text(bytes_, &frame, item.code),
                _text(bytes_, &frame, item.suffix),
                _text(bytes_, &frame, item.value),
            )
        )
        place = item.next
    return {
        "begin": frame.begin,
        "end": frame.end,
        "length": frame.length,
        "qn": _text(bytes_, &frame, frame.qn),
        "st": _text(bytes_, &frame, frame.st),
        "cn": _text(bytes_, &frame, frame.cn),
        "pw": _text(bytes_, &frame, frame.pw),
        "mn": _text(bytes_, &frame, frame.mn),
        "body": _text(bytes_, &frame, frame.body),
        "cn_number": frame.cn_number,
        "flag": frame.flag,
        "pnum": frame.pnum,
        "pno": frame.pno,
        "rf": bool(frame.rf),
        "version": VERSIONS[frame.version],
        "repairs": frame.repairs,
        "qn_time_us": None if frame.qn_time_us == NO_TIME else frame.qn_time_us,
        "data_time_us": None if frame.data_time_us == NO_TIME else frame.data_time_us,
        "factors": frame.factors,
        "items": items,
    }
