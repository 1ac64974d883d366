"""A column that grows in memory of its own, in the layout of Arrow, without Python.

Rows are added to all columns of a table together; who adds them keeps count. A nullable column is
null where nothing was set; a sparse one takes no memory before something is.
Tests: tests/hub/test_batch_columns.py.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

cdef enum:
    MOST_TEXT = 0x7FFFFFFF  # offsets are 32 bits


cdef struct Column:
    char kind  # as in the module struct: q Q i h d, ? for a bit; s for bytes or text
    int width  # bytes of a value, or of the offset of a text
    bint nullable
    bint sparse
    char *values  # of texts: their offsets, one more than there are rows
    unsigned char *valid
    char *text
    Py_ssize_t used  # bytes of text
    Py_ssize_t room


cdef inline Py_ssize_t bytes_of(const Column *column, Py_ssize_t rows) noexcept nogil:
    """What the values of so many rows take."""
    if column.kind == c'?':
        return (rows + 7) >> 3
    return column.width * (rows + (column.kind == c's'))


cdef inline bint _enlarged(char **memory, Py_ssize_t old, Py_ssize_t new) noexcept nogil:
    cdef char *found = <char *>realloc(memory[0], new)
    if found == NULL:
        return False
    memset(found + old, 0, new - old)
    memory[0] = found
    return True


cdef inline bint widened(Column *column, Py_ssize_t old, Py_ssize_t new) noexcept nogil:
    """Room for ``new`` rows where there was some for ``old``; False when there is no memory."""
    cdef Py_ssize_t had = bytes_of(column, old) if column.values != NULL else 0
    if not _enlarged(&column.values, had, bytes_of(column, new)):
        return False
    if not column.nullable:
        return True
    had = (old + 7) >> 3 if column.valid != NULL else 0
    return _enlarged(<char **>&column.valid, had, (new + 7) >> 3)


cdef inline void mark(unsigned char *bits, Py_ssize_t row) noexcept nogil:
    bits[row >> 3] |= 1 << (row & 7)


cdef inline void put_int64(Column *column, Py_ssize_t row, int64_t value) noexcept nogil:
    (<int64_t *>column.values)[row] = value


cdef inline int32_t *offsets(Column *column) noexcept nogil:
    return <int32_t *>column.values


cdef inline bint _has_text_room(Column *column, Py_ssize_t more) noexcept nogil:
    cdef char *found
    cdef Py_ssize_t room = column.used + more
    if room <= column.room:
        return True
    if room > MOST_TEXT:
        return False
    room = max(2 * column.room, room, 4096)
    found = <char *>realloc(column.text, room)
    if found == NULL:
        return False
    column.text, column.room = found, room
    return True


cdef inline bint wrote(Column *column, const void *text, Py_ssize_t size) noexcept nogil:
    """Add to the text of the row at hand; False when there is no memory for it."""
    if not _has_text_room(column, size):
        return False
    memcpy(column.text + column.used, text, size)
    column.used += size
    return True


cdef inline bint put_text(
    Column *column, Py_ssize_t row, const void *text, Py_ssize_t size
) noexcept nogil:
    if not wrote(column, text, size):
        return False
    offsets(column)[row + 1] = <int32_t>column.used
    return True


cdef inline bint put_texts(
    Column *column, Py_ssize_t row, Py_ssize_t rows, const void *text, Py_ssize_t size
) noexcept nogil:
    """The same text in so many rows."""
    cdef Py_ssize_t one
    if not _has_text_room(column, rows * size):
        return False
    for one in range(rows):
        memcpy(column.text + column.used, text, size)
        column.used += size
        offsets(column)[row + one + 1] = <int32_t>column.used
    return True


cdef inline void _clear(unsigned char *bits, Py_ssize_t rows, Py_ssize_t end) noexcept nogil:
    if rows >= end:
        return
    bits[rows >> 3] &= (1 << (rows & 7)) - 1
    memset(bits + (rows >> 3) + 1, 0, ((end + 7) >> 3) - (rows >> 3) - 1)


cdef inline void cut_back(Column *column, Py_ssize_t rows, Py_ssize_t end) noexcept nogil:
    """Forget what was set from row ``rows`` to row ``end``; no text is behind them."""
    if column.values == NULL:
        return
    if column.kind == c's':
        column.used = offsets(column)[rows]
    elif column.kind == c'?':
        _clear(<unsigned char *>column.values, rows, end)
    if column.nullable:
        _clear(column.valid, rows, end)


cdef inline void released(Column *column) noexcept nogil:
    free(column.values)
    free(column.valid)
    free(column.text)
