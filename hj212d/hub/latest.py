"""The newest value of each factor of each station, one number a row, in columns.

A value takes about 45 bytes and no Python object. Bounded: above ``max_factors`` of one station,
or ``max_readings`` in all, new ones are not kept, and the caller is told how many. Not for several
threads at once: see live.py. Tests: tests/hub/test_latest.py, test_live.py.
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hj212d.hub.columns import Places, Times, ends, grown, known_time, microseconds
from hj212d.hub.keyed import Column, Keyed, Keys
from hj212d.hub.words import Numbers, Words, numbered

# Where the one number of a row stands, in order of preference.
VALUE_COLUMNS = ("rtd", "avg", "cou", "data", "day_data", "night_data", "rs", "rt", "max", "min")
EXTRA_LIMIT = 200
MAX_READINGS = 6_000_000  # about 270 MB

_PLAIN_COLUMNS = ("factor", "data_time", "received_at", "period", "flag", "e_flag", "extra")
_COLUMN_NAMES = (*VALUE_COLUMNS, "")
_NO_COLUMN = len(VALUE_COLUMNS)
_FACTOR_BITS = 32
_FACTOR = (1 << _FACTOR_BITS) - 1


class Reading(msgspec.Struct, frozen=True):
    """The latest row of one factor, cut down to one number."""

    factor: str
    data_time_us: int | None
    received_us: int | None
    period: str
    column: str
    value: float | None
    flag: str
    extra: str


class Latest:
    """Latest values of stations, which are numbers from 0.

    Newest is the row with the largest (data_time or receipt, whichever is earlier; receipt): a
    clock that runs ahead does not outrank what is received later. Of equals the last one stays.
    """

    def __init__(self, *, max_factors: int, max_readings: int = MAX_READINGS) -> None:
        self._factors: NDArray[np.int32] = np.zeros(0, np.int32)  # how many each station has
        self._max_factors = max_factors
        self._max_readings = max_readings
        self._names = Words()
        self._texts = {"period": Words(), "flag": Words()}
        self._rows = Keyed(
            data_time=np.int64,
            received=np.int64,
            period=np.int32,
            column=np.int8,
            value=np.float64,
            flag=np.int32,
            has_extra=np.bool_,
        )
        # Few rows have one, and no two are alike: under the key of the row.
        self._extras: dict[int, str] = {}

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._rows)

    def fold(self, stations: Numbers, samples: pa.Table) -> int:
        """Take in rows of samples, ``stations`` says whose each is; how many were refused.

        Refused is counted once for each station and factor.
        """
        if not len(stations):
            return 0
        samples = samples.select([*_PLAIN_COLUMNS, *_given(samples)])
        self._factors = grown(self._factors, int(stations.max()) + 1, 0)
        keys = stations << _FACTOR_BITS | numbered(samples["factor"], self._names.number)
        received = microseconds(samples["received_at"])
        order = np.minimum(microseconds(samples["data_time"]), received)
        newest = _newest(keys, order, received)
        at, known = self._rows.find(keys[newest])
        refused = 0
        if known.all():
            wanted = newest
        else:
            admitted = known | self._admitted(keys, order, received, known)
            refused = int(len(newest) - admitted.sum())
            wanted, known, at = newest[admitted], known[admitted], at[admitted]
        self._replace(at[known], wanted[known], keys, order, received, samples)
        self._add(wanted[~known], keys, samples)
        self._forget_unused()
        return refused

    def of(self, station: int) -> list[Reading]:
        """The values of one station, in order of factor."""
        rows = self._rows
        chosen = rows.between(station << _FACTOR_BITS, (station + 1) << _FACTOR_BITS)
        columns = ("data_time", "received", "period", "column", "value", "flag")
        found = [
            Reading(
                self._names[key & _FACTOR],
                known_time(data_us),
                known_time(received_us),
                self._texts["period"][period],
                _COLUMN_NAMES[column],
                None if column == _NO_COLUMN else value,
                self._texts["flag"][flag],
                self._extras.get(key, ""),
            )
            for key, data_us, received_us, period, column, value, flag in zip(
                rows.keys[chosen].tolist(),
                *(rows[name][chosen].tolist() for name in columns),
                strict=True,
            )
        ]
        return sorted(found, key=lambda reading: reading.factor)

    def counts(self, stations: Places) -> list[int]:
        """How many values each of some stations has."""
        self._factors = grown(self._factors, int(stations.max(initial=-1)) + 1, 0)
        counts: list[int] = self._factors[stations].tolist()
        return counts

    def _admitted(
        self, keys: Keys, order: Times, received: Times, known: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """For each different key, in order, whether there is room for it if it is new.

        Who came first, by the order of `Latest`, is kept.
        """
        ranked = np.lexsort((received, order))
        different, first = np.unique(keys[ranked], return_index=True)
        new = np.flatnonzero(~known)
        new = new[np.argsort(first[new])]
        stations = different[new] >> _FACTOR_BITS
        by_station = np.argsort(stations, kind="stable")
        begins = np.searchsorted(stations[by_station], stations[by_station])
        nth = np.empty(len(new), np.int64)
        nth[by_station] = np.arange(len(new)) - begins
        fits = new[self._factors[stations] + nth < self._max_factors]
        admitted = np.zeros(len(known), np.bool_)
        admitted[fits[: self._max_readings - len(self)]] = True
        return admitted

    def _replace(
        self,
        at: Places,
        chosen: Places,
        keys: Keys,
        order: Times,
        received: Times,
        samples: pa.Table,
    ) -> None:
        """Put the chosen samples in the rows ``at`` where those hold nothing newer."""
        rows = self._rows
        held = rows["received"][at]
        held_order = np.minimum(rows["data_time"][at], held)
        new_order, new = order[chosen], received[chosen]
        later = (new_order > held_order) | ((new_order == held_order) & (new >= held))
        at, chosen = at[later], chosen[later]
        if len(at):
            for key in rows.keys[at[rows["has_extra"][at]]].tolist():
                del self._extras[key]
            rows.put(at, self._values(chosen, keys, samples))

    def _add(self, chosen: Places, keys: Keys, samples: pa.Table) -> None:
        if len(chosen):
            self._rows.insert(keys[chosen], self._values(chosen, keys, samples))
            np.add.at(self._factors, keys[chosen] >> _FACTOR_BITS, 1)

    def _values(self, chosen: Places, keys: Keys, samples: pa.Table) -> dict[str, Column]:
        """The columns of the chosen samples; notes their extras."""
        if not np.array_equal(chosen, np.arange(samples.num_rows)):
            samples, keys = samples.take(chosen), keys[chosen]
        value, column = _one_number(samples)
        flags = samples["flag"].fill_null("")
        flags = pc.if_else(pc.equal(flags, ""), samples["e_flag"], flags)
        extras = samples["extra"].fill_null("")
        has_extra = pc.not_equal(extras, "").to_numpy()
        if has_extra.any():
            texts = extras.filter(has_extra).to_pylist()
            for key, text in zip(keys[has_extra].tolist(), texts, strict=True):
                self._extras[key] = text[:EXTRA_LIMIT]
        return {
            "data_time": microseconds(samples["data_time"]),
            "received": microseconds(samples["received_at"]),
            "period": numbered(samples["period"], self._texts["period"].number),
            "column": column,
            "value": value,
            "flag": numbered(flags, self._texts["flag"].number),
            "has_extra": has_extra,
        }

    def _forget_unused(self) -> None:
        """Texts that only refused or replaced samples had."""
        rows = self._rows
        for name, words in self._texts.items():
            if words.crowded:
                rows[name][:] = words.forget_unused(rows[name])[rows[name]]
        if self._names.crowded:
            old = rows.keys
            renamed = self._names.forget_unused(old & _FACTOR)
            rows.keys = old & ~_FACTOR | renamed[old & _FACTOR]  # in the same order as before
            new_keys = dict(zip(old.tolist(), rows.keys.tolist(), strict=True))
            self._extras = {new_keys[key]: text for key, text in self._extras.items()}


def _newest(keys: Keys, order: Times, received: Times) -> Places:
    """The newest row of each different key, in order of key."""
    by_key = np.argsort(keys, kind="stable")
    last = ends(keys[by_key])
    if last.all():
        return by_key
    by_key = np.lexsort((received, order, keys))
    return by_key[ends(keys[by_key])]


def _one_number(samples: pa.Table) -> tuple[Column, Column]:
    """The one number of each row, and which column it stands in."""
    value = np.full(samples.num_rows, np.nan)
    column = np.full(samples.num_rows, _NO_COLUMN, np.int8)
    for name in reversed(_given(samples)):
        given = samples[name].is_valid().to_numpy()
        np.copyto(value, samples[name].to_numpy(), where=given)
        column[given] = VALUE_COLUMNS.index(name)
    return value, column


def _given(samples: pa.Table) -> list[str]:
    """The value columns that are there and have values: in most tables one or two."""
    there = [name for name in VALUE_COLUMNS if name in samples.column_names]
    return [name for name in there if samples[name].null_count < samples.num_rows]
