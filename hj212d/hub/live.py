"""What is known right now: the latest value per (mn, factor) and when each station last spoke.

Fed with every batch that the store has taken and rebuilt from the store at start; holds no clock,
the caller says what time it is. Bounded: above ``max_mns`` stations, or ``max_factors`` of one
station, new ones are counted in ``refused`` and not kept. One thread feeds it, any may look:
whoever looks copies a dictionary in one step of the interpreter and waits for nobody.
Tests: tests/hub/test_live.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from sys import intern
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from alerts.presence import Presence, presence
from hj212d.hub.times import iso
from store.timeseries import Batch

# Where the one number of a row stands, in order of preference.
VALUE_COLUMNS = ("rtd", "avg", "cou", "data", "day_data", "night_data", "rs", "rt", "max", "min")
PLAIN_COLUMNS = ("flag", "e_flag", "extra")
EXTRA_LIMIT = 200
COUNTED = ("reason", "repair")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """The latest row of one factor, cut down to one number."""

    data_time_us: int
    received_us: int
    period: str
    column: str
    value: float | None
    flag: str
    extra: str

    @property
    def order(self) -> tuple[int, int]:
        """Newest last. A clock that runs ahead does not outrank what is received later."""
        return min(self.data_time_us, self.received_us), self.received_us


class Station(msgspec.Struct, gc=False):
    """What is known of one MN."""

    st: str = ""
    version: str = ""
    first_seen_us: int | None = None
    last_seen_us: int | None = None
    last_data_time_us: int | None = None
    frames: int = 0
    duplicates: int = 0
    bad: int = 0
    counts: dict[str, dict[str, int]] = {}
    readings: dict[str, Reading] = {}


class Live:
    """The live picture. Times are UTC microseconds since 1970."""

    def __init__(
        self,
        *,
        offline_after_s: float,
        max_mns: int,
        max_factors: int,
    ) -> None:
        self.offline_after_s = offline_after_s
        self._max_mns = max_mns
        self._max_factors = max_factors
        self._stations: dict[str, Station] = {}
        self.refused = {"mns": 0, "factors": 0}

    def rebuild(self, devices: pa.Table, latest: pa.Table, counts: pa.Table) -> None:
        """Start from what the store knows: its ``devices()``, ``latest()`` and ``counts()``."""
        fresh = Live(
            offline_after_s=self.offline_after_s,
            max_mns=self._max_mns,
            max_factors=self._max_factors,
        )
        fresh._note_devices(devices)
        fresh._note_samples(latest)
        fresh._note_counts(counts)
        # At once, so that nobody sees a half picture.
        self._stations, self.refused = fresh._stations, fresh.refused

    def observe(self, batch: Batch) -> None:
        """Take in a batch that the store has committed."""
        self._note_frames(batch.frames)
        self._note_samples(batch.samples)
        self._note_counts(batch.counts)

    def station(self, mn: str, now_us: int) -> dict[str, Any] | None:
        """One station as the page shows it, None when nothing is known of it."""
        station = self._stations.get(mn)
        return None if station is None else self._row(mn, station, now_us)

    def stations(self, now_us: int, registered: Iterable[str] = ()) -> list[dict[str, Any]]:
        """All stations in order of MN, those registered but never heard of among them."""
        mns = set(self._stations).union(registered)
        silent = Station()
        return [self._row(mn, self._stations.get(mn, silent), now_us) for mn in sorted(mns)]

    def readings(self, mn: str | None = None) -> list[dict[str, Any]]:
        """Latest values of one station, or of all, in order of MN and factor."""
        if mn is None:
            chosen = sorted(self._stations.items())
        else:
            chosen = [(mn, self._stations[mn])] if mn in self._stations else []
        return [
            _reading_row(name, factor, reading)
            for name, station in chosen
            for factor, reading in sorted(station.readings.items())
        ]

    def summary(self, now_us: int, registered: frozenset[str] = frozenset()) -> dict[str, int]:
        """How many stations are known, online, offline, and heard of without being registered."""
        online = sum(
            1
            for station in list(self._stations.values())
            if self._presence(station, now_us) == "online"
        )
        known = len(registered.union(self._stations))
        unregistered = len(self._stations.keys() - registered)
        return {
            "known": known,
            "online": online,
            "offline": known - online,
            "unregistered": unregistered,
        }

    def _presence(self, station: Station, now_us: int) -> Presence:
        return presence(station.last_seen_us, now_us, self.offline_after_s)

    def _row(self, mn: str, station: Station, now_us: int) -> dict[str, Any]:
        return {
            "mn": mn,
            "st": station.st,
            "version": station.version,
            "state": self._presence(station, now_us),
            "first_seen": iso(station.first_seen_us),
            "last_seen": iso(station.last_seen_us),
            "last_data_time": iso(station.last_data_time_us),
            "frames": station.frames,
            "duplicates": station.duplicates,
            "bad": station.bad,
            "reasons": dict(station.counts.get("reason", {})),
            "repairs": dict(station.counts.get("repair", {})),
            "factors": len(station.readings),
        }

    def _open(self, mn: str) -> Station | None:
        """The station of an MN, made when new; None when there is no room or no MN."""
        if not mn:
            return None
        station = self._stations.get(mn)
        if station is None:
            if len(self._stations) >= self._max_mns:
                self.refused["mns"] += 1
                return None
            station = self._stations[mn] = Station()
        return station

    def _note_devices(self, devices: pa.Table) -> None:
        columns = (
            devices["mn"].to_pylist(),
            devices["st"].to_pylist(),
            devices["version"].to_pylist(),
            _microseconds(devices["first_seen"]),
            _microseconds(devices["last_seen"]),
            _microseconds(devices["last_data_time"]),
        )
        for mn, st, version, first_us, last_us, data_us in zip(*columns, strict=True):
            station = self._open(mn)
            if station is not None:
                station.st = st or ""
                station.version = version or ""
                station.first_seen_us = first_us
                station.last_seen_us = last_us
                station.last_data_time_us = data_us

    def _note_frames(self, frames: pa.Table) -> None:
        columns = (
            frames["mn"].to_pylist(),
            frames["reason"].to_pylist(),
            frames["st"].to_pylist(),
            frames["version"].to_pylist(),
            _microseconds(frames["received_at"]),
            _microseconds(frames["data_time"]),
        )
        for mn, reason, st, version, received_us, data_us in zip(*columns, strict=True):
            if reason != "ok":
                continue
            station = self._open(mn)
            if station is None:
                continue
            station.st = st or station.st
            station.version = version or station.version
            station.first_seen_us = _least(station.first_seen_us, received_us)
            station.last_seen_us = _most(station.last_seen_us, received_us)
            station.last_data_time_us = _most(station.last_data_time_us, data_us)

    def _note_samples(self, samples: pa.Table) -> None:
        samples = _newest(samples)
        values = [samples[name].to_pylist() for name in VALUE_COLUMNS]
        columns = (
            samples["mn"].to_pylist(),
            samples["factor"].to_pylist(),
            samples["period"].to_pylist(),
            _microseconds(samples["data_time"]),
            _microseconds(samples["received_at"]),
            *(samples[name].to_pylist() for name in PLAIN_COLUMNS),
        )
        for at, row in enumerate(zip(*columns, strict=True)):
            mn, factor, period, data_us, received_us, flag, e_flag, extra = row
            station = self._open(mn)
            if station is None:
                continue
            known = station.readings.get(factor)
            order = min(data_us, received_us), received_us
            if known is None and len(station.readings) >= self._max_factors:
                self.refused["factors"] += 1
                continue
            if known is not None and known.order > order:
                continue
            column, value = next(
                (
                    (name, column[at])
                    for name, column in zip(VALUE_COLUMNS, values, strict=True)
                    if column[at] is not None
                ),
                ("", None),
            )
            # The same few words for every station: kept once.
            station.readings[intern(factor)] = Reading(
                data_us,
                received_us,
                intern(period),
                column,
                value,
                intern(flag or e_flag or ""),
                (extra or "")[:EXTRA_LIMIT],
            )

    def _note_counts(self, counts: pa.Table) -> None:
        columns = (counts[name].to_pylist() for name in ("mn", "what", "name", "n"))
        for mn, what, name, n in zip(*columns, strict=True):
            station = self._open(mn)
            if station is None:
                continue
            if what == "frames":
                station.frames += n
            elif what == "duplicates":
                station.duplicates += n
            elif what in COUNTED:
                if what == "reason" and name != "ok":
                    station.bad += n
                named = station.counts.setdefault(what, {})
                named[name] = named.get(name, 0) + n


def _newest(samples: pa.Table) -> pa.Table:
    """The newest row per (mn, factor), by the order of `Reading`.

    Arrow does it without holding the interpreter: rows of many minutes in one batch would
    otherwise make the event loop wait.
    """
    if samples.num_rows < 2:
        return samples
    received = samples["received_at"]
    order = pc.min_element_wise(samples["data_time"], received)
    ranked = pc.sort_indices(
        pa.table({"order": order, "received": received}),
        sort_keys=[("order", "ascending"), ("received", "ascending")],
    )
    keyed = samples.select(["mn", "factor"]).take(ranked).append_column("at", ranked)
    groups = keyed.group_by(["mn", "factor"], use_threads=False)
    return samples.take(groups.aggregate([("at", "last")])["at_last"])


def _reading_row(mn: str, factor: str, reading: Reading) -> dict[str, Any]:
    return {
        "mn": mn,
        "factor": factor,
        "period": reading.period,
        "data_time": iso(reading.data_time_us),
        "received_at": iso(reading.received_us),
        "column": reading.column,
        "value": reading.value,
        "flag": reading.flag,
        "extra": reading.extra,
    }


def _microseconds(column: pa.ChunkedArray) -> list[Any]:
    numbers: list[Any] = column.cast(pa.int64()).to_pylist()
    return numbers


def _least(known: int | None, new: int | None) -> int | None:
    if known is None or new is None:
        return new if known is None else known
    return min(known, new)


def _most(known: int | None, new: int | None) -> int | None:
    if known is None or new is None:
        return new if known is None else known
    return max(known, new)
