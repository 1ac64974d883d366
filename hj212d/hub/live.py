"""What is known right now: the latest value per (mn, factor) and when each station last spoke.

Fed with every batch that the store has taken and rebuilt from the store at start; holds no clock,
the caller says what time it is. Everything is in columns (known.py, latest.py), so that a sample
costs a fraction of a microsecond and a value some 45 bytes, and bounded: above ``max_mns``
stations, or ``max_factors`` of one station, new ones are counted in ``refused`` and not kept.
One thread feeds it, any may look; whoever looks at rows may wait for a batch that is being taken
in, `summary` and `refused` wait for nothing. Tests: tests/hub/test_live.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alerts.presence import online, presence
from hj212d.hub.known import Known
from hj212d.hub.latest import Latest, Reading
from hj212d.hub.times import iso
from store.timeseries import Batch

# Nobody waits longer than for so many rows.
_ROWS_AT_ONCE = 50_000


class Picture:
    """Stations and their values at one moment; exchanged as a whole by a rebuild."""

    def __init__(self, *, max_mns: int, max_factors: int) -> None:
        self.known = Known(max_mns=max_mns)
        self.latest = Latest(max_factors=max_factors)
        self.factors_refused = 0

    def note_samples(self, samples: pa.Table) -> None:
        """Take in samples, stations that nobody knows included."""
        stations = self.known.stations(samples["mn"])
        theirs = stations >= 0
        if not theirs.all():
            stations, samples = stations[theirs], samples.filter(theirs)
        self.factors_refused += self.latest.fold(stations, samples)


class Facts(msgspec.Struct, frozen=True):
    """All stations of one moment, in order of first appearance, with what a list is sorted by.

    ``mns`` is longer once stations come; the columns are not. A rebuild makes another list.
    """

    mns: Sequence[str]
    last_seen: NDArray[np.int64]  # NO_TIME: never
    frames: NDArray[np.int64]
    bad: NDArray[np.int64]


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
        self._picture = self._empty()
        self._lock = Lock()
        self._unregistered = _Unregistered()

    @property
    def refused(self) -> dict[str, int]:
        """What was not kept for want of room: MNs, once for each batch, and factors."""
        picture = self._picture
        return {"mns": picture.known.refused, "factors": picture.factors_refused}

    def rebuild(self, devices: pa.Table, latest: pa.Table, counts: pa.Table) -> None:
        """Start from what the store knows: its ``devices()``, ``latest()`` and ``counts()``."""
        fresh = self._empty()
        fresh.known.note_devices(devices)
        for samples in _pieces(latest):
            fresh.note_samples(samples)
        fresh.known.note_counts(counts)
        # What the work on large tables took is not needed again soon.
        pa.default_memory_pool().release_unused()
        # At once, so that nobody sees a half picture.
        with self._lock:
            self._picture = fresh

    def observe(self, batch: Batch) -> None:
        """Take in a batch that the store has committed."""
        picture = self._picture
        for frames in _pieces(batch.frames):
            with self._lock:
                picture.known.note_frames(frames)
        for samples in _pieces(batch.samples):
            with self._lock:
                picture.note_samples(samples)
        for counts in _pieces(batch.counts):
            with self._lock:
                picture.known.note_counts(counts)

    def station(self, mn: str, now_us: int) -> dict[str, Any] | None:
        """One station as the page shows it, None when nothing is known of it."""
        return self.rows([mn], now_us)[0] if mn in self._picture.known.numbers else None

    def rows(self, mns: Sequence[str], now_us: int) -> list[dict[str, Any]]:
        """Stations as the page shows them, in the order given, those never heard of included.

        Holds up whoever feeds: a few thousand at once.
        """
        with self._lock:
            known, latest = self._picture.known, self._picture.latest
            heard = [mn for mn in mns if mn in known.numbers]
            stations = np.array([known.numbers[mn] for mn in heard], np.intp)
            found = known.rows(stations)
            factors = latest.counts(stations)
        for row, count in zip(found, factors, strict=True):
            row["factors"] = count
        facts = dict(zip(heard, found, strict=True))
        return [self._row(mn, facts.get(mn), now_us) for mn in mns]

    def readings(self, mn: str) -> list[dict[str, Any]]:
        """Latest values of one station, in order of factor."""
        with self._lock:
            picture = self._picture
            station = picture.known.numbers.get(mn)
            found = [] if station is None else picture.latest.of(station)
        return [_reading_row(mn, reading) for reading in found]

    def facts(self) -> Facts:
        """All stations of this moment."""
        with self._lock:
            known = self._picture.known
            return Facts(known.mns, *map(known.column, ("last_seen", "frames", "bad")))

    def online(self, last_seen: NDArray[np.int64], now_us: int) -> NDArray[np.bool_]:
        """Who of them is online."""
        return online(last_seen, now_us, self.offline_after_s)

    def summary(self, now_us: int, registered: frozenset[str] = frozenset()) -> dict[str, int]:
        """How many stations are known, online, offline, and heard of without being registered.

        Event loop only.
        """
        heard = self._picture.known
        unregistered = self._unregistered.count(heard.mns, registered)
        known = len(registered) + unregistered
        are_online = int(self.online(heard.last_seen, now_us).sum())
        return {
            "known": known,
            "online": are_online,
            "offline": known - are_online,
            "unregistered": unregistered,
        }

    def _row(self, mn: str, facts: dict[str, Any] | None, now_us: int) -> dict[str, Any]:
        facts = _SILENT if facts is None else facts
        return {
            "mn": mn,
            "st": facts["st"],
            "version": facts["version"],
            "state": presence(facts["last_seen"], now_us, self.offline_after_s),
            "first_seen": iso(facts["first_seen"]),
            "last_seen": iso(facts["last_seen"]),
            "last_data_time": iso(facts["last_data_time"]),
            "frames": facts["frames"],
            "duplicates": facts["duplicates"],
            "bad": facts["bad"],
            "reasons": dict(facts["reasons"]),
            "repairs": dict(facts["repairs"]),
            "factors": facts["factors"],
        }

    def _empty(self) -> Picture:
        return Picture(max_mns=self._max_mns, max_factors=self._max_factors)


class _Unregistered:
    """Counts MNs that are not registered; looks at each once, however often it is asked."""

    def __init__(self) -> None:
        self._mns: Sequence[str] = ()
        self._registered: frozenset[str] = frozenset()
        self._looked_at = 0
        self._found = 0

    def count(self, mns: Sequence[str], registered: frozenset[str]) -> int:
        """How many of ``mns``, a list that grows, are not in ``registered``."""
        if mns is not self._mns or registered is not self._registered:
            self._mns, self._registered = mns, registered
            self._looked_at = self._found = 0
        end = len(mns)
        self._found += sum(mn not in registered for mn in mns[self._looked_at : end])
        self._looked_at = end
        return self._found


_SILENT: dict[str, Any] = {
    "st": "",
    "version": "",
    "first_seen": None,
    "last_seen": None,
    "last_data_time": None,
    "frames": 0,
    "duplicates": 0,
    "bad": 0,
    "reasons": {},
    "repairs": {},
    "factors": 0,
}


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        yield table.slice(start, _ROWS_AT_ONCE)


def _reading_row(mn: str, reading: Reading) -> dict[str, Any]:
    return {
        "mn": mn,
        "factor": reading.factor,
        "period": reading.period,
        "data_time": iso(reading.data_time_us),
        "received_at": iso(reading.received_us),
        "column": reading.column,
        "value": reading.value,
        "flag": reading.flag,
        "extra": reading.extra,
    }
