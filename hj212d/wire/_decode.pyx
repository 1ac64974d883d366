# cython: language_level=3, boundscheck=False, wraparound=False
"""The compiled twin of decode.decode: plain frames are filled from C, all others by the Python one.

A Frame has a Python object for each item; who needs none reads _plain.pxd. The texts of keys come
from a table, because the few keys of a country's factors come again and again.
Tests: tests/wire/test_twins.py.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport uint64_t
from libc.string cimport memcmp, memcpy

from hj212d.wire._plain cimport NO_TIME, Item, Plain, Span, item_at, plain_at

from hj212d.wire._plain import VERSIONS
from hj212d.wire.decode import decode as _decode
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

cdef extern from "Python.h":
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef object OK = Reason.OK
cdef object NO_REPAIR = Tolerance.NONE
cdef object OVERSIZE = Tolerance.SEGMENT_OVERSIZE
cdef object ANY_DEVICE = Device()
cdef tuple VERSION_NAMES = VERSIONS

cdef enum:
    HEADER = 6  # ## and the length
    CRC_DIGITS = 4
    LONGEST_FRAME = 9999
    KEYS = 4096  # places in the table, a power of two

# (key, code, suffix) at the place that the key's bytes hash to; a newer key takes the place.
cdef list TABLE = [None] * KEYS


cdef inline str _text(const unsigned char *frame, Span span):
    return PyUnicode_DecodeASCII(<const char *>frame + span.at, span.size, NULL)


cdef tuple _key(const unsigned char *frame, const Item *item):
    """The texts of an item's key: all of it, code and suffix."""
    cdef Span key = item.suffix
    cdef uint64_t first, last
    cdef tuple known
    if item.code.size:
        key.at = item.code.at
        key.size = item.code.size + 1 + item.suffix.size
    # 8 bytes can always be loaded: = and && and the CRC follow, and a header comes before.
    memcpy(&first, frame + key.at, 8)
    memcpy(&last, frame + key.at + key.size - 8, 8)
    first = (first * <uint64_t>0x9E3779B97F4A7C15) ^ (last * <uint64_t>0xC2B2AE3D27D4EB4F)
    entry = TABLE[<Py_ssize_t>(first >> 52)]
    if entry is not None:
        known = <tuple>entry
        if (
            PyUnicode_GET_LENGTH(known[0]) == key.size
            and memcmp(PyUnicode_DATA(known[0]), frame + key.at, key.size) == 0
        ):
            return known
    known = (_text(frame, key), _text(frame, item.code), _text(frame, item.suffix))
    TABLE[<Py_ssize_t>(first >> 52)] = known
    return known


def decode(cut, device=ANY_DEVICE):
    """What decode.decode is, with the same arguments and answers."""
    cdef Plain plain
    cdef const unsigned char *data
    cdef Py_ssize_t size
    cdef bytes raw
    if cut.reason is OK and cut.repairs is NO_REPAIR:
        raw = cut.raw
        data = <const unsigned char *>PyBytes_AS_STRING(raw)
        size = PyBytes_GET_SIZE(raw)
        if (
            plain_at(data, size, 0, LONGEST_FRAME, &plain)
            and plain.end == size
            and (not plain.repairs or device.tolerances & OVERSIZE)
            and _is_envelope(cut, data, &plain)
        ):
            return _frame(cut, raw, data, &plain)
    return _decode(cut, device)


cdef bint _is_envelope(cut, const unsigned char *data, const Plain *plain):
    """Whether the cut says of the frame what its bytes say."""
    cdef str crc = cut.crc
    return (
        cut.start == HEADER
        and cut.end == HEADER + plain.length
        and cut.declared_length == plain.length
        and PyUnicode_GET_LENGTH(crc) == CRC_DIGITS
        and memcmp(PyUnicode_DATA(crc), data + plain.end - CRC_DIGITS, CRC_DIGITS) == 0
    )


cdef _frame(cut, bytes raw, const unsigned char *data, const Plain *plain):
    cdef list items = []
    cdef dict cp = {}, factors = {}, suffixes = None
    cdef Item item
    cdef int place = plain.body.at
    cdef tuple key
    cdef str value
    while item_at(data, plain, place, &item):
        key = _key(data, &item)
        value = _text(data, item.value)
        items.append((key[0], value))
        if item.code.size:
            if data[place - 1] != c',':  # a comma joins the items of one factor
                suffixes = factors.get(key[1])
                if suffixes is None:
                    suffixes = factors[key[1]] = {}
            suffixes[key[2]] = value
        else:
            cp[key[2]] = value
        place = item.next
    return Frame(
        OK,
        raw,
        cut.offset,
        plain.length,
        plain.length,
        cut.crc,
        cut.crc,
        VERSION_NAMES[plain.version],
        _text(data, plain.qn),
        _text(data, plain.st),
        _text(data, plain.cn),
        _text(data, plain.pw),
        _text(data, plain.mn),
        None if plain.flag < 0 else plain.flag,
        plain.pnum or None,
        plain.pno or None,
        plain.rf != 0,
        False,
        None if plain.data_time_us == NO_TIME else plain.data_time_us,
        None if plain.qn_time_us == NO_TIME else plain.qn_time_us,
        items,
        cp,
        factors,
        OVERSIZE if plain.repairs else NO_REPAIR,
        [],
    )
