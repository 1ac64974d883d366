"""Judges what stations send as it comes, and what they do not send: batches in, signals out.

Everything is remembered in columns by station, by factor, and by rule on a factor. What came
before is never judged again: values with a data time not later than the last of their key
(resends, refills) and values with a flag other than N are passed over. The same state and the
same batches give the same signals, however the batches are cut; no clock is read. One thread.
Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alerts.detect import over_limit, silence
from alerts.detect.outcomes import NEVER, NOTHING, WHAT
from alerts.rules.book import Rule
from alerts.rules.params import OverLimit
from alerts.settings import AlertsSettings
from alerts.signals import Signal
from hj212d.hub.alerts.judged_keys import (
    AQI_DAY,
    AQI_HOUR,
    NOBODY,
    PERIODS,
    REALTIME,
    JudgedKeys,
)
from hj212d.hub.alerts.judged_kinds import Ground, offline_kind, over_limit_kind
from hj212d.hub.alerts.judged_lane import About, Lane
from hj212d.hub.alerts.judged_values import Values, values_of
from hj212d.hub.columns import Places, Times, microseconds

__all__ = ["Evaluator", "Ground"]

LinkEvent = tuple[str, int, str, int]  # mn, link, "up" or "down", when (UTC us)
MAX_MNS = 300_000
MAX_FACTORS = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -1, 1 << 60  # orders of signals of no row

Named = tuple[str, str, str, datetime]  # rule, subject, factor, began

_Told = tuple[int, int, str, Signal]  # order: row of the table, lane, rule


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
        self._ground = ground
        self._settings = settings
        self._keys = JudgedKeys(max_mns=max_mns, max_factors=max_factors)
        self._over = Lane(over_limit_kind(ground))
        self._offline = Lane(offline_kind())
        self._by_key = [self._over]
        self._by_station = [self._offline]
        self._waiting: list[tuple[Lane, int, str]] = []
        self._pending: list[Signal] = []
        self.set_rules(rules)

    @property
    def refused(self) -> dict[str, int]:
        """What was not judged for want of room: MNs, once for each batch, and factors."""
        return self._keys.refused

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Other rules in force. States of rules that say the same stay; alarms of the others are
        told as over by the next `observe` or `tick`."""
        for lane in self._lanes():
            for row in lane.set_rules(rules):
                self._over_by(lane, row, "the rule changed")
        self._meet_registered()
        self._keys.keys["stale"] = True
        self._keys.stations["stale"] = True

    def forget_limits(self, mns: Collection[str]) -> None:
        """Sites, limits or registrations of these MNs may be different now; empty: of any."""
        numbers = self._keys.numbers
        some = [numbers[mn] for mn in mns if mn in numbers] if mns else range(len(numbers))
        for station in some:
            self._keys.stations["stale"][station] = True
            self._keys.keys["stale"][self._keys.of_station(station)] = True
        self._meet_registered()

    def observe(self, frames: pa.Table, samples: pa.Table, now_us: int) -> list[Signal]:
        """Take in a batch in columns of FRAMES and SAMPLES of store/timeseries.py, in the order of
        the journal; what it says of alarms, in that order. ``now_us``: for ``seen_at``."""
        told = self._frames(frames, now_us)
        told += self._samples(samples, now_us)
        told.sort(key=lambda one: one[:3])
        return [*self._drain(now_us), *(one[3] for one in told)]

    def links(self, events: Iterable[LinkEvent]) -> None:
        """Links that came up or went down, in order; what follows is told by the next `tick`."""
        for mn, _, event, at_us in events:
            station = self._keys.station(mn)
            if station == NOBODY:
                continue
            row = self._keys.stations[station : station + 1]
            if event == "up":
                row["up"] += 1
                row["opened_at"] = at_us
            else:
                row["up"] = max(0, int(row["up"][0]) - 1)
                row["closed_at"] = at_us

    def hours(self, table: pa.Table, now_us: int) -> list[Signal]:
        """Means of hours or days (columns of DERIVED of store/means.py) as they are made."""
        return self._drain(now_us)

    def aqi(self, table: pa.Table, now_us: int) -> list[Signal]:
        """AQI of stations: columns ``mn``, ``start``, ``level`` ("hour" or "day"), ``aqi``."""
        return self._drain(now_us)

    def check(self, now_us: int) -> list[Signal]:
        """The look at :00 and :30 by rules of way "check", at the newest values."""
        return self._drain(now_us)

    def tick(self, now_us: int, up_since_us: int) -> list[Signal]:
        """Look at the clock. ``up_since_us``: since when the platform has heard (and this has
        judged) everything without a pause: silence before does not count."""
        return [*self._drain(now_us), *self._silent(now_us, up_since_us)]

    def active(self) -> list[Named]:
        """The alarms that are not over: rule, subject, factor, began."""
        found = []
        for lane in self._lanes():
            for row in np.flatnonzero(lane.watches.state["active"]).tolist():
                subject, factor = self._named(lane, row)
                since = _moment(int(lane.watches.state["since"][row]))
                found.append((lane.rule_of(row).key, subject, factor, since))
        return sorted(found)

    def adopt(self, alarms: Iterable[Named]) -> list[Named]:
        """Alarms that the registry knows to go on, named as by :meth:`active`: those of them that
        are not active here are from now on, and end as others do. Told are those that no rule
        watches any more: nobody will end them."""
        there = set(self.active())
        return [one for one in alarms if one not in there and not self._adopted(one)]

    def _adopted(self, alarm: Named) -> bool:
        key, subject, factor, began = alarm
        station = self._keys.station(subject.removeprefix("mn:"))
        if station == NOBODY:
            return False
        self._settle_stations()
        for lane in self._lanes():
            rule = next((rule for rule in lane.rules if rule.key == key), None)
            if rule is None:
                continue
            by_station = lane in self._by_station
            things = [station] if by_station else self._keys_of(station, factor, rule)
            for row in (row for thing in things for row in lane.watches.of(thing)):
                if lane.rule_of(row) is rule:
                    lane.watches.state["active"][row] = True
                    lane.watches.state["since"][row] = _microseconds(began)
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
        self._settle_keys(there)
        return [int(one) for one in there]

    def snapshot(self) -> bytes:
        """All that is remembered."""
        return b""

    def restore(self, data: bytes) -> None:
        """What a `snapshot` said, under the rules of now. ValueError, one sentence: it is broken,
        or of another version; nothing is changed then."""

    # Stations

    def _meet_registered(self) -> None:
        registered = self._ground.registered()
        some = [self._keys.station(mn) for mn in registered]
        self._keys.expected = not registered
        self._keys.stations["registered"] = not registered
        self._keys.stations["registered"][[one for one in some if one != NOBODY]] = True

    def _frames(self, frames: pa.Table, now_us: int) -> list[_Told]:
        good = pc.equal(frames["reason"], "ok").to_numpy()
        whose = self._keys.of(frames["mn"])
        row = np.flatnonzero(good & (whose >= 0))
        whose = whose[row]
        received = microseconds(frames["received_at"])[row]
        self._settle_stations()
        stations = self._keys.stations
        np.maximum.at(stations["last_seen"], whose, received)
        np.add.at(stations["frames"], whose, 1)
        return self._back(row, whose, received, now_us)

    def _back(
        self, row: Places, whose: NDArray[np.int64], received: Times, now_us: int
    ) -> list[_Told]:
        """Stations that were silent and are heard again."""
        lane = self._offline
        if not lane.watches.state["active"].any():
            return []
        told: list[_Told] = []
        different, first = np.unique(whose, return_index=True)
        for which, rows in lane.watches.chains(different):
            state, outcome = silence.heard(lane.watches.state[rows])
            for n in np.flatnonzero(outcome).tolist():
                at = first[which[n]]
                signal = self._signal(
                    lane, int(rows[n]), int(outcome[n]), int(received[at]), now_us
                )
                told.append((int(row[at]), 0, signal.rule, signal))
            lane.watches.state[rows] = state
        return told

    def _settle_stations(self) -> None:
        """Ask which rules watch stations of which that is not known."""
        stale = np.flatnonzero(self._keys.stations["stale"])
        if not len(stale):
            return
        gone: dict[str, list[int]] = {lane.kind.name: [] for lane in self._by_station}
        for station in stale.tolist():
            about = self._about(station)
            for lane in self._by_station:
                gone[lane.kind.name] += lane.ask(station, about)
        self._keys.stations["stale"] = False
        for lane in self._by_station:
            self._leave(lane, gone[lane.kind.name])

    def _silent(self, now_us: int, up_since_us: int) -> Iterator[Signal]:
        self._settle_stations()
        lane = self._offline
        watches, stations = lane.watches, self._keys.stations
        if not len(watches):
            return
        rows = np.arange(len(watches))
        whose = watches.thing
        state, outcome = silence.watch(
            watches.state,
            stations["last_seen"][whose],
            stations["frames"][whose],
            stations["registered"][whose],
            now_us,
            up_since_us,
            lane.params(rows),
        )
        watches.state[:] = state
        for row in np.flatnonzero(outcome).tolist():
            yield self._signal(lane, row, int(outcome[row]), int(state["since"][row]), now_us)

    # Values

    def _samples(self, samples: pa.Table, now_us: int) -> list[_Told]:
        values = values_of(samples, self._keys.station, self._keys.factors.number)
        if not len(values.row):
            return []
        key = self._keys.find(values.mn, values.factor, values.period)
        self._settle_keys(key)
        told: list[_Told] = []
        for chosen in _rounds(key):
            told += self._round(key[chosen], chosen, values, now_us)
        return told

    def _round(self, key: Places, chosen: Places, values: Values, now_us: int) -> list[_Told]:
        """One value of each of some different keys."""
        keys = self._keys.keys
        time_us = values.time_us[chosen]
        last = keys["last"][key]
        keys["received"][key] = np.maximum(keys["received"][key], values.received_us[chosen])
        new = values.counts[chosen] & (time_us > last)
        if not new.all():
            key, chosen, time_us = key[new], chosen[new], time_us[new]
        keys["last"][key] = time_us
        value = values.value[chosen]
        keys["value"][key] = value
        keys["samples"][key] += 1
        converted = values.converted[chosen]
        limited = np.where(np.isnan(converted), value, converted)
        return self._step_over(key, limited, time_us, values.row[chosen], now_us)

    def _step_over(
        self,
        key: Places,
        value: NDArray[np.float64],
        time_us: Times,
        row: Places,
        now_us: int,
    ) -> list[_Told]:
        told: list[_Told] = []
        lane = self._over
        for which, rows in lane.watches.chains(key):
            state, outcome = over_limit.step(
                lane.watches.state[rows], value[which], time_us[which], lane.params(rows)
            )
            lane.watches.state[rows] = state
            for n in np.flatnonzero(outcome != NOTHING).tolist():
                at = which[n]
                signal = self._signal(
                    lane, int(rows[n]), int(outcome[n]), int(time_us[at]), now_us, value[at]
                )
                told.append((int(row[at]), 0, signal.rule, signal))
        return told

    def _settle_keys(self, key: Places) -> None:
        keys = self._keys.keys
        stale = np.unique(key[keys["stale"][key]])
        if not len(stale):
            return
        gone: dict[str, list[int]] = {lane.kind.name: [] for lane in self._by_key}
        for row in stale.tolist():
            station, factor, period = keys[["station", "factor", "period"]][row].tolist()
            about = self._about(station, self._keys.factors[factor], period)
            for lane in self._by_key:
                gone[lane.kind.name] += lane.ask(row, about)
        keys["stale"][stale] = False
        for lane in self._by_key:
            self._leave(lane, gone[lane.kind.name])

    # What all share

    def _lanes(self) -> list[Lane]:
        return [*self._by_key, *self._by_station]

    def _about(self, station: int, factor: str = "", period: int = -1) -> About:
        mn = self._keys.mns[station]
        return About(mn, self._ground.region(mn), self._ground.medium(mn), factor, period)

    def _leave(self, lane: Lane, rows: Sequence[int]) -> None:
        """Watches that no rule wants any more."""
        if not rows:
            return
        for row in rows:
            if lane.watches.state["active"][row]:
                self._over_by(lane, row, "the rule is not about it any more")
        kept = np.ones(len(lane.watches), np.bool_)
        kept[list(rows)] = False
        lane.watches.keep(kept)

    def _over_by(self, lane: Lane, row: int, why: str) -> None:
        subject, factor = self._named(lane, row)
        rule = lane.rule_of(row)
        began = _moment(int(lane.watches.state["since"][row]))
        self._pending.append(
            Signal(
                rule=rule.key,
                kind=rule.kind,
                subject=subject,
                factor=factor,
                what="cleared",
                began=began,
                at=began,
                seen_at=began,
                detail={"why": why},
            )
        )

    def _drain(self, now_us: int) -> list[Signal]:
        """What was over before anybody asked."""
        now = _moment(now_us)
        pending, self._pending = self._pending, []
        return [_dated(one, now) for one in pending]

    def _named(self, lane: Lane, row: int) -> tuple[str, str]:
        """Subject and factor of a watch."""
        thing = int(lane.watches.thing[row])
        if lane in self._by_station:
            return f"mn:{self._keys.mns[thing]}", ""
        key = self._keys.keys[thing]
        return f"mn:{self._keys.mns[key['station']]}", self._keys.factors[int(key["factor"])]

    def _signal(
        self,
        lane: Lane,
        row: int,
        outcome: int,
        at_us: int,
        now_us: int,
        value: float | None = None,
    ) -> Signal:
        subject, factor = self._named(lane, row)
        rule = lane.rule_of(row)
        state = lane.watches.state[row]
        limit = None
        if lane is self._over:
            above = value is not None and not value < state["low"]
            limit = float(state["high"] if above else state["low"])
        period = ""
        if lane in self._by_key:
            period = PERIODS[int(self._keys.keys["period"][int(lane.watches.thing[row])])]
        return Signal(
            rule=rule.key,
            kind=rule.kind,
            subject=subject,
            factor=factor,
            what=WHAT[outcome],  # type: ignore[arg-type]
            began=_moment(int(state["since"])),
            at=_moment(at_us),
            seen_at=_moment(now_us),
            value=None if value is None else float(value),
            limit=limit,
            unit=self._ground.unit(subject[3:], factor) if factor else "",
            detail={"period": period} if period else {},
        )


def _rounds(key: Places) -> Iterator[Places]:
    """Rows of which each key has one, in the order of the rows of a key."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    if len(begins) == len(key):
        inside = np.flatnonzero(key != NOBODY)
        yield inside
        return
    nth = np.arange(len(key)) - np.repeat(begins, np.diff(np.append(begins, len(key))))
    for turn in range(int(nth.max()) + 1):
        chosen = order[nth == turn]
        yield np.sort(chosen[key[chosen] != NOBODY])


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=0 if time_us == NEVER else time_us)


def _period_of(rule: Rule) -> int:
    """Of what a rule judges the values."""
    params = rule.params
    if not isinstance(params, OverLimit):
        return REALTIME
    if params.by == "aqi":
        return AQI_DAY if params.period == "day" else AQI_HOUR
    return PERIODS.index(params.period)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _dated(signal: Signal, now: datetime) -> Signal:
    fields: dict[str, Any] = {name: getattr(signal, name) for name in signal.__struct_fields__}
    return Signal(**(fields | {"at": max(now, signal.began), "seen_at": now}))
