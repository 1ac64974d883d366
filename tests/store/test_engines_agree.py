"""DuckDB and ClickHouse, given the same batches, answer every question of the product alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from batches import NOON, batch, frame, sample
from engines import URLS

from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import (
    AGGREGATES,
    AggregateQuery,
    Batch,
    Committed,
    FrameQuery,
    PresenceQuery,
    SampleQuery,
    SlotQuery,
    TimeSeriesStore,
)

MNS = ["A", "B", "站'3\\"]
FACTORS = ["w01018", "w01019", "a34004"]
PERIODS = {"2011": "realtime", "2051": "minute", "2061": "hour"}
CLOCKS = [datetime(1970, 1, 1), datetime(2019, 12, 31, 16), datetime(2099, 7, 1, 5)]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Row = dict[str, Any]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[TimeSeriesStore]]:
    """An empty store of each engine."""
    opened = [open_store(url.format(folder=tmp_path), StoreSettings()) for url in URLS.values()]
    yield opened
    for store in opened:
        store.close()


class Field:
    """Instruments as they are: resends, late frames, wrong clocks, several packets of one time.

    Values are whole quarters, so that sums do not depend on their order. ``ties``: some frames
    are received in the same microsecond; stores may tell them apart only in days that are open.
    """

    def __init__(self, chance: random.Random, *, ties: bool) -> None:
        self._chance = chance
        self._ties = ties
        self._position = 0
        self._received = NOON
        self._sent: list[tuple[Row, list[Row]]] = []

    def batch(self) -> Batch:
        """The next records of the journal, as one batch."""
        since = self._position
        chosen = [self._delivery() for _ in range(self._chance.randrange(1, 25))]
        rows = [row for row, _ in chosen]
        return batch(
            rows,
            [value for _, values in chosen for value in values],
            counts=[{"mn": row["mn"], "what": "frames", "name": "", "n": 1} for row in rows],
            cursors={"0": self._position},
            since={"0": since},
        )

    def replay(self) -> Batch:
        """Some records read again, with other values or another verdict."""
        again = self._chance.sample(self._sent, min(len(self._sent), 6))
        rows, values = [], []
        for row, found in again:
            if self._chance.random() < 0.3:
                rows.append(row | {"reason": "pw_wrong"})
                continue
            rows.append(row)
            values += [value | {"avg": 0.25} for value in found]
        return batch(rows, values, replay=True)

    def _delivery(self) -> tuple[Row, list[Row]]:
        self._position += 300
        if not self._ties or self._chance.random() < 0.7:
            second = 1_000_000
            self._received += timedelta(microseconds=self._chance.randrange(second, 40 * second))
        if self._sent and self._chance.random() < 0.2:
            return self._resent()
        made = self._fresh()
        self._sent.append(made)
        return made

    def _resent(self) -> tuple[Row, list[Row]]:
        row, values = self._chance.choice(self._sent)
        place = {"position": self._position, "received_at": self._received}
        return row | place, [value | place for value in values]

    def _fresh(self) -> tuple[Row, list[Row]]:
        chance = self._chance
        cn = chance.choice([*PERIODS, "2011", "9021"])
        behind = chance.choice([0, 0, 0, 0, 1, 5, 90, 60 * 30])
        at = (self._received - behind * MINUTE).replace(microsecond=0, second=0)
        if chance.random() < 0.05:
            at = chance.choice(CLOCKS)
        reason = "ok" if chance.random() < 0.9 else "crc_wrong"
        row = frame(
            self._position,
            mn=chance.choice(MNS),
            cn=cn,
            data_time=at if cn in PERIODS else None,
            received_at=self._received,
            reason=reason,
            warnings="clock_behind" if behind else "",
        )
        if reason != "ok" or cn not in PERIODS:
            return row, []
        factors = chance.sample(FACTORS, chance.randrange(1, 4))
        return row, [self._value(row, factor, PERIODS[cn]) for factor in factors]

    def _value(self, row: Row, factor: str, period: str) -> Row:
        chance = self._chance
        value = sample(row, 0.0, factor=factor, period=period)
        value["rtd"] = chance.choice([None, chance.randrange(400) / 4])
        value["avg"] = chance.choice([None, chance.randrange(400) / 4])
        value["data"] = chance.choice([None, None, 0.0, -1.5])
        value["flag"] = chance.choice(["N", "N", "N", "", None, "D", "M"])
        value["extra"] = chance.choice([None, '{"Info":"风"}'])
        return value


QUESTIONS = 20  # at a time, of 287: another choice each time


def questions() -> list[Any]:
    """Queries of all forms."""
    windows = [(None, None), (NOON - 3 * MINUTE, NOON + 3 * MINUTE), (NOON, None), (None, NOON)]
    asked: list[Any] = [
        FrameQuery(mn=mn, start=start, end=end, limit=limit)
        for mn in (None, *MNS, "nobody")
        for start, end in windows
        for limit in (10_000, 3)
    ]
    asked += [FrameQuery(reason="crc_wrong"), FrameQuery(errors=True), FrameQuery(cn="2051")]
    asked += [FrameQuery(mn="A", cn="2011", errors=True, start=NOON, limit=2)]
    for mn in MNS:
        for factor in (None, FACTORS[0]):
            for start, end in windows:
                bounds = {"mn": mn, "factor": factor, "start": start, "end": end}
                asked += [SampleQuery(**bounds, period=period) for period in PERIODS.values()]
                asked += [SampleQuery(**bounds, limit=4)]
                asked += [
                    AggregateQuery(**bounds, step=step, limit=limit)
                    for step in ("hour", "day")
                    for limit in (1000, 2)
                ]
    presence = [
        PresenceQuery(start or NOON - 60 * DAY, end or NOON + 2 * DAY, mns=mns, factor=factor)
        for mns in (None, ("A",), (*MNS, "nobody"))
        for factor in (None, FACTORS[0])
        for start, end in windows
    ]
    asked += [(kind, query) for query in presence for kind in ("presence", "spacings")]
    asked += [
        ("slots", SlotQuery("A", period, NOON - DAY, NOON + 3 * MINUTE))
        for period in PERIODS.values()
    ]
    return asked


def answers(store: TimeSeriesStore, asked: list[Any]) -> dict[str, Any]:
    """The question and its answer, of these and of those without a choice."""
    found: dict[str, Any] = {
        "cursors": store.cursors(),
        "planned": store.planned(),
        "totals": store.totals(),
        "devices": store.devices(),
        "latest": store.latest(),
        "counts": store.counts(),
        "frames": store.frames(FrameQuery()),
    }
    ask = {
        FrameQuery: store.frames,
        SampleQuery: store.samples,
        AggregateQuery: store.aggregates,
    }
    for query in asked:
        if isinstance(query, tuple):
            found[repr(query)] = getattr(store, query[0])(query[1])
        else:
            found[repr(query)] = ask[type(query)](query)
    return found


def assert_alike(stores: list[TimeSeriesStore], chance: random.Random) -> None:
    """The same rows in the same order, column by column, for each question."""
    asked = chance.sample(questions(), QUESTIONS)
    one, other = (answers(store, asked) for store in stores)
    for question, answer in one.items():
        if isinstance(answer, pa.Table):
            assert other[question].schema == answer.schema, question
            assert other[question].to_pylist() == answer.to_pylist(), question
        else:
            assert other[question] == answer, question


def tidy(stores: list[TimeSeriesStore], now: datetime) -> None:
    """Let both do all that can wait."""
    for store in stores:
        for _ in range(200):
            if not store.tidy(now):
                break
        else:
            pytest.fail("tidy finds no end")


@pytest.mark.parametrize("seed", range(4))
def test_engines_agree_on_a_rough_field(stores: list[TimeSeriesStore], seed: int) -> None:
    """After any batches, with replays and tidying between, all answers are equal tables."""
    chance = random.Random(seed)
    ties = seed % 2 == 0
    field = Field(chance, ties=ties)
    for number in range(6):
        one = field.batch()
        done: list[Committed] = [store.commit(one) for store in stores]
        assert done[0] == done[1]
        if number % 3 == 2:
            again = field.replay()
            replayed = [store.commit(again) for store in stores]
            assert replayed[0] == replayed[1]
        if number % 4 == 1 and not ties:
            tidy(stores, NOON + timedelta(days=number))
    assert_alike(stores, chance)
    tidy(stores, NOON + timedelta(days=60))
    assert_alike(stores, chance)


def test_aggregates_follow_the_samples(stores: list[TimeSeriesStore]) -> None:
    """Made in advance or not, hours and days are those of the rows as they stand: late values,
    replaced ones and ones taken back included."""
    first = [
        frame(n, data_time=NOON + n * 20 * MINUTE, received_at=NOON + n * 20 * MINUTE)
        for n in range(6)
    ]
    late = frame(9, data_time=NOON + MINUTE, received_at=NOON + timedelta(days=3))
    changed = frame(10, data_time=NOON, received_at=NOON + timedelta(days=4))
    hours = AggregateQuery("A", None, "hour")
    days = AggregateQuery("A", None, "day")
    for store in stores:
        store.commit(batch(first, [sample(row, 2.0) for row in first], cursors={"0": 6}))
        marked = sample(first[5], 9.0, factor="w01019", flag="D")
        store.commit(batch([frame(7)], [marked], cursors={"0": 8}))
        tidy([store], NOON + timedelta(days=2))
        store.commit(batch([late], [sample(late, 5.0)], cursors={"0": 10}))
        assert store.aggregates(hours).to_pylist() == [
            _hour(NOON, 4, 2.75, 2.0, 5.0),
            _hour(NOON + 60 * MINUTE, 3, 2.0, 2.0, 2.0),
            _hour(NOON + 60 * MINUTE, 0, None, None, None, factor="w01019", n_marked=1),
        ]
        tidy([store], NOON + timedelta(days=4))
        store.commit(batch([changed], [sample(changed, 4.0)], cursors={"0": 11}))
        store.commit(batch([first[1] | {"reason": "pw_wrong"}], replay=True))
        for _ in range(2):
            assert store.aggregates(hours).slice(0, 1).to_pylist() == [
                _hour(NOON, 3, 11 / 3, 2.0, 5.0)
            ]
            (whole, _) = store.aggregates(days).to_pylist()
            assert whole == _hour(NOON - 12 * 60 * MINUTE, 6, 17 / 6, 2.0, 5.0)
            tidy([store], NOON + timedelta(days=9))


def _hour(
    start: datetime,
    n: int,
    mean: float | None,
    low: float | None,
    high: float | None,
    *,
    factor: str = "w01018",
    n_marked: int = 0,
) -> Row:
    row = (start, "A", factor, "realtime", n, n_marked, mean, low, high)
    return dict(zip(AGGREGATES.names, row, strict=True))
