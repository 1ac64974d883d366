"""XXH64 with seed 0 (xxhash.com, specification 0.2), so that a digest needs no Python.

The library xxhash is its twin. Tests: tests/hub/test_batch_columns.py.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy

cdef enum:
    STRIPE = 32

# As literals of C, because Cython's own are signed.
cdef extern from *:
    """
    #define XXH_1 0x9E3779B185EBCA87ULL
    #define XXH_2 0xC2B2AE3D27D4EB4FULL
    #define XXH_3 0x165667B19E3779F9ULL
    #define XXH_4 0x85EBCA77C2B2AE63ULL
    #define XXH_5 0x27D4EB2F165667C5ULL
    """
    const uint64_t XXH_1, XXH_2, XXH_3, XXH_4, XXH_5


cdef inline uint64_t _turned(uint64_t word, int by) noexcept nogil:
    return (word << by) | (word >> (64 - by))


cdef inline uint64_t _loaded(const unsigned char *at) noexcept nogil:
    cdef uint64_t word
    memcpy(&word, at, 8)
    return word


cdef inline uint64_t _round(uint64_t sum, uint64_t word) noexcept nogil:
    return _turned(sum + word * XXH_2, 31) * XXH_1


cdef inline uint64_t _merged(uint64_t hash, uint64_t sum) noexcept nogil:
    return (hash ^ _round(0, sum)) * XXH_1 + XXH_4


cdef inline uint64_t xxh64(const unsigned char *data, Py_ssize_t size) noexcept nogil:
    """The hash of the bytes."""
    cdef const unsigned char *at = data
    cdef const unsigned char *end = data + size
    cdef uint64_t a = XXH_1 + XXH_2, b = XXH_2, c = 0, d = 0 - XXH_1
    cdef uint64_t hash = XXH_5
    cdef uint32_t half
    if size >= STRIPE:
        while end - at >= STRIPE:
            a = _round(a, _loaded(at))
            b = _round(b, _loaded(at + 8))
            c = _round(c, _loaded(at + 16))
            d = _round(d, _loaded(at + 24))
            at += STRIPE
        hash = _turned(a, 1) + _turned(b, 7) + _turned(c, 12) + _turned(d, 18)
        hash = _merged(_merged(_merged(_merged(hash, a), b), c), d)
    hash += size
    while end - at >= 8:
        hash = _turned(hash ^ _round(0, _loaded(at)), 27) * XXH_1 + XXH_4
        at += 8
    if end - at >= 4:
        memcpy(&half, at, 4)
        hash = _turned(hash ^ half * XXH_1, 23) * XXH_2 + XXH_3
        at += 4
    while at < end:
        hash = _turned(hash ^ at[0] * XXH_5, 11) * XXH_1
        at += 1
    hash = (hash ^ (hash >> 33)) * XXH_2
    hash = (hash ^ (hash >> 29)) * XXH_3
    return hash ^ (hash >> 32)
