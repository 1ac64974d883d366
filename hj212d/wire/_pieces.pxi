# Names as words, digits and times in C, part of _plain.pyx. Tests: tests/wire/test_plain.py.

cdef uint64_t[9] MASKS  # the first n bytes of a word


cdef uint64_t _packed(bytes name) noexcept:
    """A name of at most 8 bytes as _word_of() has it."""
    cdef uint64_t word = 0
    memcpy(&word, <const char *>name, len(name))
    return word


for _size in range(9):
    MASKS[_size] = _packed(b"\xff" * _size)


# The first 8 bytes of a name can always be loaded: = and && and the CRC follow it.

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
