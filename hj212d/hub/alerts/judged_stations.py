"""What is judged of whole stations: silence, links, clocks and refused frames.

Tests: tests/hub/alerts/test_evaluator_stations.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alerts.detect import bad_frames, clock, links, silence
from alerts.detect.outcomes import CLEARED, NEVER, State
from hj212d.hub.alerts.judged_apart import Apart
from hj212d.hub.alerts.judged_keys import NOBODY, JudgedKeys
from hj212d.hub.alerts.judged_kinds import (
    Ground,
    bad_frames_kind,
    clock_kind,
    links_kind,
    offline_kind,
)
from hj212d.hub.alerts.judged_lane import About, Lane
from hj212d.hub.alerts.judged_rounds import rounds
from hj212d.hub.alerts.judged_telling import Said, Teller, Told
from hj212d.hub.alerts.moments import aware
from hj212d.hub.columns import NO_TIME, Places, Times, microseconds
from hj212d.hub.words import Numbers

REAL_TIME_CN = "2011"
_MOST_REASONS = 100_000
_TOLD_REASONS = 3


class Frames(NamedTuple):
    """Columns of FRAMES. ``station``: NOBODY where no MN is told; ``live``: real-time data that
    are no refill."""

    station: Numbers
    received_us: Times
    data_us: Times
    good: NDArray[np.bool_]
    live: NDArray[np.bool_]
    reason: pa.ChunkedArray

    def part(self, rows: slice) -> Frames:
        """Some of the rows."""
        return Frames._make(column[rows] for column in self)


def frames_of(table: pa.Table, keys: JudgedKeys) -> Frames:
    """A batch's frames as arrays."""
    data_us = microseconds(table["data_time"])
    good = pc.equal(table["reason"], "ok").to_numpy()
    live = pc.equal(table["cn"].fill_null(""), REAL_TIME_CN).to_numpy()
    refill = table["rf"].fill_null(False).to_numpy()
    return Frames(
        keys.of(table["mn"]),
        microseconds(table["received_at"]),
        data_us,
        good,
        good & live & ~refill & (data_us != NO_TIME),
        table["reason"],
    )


class _Offsets(NamedTuple):
    """One live frame of each of some stations: its clock less ours, and its row in the batch."""

    offset_us: Times
    received_us: Times
    row: Places


class StationJudge:
    """Lanes of stations. ``reasons``: how often each station's frames were refused for what, of
    the last hours, for what is told."""

    def __init__(self, keys: JudgedKeys, ground: Ground, teller: Teller, apart: Apart) -> None:
        self.offline = Lane(offline_kind())
        self.links = Lane(links_kind())
        self.clock = Lane(clock_kind())
        self.bad = Lane(bad_frames_kind())
        self.lanes = [self.offline, self.links, self.clock, self.bad]
        self.reasons: Counter[tuple[int, str]] = Counter()
        self._keys = keys
        self._ground = ground
        self._teller = teller
        self._apart = apart

    def meet(self) -> None:
        """Ask anew who is registered."""
        registered: Collection[str] = self._ground.registered()
        some = [self._keys.station(mn) for mn in registered]
        self._keys.expected = not registered
        self._keys.stations["registered"] = not registered
        self._keys.stations["registered"][[one for one in some if one != NOBODY]] = True

    def settle(self) -> None:
        """Ask which rules watch stations of which that is not known."""
        stale = np.flatnonzero(self._keys.stations["stale"])
        if not len(stale):
            return
        gone: list[list[int]] = [[] for _ in self.lanes]
        for station in stale.tolist():
            mn = self._keys.mns[station]
            about = About(mn, self._ground.region(mn), self._ground.medium(mn))
            for lane, rows in zip(self.lanes, gone, strict=True):
                rows += lane.ask(station, about, self._apart.failed)
        self._keys.stations["stale"] = False
        for lane, rows in zip(self.lanes, gone, strict=True):
            leave(lane, rows, self._teller)

    def frames(self, frames: Frames, first_row: int) -> Iterator[Told]:
        """Take in frames; ``first_row``: number of the first in its batch."""
        self.settle()
        stations = self._keys.stations
        known = frames.station != NOBODY
        good = np.flatnonzero(frames.good & known)
        whose, received = frames.station[good], frames.received_us[good]
        self._first(whose, received)
        np.maximum.at(stations["last_seen"], whose, received)
        np.add.at(stations["frames"], whose, 1)
        np.add.at(stations["all_new"], frames.station[known], 1)
        bad = np.flatnonzero(~frames.good & known)
        if len(bad):
            np.add.at(stations["bad_new"], frames.station[bad], 1)
            self._count(frames.station[bad], frames.reason.take(pa.array(bad)))
        yield from self._heard_again(whose, received, good + first_row)
        live = np.flatnonzero(frames.live & known)
        for chosen in rounds(frames.station[live]):
            yield from self._clocks(frames, live[chosen], first_row)

    def link(self, mn: str, event: str, at_us: int) -> Iterator[Told]:
        """A link came up or went down."""
        station = self._keys.station(mn)
        if station == NOBODY:
            return
        self.settle()
        facts = self._keys.stations[station : station + 1]
        if event != "up":
            facts["up"] = max(0, int(facts["up"][0]) - 1)
            facts["closed_at"] = at_us
            return
        facts["up"] += 1
        yield from self._apart.keys(self.links, np.array([station]), partial(self._up, at_us))

    def _up(self, at_us: int, _which: Places, rows: Places, before: State) -> Iterator[Told]:
        """A link of each came up; those of strangers are not counted."""
        some = self._expected(self.links.watches.thing[rows], before, self.links.params(rows))
        rows, before = rows[some], before[some]
        state, outcome = links.came_up(before, at_us, self.links.params(rows))
        self.links.watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            yield self._link_told(int(rows[n]), int(outcome[n]), at_us, bool(before["gone"][n]))

    def tick(self, now_us: int, up_since_us: int) -> Iterator[Told]:
        """Look at the clock: who is silent, who has no link."""
        self.settle()
        rows = np.arange(len(self.offline.watches))
        step = partial(self._silent, now_us, up_since_us)
        yield from self._apart.rows(self.offline, rows, rows, step)
        watches = self.links.watches
        timed = self.links.every["after_us"] > 0
        rows = np.flatnonzero(watches.state["active"] | timed[watches.rule])
        if len(rows):
            step = partial(self._linkless, now_us, up_since_us)
            yield from self._apart.rows(self.links, rows, rows, step)

    def _silent(
        self, now_us: int, up_since_us: int, _which: Places, rows: Places, before: State
    ) -> Iterator[Told]:
        lane = self.offline
        stations = self._keys.stations
        whose = lane.watches.thing[rows]
        state, outcome = silence.watch(
            before,
            stations["last_seen"][whose],
            stations["frames"][whose],
            self._expected(whose, before, lane.params(rows)),
            now_us,
            up_since_us,
            lane.params(rows),
        )
        lane.watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            at = now_us if outcome[n] == CLEARED else int(state["since"][n])
            said = Said(at, unit="", detail=self._silence(int(whose[n])))
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _linkless(
        self, now_us: int, up_since_us: int, _which: Places, rows: Places, before: State
    ) -> Iterator[Told]:
        lane = self.links
        stations = self._keys.stations
        watches = lane.watches
        whose = watches.thing[rows]
        state, outcome = links.watch(
            before,
            stations["up"][whose],
            stations["closed_at"][whose],
            self._expected(whose, before, lane.params(rows)),
            now_us,
            up_since_us,
            lane.params(rows),
        )
        watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            cleared = outcome[n] == CLEARED
            none = bool(before["gone"][n]) if cleared else True
            at = now_us if cleared else int(state["since"][n])
            yield self._link_told(int(rows[n]), int(outcome[n]), at, none)

    def look(self, at_us: int) -> Iterator[Told]:
        """Each minute of what is received: who sends too much that is refused."""
        self.settle()
        stations = self._keys.stations
        watches = self.bad.watches
        come = stations["all_new"][watches.thing] > 0
        rows = np.flatnonzero(come | watches.state["active"])
        yield from self._apart.rows(self.bad, rows, rows, partial(self._refused, at_us))
        stations["bad_new"] = 0
        stations["all_new"] = 0

    def _refused(self, at_us: int, _which: Places, rows: Places, was: State) -> Iterator[Told]:
        lane, stations = self.bad, self._keys.stations
        whose = lane.watches.thing[rows]
        state, outcome = bad_frames.step(
            was, stations["bad_new"][whose], stations["all_new"][whose], at_us, lane.params(rows)
        )
        lane.watches.put(rows, state)
        shares, before = bad_frames.share(state), bad_frames.share_before(state)
        for n in np.flatnonzero(outcome).tolist():
            rule = lane.rule_of(int(rows[n]))
            said = Said(
                at_us,
                value=round(float(shares[n]), 4),
                limit=float(getattr(rule.params, "share", 0.0)),
                unit="",
                detail={
                    "refused": int(state["refused"][n].sum()),
                    "frames": int(state["all"][n].sum()),
                    "share_before": round(float(before[n]), 4),
                    "reasons": self._commonest(int(whose[n])),
                },
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _first(self, whose: Numbers, received: Times) -> None:
        """Of stations that were never heard before."""
        column = self._keys.stations["first_seen"]
        new = np.flatnonzero(column[whose] == NEVER)
        if len(new):
            stations, at = np.unique(whose[new], return_index=True)
            column[stations] = received[new[at]]

    def _expected(
        self, whose: NDArray[np.integer[Any]], before: State, params: State
    ) -> NDArray[np.bool_]:
        """Who ought to speak: who is registered; where nobody is, who spoke long enough, and who
        is missed already."""
        stations = self._keys.stations
        expected: NDArray[np.bool_] = stations["registered"][whose]
        if not self._keys.expected:
            return expected
        first, last = stations["first_seen"][whose], stations["last_seen"][whose]
        spoke = silence.regular(first, last, stations["frames"][whose], params)
        some: NDArray[np.bool_] = expected & (spoke | before["active"])
        return some

    def fade(self) -> None:
        """An hour is over: reasons of long ago are forgotten by and by."""
        self.reasons = Counter({one: n // 2 for one, n in self.reasons.items() if n > 1})

    def _heard_again(self, whose: Numbers, received: Times, row: Places) -> Iterator[Told]:
        lane = self.offline
        if not lane.watches.state["active"].any():
            return
        different, first = np.unique(whose, return_index=True)
        step = partial(self._speaks, received[first], row[first])
        yield from self._apart.keys(lane, different, step)

    def _speaks(
        self, received: Times, row: Places, which: Places, rows: Places, before: State
    ) -> Iterator[Told]:
        state, outcome = silence.heard(before)
        self.offline.watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            at = int(which[n])
            said = Said(int(received[at]), int(row[at]), unit="")
            yield self._teller.told(self.offline, int(rows[n]), int(outcome[n]), said)

    def _clocks(self, frames: Frames, chosen: Places, first_row: int) -> Iterator[Told]:
        """One live frame of each of some stations."""
        stations = self._keys.stations
        whose, data_us = frames.station[chosen], frames.data_us[chosen]
        received = frames.received_us[chosen]
        offset = data_us - received
        before = stations["data_last"][whose]
        known = before != NEVER
        moved = np.where(known, data_us - before, 0)
        judged = known & clock.steady(offset, stations["offset_us"][whose], moved)
        stations["data_last"][whose] = data_us
        stations["offset_us"][whose] = offset
        stations["data_received"][whose] = np.maximum(stations["data_received"][whose], received)
        some = np.flatnonzero(judged)
        given = _Offsets(offset[some], received[some], chosen[some] + first_row)
        yield from self._apart.keys(self.clock, whose[some], partial(self._offsets, given))

    def _offsets(
        self, given: _Offsets, which: Places, rows: Places, before: State
    ) -> Iterator[Told]:
        lane = self.clock
        received = given.received_us[which]
        state, outcome = clock.step(before, given.offset_us[which], received, lane.params(rows))
        lane.watches.put(rows, state)
        told = np.flatnonzero(outcome)
        medians = clock.median_s(state[told])
        for n, median in zip(told.tolist(), medians.tolist(), strict=True):
            said = Said(
                int(received[n]),
                int(given.row[which[n]]),
                value=round(median, 1),
                limit=float(getattr(lane.rule_of(int(rows[n])).params, "limit_s", 0.0)),
                unit="s",
                detail={"clock": "ahead" if median > 0 else "behind"},
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _silence(self, station: int) -> dict[str, object]:
        """What the link of a silent station does."""
        facts = self._keys.stations[station]
        found: dict[str, object] = {}
        if facts["last_seen"] != NEVER:
            found["last_seen"] = aware(int(facts["last_seen"])).isoformat()
        if facts["up"] > 0:
            found["link"] = "open, silent"
        elif facts["closed_at"] != NEVER:
            found["link"] = "closed"
            found["closed_at"] = aware(int(facts["closed_at"])).isoformat()
        return found

    def _link_told(self, row: int, outcome: int, at_us: int, gone: bool) -> Told:
        lane = self.links
        state = lane.watches.state[row]
        station = int(lane.watches.thing[row])
        if gone:
            closed = int(self._keys.stations["closed_at"][station])
            at = "" if closed == NEVER else aware(closed).isoformat()
            said = Said(at_us, unit="", detail={"link": "none", "closed_at": at})
        else:
            params = lane.rule_of(row).params
            said = Said(
                at_us,
                value=float(state["made"].sum()),
                limit=float(getattr(params, "flaps", 0)),
                unit="",
                detail={"link": "flapping", "window_s": getattr(params, "window_s", 0.0)},
            )
        return self._teller.told(lane, row, outcome, said)

    def _count(self, stations: Numbers, reasons: pa.ChunkedArray) -> None:
        for station, reason in zip(stations.tolist(), reasons.to_pylist(), strict=True):
            if (station, reason) in self.reasons or len(self.reasons) < _MOST_REASONS:
                self.reasons[station, reason or ""] += 1

    def _commonest(self, station: int) -> dict[str, int]:
        mine = Counter({why: n for (one, why), n in self.reasons.items() if one == station})
        return dict(mine.most_common(_TOLD_REASONS))


def leave(lane: Lane, rows: list[int], teller: Teller) -> None:
    """Watches that no rule wants any more: their alarms are over."""
    if not rows:
        return
    for row in rows:
        if lane.watches.state["active"][row]:
            teller.over_by(lane, row, "the rule is not about it any more")
    kept = np.ones(len(lane.watches), np.bool_)
    kept[rows] = False
    lane.watches.keep(kept)
