"""Rolls readings up: hours when they are over, and again those that late data or reviews touch.

One bounded step after the other, each written with the state that it leaves: a hub that is killed
does its last step again, and rows that say the same stay as they were. Blocking, for one thread.
Tests: tests/hub/means/test_rolling.py.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from hj212d.hub.means.making import Making
from hj212d.hub.means.marking import Marks
from hj212d.hub.means.roster import Roster
from hj212d.hub.means.settings import MeansSettings
from hj212d.hub.means.touched import Touched, days_touched, in_pieces, of_changed, of_spans
from store.means import CHANGED, DERIVED, MeansState, Store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_BEIJING = timedelta(hours=8)
_EPOCH = datetime(1970, 1, 1)
_PAIRS_AT_ONCE = 50_000
# Days are made for fewer stations at once than hours: each has 24 of those.
_DAYS_SHARE = 8


class Stretch(NamedTuple):
    """What is to be made anew by hand, or because a site changed: all hours from ``start`` to
    before ``end``; ``mns`` None: of all."""

    start: datetime
    end: datetime
    mns: tuple[str, ...] | None


class Halted(Exception):
    """The hub ends; what the step was about is done again at the next start."""


class Rolling:
    """``store_at``: all that was received before is in the store. ``marks``: of people.

    ``counts``: hours, days, late hours, rows and changed rows, seconds of steps since the start.
    """

    def __init__(
        self,
        store: Store,
        roster: Roster,
        marks: Marks,
        settings: MeansSettings,
        store_at: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self.halted = False
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0
        self.closed_upto: datetime | None = None
        self.wanted: deque[Stretch] = deque()
        self._store = store
        self._roster = roster
        self._marks = marks
        self._making = Making(store, roster, marks, settings)
        self._store_at = store_at

    def set(self, settings: MeansSettings) -> None:
        """Other settings from now on."""
        self.settings = self._making.settings = settings
        self._roster.set(settings)

    def step(self, now: datetime, *, late: bool = True) -> bool:
        """The next piece of work; whether there is more. Without ``late`` late data wait until
        the next step with it, or until an hour is over. StoreUnavailable."""
        began = time.perf_counter()
        try:
            return self._step(now, late=late)
        finally:
            self.seconds += time.perf_counter() - began

    def overdue_s(self, now: datetime) -> float:
        """For how long the next hour could have been made; negative: until it may be."""
        if self.closed_upto is None:
            return 0.0
        due = self.closed_upto + HOUR + timedelta(seconds=self.settings.grace_s)
        return (now - due).total_seconds()

    def hours_wanted(self) -> int:
        """What is left of all stretches."""
        return sum((one.end - one.start) // HOUR for one in list(self.wanted))

    def want(self, stretch: Stretch) -> int:
        """Make a stretch anew when nothing else is to be done; how many hours that are."""
        upto = self.closed_upto or stretch.end
        whole = Stretch(_hour(stretch.start), min(upto, _hour_up(stretch.end)), stretch.mns)
        if whole.end <= whole.start:
            return 0
        self.wanted.append(whole)
        return (whole.end - whole.start) // HOUR

    def _step(self, now: datetime, *, late: bool) -> bool:
        state = self._store.means_state()
        if state is None or state.closed_upto is None:
            state = self.begin(midnight(now - self.settings.first_days * DAY))
            self._roster.refresh(anew=True)
        self._roster.refresh()
        self.closed_upto = state.closed_upto
        as_of = self._store_at()
        over = self._over(now, as_of)
        assert state.closed_upto is not None
        # What came for an hour until it is made is not late: nobody may hear of it afterwards.
        late = late or state.closed_upto < over
        if self._anew(state, as_of, late=late):
            return True
        if self._close(over, as_of):
            return True
        return self._wanted(as_of)

    def begin(self, first: datetime) -> MeansState:
        """The state of a store that has no means yet: what was stored is not late."""
        state = MeansState(first, self._store.cursors_now(), self._marks.last_change)
        self._put(None, state)
        return state

    # Late data, reviews, sites.

    def _anew(self, state: MeansState, as_of: datetime, *, late: bool) -> bool:
        """Make hours anew that something said, or with ``late`` stored, since touches."""
        assert state.closed_upto is not None
        changes = self._marks.since(state.reviewed)
        changed, cursors = CHANGED.empty_table(), state.cursors
        if late:
            stamped = self._roster.end_stamped()
            changed, cursors = self._store.changed(cursors, state.closed_upto, stamped)
        sites = self._roster.changed(state.closed_upto)
        if sites:
            back = midnight(state.closed_upto) - self.settings.site_days * DAY
            self.want(Stretch(back, state.closed_upto, sites))
        touched = of_changed(changed) + of_spans(
            [(mark.mn, mark.start, mark.end) for mark in changes], state.closed_upto
        )
        reviewed = max([state.reviewed, *(mark.change for mark in changes)])
        behind = msgspec.structs.replace(state, cursors=cursors, reviewed=reviewed)
        if touched:
            self._remake(touched, state.closed_upto, as_of)
        if behind != state:
            self._put(None, behind)
        return bool(touched)

    def _remake(self, touched: Touched, upto: datetime, as_of: datetime) -> None:
        for some in self._alike(touched.hours):
            for pairs in in_pieces(some, _PAIRS_AT_ONCE):
                self._put(self._making.hours_of_pairs(pairs, as_of))
                self.counts["late_hours"] += pairs.num_rows
        for day, mns in days_touched(touched, upto):
            for portion in self._portions(mns, _DAYS_SHARE):
                self._put(self._making.days(day, day + DAY, portion, as_of))
            self.counts["late_days"] += len(mns)

    # Hours that are over.

    def _over(self, now: datetime, as_of: datetime) -> datetime:
        """The hours before this are to be made."""
        # A store that is behind does not know yet what came for an hour.
        return _hour(min(now, as_of) - timedelta(seconds=self.settings.grace_s))

    def _close(self, over: datetime, as_of: datetime) -> bool:
        """Make the next hour that is over, or the next day when a whole one waits."""
        state = self._store.means_state()
        assert state is not None
        assert state.closed_upto is not None
        start = state.closed_upto
        if start >= over:
            return False
        self._roster.refresh(anew=True)
        whole_day = start == midnight(start) and start + DAY <= over
        end = start + DAY if whole_day else start + HOUR
        self._make(Stretch(start, end, None), as_of)
        self._put(None, msgspec.structs.replace(state, closed_upto=end))
        self.closed_upto = end
        self.counts["hours"] += (end - start) // HOUR
        return True

    def _wanted(self, as_of: datetime) -> bool:
        """A day, or what is left of one, of what was wanted by hand."""
        if not self.wanted:
            return False
        stretch = self.wanted.popleft()
        end = min(stretch.end, midnight(stretch.start) + DAY)
        if end < stretch.end:
            self.wanted.appendleft(stretch._replace(start=end))
        try:
            self._make(stretch._replace(end=end), as_of)
        except BaseException:
            self.wanted.appendleft(stretch._replace(end=end))
            raise
        self.counts["wanted_hours"] += (end - stretch.start) // HOUR
        return True

    def _make(self, stretch: Stretch, as_of: datetime) -> None:
        """The hours of a stretch within one day, and the day itself when it is over."""
        share = _DAYS_SHARE if stretch.end - stretch.start > HOUR else 1
        day = midnight(stretch.start)
        assert self.closed_upto is not None
        day_over = day + DAY <= max(self.closed_upto, stretch.end)
        for some in self._portions(stretch.mns, share):
            self._put(self._making.hours(stretch.start, stretch.end, some, as_of))
        if day_over:
            for some in self._portions(stretch.mns, _DAYS_SHARE):
                self._put(self._making.days(day, day + DAY, some, as_of))
            self.counts["days"] += 1

    def _portions(self, mns: Sequence[str] | None, share: int) -> Iterator[tuple[str, ...] | None]:
        """Stations, as many at once as memory allows; None: all of them in one."""
        most = max(1, self.settings.mns_at_once // share)
        if mns is None:
            mns = self._roster.mns()
            if len(mns) <= most and self._roster.flags_alike():
                yield None
                return
        flags = self._roster.flags
        for _, alike in groupby(sorted(mns, key=flags), flags):
            some = tuple(alike)
            for begin in range(0, len(some), most):
                yield some[begin : begin + most]

    def _alike(self, pairs: pa.Table) -> Iterator[pa.Table]:
        """Pairs of stations with the same flags."""
        if self._roster.flags_alike():
            yield pairs
            return
        flags = self._roster.flags
        mns = sorted(pairs["mn"].unique().to_pylist(), key=flags)
        for _, alike in groupby(mns, flags):
            yield pairs.filter(pc.is_in(pairs["mn"], pa.array(list(alike), pa.string())))

    def _put(self, table: pa.Table | None, state: MeansState | None = None) -> None:
        if table is None and state is None:
            return
        if self.halted:
            raise Halted
        put = self._store.put_derived(table if table is not None else DERIVED.empty_table(), state)
        self.counts["rows"] += put.rows
        self.counts["changed"] += put.changed


def midnight(moment: datetime) -> datetime:
    """The beginning of the Beijing day in which a moment lies; both naive UTC."""
    local = moment + _BEIJING
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - _BEIJING


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _hour_up(moment: datetime) -> datetime:
    return moment + (_EPOCH - moment) % HOUR
