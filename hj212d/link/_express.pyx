# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The express: the way of nearly all frames through a worker, without a Python object per frame.

A link whose last good frame was judged in the ordinary way (intake.py) carries a badge: while the
settings have not changed (generation) and its MN was not superseded, a *plain* frame
(wire/_plain.pxd) of the same MN, with the password asked for, needs no decision. Its record goes
straight into the block of this turn, its answer beside it. What is not plain, bears no badge's MN,
or follows a half frame is left to the ordinary way, from that byte on. Journal, answers, counters
and sessions are the same either way; express.py has the twins that always take the ordinary one.
Tests: tests/link/test_express.py, tests/link/test_commits.py.
"""

import sys

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from hj212d.wire._plain cimport Plain, Span, behind_separators, crc212, plain_at

from hj212d.journal.record import Kind, Run
from hj212d.link.replies import DATA, MAX_ECHO_BYTES, NOTICE
from hj212d.link.pauses import JOURNAL as _JOURNAL
from hj212d.link.pauses import NEVER as _NEVER
from hj212d.wire._plain import VERSIONS
from hj212d.wire.build import FLAG_2017_BITS, VERSION_MASK

if sys.byteorder != "little":
    raise ImportError("records are written in this machine's order of bytes")

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    const char *PyUnicode_AsUTF8(object text) except NULL

cdef extern from "time.h" nogil:
    struct timespec:
        int64_t tv_sec
        long tv_nsec
    int CLOCK_REALTIME
    int clock_gettime(int clock, timespec *now)

cdef extern from "sys/socket.h" nogil:
    ssize_t send(int fd, const void *data, size_t size, int flags)
    int MSG_DONTWAIT
    int MSG_NOSIGNAL

cdef enum:
    RECORD_HEAD = 30  # journal/record.py
    LONGEST_ANSWER = 1280  # MAX_ECHO_BYTES, the longest MN, and the rest
    KEPT_BYTES = 1 << 20  # a buffer that grew beyond is given back
    # Of a journal that does not wait for a disk: some hundred frames, so that the first are not
    # answered after the last are read; each write costs as much as four frames.
    ENOUGH_BYTES = 262144

# What answers a CN of a version whose Flag asks, does not ask, or is not there.
cdef enum:
    NOT_ASKED = 0  # the rules were not yet asked
    NONE = 1
    AS_NOTICE = 2
    AS_DATA = 3
    OTHER = 4

cdef int JOURNAL = _JOURNAL
cdef double NEVER = _NEVER
cdef int FRAME = int(Kind.FRAME)
cdef int LONGEST_ECHO = MAX_ECHO_BYTES
cdef int VERSION_BITS = VERSION_MASK
cdef int FLAG_2017 = FLAG_2017_BITS
cdef const char *DIGITS = b"0123456789ABCDEF"


def wall_us():
    """UTC now, in microseconds since 1970."""
    cdef timespec now
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1000000 + now.tv_nsec // 1000


cdef struct Buffer:
    char *data
    Py_ssize_t size
    Py_ssize_t room


cdef int _make_room(Buffer *buffer, Py_ssize_t more) except -1:
    """Let so many bytes more fit."""
    cdef Py_ssize_t room
    cdef char *grown
    if buffer.size + more > buffer.room:
        room = 2 * (buffer.size + more)
        grown = <char *>PyMem_Realloc(buffer.data, room)
        if grown == NULL:
            raise MemoryError
        buffer.data, buffer.room = grown, room
    return 0


cdef inline void _put(Buffer *buffer, const void *data, Py_ssize_t size) noexcept:
    """Add bytes for which there is room."""
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size


cdef inline void _put_span(Buffer *buffer, const unsigned char *frame, Span span) noexcept:
    _put(buffer, frame + span.at, span.size)


cdef void _put_number(Buffer *buffer, int number) noexcept:
    """Add a number from 0 to 999."""
    if number >= 100:
        _put(buffer, DIGITS + number // 100, 1)
    if number >= 10:
        _put(buffer, DIGITS + number // 10 % 10, 1)
    _put(buffer, DIGITS + number % 10, 1)


cdef void _put_answer(
    Buffer *buffer, const unsigned char *data, const Plain *request, int answer
) noexcept:
    """Add what build.reply() makes of the request; there is room for LONGEST_ANSWER."""
    cdef const unsigned char *frame = data + request.begin
    cdef Py_ssize_t begin = buffer.size
    cdef char *head
    cdef int place, length
    cdef uint32_t crc
    cdef bint old = request.version == 0 if request.flag < 0 else not request.flag & VERSION_BITS
    _put(buffer, b"##0000", 6)
    if request.qn.size and not old:
        _put(buffer, b"QN=", 3)
        _put_span(buffer, frame, request.qn)
        _put(buffer, b";", 1)
    _put(buffer, b"ST=91;CN=9013" if answer == AS_NOTICE else b"ST=91;CN=9014", 13)
    if request.pw.size:
        _put(buffer, b";PW=", 4)
        _put_span(buffer, frame, request.pw)
    _put(buffer, b";MN=", 4)
    _put_span(buffer, frame, request.mn)
    _put(buffer, b";Flag=", 6)
    if old:
        _put(buffer, b"0;CP=&&", 7)
        if request.qn.size:
            _put(buffer, b"QN=", 3)
            _put_span(buffer, frame, request.qn)
        if answer == AS_DATA or not request.qn.size:
            _put(buffer, b";CN=" if request.qn.size else b"CN=", 4 if request.qn.size else 3)
            _put_span(buffer, frame, request.cn)
    else:
        _put_number(buffer, FLAG_2017 if request.flag < 0 else request.flag & VERSION_BITS)
        _put(buffer, b";CP=&&", 6)
    _put(buffer, b"&&", 2)
    head = buffer.data + begin
    length = <int>(buffer.size - begin - 6)
    crc = crc212(<unsigned char *>head + 6, length, 0xFFFF)
    for place in range(4):
        _put(buffer, DIGITS + (crc >> (12 - 4 * place) & 15), 1)
    _put(buffer, b"\r\n", 2)
    for place in range(5, 1, -1):
        head[place] = DIGITS[length % 10]
        length //= 10


cdef struct Share:
    # What one link has in a batch: its answers are behind those of the share before.
    PyObject *link
    int64_t count
    Py_ssize_t answers_end
    int answers


cdef class Batch:
    """Records of one turn: whose they are, and the answers that leave when they are durable."""

    cdef Commits _commits
    cdef Buffer answers
    cdef Share *shares
    cdef Py_ssize_t number
    cdef Py_ssize_t room
    cdef int64_t count  # bytes of records
    cdef int records

    def __cinit__(self, Commits commits):
        self._commits = commits

    def __dealloc__(self):
        cdef Py_ssize_t index
        for index in range(self.number):
            Py_DECREF(<object>self.shares[index].link)
        PyMem_Free(self.shares)
        PyMem_Free(self.answers.data)

    cdef Share *share(self, link) except NULL:
        """The share of the link whose turn it is."""
        cdef Share *grown
        if self.number and self.shares[self.number - 1].link == <PyObject *>link:
            return &self.shares[self.number - 1]
        if self.number == self.room:
            grown = <Share *>PyMem_Realloc(self.shares, 2 * (self.room + 4) * sizeof(Share))
            if grown == NULL:
                raise MemoryError
            self.shares, self.room = grown, 2 * (self.room + 4)
        grown = &self.shares[self.number]
        grown.link = <PyObject *>link
        grown.count = grown.answers = 0
        grown.answers_end = self.answers.size
        Py_INCREF(link)
        self.number += 1
        return grown

    def durable(self):
        """All of it is on disk: let the answers leave, one write for each share."""
        cdef Py_ssize_t index, begin = 0, size
        cdef Share *share
        cdef const char *answers
        self._commits.pending_bytes -= self.count
        for index in range(self.number):
            share = &self.shares[index]
            answers, size = self.answers.data + begin, share.answers_end - begin
            begin = share.answers_end
            link = <object>share.link
            if isinstance(link, ExpressLink):
                (<ExpressLink>link).answer(self._commits, share, answers, size)
            else:
                link.durable(
                    PyBytes_FromStringAndSize(answers, size), share.answers, share.count
                )
        self._commits._on_progress()


cdef class Commits:
    """What commits.Commits is, and what the express counts on its way: ``frames``, ``oversize``
    (those of them above 1024 bytes), ``bytes_in``, ``acked``."""

    cdef object _journal
    cdef object _call_soon
    cdef object _on_progress
    cdef object _flush
    cdef Batch _batch
    cdef Buffer _body
    cdef public int64_t pending_bytes
    cdef Py_ssize_t _enough  # so many bytes of records go to the journal before the turn ends
    cdef public int64_t frames
    cdef public int64_t oversize
    cdef public int64_t bytes_in
    cdef public int64_t acked

    def __init__(self, journal, call_soon, on_progress):
        self._journal = journal
        self._call_soon = call_soon
        self._on_progress = on_progress
        self._flush = self.flush
        self._enough = ENOUGH_BYTES if journal.immediate else PY_SSIZE_T_MAX

    def __dealloc__(self):
        PyMem_Free(self._body.data)

    @property
    def state(self):
        """State of the journal."""
        return self._journal.state

    def add(self, bytes record not None, link=None, bytes answer=None):
        """Put a record in; the bytes it counts for. A link given is called back."""
        cdef Batch batch = self._collecting()
        cdef Py_ssize_t size = PyBytes_GET_SIZE(record)
        cdef Share *share
        _make_room(&self._body, size)
        _put(&self._body, PyBytes_AS_STRING(record), size)
        batch.records += 1
        self.pending_bytes += size
        if link is not None:
            share = batch.share(link)
            share.count += size
            if answer is not None:
                _make_room(&batch.answers, PyBytes_GET_SIZE(answer))
                _put(&batch.answers, PyBytes_AS_STRING(answer), PyBytes_GET_SIZE(answer))
                share.answers += 1
                share.answers_end = batch.answers.size
        return size

    def flush(self):
        """Hand what was collected to the journal."""
        cdef Batch batch = self._batch
        if batch is None:
            return
        self._batch = None
        batch.count = self._body.size
        body = PyBytes_FromStringAndSize(self._body.data, self._body.size)
        self._body.size = 0
        if self._body.room > KEPT_BYTES:
            PyMem_Free(self._body.data)
            self._body.data, self._body.room = NULL, 0
        self._journal.submit(Run(body, batch.records), batch.durable)
        self._on_progress()

    cdef Batch _collecting(self):
        """The batch of this turn."""
        if self._batch is None:
            self._batch = Batch.__new__(Batch, self)
            self._call_soon(self._flush)
        return self._batch


cdef class Allowance:
    """Bytes a second of one peer address (limits.PeerAddress)."""

    cdef public object limits
    cdef double _left
    cdef double _at

    def __init__(self, limits, double now):
        self.limits = limits
        self._left = limits.bytes_per_s
        self._at = now

    cpdef double spend(self, int64_t count, double now):
        """Account for bytes read; seconds to wait before reading on, 0.0: none."""
        cdef double rate = self.limits.bytes_per_s
        self._left = min(self._left + (now - self._at) * rate, rate) - count
        self._at = now
        return -self._left / rate if self._left < 0.0 else 0.0

    def unspent(self, double now):
        """Whether nothing is spent any more."""
        cdef double rate = self.limits.bytes_per_s
        return self._left + (now - self._at) * rate >= rate


cdef class ExpressLink:
    """What is remembered of a link (state.LinkState), its bytes' first way, and its badge."""

    cdef public double active_at
    cdef public double opened_at
    cdef public double partial_at
    cdef public int64_t number
    cdef public int64_t bytes_in
    cdef public int64_t frames
    cdef public int64_t rejected
    cdef public int64_t junk
    cdef public int64_t junk_run
    cdef public int64_t pending
    cdef public int half_frames
    cdef public int pauses
    cdef public int port
    cdef public int fd  # of the transport's socket, -1: not known
    cdef int _limit  # of the segment
    cdef int64_t _generation
    cdef public str mn
    cdef public object gate
    cdef public Allowance address
    cdef public object why
    cdef public object transport
    cdef public object cutter
    cdef public Express express
    cdef bytes _password
    cdef public bint held_back  # the transport may still have what the socket did not take

    def give_badge(self, int limit, bytes password):
        """A good frame of ``self.mn`` was accepted: the next plain ones need no decision.

        ``password``: what PW must be, None: anything.
        """
        if not PyUnicode_IS_COMPACT_ASCII(self.mn):
            return
        self._limit = limit
        self._password = password
        self._generation = self.express.generation

    def take_badge(self):
        """The next frame is to be judged again."""
        self._generation = -1

    @property
    def badged(self):
        """Whether the badge is there and counts."""
        return self._generation == self.express.generation

    def data_received(self, bytes data not None):
        """Bytes came in."""
        cdef Express express = self.express
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
        cdef Py_ssize_t at = 0
        cdef double now = express.clock()
        self.active_at = now
        self.bytes_in += size
        express.commits.bytes_in += size
        if self.cutter is None:
            at = express.take(self, data, 0)
        if at < size:
            self.read(data, at, now)
        else:
            self.partial_at = NEVER
        if self.pending > express.link_pending_bytes:
            self.pause(JOURNAL)
        cdef double wait_s = self.address.spend(size, now)
        if wait_s > 0:
            self.throttle(now + wait_s)
        if express.commits._body.size >= express.commits._enough:
            express.commits.flush()

    def take_plain(self, bytes data not None, Py_ssize_t at):
        """Take plain frames from ``at`` on; where the first byte that was not taken stands."""
        return self.express.take(self, data, at)

    cdef int answer(
        self, Commits commits, const Share *share, const char *answers, Py_ssize_t size
    ) except -1:
        """What ``durable`` does, for the common case; and where the transport holds nothing back,
        straight into the socket, of which the transport needs to know nothing."""
        cdef ssize_t sent
        if self.transport is None or self.why is not None or self.pauses & JOURNAL:
            self.held_back = True
            self.durable(
                PyBytes_FromStringAndSize(answers, size), share.answers, share.count
            )
            return 0
        self.pending -= share.count
        # A closed socket's number may be another link's by now: never write by it then.
        if not size or self.transport.is_closing():
            return 0
        if self.held_back and self.fd >= 0:
            self.held_back = self.transport.get_write_buffer_size() != 0
        if self.fd >= 0 and not self.held_back:
            # An error is the transport's to find.
            sent = send(self.fd, answers, size, MSG_DONTWAIT | MSG_NOSIGNAL)
            if sent > 0:
                answers += sent
                size -= sent
        if size:
            self.held_back = True
            self.transport.write(PyBytes_FromStringAndSize(answers, size))
        commits.acked += share.answers
        return 0


cdef class Express:
    """What the links of a worker share on the express way.

    ``moved``: link -> its superseded MNs, of `sessions.Sessions`. ``answer_of``: the rules of
    `replies.answer_of` under the settings in force.
    """

    cdef readonly int64_t generation
    cdef readonly Commits commits
    cdef object clock
    cdef object _now_us
    cdef dict _moved
    cdef object _answer_of
    cdef readonly int64_t link_pending_bytes
    cdef unsigned char[90000] _answers  # by CN, version, and Flag

    def __init__(self, Commits commits not None, clock, now_us, dict moved not None):
        self.commits = commits
        self.clock = clock
        self._now_us = now_us
        self._moved = moved

    def set(self, answer_of, int64_t link_pending_bytes):
        """Settings from now on; no badge given before counts any more."""
        self.generation += 1
        self._answer_of = answer_of
        self.link_pending_bytes = link_pending_bytes
        memset(self._answers, NOT_ASKED, sizeof(self._answers))

    cdef Py_ssize_t take(self, ExpressLink link, bytes data, Py_ssize_t at) except -1:
        """Take the plain frames that ``link``'s badge covers; where the rest begins."""
        cdef const unsigned char *bytes_ = <const unsigned char *>PyBytes_AS_STRING(data)
        cdef const unsigned char *password = NULL
        cdef const char *mn
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), mn_size
        cdef int64_t time_us = 0
        cdef int taken = 0, answer
        cdef Plain frame
        if link._generation != self.generation or (self._moved and link.number in self._moved):
            return at
        mn = PyUnicode_AsUTF8(link.mn)
        mn_size = PyUnicode_GET_LENGTH(link.mn)
        while True:
            at = behind_separators(bytes_, size, at)
            if not plain_at(bytes_, size, at, link._limit, &frame):
                break
            if frame.mn.size != mn_size or memcmp(bytes_ + at + frame.mn.at, mn, mn_size) != 0:
                break
            if link._password is not None and not _same(
                bytes_ + at + frame.pw.at, frame.pw.size, link._password
            ):
                break
            answer = self._answer(bytes_, &frame)
            if answer == OTHER:
                break
            if not taken:
                time_us = self._now_us()
            taken += 1
            self._take(link, bytes_, &frame, time_us, answer)
            at = frame.end
        if taken:
            link.frames += taken
            link.half_frames = 0
            link.junk_run = 0
            self.commits.frames += taken
        return at

    cdef int _take(
        self,
        ExpressLink link,
        const unsigned char *data,
        const Plain *frame,
        int64_t time_us,
        int answer,
    ) except -1:
        """Put the frame's record and answer into the batch of this turn."""
        cdef Commits commits = self.commits
        cdef Batch batch = commits._collecting()
        cdef Py_ssize_t raw = frame.end - frame.begin
        cdef uint32_t behind = <uint32_t>(RECORD_HEAD - 4 + raw)
        cdef uint16_t none = 0
        cdef uint8_t kind = FRAME
        cdef uint32_t marks = frame.repairs
        cdef uint64_t number = link.number
        cdef Buffer *body = &commits._body
        cdef Share *share
        _make_room(body, RECORD_HEAD + raw)
        _make_room(&batch.answers, LONGEST_ANSWER)
        share = batch.share(link)
        # As journal/record.py has it.
        _put(body, &behind, 4)
        _put(body, &kind, 1)
        _put(body, &none, 1)  # spare
        _put(body, &none, 2)  # verdict
        _put(body, &marks, 4)
        _put(body, &number, 8)
        _put(body, &time_us, 8)
        _put(body, &none, 2)  # no meta
        _put(body, data + frame.begin, raw)
        batch.records += 1
        commits.oversize += frame.repairs != 0
        commits.pending_bytes += RECORD_HEAD + raw
        link.pending += RECORD_HEAD + raw
        share.count += RECORD_HEAD + raw
        if answer != NONE:
            _put_answer(&batch.answers, data, frame, answer)
            share.answers += 1
            share.answers_end = batch.answers.size
        return 0

    cdef int _answer(self, const unsigned char *data, const Plain *frame) except -1:
        """Which answer a good frame gets."""
        cdef int asks = 2 if frame.flag < 0 else frame.flag & 1
        cdef int index = (frame.cn_number * 3 + frame.version) * 3 + asks
        cdef int answer = self._answers[index]
        if answer == NOT_ASKED:
            wanted = None if asks == 2 else bool(asks)
            cn = self._answer_of(f"{frame.cn_number:04d}", VERSIONS[frame.version], wanted)
            if cn is None:
                answer = NONE
            elif cn == DATA:
                answer = AS_DATA
            elif cn == NOTICE:
                answer = AS_NOTICE
            else:
                answer = OTHER
            self._answers[index] = answer
        return NONE if frame.qn.size + frame.pw.size > LONGEST_ECHO else answer


cdef bint _same(const unsigned char *text, Py_ssize_t size, bytes secret) noexcept:
    """Whether a text is the secret; takes as long for any text of its size."""
    cdef const unsigned char *right = <const unsigned char *>PyBytes_AS_STRING(secret)
    cdef unsigned char differs = 0
    cdef Py_ssize_t at
    if size != PyBytes_GET_SIZE(secret):
        return False
    for at in range(size):
        differs |= text[at] ^ right[at]
    return not differs
