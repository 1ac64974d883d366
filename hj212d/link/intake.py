"""The way of a frame through a worker: cut, read, admitted, recorded, answered when durable.

What all links of a worker share is here; sockets are not. Tests:
tests/link/test_way_of_a_frame.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from hj212d.journal.record import Kind, Record, encode
from hj212d.link import replies
from hj212d.link.closes import Close
from hj212d.link.counters import Counters
from hj212d.link.express import Commits
from hj212d.link.sessions import Heard, Sessions
from hj212d.link.settings import LinkSettings
from hj212d.link.state import LinkState
from hj212d.wire import codec
from hj212d.wire.decode import STANDARD_SEGMENT_BYTES
from hj212d.wire.frame import Cut, Frame
from hj212d.wire.mn import mn_of
from hj212d.wire.reasons import Reason

# No frame was cut from these: they count towards link.junk_limit_bytes.
NO_FRAME = frozenset(
    {Reason.JUNK, Reason.LENGTH_NOT_NUMERIC, Reason.LENGTH_OVER_LIMIT, Reason.TRUNCATED}
)


class Announcements(Protocol):
    """Who is told of identities: the hub."""

    def identified(self, mn: str, link: int, peer: str, at_us: int) -> None:
        """An MN spoke on a link for the first time."""

    def left(self, mn: str, link: int) -> None:
        """The link of an MN is gone."""

    def unnamed(self, link: int, peer: str) -> None:
        """The first good frame of a link has no MN: a device that asks for one."""


class Intake:
    """Turns what links read into records and answers."""

    def __init__(
        self,
        settings: LinkSettings,
        commits: Commits,
        counters: Counters,
        sessions: Sessions,
        announcements: Announcements,
        now_us: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._commits = commits
        self._counters = counters
        self._sessions = sessions
        self._announcements = announcements
        self._now_us = now_us

    def opened(self, link: LinkState, local: str) -> None:
        """Record that a link opened."""
        self._counters.accepted()
        meta = {"peer": link.peer, "local": local, "profile": link.gate.profile}
        self._record(Kind.LINK_OPENED, link, meta)

    def take(self, link: LinkState, cuts: Sequence[Cut], now: float) -> Close | None:
        """Record each piece and prepare its answer; why the link must be closed, if it must."""
        time_us = self._now_us()
        close: Close | None = None
        for cut in cuts:
            if cut.reason in NO_FRAME:
                self._reject(link, mn_of(cut.raw), cut.reason, cut.raw, time_us)
                link.junk_run += len(cut.raw)
                if cut.reason is Reason.JUNK:
                    link.junk += len(cut.raw)
                if link.junk_run > self.settings.junk_limit_bytes:
                    close = close or Close.JUNK
                continue
            frame = codec.decode(cut, link.gate.device(mn_of(cut.raw)))
            reason = link.gate.judge(frame, link.ip) if frame.ok else frame.reason
            if reason is Reason.OK:
                self._good(link, frame, time_us, now)
            else:
                answer = replies.reply(frame, reason, self.settings)
                self._reject(
                    link, frame.mn, reason, frame.raw, time_us, int(frame.repairs), answer
                )
                if reason is Reason.MN_UNKNOWN and link.gate.unknown_mn == "close":
                    close = close or Close.MN_REFUSED
        return close

    def lost(self, link: LinkState, data: bytes) -> None:
        """Keep bytes that a fault of ours could not read."""
        self._reject(link, "", Reason.JUNK, data, self._now_us())

    def closed(self, link: LinkState, now: float) -> None:
        """Record that a link ended, and forget its identities."""
        why = link.why or Close.ERROR
        self._counters.closed_link(why, link.mn, link.number, link.peer)
        meta = {
            "why": why.value,
            "bytes": link.bytes_in,
            "frames": link.frames,
            "rejected": link.rejected,
            "junk": link.junk,
            "seconds": round(now - link.opened_at, 3),
        }
        self._record(Kind.LINK_CLOSED, link, meta)
        for mn in self._sessions.left(link.number):
            self._announcements.left(mn, link.number)

    def _good(self, link: LinkState, frame: Frame, time_us: int, now: float) -> None:
        link.frames += 1
        link.half_frames = 0
        link.junk_run = 0
        self._counters.good(frame.mn, frame.repairs, link.gate.knows(frame.mn))
        if frame.mn:
            if link.mn != frame.mn:  # keep one text, not the newest of many equal ones
                link.mn = frame.mn
                link.take_badge()
            heard = self._sessions.heard(link.number, frame.mn, now)
            if heard is not Heard.KNOWN:
                self._notice(heard, link, frame.mn, time_us)
            if not link.badged and (heard is Heard.KNOWN or heard is Heard.NEW):
                self._trust(link)
        elif link.frames == 1:
            self._announcements.unnamed(link.number, link.peer)
        answer = replies.reply(frame, Reason.OK, self.settings)
        record = Record(
            Kind.FRAME, time_us, link.number, Reason.OK, int(frame.repairs), b"", frame.raw
        )
        link.pending += self._commits.add(encode(record), link, answer)

    def _trust(self, link: LinkState) -> None:
        """Let plain frames of this MN take the express from now on, where the rules allow it."""
        standing = link.gate.standing(link.mn)
        if standing is not None:
            limit = self.settings.max_segment_bytes
            if not standing.oversize:
                limit = min(limit, STANDARD_SEGMENT_BYTES)
            link.give_badge(limit, standing.password)

    def _reject(
        self,
        link: LinkState,
        mn: str,
        reason: Reason,
        raw: bytes,
        time_us: int,
        marks: int = 0,
        answer: bytes | None = None,
    ) -> None:
        link.rejected += 1
        self._counters.rejected_piece(mn, reason, raw, link.number, link.peer)
        record = Record(Kind.FRAME, time_us, link.number, reason, marks, b"", raw)
        link.pending += self._commits.add(encode(record), link, answer)

    def _notice(self, heard: Heard, link: LinkState, mn: str, time_us: int) -> None:
        if heard is Heard.NEW:
            self._record(Kind.LINK_IDENTIFIED, link, {"mn": mn})
            self._announcements.identified(mn, link.number, link.peer, time_us)
        elif heard is Heard.CONFLICT:
            self._counters.conflict(mn, link.number, link.peer)

    def _record(self, kind: Kind, link: LinkState, meta: Mapping[str, object]) -> None:
        record = Record(kind, self._now_us(), link.number, meta=msgspec.json.encode(meta))
        self._commits.add(encode(record))
