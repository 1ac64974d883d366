"""What the compiled reader of plain frames offers to other compiled modules.

A *plain* frame is one that needs no judgement: its length and CRC fit, its header is in the
standard's order and spelling, its CP is closed, all its items are well-formed ASCII, and
`hj212d.wire.decode.decode` would call it good with no repair (other than SEGMENT_OVERSIZE) and no
warning for any device that has no keys. Everything else is "not plain", which says nothing but
that the Python reader must look at it.
"""

from libc.stdint cimport int64_t, uint32_t

cdef enum:
    NO_TIME = -0x7FFFFFFFFFFFFFFF  # NO_TIME of an int64 field: there is none, or it is malformed


cdef struct Span:
    int at  # from the frame's ##
    int size


cdef struct Plain:
    # The frame is data[begin:end], from ## to the last CRC digit.
    Py_ssize_t begin
    Py_ssize_t end
    int length  # of the data segment, which starts 6 bytes behind ##
    Span qn
    Span st
    Span cn
    Span pw
    Span mn
    Span body  # of CP, between CP=&& and the closing &&
    int cn_number  # CN as a number, 0 to 9999
    int flag  # -1: no Flag
    int pnum  # 0: the frame is not divided
    int pno
    bint rf
    int version  # index into VERSIONS of _plain
    uint32_t repairs  # 0 or the bit of SEGMENT_OVERSIZE
    int64_t qn_time_us  # UTC since 1970, or NO_TIME
    int64_t data_time_us
    int factors  # distinct factor codes in CP


cdef struct Item:
    # One item of CP: CODE-SUFFIX=VALUE, or SUFFIX=VALUE where the code has no bytes.
    Span code
    Span suffix
    Span value
    int next  # where the next item begins, for item_at


# Whether a plain frame of at most `limit` bytes of segment begins at `at`; fills `frame`.
cdef bint plain_at(
    const unsigned char *data, Py_ssize_t size, Py_ssize_t at, int limit, Plain *frame
) noexcept nogil

# Where the next frame begins: behind the separators (CR, LF, blank, NUL) that follow.
cdef Py_ssize_t behind_separators(
    const unsigned char *data, Py_ssize_t size, Py_ssize_t at
) noexcept nogil

# The item of CP at `at` (start with frame.body.at); False behind the last one.
cdef bint item_at(
    const unsigned char *data, const Plain *frame, int at, Item *item
) noexcept nogil

# A decimal number in ASCII as Python's float() reads it; False when the text is none, is not
# finite, or holds anything that hub/rows.py keeps as text.
cdef bint number(const unsigned char *text, int size, double *value) noexcept nogil

# The CRC of HJ 212 (hj212d/wire/crc.py).
cdef uint32_t crc212(const unsigned char *data, Py_ssize_t size, uint32_t start) noexcept nogil
