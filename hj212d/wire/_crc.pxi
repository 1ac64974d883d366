# The CRC of HJ 212 in C, part of _plain.pyx. Bytes 8 apart commute (crc.py), so words are laid over
# each other from the end of the data. Tests: tests/wire/test_plain.py.

from hj212d.wire import crc as _python_crc

cdef uint16_t[256] FOLDED  # what is left of the register after the last byte
cdef unsigned char[8][256] POWERS  # what a byte d places before the last contributes
cdef unsigned char[256][4] PRINTED


cdef _fill_crc_tables():
    cdef int byte, place
    for byte in range(256):
        FOLDED[byte] = _python_crc.crc(bytes((byte,)), 0)
        text = _python_crc.PRINTED[FOLDED[byte]]
        for place in range(4):
            PRINTED[byte][place] = text[place]
        POWERS[0][byte] = byte
    for place in range(1, 8):
        for byte in range(256):
            POWERS[place][byte] = FOLDED[POWERS[place - 1][byte]] >> 8


_fill_crc_tables()


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
