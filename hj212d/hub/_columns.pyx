# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""The columns of one batch, filled in C from the records of plain good frames.

The twin of batch_columns.py, where it says what each method means; both make equal tables. All
other records go to ``other`` and may come back as rows. While plain frames are read, the
interpreter is free for others. Tests: tests/hub/test_batch_columns.py.
"""

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

from hj212d.hub._growing cimport (
    Column,
    bytes_of,
    cut_back,
    mark,
    offsets,
    put_int64,
    put_text,
    put_texts,
    released,
    widened,
    wrote,
)
from hj212d.hub._xxh64 cimport xxh64
from hj212d.wire._plain cimport NO_TIME, Item, Plain, Span, item_at, number, plain_at

import pyarrow as pa

from hj212d.hub import lateness as _lateness
from hj212d.hub import rows as _rows
from hj212d.journal.record import Record
from hj212d.wire._plain import VERSIONS
from hj212d.wire.tables import answer_of
from hj212d.wire.tolerances import Tolerance
from store.timeseries import FRAMES, SAMPLES

cdef enum:
    LONGEST_SEGMENT = 9999
    FIRST_ROOM = 256  # rows
    FRAME = 1  # Kind.FRAME
    REALTIME = 2011
    MINUTES = 2051
    SECOND_US = 1_000_000

cdef int64_t MINUTE_US = _lateness.MINUTE_US
cdef int64_t HOUR_US = 60 * MINUTE_US

# The columns of FRAMES, in their order.
cdef enum:
    RECEIVED_AT
    LANE
    POSITION
    LINK
    MN
    ST
    CN
    QN
    DATA_TIME
    VERSION
    FLAG
    PNUM
    PNO
    RF
    ENCRYPTED
    REASON
    REPAIRS
    WARNINGS
    KEY_TIME
    DIGEST
    RAW
    FRAME_COLUMNS

# The columns of SAMPLES. From RTD to EXTRA they are those of FACTOR_COLUMNS behind the factor.
cdef enum:
    S_DATA_TIME
    S_MN
    S_FACTOR
    S_PERIOD
    RTD
    MIN
    AVG
    MAX
    COU
    ZS_RTD
    ZS_MIN
    ZS_AVG
    ZS_MAX
    DATA
    DAY_DATA
    NIGHT_DATA
    RS
    RT
    S_FLAG
    E_FLAG
    EXTRA
    S_RF
    S_RECEIVED_AT
    S_LANE
    S_POSITION
    SAMPLE_COLUMNS

_KINDS = {
    pa.string(): b"s",
    pa.binary(): b"s",
    pa.bool_(): b"?",
    pa.float64(): b"d",
    pa.timestamp("us"): b"q",
    pa.int64(): b"q",
    pa.uint64(): b"Q",
    pa.int32(): b"i",
    pa.int16(): b"h",
}
_NULLABLE_OF_FRAME = ("data_time", "flag", "pnum", "pno", "key_time")


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


cdef struct Word:
    const char *text
    Py_ssize_t size


_kept = []  # what words point into


cdef Word _word(str text):
    cdef Word word
    cdef bytes kept = text.encode()
    _kept.append(kept)
    word.text, word.size = kept, len(kept)
    return word


cdef Word NOTHING = _word("")
cdef Word OK = _word("ok")
cdef Word AHEAD = _word(_rows.CLOCK_AHEAD)
cdef Word BEHIND = _word(_rows.CLOCK_BEHIND)
cdef Word LATE = _word(_lateness.LATE)
cdef Word OVERSIZE_LABEL = _word(Tolerance.SEGMENT_OVERSIZE.labels[0])
cdef uint32_t OVERSIZE = int(Tolerance.SEGMENT_OVERSIZE)

cdef Word[3] VERSION_LABELS
cdef Word[16] PERIOD_LABELS
cdef int[16] PERIOD_CNS
cdef int PERIODS = 0
for _at, _text in enumerate(VERSIONS):
    VERSION_LABELS[_at] = _word(_text)
for _at, _text in _rows.PERIODS.items():
    PERIOD_CNS[PERIODS] = int(_at)
    PERIOD_LABELS[PERIODS] = _word(_text)
    PERIODS += 1

cdef int64_t[10000] LATE_PERIODS_US  # by CN: microseconds from DataTime to the end of its period
cdef int64_t[60] MINUTE_PERIODS_US
memset(LATE_PERIODS_US, 0xFF, sizeof(LATE_PERIODS_US))  # -1: carries no data
for _text, _period_us in _lateness.PERIODS_US.items():
    LATE_PERIODS_US[int(_text)] = _period_us
for _at, _period_us in enumerate(_lateness.MINUTE_PERIODS_US):
    MINUTE_PERIODS_US[_at] = _period_us

cdef enum:
    DONE
    NO_ROOM
    SCATTERED

cdef enum:
    NOT_ASKED
    NO
    YES

cdef unsigned char[3][10000] GIVES_VALUES  # by version and CN


cdef int _ask_whether_it_gives_values(int version, int cn) except -1 with gil:
    gives = answer_of(f"{cn:04d}", VERSIONS[version]) is not None
    GIVES_VALUES[version][cn] = YES if gives else NO
    return GIVES_VALUES[version][cn]


cdef int _not_whole() except -1 with gil:
    raise ValueError("these bytes are not whole records")


cdef int _no_room() except -1 with gil:
    raise MemoryError("a batch has no memory left, or 2 GiB of text in one column")


cdef inline int _minute_of_hour(int64_t time_us) noexcept nogil:
    """Before 1970, too, where division by C rounds towards that year."""
    cdef int64_t in_hour = time_us % HOUR_US
    return <int>((in_hour + HOUR_US if in_hour < 0 else in_hour) // MINUTE_US)


cdef class BatchColumns:
    cdef Column[FRAME_COLUMNS] _frame
    cdef Column[SAMPLE_COLUMNS] _sample
    cdef Py_ssize_t _frames, _frames_room, _samples, _samples_room
    cdef int64_t _tolerance_us
    cdef int64_t _late_after_us
    cdef bytes _lane
    cdef Word _lane_label

    def __cinit__(self):
        memset(self._frame, 0, sizeof(self._frame))
        memset(self._sample, 0, sizeof(self._sample))

    def __init__(self, double clock_tolerance_s, double late_after_s):
        cdef int at
        for at in range(FRAME_COLUMNS):
            _prepare(&self._frame[at], FRAMES.field(at).type)
            self._frame[at].nullable = FRAMES.field(at).name in _NULLABLE_OF_FRAME
        for at in range(SAMPLE_COLUMNS):
            _prepare(&self._sample[at], SAMPLES.field(at).type)
            self._sample[at].nullable = self._sample[at].sparse = RTD <= at <= EXTRA
        self._tolerance_us = <int64_t>min(clock_tolerance_s * SECOND_US, 9e18)
        self._late_after_us = <int64_t>min(late_after_s * SECOND_US, 9e18)

    def __dealloc__(self):
        cdef int at
        for at in range(FRAME_COLUMNS):
            released(&self._frame[at])
        for at in range(SAMPLE_COLUMNS):
            released(&self._sample[at])

    def add_block(self, str lane not None, int64_t position, bytes body not None, other):
        cdef const unsigned char *data = body
        cdef Py_ssize_t size = len(body), at = 0, meta, raw
        cdef Head head
        self._lane = lane.encode()
        self._lane_label.text, self._lane_label.size = self._lane, len(self._lane)
        while True:
            try:
                with nogil:
                    at = self._add_plain_records(data, size, at, position)
            except BaseException:
                self._cut_back()
                raise
            if at == size:
                return
            memcpy(&head, data + at, sizeof(Head))
            meta = at + sizeof(Head)
            raw = meta + head.meta_length
            record_at = position + at
            at += 4 + head.length
            other(
                record_at,
                Record(
                    head.kind,
                    head.time_us,
                    head.link,
                    head.verdict,
                    head.marks,
                    body[meta:raw],
                    body[raw:at],
                ),
            )

    def add_frame(self, tuple row not None, list factors not None, str period not None):
        cdef int at
        cdef Py_ssize_t sample
        try:
            self._widen(1, len(factors))
            for at in range(FRAME_COLUMNS):
                _put(&self._frame[at], self._frames, row[at], self._frames_room)
            for sample, factor in enumerate(factors, self._samples):
                self._put_sample(sample, row, factor, period)
        except BaseException:
            self._cut_back()
            raise
        self._frames += 1
        self._samples += len(factors)

    def tables(self):
        cdef int at
        # One run of zeros stands for all columns in which nothing was set.
        zeros = _buffer(calloc(self._samples + 1, 8), 8 * (self._samples + 1))
        frames = [
            _array(&self._frame[at], field.type, self._frames, zeros)
            for at, field in enumerate(FRAMES)
        ]
        samples = [
            _array(&self._sample[at], field.type, self._samples, zeros)
            for at, field in enumerate(SAMPLES)
        ]
        self._frames = self._frames_room = self._samples = self._samples_room = 0
        return (
            pa.Table.from_arrays(frames, schema=FRAMES),
            pa.Table.from_arrays(samples, schema=SAMPLES),
        )

    # Plain frames, without Python.

    cdef Py_ssize_t _add_plain_records(
        self, const unsigned char *data, Py_ssize_t size, Py_ssize_t at, int64_t position
    ) except -1 nogil:
        """Add the records up to the first one that is not plain; where that one begins."""
        cdef Head head
        cdef Plain frame
        cdef Py_ssize_t raw, stop
        while at < size:
            if size - at < <Py_ssize_t>sizeof(Head):
                _not_whole()
            memcpy(&head, data + at, sizeof(Head))
            raw = at + sizeof(Head) + head.meta_length
            stop = at + 4 + head.length
            if not raw <= stop <= size:
                _not_whole()
            if (
                head.kind != FRAME
                or head.verdict
                or head.marks & ~OVERSIZE
                or not plain_at(data + raw, stop - raw, 0, LONGEST_SEGMENT, &frame)
                or frame.end != stop - raw
                or frame.pnum
                or frame.repairs & ~head.marks
            ):
                return at
            self._add_plain(data + raw, &frame, &head, position + at)
            at = stop
        return size

    cdef int _add_plain(
        self, const unsigned char *raw, const Plain *frame, const Head *head, int64_t position
    ) except -1 nogil:
        cdef Column *column = self._frame
        cdef Py_ssize_t row = self._frames, samples = self._samples
        cdef bint timed = frame.data_time_us != NO_TIME
        cdef int64_t key_time_us = frame.data_time_us if timed else frame.qn_time_us
        cdef int gives = NO
        self._widen(1, frame.factors)
        put_int64(&column[RECEIVED_AT], row, head.time_us)
        put_int64(&column[POSITION], row, position)
        put_int64(&column[LINK], row, <int64_t>head.link)
        put_int64(&column[DIGEST], row, <int64_t>xxh64(raw, frame.end))
        if timed:
            put_int64(&column[DATA_TIME], row, frame.data_time_us)
            mark(column[DATA_TIME].valid, row)
        if key_time_us != NO_TIME:
            put_int64(&column[KEY_TIME], row, key_time_us)
            mark(column[KEY_TIME].valid, row)
        if frame.flag >= 0:
            (<int16_t *>column[FLAG].values)[row] = <int16_t>frame.flag
            mark(column[FLAG].valid, row)
        if frame.rf:
            mark(<unsigned char *>column[RF].values, row)
        if not (
            _put_word(&column[LANE], row, self._lane_label)
            and _put_span(&column[MN], row, raw, frame.mn)
            and _put_span(&column[ST], row, raw, frame.st)
            and _put_span(&column[CN], row, raw, frame.cn)
            and _put_span(&column[QN], row, raw, frame.qn)
            and _put_word(&column[VERSION], row, VERSION_LABELS[frame.version])
            and _put_word(&column[REASON], row, OK)
            and _put_word(&column[REPAIRS], row, OVERSIZE_LABEL if frame.repairs else NOTHING)
            and _put_word(&column[WARNINGS], row, self._warning(frame, head.time_us))
            and put_text(&column[RAW], row, raw, frame.end)
        ):
            _no_room()
        if timed and frame.factors:
            gives = GIVES_VALUES[frame.version][frame.cn_number]
            if gives == NOT_ASKED:
                gives = _ask_whether_it_gives_values(frame.version, frame.cn_number)
        if gives == YES:
            samples = self._add_factors(raw, frame, head, position)
            if samples < 0:
                _no_room()
        self._frames += 1
        self._samples = samples
        return 0

    cdef inline Word _warning(self, const Plain *frame, int64_t now_us) noexcept nogil:
        """A clock that is wrong while the data are said to be of now, or data that are late."""
        cdef int64_t ahead_us, period_us, second_us
        if frame.data_time_us == NO_TIME:
            return NOTHING
        ahead_us = frame.data_time_us - now_us
        if frame.cn_number == REALTIME and not frame.rf:
            if ahead_us > self._tolerance_us:
                return AHEAD
            if ahead_us < -self._tolerance_us and not (
                frame.qn_time_us != NO_TIME
                and -self._tolerance_us <= frame.qn_time_us - now_us <= self._tolerance_us
            ):
                return BEHIND
        period_us = (
            MINUTE_PERIODS_US[_minute_of_hour(frame.data_time_us)]
            if frame.cn_number == MINUTES
            else LATE_PERIODS_US[frame.cn_number]
        )
        second_us = now_us - (now_us % SECOND_US + SECOND_US) % SECOND_US
        if period_us >= 0 and second_us - frame.data_time_us - period_us > self._late_after_us:
            return LATE
        return NOTHING

    cdef Py_ssize_t _add_factors(
        self, const unsigned char *raw, const Plain *frame, const Head *head, int64_t position
    ) noexcept nogil:
        """A row for each factor; how many rows there are then, -1: no memory."""
        cdef Column *column = self._sample
        cdef Py_ssize_t first = self._samples, rows = frame.factors, row
        cdef int outcome = self._put_items(raw, frame)
        if outcome == SCATTERED:
            for row in range(SAMPLE_COLUMNS):
                cut_back(&column[row], first, first + rows)
            outcome = self._put_scattered_items(raw, frame)
        if outcome == NO_ROOM:
            return -1
        for row in range(first, first + rows):
            put_int64(&column[S_DATA_TIME], row, frame.data_time_us)
            put_int64(&column[S_RECEIVED_AT], row, head.time_us)
            put_int64(&column[S_POSITION], row, position)
            if frame.rf:
                mark(<unsigned char *>column[S_RF].values, row)
        if not (
            put_texts(&column[S_MN], first, rows, raw + frame.mn.at, frame.mn.size)
            and put_texts(&column[S_LANE], first, rows, self._lane_label.text, self._lane_label.size)
            and _put_period(&column[S_PERIOD], first, rows, raw, frame)
        ):
            return -1
        return first + rows

    cdef inline int _put_items(self, const unsigned char *raw, const Plain *frame) noexcept nogil:
        """The items of factors that stand together: a row begins where the code changes."""
        cdef Column *column = self._sample
        cdef Py_ssize_t row = self._samples - 1, end = self._samples + frame.factors
        cdef Item item
        cdef Span code
        item.next = frame.body.at
        code.at = code.size = 0
        while item_at(raw, frame, item.next, &item):
            if not item.code.size:
                continue
            if not _is_same(raw, item.code, raw, code):
                code = item.code
                if row >= self._samples:
                    _close_texts(column, row)
                row += 1
                if row == end:  # a code stands in several places
                    return SCATTERED
                if not _put_span(&column[S_FACTOR], row, raw, code):
                    return NO_ROOM
            if not self._put_item(row, raw, &item):
                return NO_ROOM
        _close_texts(column, row)
        return DONE

    cdef int _put_scattered_items(self, const unsigned char *raw, const Plain *frame) noexcept nogil:
        """The same where a code comes again, as in noise: all L-Data, then all L-DayData."""
        cdef Column *column = self._sample
        cdef Py_ssize_t row = self._samples, at
        cdef Item item, later
        cdef Span known
        cdef bint new
        item.next = frame.body.at
        while item_at(raw, frame, item.next, &item):
            new = item.code.size > 0
            for at in range(self._samples, row):
                known.at = offsets(&column[S_FACTOR])[at]
                known.size = offsets(&column[S_FACTOR])[at + 1] - known.at
                if _is_same(raw, item.code, <unsigned char *>column[S_FACTOR].text, known):
                    new = False
                    break
            if not new:
                continue
            if not _put_span(&column[S_FACTOR], row, raw, item.code):
                return NO_ROOM
            later = item
            while True:
                if _is_same(raw, item.code, raw, later.code) and not self._put_item(
                    row, raw, &later
                ):
                    return NO_ROOM
                if not item_at(raw, frame, later.next, &later):
                    break
            _close_texts(column, row)
            row += 1
        return DONE

    cdef inline bint _put_item(
        self, Py_ssize_t row, const unsigned char *raw, const Item *item
    ) noexcept nogil:
        """The value in its column, or as text in ``extra``."""
        cdef int place = _place_of(raw + item.suffix.at, item.suffix.size)
        cdef Column *column = &self._sample[place]
        cdef double value
        if place < S_FLAG and not number(raw + item.value.at, item.value.size, &value):
            place = EXTRA
        if place == EXTRA:
            return self._put_extra(row, raw, item)
        if column.values == NULL and not widened(column, 0, self._samples_room):
            return False
        mark(column.valid, row)
        if place >= S_FLAG:
            return _put_span(column, row, raw, item.value)
        (<double *>column.values)[row] = value
        return True

    cdef bint _put_extra(
        self, Py_ssize_t row, const unsigned char *raw, const Item *item
    ) noexcept nogil:
        """Into the row's JSON object; it is closed anew with each member."""
        cdef Column *column = &self._sample[EXTRA]
        cdef const unsigned char *value = raw + item.value.at
        cdef int at
        if column.values == NULL and not widened(column, 0, self._samples_room):
            return False
        if column.used > offsets(column)[row]:
            column.used -= 1
            if not wrote(column, b',"', 2):
                return False
        elif not wrote(column, b'{"', 2):
            return False
        if not wrote(column, raw + item.suffix.at, item.suffix.size) or not wrote(
            column, b'":"', 3
        ):
            return False
        for at in range(item.value.size):
            if value[at] == c'"' or value[at] == c'\\':
                if not wrote(column, b"\\", 1):
                    return False
            if not wrote(column, value + at, 1):
                return False
        mark(column.valid, row)
        return wrote(column, b'"}', 2)

    # Rows from Python.

    cdef int _put_sample(self, Py_ssize_t row, tuple frame, list factor, str period) except -1:
        cdef Column *column = self._sample
        cdef Py_ssize_t room = self._samples_room
        cdef int at
        _put(&column[S_DATA_TIME], row, frame[DATA_TIME], room)
        _put(&column[S_MN], row, frame[MN], room)
        _put(&column[S_FACTOR], row, factor[0], room)
        _put(&column[S_PERIOD], row, period, room)
        for at in range(RTD, EXTRA + 1):
            _put(&column[at], row, factor[1 + at - RTD], room)
        _put(&column[S_RF], row, frame[RF], room)
        _put(&column[S_RECEIVED_AT], row, frame[RECEIVED_AT], room)
        _put(&column[S_LANE], row, frame[LANE], room)
        _put(&column[S_POSITION], row, frame[POSITION], room)
        _close_texts(column, row)
        return 0

    # Room.

    cdef inline int _widen(self, Py_ssize_t frames, Py_ssize_t samples) except -1 nogil:
        """Room for so many more rows."""
        cdef Py_ssize_t room
        if self._frames + frames > self._frames_room:
            room = max(FIRST_ROOM, 2 * self._frames_room)
            _widen_all(self._frame, FRAME_COLUMNS, self._frames_room, room)
            self._frames_room = room
        if self._samples + samples > self._samples_room:
            room = max(FIRST_ROOM, 2 * self._samples_room, self._samples + samples)
            _widen_all(self._sample, SAMPLE_COLUMNS, self._samples_room, room)
            self._samples_room = room
        return 0

    cdef _cut_back(self):
        """Forget the row that failed half way."""
        cdef int at
        for at in range(FRAME_COLUMNS):
            cut_back(&self._frame[at], self._frames, self._frames_room)
        for at in range(SAMPLE_COLUMNS):
            cut_back(&self._sample[at], self._samples, self._samples_room)


cdef _prepare(Column *column, kind):
    column.kind = ord(_KINDS[kind])
    column.width = 4 if column.kind == c's' else kind.bit_width // 8


cdef int _widen_all(Column *column, int columns, Py_ssize_t old, Py_ssize_t new) except -1 nogil:
    cdef int at
    for at in range(columns):
        if column[at].sparse and column[at].values == NULL:
            continue
        if not widened(&column[at], old, new):
            _no_room()
    return 0


cdef inline bint _put_word(Column *column, Py_ssize_t row, Word word) noexcept nogil:
    return put_text(column, row, word.text, word.size)


cdef inline bint _put_span(
    Column *column, Py_ssize_t row, const unsigned char *raw, Span span
) noexcept nogil:
    return put_text(column, row, raw + span.at, span.size)


cdef inline bint _is_same(
    const unsigned char *one, Span first, const unsigned char *other, Span second
) noexcept nogil:
    return first.size == second.size and (
        memcmp(one + first.at, other + second.at, first.size) == 0
    )


cdef inline bint _put_period(
    Column *column, Py_ssize_t row, Py_ssize_t rows, const unsigned char *raw, const Plain *frame
) noexcept nogil:
    cdef char[6] unnamed
    cdef int at
    for at in range(PERIODS):
        if PERIOD_CNS[at] == frame.cn_number:
            return put_texts(column, row, rows, PERIOD_LABELS[at].text, PERIOD_LABELS[at].size)
    unnamed[0], unnamed[1] = c'c', c'n'
    memcpy(&unnamed[2], raw + frame.cn.at, 4)
    return put_texts(column, row, rows, unnamed, 6)


cdef inline void _close_texts(Column *sample, Py_ssize_t row) noexcept nogil:
    """A text column has an end in each row, also where nothing was set."""
    cdef int at
    for at in range(S_FLAG, EXTRA + 1):
        if sample[at].values != NULL:
            offsets(&sample[at])[row + 1] = <int32_t>sample[at].used


cdef inline int _place_of(const unsigned char *suffix, int size) noexcept nogil:
    """The column of a suffix (HJ 212-2017, 6.6.4); EXTRA: it has none."""
    if size == 3:
        if memcmp(suffix, b"Rtd", 3) == 0:
            return RTD
        if memcmp(suffix, b"Avg", 3) == 0:
            return AVG
        if memcmp(suffix, b"Min", 3) == 0:
            return MIN
        if memcmp(suffix, b"Max", 3) == 0:
            return MAX
        return COU if memcmp(suffix, b"Cou", 3) == 0 else EXTRA
    if size == 4:
        if memcmp(suffix, b"Flag", 4) == 0:
            return S_FLAG
        return DATA if memcmp(suffix, b"Data", 4) == 0 else EXTRA
    if size == 5:
        if memcmp(suffix, b"EFlag", 5) == 0:
            return E_FLAG
        if memcmp(suffix, b"ZsRtd", 5) == 0:
            return ZS_RTD
        if memcmp(suffix, b"ZsAvg", 5) == 0:
            return ZS_AVG
        if memcmp(suffix, b"ZsMin", 5) == 0:
            return ZS_MIN
        return ZS_MAX if memcmp(suffix, b"ZsMax", 5) == 0 else EXTRA
    if size == 2:
        if memcmp(suffix, b"RS", 2) == 0:
            return RS
        return RT if memcmp(suffix, b"RT", 2) == 0 else EXTRA
    if size == 7:
        return DAY_DATA if memcmp(suffix, b"DayData", 7) == 0 else EXTRA
    if size == 9:
        return NIGHT_DATA if memcmp(suffix, b"NightData", 9) == 0 else EXTRA
    return EXTRA


cdef int _put(Column *column, Py_ssize_t row, object value, Py_ssize_t room) except -1:
    """A value from Python in its row; raises for one that the column does not take."""
    cdef bytes text
    if value is None:
        if not column.nullable:
            raise TypeError("a column that has no nulls is given one")
        return 0
    if column.values == NULL and not widened(column, 0, room):
        _no_room()
    if column.kind == c's':
        text = value if isinstance(value, bytes) else value.encode()
        if not put_text(column, row, <const char *>text, len(text)):
            _no_room()
    elif column.kind == c'd':
        (<double *>column.values)[row] = value
    elif column.kind == c'q':
        (<int64_t *>column.values)[row] = value
    elif column.kind == c'Q':
        (<uint64_t *>column.values)[row] = value
    elif column.kind == c'i':
        (<int32_t *>column.values)[row] = value
    elif column.kind == c'h':
        (<int16_t *>column.values)[row] = value
    elif value:
        mark(<unsigned char *>column.values, row)
    if column.nullable:
        mark(column.valid, row)
    return 0


# Memory that becomes Arrow's.

cdef class _Owner:
    cdef void *memory

    def __dealloc__(self):
        free(self.memory)


cdef _buffer(void *memory, Py_ssize_t size):
    """A buffer that frees the memory in the end."""
    cdef _Owner owner = _Owner.__new__(_Owner)
    owner.memory = memory
    if memory == NULL:
        raise MemoryError
    return pa.foreign_buffer(<size_t>memory, size, owner)


cdef _given_away(void **memory, Py_ssize_t size):
    """The memory, cut to what is used, as a buffer; the column has it no longer."""
    cdef void *fitting = realloc(memory[0], max(size, 1))
    memory[0] = NULL
    return _buffer(fitting, size)


cdef _array(Column *column, kind, Py_ssize_t rows, zeros):
    if not rows:
        return pa.array([], kind)
    if column.values == NULL:
        buffers = [zeros] * (3 if column.kind == c's' else 2)
        return pa.Array.from_buffers(kind, rows, buffers, null_count=rows)
    buffers = [None, _given_away(<void **>&column.values, bytes_of(column, rows))]
    if column.nullable:
        buffers[0] = _given_away(<void **>&column.valid, (rows + 7) >> 3)
    if column.kind == c's':
        buffers.append(_given_away(<void **>&column.text, column.used))
        column.used = column.room = 0
    return pa.Array.from_buffers(kind, rows, buffers, null_count=-1 if column.nullable else 0)
