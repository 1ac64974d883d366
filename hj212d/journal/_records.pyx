# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""How many records a block's body has, in C: the twin of record.count.

Tests: tests/journal/test_record.py.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

cdef enum:
    HEAD_BYTES = 30
    META_AT = 28  # of the length of meta


def count(bytes body not None):
    cdef const unsigned char *data = body
    cdef Py_ssize_t at = 0, end = len(body), stop, found = 0
    cdef uint32_t length
    cdef uint16_t meta
    while at < end:
        if end - at < HEAD_BYTES:
            raise ValueError(f"{end - at} stray bytes at offset {at}")
        memcpy(&length, data + at, 4)
        memcpy(&meta, data + at + META_AT, 2)
        stop = at + 4 + <Py_ssize_t>length
        if length < HEAD_BYTES - 4 + <Py_ssize_t>meta or stop > end:
            raise ValueError(f"record of impossible length {length} at offset {at}")
        at = stop
        found += 1
    return found
