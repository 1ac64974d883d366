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

from hj212d.wire import crc as _python_crc
from hj212d.wire import tables as _tables
from hj212d.wire.decode import STANDARD_SEGMENT_BYTES
from hj212d.wire.tolerances import Tolerance
from hj212d.wire.version import _BEFORE_2025, V2005, V2017, V2025

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
cdef uint16_t[256] FOLDED  # what is left of the register after the last byte
cdef unsigned char[8][256] POWERS  # what a byte d places before the last contributes
cdef unsigned char[256][4] PRINTED
cdef unsigned char[10000] CARRIES_DATA
cdef uint64_t[9] MASKS  # the first n bytes of a word
cdef double[23] TENS  # those powers of ten are doubles without rounding
cdef int STANDARD_LENGTH = STANDARD_SEGMENT_BYTES
cdef uint32_t OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)
cdef uint64_t DATA_TIME, QN, PNUM, PNO, FLAG
cdef int FIRST_BEFORE_2025 = int(min(_BEFORE_2025))
cdef int LAST_BEFORE_2025 = int(max(_BEFORE_2025))


cdef uint64_t _packed(bytes name) noexcept:
    """A name of at most 8 bytes as word_of() has it."""
    cdef uint64_t word = 0
    memcpy(&word, <const char *>name, len(name))
    return word


cdef _fill_tables():
    cdef int byte, size
    for byte in range(256):
        KIND[byte] = 0
        FOLDED[byte] = _python_crc.crc(bytes((byte,)), 0)
        text = _python_crc.PRINTED[FOLDED[byte]]
        for size in range(4):
            PRINTED[byte][size] = text[size]
        POWERS[0][byte] = byte
    for size in range(1, 8):
        for byte in range(256):
            POWERS[size][byte] = FOLDED[POWERS[size - 1][byte]] >> 8
    for byte in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_":
        KIND[byte] = NAME
    KIND[c'-'] = DASH
    for byte in b";,=&/":
        KIND[byte] = STOP
    for size in range(10000):
        CARRIES_DATA[size] = _tables.carries_data(f"{size:04d}")
    for size in range(9):
        MASKS[size] = _packed(b"\xff" * size)
    for size in range(23):
        TENS[size] = float(10**size)


_fill_tables()
DATA_TIME = _packed(b"DataTime")
QN = _packed(b"QN")
PNUM = _packed(b"PNUM")
PNO = _packed(b"PNO")
FLAG = _packed(b"Flag")


# CRC. Bytes 8 apart commute, so words are laid over each other from the end of the data.

cdef inline unsigned int _index(const unsigned char *folded) noexcept nogil:
    """The last table index behind 8 folded bytes."""
    return (
        folded[7]
        ^ POWERS[1][folded[6]]
        ^ POWERS[2][folded[5]]
        ^ POWERS[3][folded[4]]
        ^ POWERS[4][folded[3]]
        ^ POWERS[5][folded[2]]
        ^ POWERS[6][folded[1]]
        ^ POWERS[7][folded[0]]
    )


cdef uint32_t crc212(const unsigned char *data, Py_ssize_t size, uint32_t start) noexcept nogil:
    cdef uint64_t folded = 0, word
    cdef Py_ssize_t lead = size & 7
    cdef Py_ssize_t at = lead
    if size <= 0:
        return start
    memcpy((<unsigned char *>&folded) + 8 - lead, data, lead)
    while at < size:
        memcpy(&word, data + at, 8)
        folded ^= word
        at += 8
    (<unsigned char *>&folded)[(8 - lead) & 7] ^= start >> 8
    return FOLDED[_index(<unsigned char *>&folded)]


cdef int _crc_index_of_text(const unsigned char *data, Py_ssize_t size) noexcept nogil:
    """The last index of the CRC of at least 8 bytes; -1 when one of them is no printable ASCII,
    or a blank."""
    cdef uint64_t folded = 0, word, bad = 0
    cdef Py_ssize_t lead = size & 7
    cdef Py_ssize_t at = lead
    # The first 8 bytes are looked at for the lead, which alone is folded as part of a word.
    memcpy(&word, data, 8)
    bad = ((word - <uint64_t>0x2121212121212121) & ~word) | word
    bad |= word + <uint64_t>0x0101010101010101
    memcpy((<unsigned char *>&folded) + 8 - lead, data, lead)
    while at < size:
        memcpy(&word, data + at, 8)
        folded ^= word
        bad |= ((word - <uint64_t>0x2121212121212121) & ~word) | word
        bad |= word + <uint64_t>0x0101010101010101
        at += 8
    if bad & <uint64_t>0x8080808080808080:
        return -1
    (<unsigned char *>&folded)[(8 - lead) & 7] ^= 0xFF
    return _index(<unsigned char *>&folded)


# Pieces of text. A name's first 8 bytes can always be loaded: = and && and the CRC follow it.

cdef inline uint64_t _word_of(const unsigned char *name, Py_ssize_t size) noexcept nogil:
    """A name of up to 8 bytes as one word; of a longer one a hash of its ends and size."""
    cdef uint64_t word, last
    memcpy(&word, name, 8)
    if size <= 8:
        return word & MASKS[size]
    memcpy(&last, name + size - 8, 8)
    return (word * <uint64_t>0x9E3779B97F4A7C15) ^ (last * <uint64_t>0xC2B2AE3D27D4EB4F) ^ size


cdef inline bint _is_digit(unsigned char byte) noexcept nogil:
    return <unsigned char>(byte - c'0') <= 9


cdef inline int _digits(const unsigned char *text, int size) noexcept nogil:
    """The number that so many digits make, at most 9; -1 when one of them is none."""
    cdef int value = 0, at
    for at in range(size):
        if not _is_digit(text[at]):
            return -1
        value = value * 10 + (text[at] - c'0')
    return value


cdef inline bint _is_field(const unsigned char *at, const char *name, int size) noexcept nogil:
    return memcmp(at, name, size) == 0


cdef int64_t _time_us(const unsigned char *text, int size) noexcept nogil:
    """Beijing time of 14 or 17 digits as values.time_us() reads it."""
    cdef int year, month, day, hour, minute, second, millisecond = 0, leap, last
    cdef int64_t days
    if size == 17:
        millisecond = _digits(text + 14, 3)
    elif size != 14:
        return NO_TIME
    year, month, day = _digits(text, 4), _digits(text + 4, 2), _digits(text + 6, 2)
    hour, minute, second = _digits(text + 8, 2), _digits(text + 10, 2), _digits(text + 12, 2)
    if year < 1 or not 1 <= month <= 12 or day < 1 or millisecond < 0:
        return NO_TIME
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return NO_TIME
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month == 2:
        last = 28 + leap
    else:
        last = 30 + ((month + (month >> 3)) & 1)
    if day > last:
        return NO_TIME
    # Days by years that begin in March, so that the leap day is the last one.
    if month <= 2:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5
    days += day - 719469
    return (
        (days * 86400 + (hour - 8) * 3600 + minute * 60 + second) * 1000 + millisecond
    ) * 1000


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


# Numbers. A mantissa below 2**53 and a power of ten up to 10**22 are exact doubles, so that one
# multiplication or division rounds as float() does; other numbers are float()'s own work.

cdef bint _number_by_python(const unsigned char *text, int size, double *value) noexcept with gil:
    try:
        value[0] = float(text[:size])
    except ValueError:
        return False
    return isfinite(value[0])


cdef inline bint _is_space(unsigned char byte) noexcept nogil:
    return byte == c' ' or 9 <= byte <= 13


cdef bint number(const unsigned char *text, int size, double *value) noexcept nogil:
    cdef const unsigned char *at = text
    cdef const unsigned char *end = text + size
    cdef const unsigned char *first
    cdef uint64_t mantissa = 0
    cdef int digits = 0, scale = 0, exponent = 0
    cdef bint negative = False, negative_exponent = False
    while at < end and _is_space(at[0]):
        at += 1
    while end > at and _is_space((end - 1)[0]):
        end -= 1
    first = at
    if at < end and (at[0] == c'-' or at[0] == c'+'):
        negative = at[0] == c'-'
        at += 1
    while at < end and _is_digit(at[0]):
        mantissa = mantissa * 10 + (at[0] - c'0')
        digits += 1
        at += 1
    if at < end and at[0] == c'.':
        at += 1
        while at < end and _is_digit(at[0]):
            mantissa = mantissa * 10 + (at[0] - c'0')
            digits += 1
            scale += 1
            at += 1
    if not digits:
        return False
    if at < end and (at[0] == c'e' or at[0] == c'E'):
        at += 1
        if at < end and (at[0] == c'-' or at[0] == c'+'):
            negative_exponent = at[0] == c'-'
            at += 1
        if at == end:
            return False
        while at < end and _is_digit(at[0]):
            if exponent < 10000:
                exponent = exponent * 10 + (at[0] - c'0')
            at += 1
    if at != end:
        return False
    exponent = (-exponent if negative_exponent else exponent) - scale
    if digits > 19 or mantissa > <uint64_t>1 << 53 or not -22 <= exponent <= 22:
        return _number_by_python(first, <int>(end - first), value)
    if exponent < 0:
        value[0] = <double>mantissa / TENS[-exponent]
    else:
        value[0] = <double>mantissa * TENS[exponent]
    if negative:
        value[0] = -value[0]
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
