"""One target's way through the journal: the frames it gets, once, in order of receipt.

What is read ahead is bounded; nothing here waits for the target, nor knows of it.
Tests: tests/hub/forward/test_feed.py, test_feed_lanes.py.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hj212d.hub.forward.bale import Bale
from hj212d.hub.forward.bales import Baler, Recent
from hj212d.hub.forward.merging import in_order, until
from hj212d.hub.forward.reading import Counters
from hj212d.hub.forward.rules import Rules
from hj212d.journal.lanes import lanes
from hj212d.journal.reader import LaneReader, Piece
from hj212d.journal.record import offsets
from hj212d.wire.frame import Device

log = logging.getLogger(__name__)

READ_BYTES = 1 << 20  # of a lane at a time: the reader's window
BALE_BYTES = 1000 * 1024
HOLD_US = 300_000
SURVEY_S = 1.0
REGIONS_S = 10.0  # an MN that moves to another region is asked about again within this
# How far behind the cursor is read at the start, for the frames that were forwarded.
LEARN_BYTES = 32 << 20
LEARN_REWRITTEN_BYTES = 4 << 20


def _unknown(_: str) -> Device:
    return Device()


class Feed:
    """Reads all lanes of a journal for one target. In one thread; counters may be read anywhere.

    Order: frames of one lane come in the order in which they stand there. Frames of one MN come in
    the order of their receive times, whichever lanes they are in, as long as no lane took more
    than ``hold_us`` from receipt to the durable mark and no clock was set back; of a frame and its
    resend on another lane, either may be the one that leaves. Frames of different MNs may overtake
    each other. With one lane nothing is held back; with several, what is younger than ``hold_us``
    waits until all lanes are further.
    """

    def __init__(
        self,
        journal_dir: Path,
        positions: Mapping[str, int],
        rules: Rules,
        *,
        name: str = "",
        device: Callable[[str], Device] = _unknown,
        sent: Recent | None = None,
        max_lag_bytes: int = 20 << 30,
        hold_us: int = HOLD_US,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``positions``: where each lane begins; one not named is new and read from its
        beginning. ``sent``: what all targets sent out rewritten, shared by their feeds."""
        self.lag_bytes = 0
        self.given_up_bytes = 0
        self.damaged_bytes = 0
        self.error = ""
        self.floors: dict[str, int] = {}
        self._journal_dir = journal_dir
        self._positions = dict(positions)
        self._rules = rules
        self._name = name
        self._max_lag_bytes = max_lag_bytes
        self._hold_us = hold_us
        self._now_us = now_us
        self._monotonic = monotonic
        self._baler = Baler(rules, Recent(), Recent() if sent is None else sent, device)
        self._lanes: dict[str, _Lane] = {}
        self._ready: deque[Bale] = deque()
        self._survey_at: float | None = None
        self._regions_at = 0.0
        self._giving_up = False

    @property
    def counters(self) -> Counters:
        """What was left out, and why."""
        return self._baler.counters

    def take(self, max_bytes: int) -> list[Bale]:
        """The next frames, at most ``max_bytes`` of them unless the first is larger; [] when
        there are none yet. Blocks on the disk only. A lane that cannot be read is tried again."""
        if self._survey_at is None or self._monotonic() - self._survey_at >= SURVEY_S:
            self.survey()
        taken: list[Bale] = []
        room = max_bytes
        while room > 0 and (self._ready or self._more()):
            bale = self._ready[0]
            if len(bale.body) > room:
                if taken:
                    break
                fitting = max(bale.fitting(room), 1)
                if fitting < bale.count:
                    bale, self._ready[0] = bale.split(fitting)
                    return [bale]
            taken.append(self._ready.popleft())
            room -= len(bale.body)
        return taken

    def survey(self) -> None:
        """Look for new lanes, measure the lag, and give up what exceeds ``max_lag_bytes``. To be
        called each second or so, also while nothing is taken. Blocks on the disk."""
        first = self._survey_at is None
        self._survey_at = self._monotonic()
        if self._rules.by_region and self._survey_at - self._regions_at >= REGIONS_S:
            self._regions_at = self._survey_at
            self._baler.forget()
        for name in lanes(self._journal_dir):
            if name not in self._lanes:
                position = self._positions.get(name, 0)
                self._lanes[name] = _Lane(name, self._journal_dir / name, position)
        if first:
            self._learn()
        lags = {}
        for name, lane in self._lanes.items():
            try:
                lags[name] = lane.reader.lag_bytes
            except OSError as problem:
                lags[name] = 0
                self._complain(lane, problem)
        self.lag_bytes = sum(lags.values())
        self.damaged_bytes = sum(lane.damaged_bytes for lane in self._lanes.values())
        if self.lag_bytes > self._max_lag_bytes:
            self._give_up(lags)
        elif self.lag_bytes < self._max_lag_bytes // 2:
            self._giving_up = False

    def close(self) -> None:
        """Close the journal's files."""
        for lane in self._lanes.values():
            lane.reader.close()

    def _give_up(self, lags: Mapping[str, int]) -> None:
        """Go on behind the oldest, of each lane by its share; ``floors`` says from where."""
        over = self.lag_bytes - self._max_lag_bytes
        for name, lane in self._lanes.items():
            skipped = over * lags[name] // self.lag_bytes
            if skipped:
                self.floors[name] = lane.skip(skipped)
                self.given_up_bytes += skipped
        if not self._giving_up:
            log.warning(
                "forward=%s more than max_lag_bytes=%d waits: the oldest is given up",
                self._name,
                self._max_lag_bytes,
            )
            self._giving_up = True
        self.lag_bytes = self._max_lag_bytes

    def _learn(self) -> None:
        """Read back what was forwarded, so that its resends and loops are known."""
        limit = LEARN_BYTES if self._rules.rewrite is None else LEARN_REWRITTEN_BYTES
        for lane in self._lanes.values():
            try:
                for piece in lane.before(limit):
                    self._baler.add(piece.position, piece.body, 0, 1 << 62)
                    self._baler.bale(lane.name)
            except OSError as problem:
                self._complain(lane, problem)
        self._baler.forget_counts()

    def _more(self) -> bool:
        """Make ready what may leave now; whether there is any."""
        while not self._ready:
            grown = False
            for lane in self._lanes.values():
                if not lane.bales:
                    grown = self._fill(lane) or grown
            if len(self._lanes) == 1:
                for lane in self._lanes.values():
                    self._ready.extend(lane.bales)
                    lane.bales.clear()
                return bool(self._ready)
            horizon = self._horizon()
            parts = [until(lane.bales, horizon) for lane in self._lanes.values()]
            self._ready.extend(in_order([part for part in parts if part]))
            if not grown:
                break
        return bool(self._ready)

    def _horizon(self) -> int:
        """Nothing that is still to come was received before this."""
        still_us = self._now_us() - self._hold_us
        return min(
            (
                lane.bales[-1].seen_us if lane.bales else max(still_us, lane.seen_us)
                for lane in self._lanes.values()
            ),
            default=0,
        )

    def _fill(self, lane: _Lane) -> bool:
        """Read on in a lane; whether anything came."""
        try:
            pieces = lane.read()
        except OSError as problem:
            self._complain(lane, problem)
            return False
        if pieces:
            self.error = ""
        baler = self._baler
        pending = False
        for piece in pieces:
            at = 0
            while at < len(piece.body):
                at = baler.add(piece.position, piece.body, at, BALE_BYTES)
                pending = True
                if baler.size >= BALE_BYTES:
                    lane.put(baler.bale(lane.name))
                    pending = False
        if pending:
            lane.put(baler.bale(lane.name))
        return bool(pieces)

    def _complain(self, lane: _Lane, problem: OSError) -> None:
        self.error = f"lane {lane.name} of the journal cannot be read: {problem}"


class _Lane:
    """What is read of one lane and not yet ready."""

    def __init__(self, name: str, directory: Path, position: int) -> None:
        self.name = name
        self.bales: deque[Bale] = deque()
        self.seen_us = 0  # receive time of the newest record read
        self.reader = LaneReader(directory, position)
        self._damaged_before = 0

    @property
    def damaged_bytes(self) -> int:
        return self._damaged_before + self.reader.damaged_bytes

    def read(self) -> list[Piece]:
        """The next records. OSError leaves the lane where it stood."""
        start = self.reader.position
        try:
            return self.reader.pieces(READ_BYTES)
        except OSError:
            self._go_on_at(start)
            raise

    def put(self, bale: Bale) -> None:
        self.bales.append(bale)
        self.seen_us = max(self.seen_us, bale.seen_us)

    def skip(self, count: int) -> int:
        """Leave out so many bytes; where reading goes on."""
        self._go_on_at(self.reader.position + count)
        return self.reader.position

    def before(self, limit: int) -> Iterator[Piece]:
        """The records that end before this lane's place, of at most about ``limit`` bytes."""
        stop = self.reader.position
        with LaneReader(self.reader.directory, max(0, stop - limit)) as reader:
            while reader.position < stop:
                pieces = reader.pieces(READ_BYTES)
                if not pieces:
                    return
                for piece in pieces:
                    whole = [at for at in offsets(piece.body) if piece.position + at >= stop]
                    body = piece.body[: whole[0]] if whole else piece.body
                    if body and piece.position < stop:
                        yield Piece(piece.position, 0, body)

    def _go_on_at(self, position: int) -> None:
        self._damaged_before += self.reader.damaged_bytes
        self.reader.close()
        self.reader = LaneReader(self.reader.directory, position)
