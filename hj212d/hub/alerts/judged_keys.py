"""Stations, and factors of stations by period, as rows that keep their numbers; what every
detector needs to know of them stands in their columns.

Bounded: above ``max_mns`` stations, or ``max_factors`` rows of one station, new ones are counted
in ``refused`` and not judged. Not for several threads. Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER
from alerts.detect.records import copied, put, taken
from alerts.detect.watches import roomier
from hj212d.hub.columns import Places
from hj212d.hub.keyed import Keyed
from hj212d.hub.words import Numbers, Words, numbered

NOBODY = -1
# What a row is about, beside its factor. "aqi" rows have the factor ""; "night" is that of a day.
PERIODS = ("realtime", "minute", "hour", "day", "aqi-hour", "aqi-day", "night")
REALTIME, MINUTE, HOUR, DAY, AQI_HOUR, AQI_DAY, NIGHT = range(len(PERIODS))

# ``last``: order time of the newest value; NEVER: none. ``received``: of the newest sample
# with any flag. ``interval_s``: usual distance of samples. ``stale``: who watches it is to be
# asked again. ``finer``: there is a row of the same factor with a finer period. ``odd_time``,
# ``odd_received``: data time and receipt of the last value that was late or no news, NEVER when
# one came since that was neither; ``odd_since``: from which receipt on these come steadily.
KEY = np.dtype(
    [
        ("last", "i8"),
        ("received", "i8"),
        ("odd_time", "i8"),
        ("odd_received", "i8"),
        ("odd_since", "i8"),
        ("interval_s", "f4"),
        ("samples", "i4"),
        ("station", "i4"),
        ("factor", "i4"),
        ("period", "i1"),
        ("stale", "?"),
        ("finer", "?"),
    ]
)
# ``last_seen``: receipt of the newest good frame, ``first_seen``: of the first, ``frames``: how
# many. ``data_last``: data time
# of the last real-time frame that was no refill, ``offset_us``: that less its receipt;
# ``data_received``: receipt of the newest. ``up``: links that are open; ``closed_at``: when the
# last one closed. ``bad_new``, ``all_new``: frames since the last look at them.
STATION = np.dtype(
    [
        ("last_seen", "i8"),
        ("first_seen", "i8"),
        ("frames", "i8"),
        ("data_last", "i8"),
        ("data_received", "i8"),
        ("offset_us", "i8"),
        ("up", "i4"),
        ("closed_at", "i8"),
        ("bad_new", "i4"),
        ("all_new", "i4"),
        ("registered", "?"),
        ("stale", "?"),
    ]
)
_STATION_BITS = 32
_PERIOD_BITS = 4


class JudgedKeys:
    """Stations and keys by number, from 0, in order of first appearance."""

    def __init__(self, *, max_mns: int, max_factors: int) -> None:
        self.mns: list[str] = []
        self.numbers: dict[str, int] = {}
        self.factors = Words()
        self.refused = {"mns": 0, "factors": 0}
        self.expected = True  # whether a station ought to speak of which nothing is said
        self._max_mns = max_mns
        self._max_factors = max_factors
        self._rows = Keyed(row=np.int32)
        self._count = 0
        self._keys: NDArray[Any] = np.zeros(0, KEY)
        self._stations: NDArray[Any] = np.zeros(0, STATION)
        self._of_station: NDArray[np.int32] = np.zeros(0, np.int32)

    def __len__(self) -> int:
        """How many keys there are."""
        return self._count

    @property
    def keys(self) -> NDArray[Any]:
        """Rows of KEY, to be read or written in place until the next one is added."""
        return self._keys[: self._count]

    @property
    def stations(self) -> NDArray[Any]:
        """Rows of STATION, to be read or written in place until the next one is added."""
        return self._stations[: len(self.mns)]

    @property
    def nbytes(self) -> int:
        """Memory of the columns, without the texts."""
        columns = (self._keys, self._stations, self._rows.keys, self._rows["row"])
        return sum(column.nbytes for column in columns)

    def station(self, mn: str) -> int:
        """The number of a station, given now when it is new; NOBODY: no MN, or no room."""
        number = self.numbers.get(mn)
        if number is not None:
            return number
        if not mn or len(self.mns) >= self._max_mns:
            self.refused["mns"] += bool(mn)
            return NOBODY
        number = self.numbers[mn] = len(self.mns)
        self.mns.append(mn)
        if number >= len(self._stations):
            self._stations = _more(self._stations, number + 1)
            self._of_station = _more(self._of_station, len(self._stations))
        row = self._stations[number : number + 1]
        for name in ("last_seen", "first_seen", "data_last", "data_received", "closed_at"):
            row[name] = NEVER
        row["stale"] = True
        row["registered"] = self.expected
        return number

    def of(self, mns: pa.ChunkedArray) -> Numbers:
        """The station of each row of a column."""
        return numbered(mns, self.station)

    def find(self, stations: Numbers, factors: Numbers, period: Numbers | int) -> Places:
        """The key of each row, made when new; NOBODY where there is no room. Stations are
        numbers that were given; factors those of `factors`."""
        wanted = self._wanted(stations, factors, period)
        at, known = self._rows.find(wanted)
        if not known.all():
            self._open(np.unique(wanted[~known]))
            at, known = self._rows.find(wanted)
        found = np.full(len(wanted), NOBODY, np.intp)
        found[known] = self._rows["row"][at[known]]
        return found

    def known(self, stations: Numbers, factors: Numbers, period: Numbers | int) -> Places:
        """The same, NOBODY where there is none."""
        wanted = self._wanted(stations, factors, period)
        at, known = self._rows.find(wanted)
        found = np.full(len(wanted), NOBODY, np.intp)
        found[known] = self._rows["row"][at[known]]
        return found

    def of_station(self, station: int) -> Places:
        """All keys of a station."""
        rows = self._rows.between(station << _STATION_BITS, (station + 1) << _STATION_BITS)
        return self._rows["row"][rows].astype(np.intp)

    def set_back(self, now_us: int) -> None:
        """Moments of receipt that are later than now were by a wrong clock."""
        for column in ("last_seen", "data_received", "closed_at"):
            np.minimum(self.stations[column], now_us, out=self.stations[column])
        for column in ("last", "received"):
            np.minimum(self.keys[column], now_us, out=self.keys[column])

    def load(self, mns: Sequence[str], factors: Sequence[str], stations: Any, keys: Any) -> None:
        """These instead of those that are there; ``factors`` without the "" at 0."""
        self.mns = list(mns)
        self.numbers = {mn: number for number, mn in enumerate(self.mns)}
        self.factors = Words()
        for text in factors:
            self.factors.number(text)
        self._stations, self._keys, self._count = copied(stations), copied(keys), len(keys)
        wanted = self._wanted(
            keys["station"].astype(np.int64), keys["factor"].astype(np.int64), keys["period"]
        )
        order = np.argsort(wanted)
        self._rows = Keyed(row=np.int32)
        self._rows.insert(wanted[order], {"row": order.astype(np.int32)})
        self._of_station = np.bincount(keys["station"], minlength=len(stations)).astype(np.int32)

    def _wanted(
        self, stations: Numbers, factors: Numbers, period: Numbers | int
    ) -> NDArray[np.int64]:
        return stations << _STATION_BITS | factors << _PERIOD_BITS | period

    def _open(self, wanted: NDArray[np.int64]) -> None:
        stations = wanted >> _STATION_BITS
        first = np.searchsorted(stations, stations)
        nth = np.arange(len(wanted)) - first
        room = self._of_station[stations] + nth < self._max_factors
        self.refused["factors"] += int((~room).sum())
        wanted, stations = wanted[room], stations[room]
        if not len(wanted):
            return
        rows = np.arange(self._count, self._count + len(wanted), dtype=np.int32)
        if self._count + len(wanted) > len(self._keys):
            self._keys = _more(self._keys, self._count + len(wanted))
        self._count += len(wanted)
        new = taken(self._keys, rows)
        new["last"] = new["received"] = new["odd_time"] = NEVER
        new["station"] = stations
        rest = wanted & ((1 << _STATION_BITS) - 1)
        new["factor"] = rest >> _PERIOD_BITS
        new["period"] = rest & ((1 << _PERIOD_BITS) - 1)
        new["stale"] = True
        put(self._keys, rows, new)
        self._rows.insert(wanted, {"row": rows})
        np.add.at(self._of_station, stations, 1)
        self._mark_finer(wanted)

    def _mark_finer(self, wanted: NDArray[np.int64]) -> None:
        """A factor's minute row is not judged as its real-time row is, where there are both."""
        period = wanted & ((1 << _PERIOD_BITS) - 1)
        pairs = wanted[period <= MINUTE] & ~np.int64((1 << _PERIOD_BITS) - 1)
        _, there = self._rows.find(pairs | REALTIME)
        coarse, both = self._rows.find(pairs | MINUTE)
        self._keys["finer"][self._rows["row"][coarse[there & both]]] = True


def _more(column: NDArray[Any], rows: int) -> NDArray[Any]:
    more = np.zeros(max(roomier(len(column)), rows), column.dtype)
    more[: len(column)] = column
    return more
