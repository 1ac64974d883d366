"""DuckDB and ClickHouse, given the same batches, have the same sums of hours to the bit, and both
those of a reckoning row by row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from batches import NOON, batch, frame, sample
from engines import URLS
from sums_by_hand import sums_by_hand

from store.means import (
    DERIVED,
    HOUR_SUMS,
    Cursors,
    Exclusion,
    HourSumsQuery,
    MeansState,
    Store,
)
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import Batch

MNS = ["A", "B", "站'3\\", "ends"]
SOUND, WIND, DUST = "LA", "a01008", "a34004"
PERIODS = {"2011": "realtime", "2051": "minute", "2061": "hour", "2031": "day"}
CLOCKS = [datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 30), datetime(2099, 7, 1, 5)]
# Ties of the sixth decimal, negative zeros, absurd ones, and what rounds to nothing.
NASTY = [
    0.0000005, 0.0000015, -0.0000025, 2.0000005, -3.5000005, 1e-7, -1e-7, -0.0, 0.0,
    123456.7890125, 1e9, -1e9, 1.0000001e9, -5e12, 1e300, 0.1, 33.333333333, 89.995, 90.005,
    359.95, 360.0, -0.05,
    200.0, 200.004, -20.0, 130.0, 12.345, 9999.99, 9999.99,
]  # fmt: skip
FLAGS = ["N", "N", "N", "N", "", None, "D", "F", "C", "T"]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Row = dict[str, Any]
PAIRS = pa.schema([("mn", pa.string()), ("start", pa.timestamp("us"))])


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[Store]]:
    """An empty store of each engine."""
    opened = [open_store(url.format(folder=tmp_path), StoreSettings()) for url in URLS.values()]
    yield opened
    for store in opened:
        store.close()


class Field:
    """Instruments as they are, with everything wrong that a sum must survive."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._position = 0
        self._received = NOON
        self._sent: list[tuple[Row, list[Row]]] = []

    def batch(self, size: int) -> Batch:
        """The next records of the journal."""
        since = self._position
        chosen = [self._delivery() for _ in range(size)]
        return batch(
            [row for row, _ in chosen],
            [value for _, values in chosen for value in values],
            cursors={"0": self._position},
            since={"0": since},
        )

    def replay(self) -> Batch:
        """Some records read again: other values, another time, or no good any more."""
        rows, values = [], []
        for row, found in self._chance.sample(self._sent, min(len(self._sent), 5)):
            moved = self._chance.choice([timedelta(0), 5 * HOUR])
            if self._chance.random() < 0.3:
                rows.append(row | {"reason": "pw_wrong"})
                continue
            at = {"data_time": row["data_time"] + moved}
            rows.append(row | at | {"key_time": at["data_time"]})
            values += [value | at | {"avg": 7.25} for value in found]
        return batch(rows, values, replay=True)

    def _delivery(self) -> tuple[Row, list[Row]]:
        chance = self._chance
        self._position += 300
        self._received += timedelta(microseconds=chance.randrange(1_000_001, 60_000_000))
        if self._sent and chance.random() < 0.15:
            row, values = chance.choice(self._sent)
            place = {"position": self._position, "received_at": self._received}
            return row | place, [value | place for value in values]
        cn = chance.choice(["2011", *PERIODS])
        made = frame(
            self._position,
            mn=chance.choice(MNS),
            cn=cn,
            data_time=self._time(PERIODS[cn]),
            received_at=self._received,
        )
        factors = chance.sample([SOUND, WIND, DUST, "w01018"], chance.randrange(1, 5))
        values = [self._value(made, factor, PERIODS[cn]) for factor in factors]
        self._sent.append((made, values))
        return made, values

    def _time(self, period: str) -> datetime:
        chance = self._chance
        behind = chance.choice([0, 0, 0, 1, 5, 59, 60, 90, 60 * 30, -4, -6, -60])
        at = self._received.replace(microsecond=0) - behind * MINUTE
        if chance.random() < 0.05:
            at = chance.choice(CLOCKS)
        if chance.random() < 0.2 or period == "hour":
            at = at.replace(minute=0, second=0)
        elif period == "minute":
            at = at.replace(minute=at.minute // 10 * 10, second=0)
        if period == "day":
            at = at.replace(hour=16, minute=0, second=0) - DAY
        return at

    def _value(self, row: Row, factor: str, period: str) -> Row:
        chance = self._chance

        def some() -> float | None:
            kind = chance.random()
            if kind < 0.4:
                return chance.choice(NASTY)
            return None if kind < 0.6 else chance.uniform(-500, 500)

        names = ("rtd", "avg", "min", "max", "cou", "data", "zs_rtd", "zs_avg")
        value = sample(row, 0.0, factor=factor, period=period, flag=chance.choice(FLAGS))
        return value | {name: some() for name in names}


def questions(chance: random.Random) -> list[HourSumsQuery]:
    """Questions of all forms over all that the field sends."""

    def judgement() -> Exclusion:
        start = NOON + chance.randrange(-90, 90) * MINUTE
        return Exclusion(
            chance.choice([*MNS, "nobody"]),
            chance.choice([None, DUST, SOUND, "unknown"]),
            chance.choice([None, "realtime", "hour"]),
            start,
            start + chance.randrange(1, 60) * MINUTE,
        )

    whole = {"start": datetime(1960, 1, 1), "end": datetime(2100, 1, 1)}
    special = {"energy": (SOUND,), "vector": (WIND,), "end_stamped": ("ends", "nobody")}
    judged = {name: tuple(judgement() for _ in range(6)) for name in ("exclusions", "admissions")}
    return [
        HourSumsQuery(**whole),
        HourSumsQuery(
            **whole,
            **special,
            **judged,
            valid_flags=("T", "站'\\"),
            future_s=0,
            no_values=(9999.99, -999.0),
        ),
        HourSumsQuery(NOON - HOUR, NOON + HOUR, **special, **judged, future_s=300.5),
        HourSumsQuery(NOON, NOON + HOUR, mns=("A", "ends"), **special, valid_flags=("C",)),
        HourSumsQuery(**whole, mns=("B",), end_stamped=("B",), energy=(DUST,), no_values=(0.1,)),
    ]


def key(row: Row) -> tuple[Any, ...]:
    """What a row is about."""
    return row["start"], row["mn"], row["factor"], row["period"]


def assert_as_by_hand(stores: list[Store], query: HourSumsQuery) -> None:
    """The three tables of a question, of both engines and of the reckoning."""
    for method, step, periods in (
        ("hour_sums", "hour", ("realtime", "minute", "hour")),
        ("minute_sums", "minute", ("realtime",)),
        ("day_reports", "day", ("day",)),
    ):
        one, other = (getattr(store, method)(query) for store in stores)
        assert one.schema == other.schema == HOUR_SUMS
        found = one.to_pylist()
        for wanted in (other.to_pylist(), sums_by_hand(stores[0], query, MNS, step, periods)):
            assert [key(row) for row in found] == [key(row) for row in wanted], method
            for row, other_row in zip(found, wanted, strict=True):
                assert row == other_row
                assert repr(row) == repr(other_row)  # -0.0 is not 0.0


def tidy(stores: list[Store], now: datetime) -> None:
    """Let both do all that can wait."""
    for store in stores:
        while store.tidy(now):
            pass


@pytest.mark.parametrize("seed", range(2))
def test_engines_agree_to_the_bit(stores: list[Store], seed: int) -> None:
    """Whatever the field sent, in days that are open and that are closed."""
    chance = random.Random(seed)
    field = Field(chance)
    cursors = [Cursors(), Cursors()]
    for number in range(4):
        sent = field.batch(80)
        for store in stores:
            store.commit(sent)
        if number % 2:
            again = field.replay()
            for store in stores:
                store.commit(again)
        told = []
        for at, store in enumerate(stores):
            found, cursors[at] = store.changed(cursors[at], NOON + 2 * HOUR, ("ends",))
            told.append(found)
            store.put_derived(DERIVED.empty_table(), MeansState(cursors=cursors[at]))
        assert told[0].equals(told[1])
    for query in questions(chance)[seed::2]:
        assert_as_by_hand(stores, query)
    tidy(stores, NOON + 60 * DAY)
    assert_as_by_hand(stores, questions(chance)[1 + seed])


def test_just_the_hours_that_are_asked_for(stores: list[Store]) -> None:
    """Pairs of MN and hour, far apart and of unknown MNs: those rows of the whole, no other."""
    chance = random.Random(7)
    field = Field(chance)
    sent = field.batch(200)
    for store in stores:
        store.commit(sent)
    query = HourSumsQuery(datetime(1960, 1, 1), datetime(2100, 1, 1), end_stamped=("ends",))
    whole = stores[0].hour_sums(query)
    keys = sorted({(row["mn"], row["start"]) for row in whole.to_pylist()})
    for size in (1, len(keys)):
        some = chance.sample(keys, size)
        pairs = [{"mn": mn, "start": start} for mn, start in [*some, ("nobody", NOON)]]
        table = pa.Table.from_pylist(pairs, PAIRS)
        asked = msgspec.structs.replace(query, pairs=table)
        wanted = [row for row in whole.to_pylist() if (row["mn"], row["start"]) in some]
        for store in stores:
            assert store.hour_sums(asked).to_pylist() == wanted
