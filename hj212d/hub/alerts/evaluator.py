"""Judges what stations send as it comes, and what they do not send: batches in, signals out.

Everything is remembered in columns by station, by factor, and by rule on a factor. What came
before is never judged again: values with a data time not later than the last of their key
(resends, refills) and values with a flag other than N are passed over. The same state and the
same batches give the same signals, however the batches are cut: the minutes at which neighbours
are looked at are those of what was received, no clock is read. One thread.
Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alerts.rules.book import Rule
from alerts.rules.params import Drift, OverLimit, Swing
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alerts import judged_state
from hj212d.hub.alerts.judged_apart import Apart
from hj212d.hub.alerts.judged_factors import FactorJudge, Round
from hj212d.hub.alerts.judged_keys import (
    AQI_DAY,
    AQI_HOUR,
    DAY,
    HOUR,
    KEY,
    NIGHT,
    NOBODY,
    PERIODS,
    REALTIME,
    STATION,
    JudgedKeys,
)
from hj212d.hub.alerts.judged_kinds import Ground
from hj212d.hub.alerts.judged_lane import Lane
from hj212d.hub.alerts.judged_state import Kept, LaneKept, plain
from hj212d.hub.alerts.judged_stations import StationJudge, frames_of
from hj212d.hub.alerts.judged_telling import Teller, Told
from hj212d.hub.alerts.judged_values import values_of
from hj212d.hub.alerts.moments import aware
from hj212d.hub.alerts.moments import microseconds as time_us_of
from hj212d.hub.columns import Times, microseconds
from hj212d.hub.words import Numbers, Words, numbered

__all__ = ["Evaluator", "Ground"]

LinkEvent = tuple[str, int, str, int]  # mn, link, "up" or "down", when (UTC us)
Named = tuple[str, str, str, datetime]  # rule, subject, factor, began
MAX_MNS = 300_000
MAX_FACTORS = 500
MINUTE_US = 60_000_000
HOUR_MIN = 60
# Minutes behind an hour at which its drift is looked at: what is on its way has come.
DRIFT_AT_MIN = 5
CONVERTED = "zs"
# Of an hour and of a day the first that there is is the value; what is in ``CONVERTED`` stands
# beside it. A day's Leq has no limit, only its two parts have.
_OF_HOURS = ("mean", "leq", CONVERTED)
_OF_DAYS = ("mda8", "ld", "mean", "ln", CONVERTED)
_NIGHT_FROM_US = 22 * 3_600_000_000  # so that day and night of one day begin at their own times
_POSITION_BITS = 44


class Evaluator:
    """``rules``: those in force (`alerts.rules.book.rules_in_force`), of all ways; ``max_mns`` and
    ``max_factors`` (of one station) bound what is remembered, `refused` counts the rest."""

    def __init__(
        self,
        rules: Sequence[Rule],
        ground: Ground,
        settings: AlertsSettings,
        *,
        max_mns: int = MAX_MNS,
        max_factors: int = MAX_FACTORS,
    ) -> None:
        self._settings = settings
        self._keys = JudgedKeys(max_mns=max_mns, max_factors=max_factors)
        self._teller = Teller(self._keys, ground)
        self._apart = Apart()
        self._stations = StationJudge(self._keys, ground, self._teller, self._apart)
        self._factors = FactorJudge(self._keys, ground, self._teller, self._apart)
        self._heard_us = 0
        self._minute = 0
        self._radius_km = 0.0
        self.set_rules(rules)

    @property
    def refused(self) -> dict[str, int]:
        """What was not judged for want of room: MNs, once for each batch, and factors."""
        return self._keys.refused

    @property
    def faults(self) -> Mapping[str, int]:
        """Rule -> how often our own code failed on it; the others are judged all the same."""
        return self._apart.faults

    @property
    def nbytes(self) -> int:
        """Memory of all columns."""
        return self._keys.nbytes + sum(lane.watches.nbytes for lane in self._lanes())

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Other rules in force. States of rules that say the same stay; alarms of the others are
        told as over by the next `observe` or `tick`."""
        for lane in self._lanes():
            for row in lane.set_rules(rules):
                self._teller.over_by(lane, row, "the rule changed")
        radii = [one.params.radius_km for one in rules if isinstance(one.params, Swing | Drift)]
        self._radius_km = max(radii, default=0.0)
        self._ask_again()

    def forget_limits(self, mns: Collection[str]) -> None:
        """Sites, limits or registrations of these MNs may be different now; empty: of any."""
        numbers = self._keys.numbers
        if not mns:
            self._ask_again()
            return
        for station in [numbers[mn] for mn in mns if mn in numbers]:
            self._keys.stations["stale"][station] = True
            self._keys.keys["stale"][self._keys.of_station(station)] = True
        self._stations.meet()
        self._factors.near.forget()

    def observe(self, frames: pa.Table, samples: pa.Table, now_us: int) -> list[Signal]:
        """Take in a batch in columns of FRAMES and SAMPLES of store/timeseries.py, in the order of
        the journal; what it says of alarms, those of one in their order. ``now_us``: for
        ``seen_at``."""
        self._teller.now_us = now_us
        signals = self._teller.drain()
        if frames.num_rows > 1:
            frames = frames.combine_chunks()
        taken = frames_of(frames, self._keys)
        values = values_of(samples, self._keys.station, self._keys.factors.number)
        for part in self._minutes(frames, samples, taken.received_us):
            if part.minute != self._minute:
                signals += _in_order(self._minute_over(part.minute))
            told = [*self._stations.frames(taken.part(part.frames), part.frames.start)]
            within = slice(*np.searchsorted(values.row, [part.samples.start, part.samples.stop]))
            told += self._factors.values(values.part(within), samples)
            signals += _in_order(told)
            signals += self._teller.drain()
        return signals

    def links(self, events: Iterable[LinkEvent]) -> None:
        """Links that came up or went down, in order; what follows is told by the next `observe`
        or `tick`."""
        for mn, _, event, at_us in events:
            told = self._stations.link(mn, event, at_us)
            self._teller.pending += [one.signal for one in told]

    def hours(self, table: pa.Table, now_us: int) -> list[Signal]:
        """Means of hours or days as they are made: columns ``mn``, ``factor``, ``stat``,
        ``start``, ``end``, ``value`` and ``mark`` of hub/means/question.py's MEANS. Those with a
        mark are not judged; of several statistics the one that limits are for."""
        chosen = table.filter(pc.equal(table["mark"].fill_null(""), ""))
        told = []
        hours = _lengths_h(chosen) <= 1
        for some, stats, period in (
            (hours, _OF_HOURS, HOUR),
            (~hours, _OF_DAYS, DAY),
        ):
            part = chosen if some.all() else chosen.filter(pa.array(some))
            part = part.filter(pc.is_in(part["stat"], pa.array(stats)))
            rank = numbered(part["stat"], stats.index)
            night = (rank == stats.index("ln")) if period == DAY else np.zeros(len(rank), np.bool_)
            means = _Means(
                numbered(part["mn"], self._keys.station),
                numbered(part["factor"], self._keys.factors.number),
                np.where(night, NIGHT, period),
                microseconds(part["start"]) + np.where(night, _NIGHT_FROM_US, 0),
                part["value"].to_numpy(),
                rank,
                rank == stats.index(CONVERTED),
            )
            told += self._means(means, now_us)
        return told

    def aqi(self, table: pa.Table, now_us: int) -> list[Signal]:
        """Indexes as they are made: columns ``place`` (those that are MNs are judged), ``start``,
        ``end`` and ``aqi`` of hub/quality/tables.py's AQI_ROWS."""
        known = pa.array(self._keys.mns, pa.string())
        chosen = table.filter(pc.is_in(table["place"], known))
        periods = np.where(_lengths_h(chosen) <= 1, AQI_HOUR, AQI_DAY)
        none = np.zeros(chosen.num_rows, np.int64)
        means = _Means(
            numbered(chosen["place"], self._keys.station),
            none,
            periods,
            microseconds(chosen["start"]),
            chosen["aqi"].cast(pa.float64()).to_numpy(),
            none,
            np.zeros(chosen.num_rows, np.bool_),
        )
        return self._means(means, now_us)

    def check(self, now_us: int) -> list[Signal]:
        """What waited; rules of way "check" are judged as the others, whoever told waits."""
        self._teller.now_us = now_us
        return self._teller.drain()

    def tick(self, now_us: int, up_since_us: int) -> list[Signal]:
        """Look at the clock. ``up_since_us``: since when the platform has heard (and this has
        judged) everything without a pause: silence before does not count."""
        self._teller.now_us = now_us
        told = _in_order(self._stations.tick(now_us, up_since_us))
        return [*self._teller.drain(), *told]

    def set_back(self, now_us: int) -> None:
        """The clock was set back: nothing was received later than now, or stations that fall
        silent would be missed only once the clock is where it was."""
        self._keys.set_back(now_us)
        self._heard_us = min(self._heard_us, now_us)
        self._minute = min(self._minute, now_us // MINUTE_US)

    def active(self) -> list[Named]:
        """The alarms that are not over: rule, subject, factor, began."""
        found = []
        for lane in self._lanes():
            for row in np.flatnonzero(lane.watches.state["active"]).tolist():
                since = aware(int(lane.watches.state["since"][row]))
                found.append((lane.rule_of(row).key, *self._teller.named(lane, row), since))
        return sorted(found)

    def adopt(self, alarms: Iterable[Named]) -> list[Named]:
        """Alarms that the registry knows to go on, named as by :meth:`active`: those of them that
        are not active here are from now on, and end as others do. Told are those that no rule
        watches any more: nobody will end them."""
        there = set(self.active())
        return [one for one in alarms if one not in there and not self._adopted(one)]

    def snapshot(self) -> bytes:
        """All that is remembered."""
        return judged_state.encode(
            Kept(
                version=judged_state.VERSION,
                mns=self._keys.mns,
                factors=[self._keys.factors[n] for n in range(1, len(self._keys.factors))],
                stations=plain(self._keys.stations),
                station_columns=judged_state.columns_of(STATION),
                keys=plain(self._keys.keys),
                key_columns=judged_state.columns_of(KEY),
                lanes={
                    lane.kind.name: LaneKept(
                        rules=lane.said,
                        thing=plain(lane.watches.thing),
                        rule=plain(lane.watches.rule),
                        state=plain(lane.watches.state),
                        columns=judged_state.columns_of(lane.watches.state.dtype),
                    )
                    for lane in self._lanes()
                },
                heard_us=self._heard_us,
                minute=self._minute,
                placed=(self._factors.near.known, self._factors.near.at_min),
                reasons=[(*of, n) for of, n in self._stations.reasons.items()],
                pending=self._teller.pending,
            )
        )

    def restore(self, data: bytes) -> None:
        """What a `snapshot` said, under the rules of now. ValueError, one sentence: it is broken,
        or of another version; nothing is changed then. Without one everything is learned anew:
        until its least number of samples or days is there, each detector says nothing."""
        kept = judged_state.decode(data)
        lanes = {lane.kind.name: lane for lane in self._lanes()}
        if set(lanes) != set(kept.lanes):
            raise ValueError("the state of the evaluator has other lanes: of another version")
        stations = judged_state.column(kept.stations, kept.station_columns, STATION)
        keys = judged_state.column(kept.keys, kept.key_columns, KEY)
        states = {
            name: judged_state.column(one.state, one.columns, lanes[name].watches.state.dtype)
            for name, one in kept.lanes.items()
        }
        self._keys.load(kept.mns, kept.factors, stations, keys)
        self._heard_us, self._minute = kept.heard_us, kept.minute
        self._teller.now_us = kept.heard_us
        self._teller.pending = list(kept.pending)
        self._stations.reasons.clear()
        self._stations.reasons.update({(of, why): n for of, why, n in kept.reasons})
        for name, lane in lanes.items():
            one = kept.lanes[name]
            thing, rule = (np.frombuffer(column, np.int32) for column in (one.thing, one.rule))
            lane.watches.load(thing, rule, states[name])
            for row in lane.settle(one.rules, lane.rules):
                self._teller.over_by(lane, row, "the rule changed")
        self._ask_again()
        self._factors.near.place(*kept.placed, self._radius_km)

    # From here on in order of what happens.

    def _lanes(self) -> list[Lane]:
        return [*self._factors.lanes, *self._stations.lanes]

    def _ask_again(self) -> None:
        self._keys.keys["stale"] = True
        self._keys.stations["stale"] = True
        self._stations.meet()
        self._factors.near.forget()

    def _minutes(self, frames: pa.Table, samples: pa.Table, received: Times) -> Iterator[_Part]:
        """The parts of a batch by the minute of receipt that had come when a frame came."""
        if not len(received):
            if samples.num_rows:
                yield _Part(self._minute, slice(0, 0), slice(0, samples.num_rows))
            return
        heard = np.maximum(np.maximum.accumulate(received), self._heard_us)
        minutes = heard // MINUTE_US
        self._heard_us = int(heard[-1])
        begins = np.flatnonzero(np.append(True, minutes[1:] != minutes[:-1]))
        ends = np.append(begins[1:], len(minutes))
        cuts = np.zeros(len(begins), np.int64)
        if len(begins) > 1:
            cuts = np.searchsorted(_frame_of(frames, samples), begins)
            cuts[0] = 0
        upto = np.append(cuts[1:], samples.num_rows)
        for first, end, begin, stop in zip(*map(_plain, (begins, ends, cuts, upto)), strict=True):
            yield _Part(int(minutes[first]), slice(first, end), slice(begin, stop))

    def _minute_over(self, minute: int) -> Iterator[Told]:
        """The first frame of another minute came."""
        before, self._minute = self._minute, minute
        if not before:
            return
        near = self._factors.near
        near.look(minute, self._radius_km)
        yield from self._stations.look(minute * MINUTE_US)
        yield from self._factors.look(minute)
        first = before - DRIFT_AT_MIN
        for hour in range(first // HOUR_MIN, (minute - DRIFT_AT_MIN) // HOUR_MIN)[-2:]:
            yield from self._factors.hour_over(hour, minute * MINUTE_US)
            self._stations.fade()

    def _means(self, means: _Means, now_us: int) -> list[Signal]:
        self._teller.now_us = now_us
        signals = self._teller.drain()
        there = np.flatnonzero((means.station != NOBODY) & np.isfinite(means.value))
        key = np.full(len(means.value), NOBODY, np.intp)
        key[there] = self._keys.find(
            means.station[there], means.factor[there], means.period[there]
        )
        rows = np.flatnonzero(key != NOBODY)
        for at in np.unique(means.start[rows]).tolist():
            mine = rows[means.start[rows] == at]
            keys, row = np.unique(key[mine], return_index=True)
            given = Round(
                keys,
                np.full(len(keys), np.nan),
                np.full(len(keys), at),
                mine[row],
                np.zeros(len(keys), np.bool_),
                np.full(len(keys), np.nan),
            )
            mine = mine[np.argsort(-means.rank[mine], kind="stable")]  # the first is written last
            for values, some in (
                (given.value, mine[~means.converted[mine]]),
                (given.converted, mine[means.converted[mine]]),
            ):
                values[np.searchsorted(keys, key[some])] = means.value[some]
            signals += _in_order(self._factors.means(given))
        return [*signals, *self._teller.drain()]

    def _adopted(self, alarm: Named) -> bool:
        key, subject, factor, began = alarm
        station = self._keys.station(subject.removeprefix("mn:"))
        if station == NOBODY:
            return False
        self._stations.settle()
        for lane in self._lanes():
            rule = next((rule for rule in lane.rules if rule.key == key), None)
            if rule is None:
                continue
            things = self._keys_of(station, factor, rule) if lane.of_keys else [station]
            for row in (row for thing in things for row in lane.watches.of(thing)):
                if lane.rule_of(row) is rule:
                    lane.watches.state["active"][row] = True
                    lane.watches.state["since"][row] = time_us_of(began)
                    return True
        return False

    def _keys_of(self, station: int, factor: str, rule: Rule) -> list[int]:
        """The keys of a factor that may be watched by a rule; of one that was never heard here the
        key of the rule's period."""
        number = self._keys.factors.number(factor)
        period = _period_of(rule)
        keys = self._keys.of_station(station)
        there = keys[self._keys.keys["factor"][keys] == number]
        if not len(there) or period != REALTIME:
            whose, what = np.array([station]), np.array([number])
            there = self._keys.find(whose, what, period)
        there = there[there != NOBODY]
        self._factors.settle(there)
        return [int(one) for one in there]


class _Means(NamedTuple):
    """Columns of means or indexes. ``rank``: of those of one key and start the least counts;
    ``converted``: a value at the reference oxygen."""

    station: Numbers
    factor: Numbers
    period: Numbers
    start: Times
    value: NDArray[np.float64]
    rank: Numbers
    converted: NDArray[np.bool_]


class _Part(NamedTuple):
    """Rows of a batch that came in one minute."""

    minute: int
    frames: slice
    samples: slice


def _in_order(told: Iterable[Told]) -> list[Signal]:
    return [one.signal for one in sorted(told, key=lambda one: one.order)]


def _plain(column: NDArray[np.int64]) -> list[int]:
    found: list[int] = column.tolist()
    return found


def _frame_of(frames: pa.Table, samples: pa.Table) -> NDArray[np.int64]:
    """The row of the frame that each sample stands in, by lane and position."""
    lanes = Words()
    marks = []
    for table in (frames, samples):
        lane = numbered(table["lane"], lanes.number)
        position = table["position"].fill_null(-1).to_numpy()
        marks.append(lane << _POSITION_BITS | position)
    of_frames, of_samples = marks
    order = np.argsort(of_frames, kind="stable")
    at = np.minimum(np.searchsorted(of_frames[order], of_samples), len(order) - 1)
    found = np.where(of_frames[order][at] == of_samples, order[at], 0)
    rows: NDArray[np.int64] = np.maximum.accumulate(found)
    return rows


def _lengths_h(table: pa.Table) -> NDArray[np.float64]:
    hours: NDArray[np.float64] = (microseconds(table["end"]) - microseconds(table["start"])) / (
        HOUR_MIN * MINUTE_US
    )
    return hours


def _period_of(rule: Rule) -> int:
    """Of what a rule judges the values."""
    params = rule.params
    if not isinstance(params, OverLimit):
        return REALTIME
    if params.by == "aqi":
        return AQI_DAY if params.period == "day" else AQI_HOUR
    return PERIODS.index(params.period)
