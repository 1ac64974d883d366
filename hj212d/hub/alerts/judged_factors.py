"""What is judged of factors of stations: limits, values that stand still, swing, drift or are
missing. Who their neighbours are is judged_neighbours.py's.

Tests: tests/hub/alerts/test_evaluator.py, test_evaluator_factors.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alerts.detect import drift, missing, over_limit, stuck, swing
from alerts.detect.neighbours import medians
from alerts.detect.outcomes import CHANGED, CLEARED, NEVER, NOTHING, S_US, Outcomes, State
from alerts.detect.records import put, taken
from alerts.rules.params import OverLimit
from aqi.noise.statistics import is_day
from aqi.standards import levels
from hj212d.hub.alerts import arrivals
from hj212d.hub.alerts.judged_apart import Apart
from hj212d.hub.alerts.judged_keys import (
    AQI_DAY,
    AQI_HOUR,
    MINUTE,
    NOBODY,
    JudgedKeys,
)
from hj212d.hub.alerts.judged_kinds import (
    Ground,
    drift_kind,
    missing_kind,
    over_limit_kind,
    stuck_kind,
    swing_kind,
)
from hj212d.hub.alerts.judged_lane import About, Lane
from hj212d.hub.alerts.judged_neighbours import Neighbourhood
from hj212d.hub.alerts.judged_rounds import rounds
from hj212d.hub.alerts.judged_stations import leave
from hj212d.hub.alerts.judged_telling import Said, Teller, Told
from hj212d.hub.alerts.judged_values import Values
from hj212d.hub.alerts.moments import aware
from hj212d.hub.columns import Places, Times

# A neighbour's newest shift that is older says nothing of now.
FRESH_US = 3600 * S_US
_MISSING_EVERY_MIN = 5
_HOUR_US = 3600 * S_US
_BEIJING_US = 8 * _HOUR_US
_PAUSE = 3.0  # intervals
_LEVEL_TOPS = np.array([one.top for one in levels()], np.float64)

Floats = NDArray[np.float64]
Step = Callable[[State, Floats, Times, State], tuple[State, Outcomes]]


class Round(NamedTuple):
    """One value each of some different keys. ``row``: of its table; ``paused``: nothing came for
    some intervals before; ``converted``: at the reference oxygen, nan: none."""

    key: Places
    value: Floats
    time_us: Times
    row: Places
    paused: NDArray[np.bool_]
    converted: Floats
    table: pa.Table | None = None


class FactorJudge:
    """Lanes of keys."""

    def __init__(self, keys: JudgedKeys, ground: Ground, teller: Teller, apart: Apart) -> None:
        self.over = Lane(over_limit_kind(ground))
        self.stuck = Lane(stuck_kind())
        self.swing = Lane(swing_kind())
        self.drift = Lane(drift_kind())
        self.missing = Lane(missing_kind())
        self.lanes = [self.over, self.stuck, self.swing, self.drift, self.missing]
        self.near = Neighbourhood(keys, ground)
        self._keys = keys
        self._ground = ground
        self._teller = teller
        self._apart = apart

    def settle(self, key: Places) -> None:
        """Ask which rules watch keys of which that is not known."""
        keys = self._keys.keys
        stale = np.unique(key[keys["stale"][key]])
        if not len(stale):
            return
        gone: list[list[int]] = [[] for _ in self.lanes]
        stations: dict[int, tuple[str, str, str]] = {}
        columns = (keys[name][stale].tolist() for name in ("station", "factor", "period"))
        for row, station, factor, period in zip(stale.tolist(), *columns, strict=True):
            place = stations.get(station)
            if place is None:
                mn = self._keys.mns[station]
                place = stations[station] = (mn, self._ground.region(mn), self._ground.medium(mn))
            about = About(*place, self._keys.factors[factor], period)
            for lane, rows in zip(self.lanes, gone, strict=True):
                rows += lane.ask(row, about, self._apart.failed)
        keys["stale"][stale] = False
        for lane, rows in zip(self.lanes, gone, strict=True):
            leave(lane, rows, self._teller)

    def values(self, values: Values, table: pa.Table) -> Iterator[Told]:
        """Samples in the order in which they came."""
        key = self._keys.find(values.mn, values.factor, values.period)
        self.settle(key[key != NOBODY])
        for chosen in rounds(key):
            yield from self._live(key[chosen], chosen, values, table)

    def means(self, given: Round) -> Iterator[Told]:
        """Means or indexes of one period, one of each key, all later than what was before."""
        self.settle(given.key)
        new = given.time_us > self._keys.keys["last"][given.key]
        given = _some(given, new)
        self._keys.keys["last"][given.key] = given.time_us
        yield from self._apart.keys(self.over, given.key, partial(self._limits, given))

    def look(self, minute: int) -> Iterator[Told]:
        """Each minute of what is received (number since 1970)."""
        at_us = minute * 60 * S_US
        watched = self.swing.watches.state
        rows = np.flatnonzero(watched["waiting"] | watched["active"])
        if len(rows):
            yield from self._apart.rows(self.swing, rows, rows, partial(self._swings, at_us))
        if minute % _MISSING_EVERY_MIN == 0:
            rows = np.arange(len(self.missing.watches))
            yield from self._apart.rows(self.missing, rows, rows, partial(self._missing, at_us))

    def hour_over(self, hour: int, at_us: int) -> Iterator[Told]:
        """Drift of an hour (number since 1970) that is over."""
        rows = np.flatnonzero(np.isfinite(drift.means(self.drift.watches.state, hour)))
        step = partial(self._drifts, hour, at_us)
        yield from self._apart.rows(self.drift, rows, rows, step)

    def _drifts(
        self, hour: int, at_us: int, _which: Places, rows: Places, before: State
    ) -> Iterator[Told]:
        lane = self.drift
        watches = lane.watches
        means = drift.means(watches.state, hour)
        params = lane.params(rows)
        others = self.near.rows(lane, rows, params["radius_km"])
        theirs = np.where(others == NOBODY, np.nan, means[others])
        medians_of = medians(theirs, params["least_neighbours"])
        times = np.full(len(rows), hour * drift.HOUR_US)
        state, outcome = drift.step(before, means[rows], medians_of, times, params)
        watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            ratio = float(np.exp(state["move"][n]))
            said = Said(
                at_us,
                value=round(ratio, 3),
                unit="",
                detail={
                    "ratio_moved": round(ratio, 3),
                    "window_days": int(params["window_days"][n]),
                    "neighbours": int((others[n] != NOBODY).sum()),
                },
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _live(
        self, key: Places, chosen: Places, values: Values, table: pa.Table
    ) -> Iterator[Told]:
        facts = taken(self._keys.keys, key)
        time_us = values.time_us[chosen]
        facts["samples"] += 1
        received_us = values.received_us[chosen]
        news, time_us = arrivals.news(facts, time_us, received_us)
        facts["received"] = np.maximum(facts["received"], received_us)
        new = values.counts[chosen] & news
        first = facts["last"] == NEVER
        passed_s = np.where(first, 0.0, time_us - np.where(first, time_us, facts["last"])) / S_US
        paused = passed_s > _PAUSE * np.maximum(facts["interval_s"], 1.0)
        interval_s = missing.interval_s(facts["interval_s"].astype(np.float64), passed_s)
        value = values.value[chosen]
        facts["interval_s"] = np.where(new & ~first, interval_s, facts["interval_s"])
        facts["last"] = np.where(new, time_us, facts["last"])
        put(self._keys.keys, key, facts)
        if not new.any():
            return
        converted = values.converted[chosen]
        every = Round(key, value, time_us, values.row[chosen], paused, converted, table)
        fresh = _some(every, new)
        yield from self._apart.keys(self.over, fresh.key, partial(self._limits, fresh))
        plain = _some(every, new & ~facts["finer"])
        yield from self._apart.keys(self.stuck, plain.key, partial(self._stuck, plain))
        yield from self._apart.keys(self.swing, plain.key, partial(self._past, plain))
        self._apart.keys(self.drift, plain.key, partial(self._hourly, plain))

    def _hourly(self, given: Round, which: Places, rows: Places, before: State) -> list[Told]:
        """Sums of hours, of which drift is found."""
        self.drift.watches.put(rows, drift.take(before, given.value[which], given.time_us[which]))
        return []

    def _limits(self, given: Round, which: Places, rows: Places, before: State) -> Iterator[Told]:
        lane = self.over
        values = over_limit.fitting(before, given.value[which], given.converted[which])
        there = np.isfinite(values)
        if not there.all():
            which, rows, values = which[there], rows[there], values[there]
            before = lane.watches.get(rows)
        times = given.time_us[which]
        converted = values == given.converted[which]
        values = over_limit.rounded(before, values)
        before = over_limit.by_hour(before, _dark(times))
        state, outcome = over_limit.step(before, values, times, lane.params(rows))
        self._grade(given.key[which], before, state, outcome)
        lane.watches.put(rows, state)
        for n in np.flatnonzero(outcome != NOTHING).tolist():
            value, at = float(values[n]), int(which[n])
            detail = {"at_reference_o2": True} if converted[n] else {}
            yield self._limit_told(int(rows[n]), int(outcome[n]), value, given, at, detail)

    def _grade(self, key: Places, before: State, state: State, outcome: Outcomes) -> None:
        """An index that reached another level is told at once."""
        period = self._keys.keys["period"][key]
        graded = (period == AQI_HOUR) | (period == AQI_DAY)
        if not graded.any():
            return
        worse = np.searchsorted(_LEVEL_TOPS, state["worst"]) > np.searchsorted(
            _LEVEL_TOPS, before["told"]
        )
        tell = graded & before["active"] & state["active"] & worse & (outcome == NOTHING)
        outcome[tell] = CHANGED
        state["told"][tell] = state["worst"][tell]

    def _limit_told(
        self, row: int, outcome: int, value: float, given: Round, at: int, more: dict[str, Any]
    ) -> Told:
        lane = self.over
        state = lane.watches.state[row]
        params = lane.rule_of(row).params
        assert isinstance(params, OverLimit)
        worst = value if np.isnan(state["worst"]) else float(state["worst"])
        above = np.isnan(state["low"]) or worst > state["high"]
        limit = float(state["high"] if above else state["low"])
        severity, unit = "", params.unit or None
        if params.by == "aqi":
            unit = ""
            severity = params.severity_at(int(np.searchsorted(_LEVEL_TOPS, worst)) + 1)
        said = Said(
            int(given.time_us[at]),
            int(given.row[at]),
            value=value if outcome == CLEARED else worst,
            limit=limit,
            severity=severity,
            unit=unit,
            detail={
                "samples": int(state["samples"]),
                **more,
                **_evidence(given, at),
            },
        )
        return self._teller.told(lane, row, outcome, said)

    def _stuck(self, given: Round, which: Places, rows: Places, before: State) -> Iterator[Told]:
        lane = self.stuck
        state, outcome = stuck.step(
            before, given.value[which], given.time_us[which], lane.params(rows)
        )
        lane.watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            at = int(which[n])
            run = before[n] if outcome[n] == CLEARED else state[n]
            said = Said(
                int(given.time_us[at]),
                int(given.row[at]),
                value=float(run["value"]),
                detail={
                    "samples": int(run["samples"]),
                    "unchanged_s": int((run["last"] - run["begun"]) // S_US),
                    "usual_s": round(float(run["usual_s"])),
                    **_evidence(given, at),
                },
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _past(self, given: Round, which: Places, rows: Places, before: State) -> Iterator[Told]:
        """Each value against its own past."""
        lane = self.swing
        state, outcome = swing.step(
            before,
            given.value[which],
            given.time_us[which],
            given.paused[which],
            lane.params(rows),
        )
        lane.watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            at = int(which[n])
            said = Said(
                int(given.time_us[at]),
                int(given.row[at]),
                value=float(given.value[at]),
                limit=round(float(state["centre"][n]), 4),
                detail=_evidence(given, at),
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _swings(self, at_us: int, _which: Places, rows: Places, before: State) -> Iterator[Told]:
        """What is far out, and alarms, against the neighbours."""
        lane = self.swing
        watches = lane.watches
        params = lane.params(rows)
        others = self.near.rows(lane, rows, params["radius_km"])
        theirs = watches.get(others)
        newest = self._keys.keys["last"][watches.thing]
        there = (others != NOBODY) & (newest[others] >= at_us - FRESH_US)
        there &= theirs["samples"] >= params["least_samples"][:, None]
        least = params["least_neighbours"]
        shift_z = medians(np.where(there, theirs["z"], np.nan), least)
        shift_share = medians(np.where(there, theirs["share"], np.nan), least)
        state, outcome = swing.confirm(before, shift_z, shift_share, params)
        watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            one = state[n]
            said = Said(
                int(newest[rows[n]]),
                value=float(one["peak"]),
                limit=round(float(one["centre"]), 4),
                detail={
                    "z": round(float(one["peak_z"]), 1),
                    "neighbours": int(there[n].sum()),
                    "neighbours_z": None if np.isnan(shift_z[n]) else round(float(shift_z[n]), 1),
                    **({"why": "the neighbours moved too"} if outcome[n] == CLEARED else {}),
                },
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)

    def _missing(self, at_us: int, _which: Places, rows: Places, before: State) -> Iterator[Told]:
        lane = self.missing
        watches = lane.watches
        keys = taken(self._keys.keys, watches.thing[rows])
        state, outcome = missing.watch(
            before,
            keys["received"],
            keys["interval_s"].astype(np.float64),
            keys["samples"],
            self._keys.stations["data_received"][keys["station"]],
            lane.params(rows),
        )
        hidden = (keys["period"] == MINUTE) & keys["finer"]
        outcome[hidden] = NOTHING
        for name in ("active", "since"):
            state[name][hidden] = before[name][hidden]
        watches.put(rows, state)
        for n in np.flatnonzero(outcome).tolist():
            received = int(keys["received"][n])
            said = Said(
                received if outcome[n] == CLEARED else at_us,
                unit="",
                detail={"last_seen": aware(received).isoformat()},
            )
            yield self._teller.told(lane, int(rows[n]), int(outcome[n]), said)


def _some(given: Round, wanted: NDArray[np.bool_]) -> Round:
    if wanted.all():
        return given
    return Round._make((*(column[wanted] for column in given[:6]), given.table))


def _dark(times: Times) -> NDArray[np.bool_]:
    """Which of some moments are of the night, as noise has it."""
    found: NDArray[np.bool_] = ~is_day((times + _BEIJING_US) // _HOUR_US % 24)
    return found


def _evidence(given: Round, at: int) -> Mapping[str, Any]:
    """Where the value stands in the journal."""
    if given.table is None:
        return {}
    row = int(given.row[at])
    place = {name: given.table[name][row].as_py() for name in ("lane", "position")}
    received = given.table["received_at"].cast(pa.int64())[row].as_py()
    return {**place, "received_at": aware(received).isoformat()}
