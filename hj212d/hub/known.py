"""What is known of each station beside its values: when it spoke, what it counted; in columns.

A station is a number from 0, in order of first appearance, and keeps it. Above ``max_mns``
stations new ones are not kept, and counted. Not for several threads at once: see live.py.
Tests: tests/hub/test_live.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hj212d.hub.columns import (
    NO_TIME,
    Places,
    Times,
    grown,
    last_of_each,
    lower_to,
    microseconds,
    raise_to,
)
from hj212d.hub.keyed import Keyed
from hj212d.hub.words import Numbers, Words, numbered

COUNTED = ("reason", "repair")
REPLY_ST = "91"
# Electricity and production conditions, which a station reports beside its own kind (2025).
SIDE_STS = pa.array(["44", "45"])
DAY_US = 86_400_000_000

_TIMES = ("first_seen", "last_seen", "last_data_time")
_TOTALS = ("frames", "duplicates", "bad")
_TEXTS = ("st", "version")
_LABEL_BITS = 32
_LABEL = (1 << _LABEL_BITS) - 1
_NOBODY = -1


class Known:
    """Stations by MN, and a column for each fact of them."""

    def __init__(self, *, max_mns: int) -> None:
        self.mns: list[str] = []
        self.numbers: dict[str, int] = {}
        self.refused = 0  # once for each MN and table in which it came
        self._max_mns = max_mns
        self._times: dict[str, Times] = {name: np.empty(0, np.int64) for name in _TIMES}
        self._totals: dict[str, NDArray[np.int64]] = {
            name: np.empty(0, np.int64) for name in _TOTALS
        }
        self._codes: dict[str, NDArray[np.int32]] = {
            name: np.empty(0, np.int32) for name in _TEXTS
        }
        self._texts = {name: Words() for name in _TEXTS}
        self._counted = Keyed(n=np.int64)  # under station and (what, label)
        self._labels = Words()

    def __len__(self) -> int:
        """How many stations there are."""
        return len(self.mns)

    @property
    def last_seen(self) -> Times:
        """When each station sent its last good frame; other threads may look at it."""
        count = len(self.mns)
        return self._times["last_seen"][:count]

    def stations(self, mns: pa.ChunkedArray) -> Numbers:
        """The station of each row, made when new; -1 where there is no room or no MN."""
        found = numbered(mns, self._open)
        self._grow()
        return found

    def note_devices(self, devices: pa.Table) -> None:
        """Rows of DEVICES, for stations of which nothing is known yet."""
        stations, devices = self._theirs(devices)
        for name in _TIMES:
            self._times[name][stations] = microseconds(devices[name])
        for name in _TEXTS:
            self._codes[name][stations] = numbered(devices[name], self._texts[name].number)

    def note_frames(self, frames: pa.Table) -> None:
        """Rows of FRAMES; only good ones count."""
        good = frames.select(["mn", "st", "version", "received_at", "data_time"]).filter(
            pc.equal(frames["reason"], "ok")
        )
        stations, good = self._theirs(good)
        received = microseconds(good["received_at"])
        data_time = microseconds(good["data_time"])
        data_time = np.where(data_time > received + DAY_US, NO_TIME, data_time)
        lower_to(self._times["first_seen"], stations, received)
        raise_to(self._times["last_seen"], stations, received)
        raise_to(self._times["last_data_time"], stations, data_time)
        asked = pc.not_equal(good["st"].fill_null(""), REPLY_ST).to_numpy()
        beside = pc.is_in(good["st"], SIDE_STS).to_numpy()
        if beside.any():  # one whose own kind is known keeps it
            nothing = beside & (self._codes["st"][stations] == 0)
            self._say("st", stations[nothing], good["st"].filter(nothing))
        for name in _TEXTS:
            told = asked & pc.not_equal(good[name].fill_null(""), "").to_numpy()
            if name == "st":
                told &= ~beside
            self._say(name, stations[told], good[name].filter(told))

    def note_counts(self, counts: pa.Table) -> None:
        """Rows of COUNTS, to be added."""
        stations, counts = self._theirs(counts)
        n = counts["n"].to_numpy()
        for what in ("frames", "duplicates"):
            chosen = pc.equal(counts["what"], what).to_numpy()
            np.add.at(self._totals[what], stations[chosen], n[chosen])
        for what in COUNTED:
            chosen = pc.equal(counts["what"], what).to_numpy()
            if chosen.any():
                self._add(what, stations[chosen], counts["name"].filter(chosen), n[chosen])

    def rows(self, stations: Places) -> list[dict[str, Any]]:
        """The facts of some stations, in the order given; times in microseconds or None."""
        columns: list[list[Any]] = [
            *(_times(self._times[name][stations]) for name in _TIMES),
            *(self._totals[name][stations].tolist() for name in _TOTALS),
            *(
                [self._texts[name][code] for code in self._codes[name][stations].tolist()]
                for name in _TEXTS
            ),
        ]
        names = (*_TIMES, *_TOTALS, *_TEXTS)
        found = [
            {"mn": self.mns[station], **dict(zip(names, row, strict=True))}
            for station, row in zip(stations.tolist(), zip(*columns, strict=True), strict=True)
        ]
        self._join_labels(stations, found)
        return found

    def column(self, name: str) -> NDArray[np.int64]:
        """A copy of a column of times (NO_TIME: none) or totals, one value a station."""
        columns = self._times if name in self._times else self._totals
        return columns[name][: len(self.mns)].copy()

    def _open(self, mn: str) -> int:
        if not mn:
            return _NOBODY
        station = self.numbers.get(mn)
        if station is None:
            if len(self.mns) >= self._max_mns:
                self.refused += 1
                return _NOBODY
            station = self.numbers[mn] = len(self.mns)
            self.mns.append(mn)
        return station

    def _grow(self) -> None:
        count = len(self.mns)
        for name, times in self._times.items():
            self._times[name] = grown(times, count, NO_TIME)
        for name, totals in self._totals.items():
            self._totals[name] = grown(totals, count, 0)
        for name, codes in self._codes.items():
            self._codes[name] = grown(codes, count, 0)

    def _theirs(self, table: pa.Table) -> tuple[Numbers, pa.Table]:
        """The rows that belong to a station, and whose each is."""
        stations = self.stations(table["mn"])
        theirs = stations != _NOBODY
        return (stations, table) if theirs.all() else (stations[theirs], table.filter(theirs))

    def _say(self, name: str, stations: Numbers, texts: pa.ChunkedArray) -> None:
        """The last text of each station stays."""
        words = self._texts[name]
        codes = numbered(texts, words.number)
        last = last_of_each(stations)
        column = self._codes[name]
        column[stations[last]] = codes[last]
        if words.crowded:
            column[:] = words.forget_unused(column)[column]

    def _add(self, what: str, stations: Numbers, labels: pa.ChunkedArray, n: Numbers) -> None:
        if what == "reason":
            bad = pc.not_equal(labels, "ok").to_numpy()
            np.add.at(self._totals["bad"], stations[bad], n[bad])
        label = numbered(labels, lambda text: self._labels.number(f"{what} {text}"))
        keys, place = np.unique(stations << _LABEL_BITS | label, return_inverse=True)
        sums = np.zeros(len(keys), np.int64)
        np.add.at(sums, place, n)
        at, known = self._counted.find(keys)
        self._counted["n"][at[known]] += sums[known]
        if not known.all():
            self._counted.insert(keys[~known], {"n": sums[~known]})

    def _join_labels(self, stations: Places, rows: list[dict[str, Any]]) -> None:
        """Put the counts by label into rows, as "reasons" and "repairs"."""
        keys, counts = self._counted.keys, self._counted["n"]
        first = np.searchsorted(keys, stations << _LABEL_BITS).tolist()
        end = np.searchsorted(keys, (stations + 1) << _LABEL_BITS).tolist()
        for row, low, high in zip(rows, first, end, strict=True):
            row["reasons"], row["repairs"] = {}, {}
            for key, n in zip(keys[low:high].tolist(), counts[low:high].tolist(), strict=True):
                what, label = self._labels[key & _LABEL].split(" ", 1)
                row[f"{what}s"][label] = n


def _times(column: Times) -> list[int | None]:
    return [None if time_us == NO_TIME else time_us for time_us in column.tolist()]
