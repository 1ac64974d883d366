"""Resends, late data, odd clocks, replays and closing days in any order: what every engine finds
is what a few dictionaries find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from batches import NOON, batch, frame, reading, sample
from engines import URLS
from hypothesis import given, settings
from hypothesis import strategies as st

from store import duckdb_tidy
from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import PERIODS, AggregateQuery, FrameQuery, SampleQuery

Row = dict[str, Any]
EXAMPLES = 10
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TIMES = [
    datetime(1970, 1, 1),
    NOON - 15 * DAY,
    NOON - DAY,
    NOON,
    NOON,
    NOON + HOUR,
    datetime(2099, 1, 1),
]
CNS = ["2011", "2011", "8888"]


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are many slices."""
    monkeypatch.setattr(duckdb_tidy, "SLICE_ROWS", 2)
    monkeypatch.setattr(duckdb_tidy, "LATE_ROWS", 2)


class Model:
    """What a store must hold."""

    def __init__(self) -> None:
        self.frames: dict[Any, Row] = {}
        self.samples: dict[Any, Row] = {}

    def commit(self, frames: list[Row], samples: list[Row], *, replay: bool) -> None:
        """One batch."""
        places = {place(row) for row in frames}
        if replay:
            self.frames = {key: row for key, row in self.frames.items() if key not in places}
            self.samples = {
                key: row for key, row in self.samples.items() if place(row) not in places
            }
        dropped = set()
        for row in frames:
            known = {content(one) for one in self.frames.values()}
            if row["key_time"] is not None and content(row) in known:
                dropped.add(place(row))
            else:
                self.frames[place(row)] = row
        for row in samples:
            key = row["mn"], row["factor"], row["period"], row["data_time"]
            known_row = self.samples.get(key)
            if place(row) not in dropped and (known_row is None or age(row) > age(known_row)):
                self.samples[key] = row


def place(row: Row) -> tuple[str, int]:
    """Of a frame or a sample in the journal."""
    return row["lane"], row["position"]


def content(row: Row) -> tuple[Any, ...]:
    """What makes two frames the same."""
    return row["key_time"], row["mn"], row["reason"], row["raw"]


def age(row: Row) -> tuple[Any, ...]:
    """What decides which sample is the newer one."""
    return row["received_at"], row["lane"], row["position"]


@st.composite
def records(draw: st.DrawFn) -> list[tuple[Row, list[Row]]]:
    """Frames in order of the journal, each with its samples; no two are received in one second."""
    made = []
    count = draw(st.integers(4, 14))
    seconds = draw(st.permutations(range(count)))
    for position, second in enumerate(seconds):
        cn = draw(st.sampled_from(CNS))
        mn = draw(st.sampled_from("AAB"))
        row = frame(
            position,
            lane=draw(st.sampled_from(["0", "1"])),
            mn=mn,
            cn=cn,
            data_time=draw(st.sampled_from(TIMES)),
            received_at=NOON + draw(st.sampled_from([0, 0, 3])) * DAY + timedelta(seconds=second),
            raw=f"{mn} {cn} {draw(st.integers(0, 2))}".encode(),
        )
        factors = draw(st.sets(st.sampled_from(["f", "g"]), max_size=2))
        made.append((row, values(row, sorted(factors))))
    return made


def values(row: Row, factors: list[str]) -> list[Row]:
    """Samples of a frame."""
    period = PERIODS.get(row["cn"]) or f"cn{row['cn']}"
    return [
        sample(
            row,
            float(row["position"]),
            factor=factor,
            period=period,
            flag="D" if row["position"] % 4 == 3 else "N",
        )
        for factor in factors
    ]


@pytest.mark.parametrize("engine", URLS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(records(), st.data())
def test_any_weather(
    engine: str, arrived: list[tuple[Row, list[Row]]], data: st.DataObject
) -> None:
    """Batches of any size and order, frames sent again, records read again, days closed and stores
    opened again in between: rows, newest values, counters and aggregates are the model's."""
    with TemporaryDirectory() as folder:
        url = URLS[engine].format(folder=folder)
        store, model = open_store(url, StoreSettings()), Model()
        for part in cut(data, arrived):
            replay = data.draw(st.integers(0, 3)) == 0
            rows = [row for row, _ in part]
            samples = [one for _, many in part for one in many]
            store.commit(batch(rows, samples, replay=replay))
            model.commit(rows, samples, replay=replay)
            event = data.draw(st.sampled_from(["", "tidy", "tidy", "step", "reopen"]))
            now = NOON + data.draw(st.sampled_from([0, 2, 30])) * DAY
            if event == "reopen":
                store.close()
                store = open_store(url, StoreSettings())
            elif event:
                while store.tidy(now) and event == "tidy":
                    pass
            if data.draw(st.integers(0, 3)) == 0:
                compare(store, model)
        compare(store, model)
        store.close()


def cut(data: st.DataObject, arrived: list[Any]) -> Iterator[list[Any]]:
    """Batches of any size; some records come again later."""
    waiting = list(arrived)
    again = data.draw(st.lists(st.sampled_from(arrived), max_size=6))
    while waiting or again:
        source = waiting or again
        size = data.draw(st.integers(1, min(4, len(source))))
        yield source[:size]
        del source[:size]


def compare(store: Any, model: Model) -> None:
    """The store against the model."""
    found = store.frames(FrameQuery()).to_pylist()
    assert found == sorted(model.frames.values(), key=age)
    assert store.totals()["frames"] == len(model.frames)
    assert store.totals()["samples"] == len(model.samples)
    in_order = [model.samples[key] for key in sorted(model.samples)]
    for period in {row["period"] for row in in_order}:
        for mn in "AB":
            wanted = [row for row in in_order if (row["mn"], row["period"]) == (mn, period)]
            by_time = sorted(wanted, key=lambda row: (row["data_time"], row["factor"]))
            rows = store.samples(SampleQuery(mn, None, period=period)).to_pylist()
            assert rows == [reading(row) for row in by_time]
            days = store.aggregates(AggregateQuery(mn, None, "day", period=period)).to_pylist()
            assert days == aggregated(by_time)
    newest = {(row["mn"], row["factor"], row["period"]): reading(row) for row in in_order}
    assert store.latest().to_pylist() == list(newest.values())


def aggregated(rows: list[Row]) -> list[Row]:
    """Beijing days of rows of one MN and period."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        start = (row["data_time"] + 8 * HOUR).replace(hour=0, minute=0, second=0) - 8 * HOUR
        groups.setdefault((start, row["factor"]), []).append(row)
    found = []
    for (start, factor), members in sorted(groups.items()):
        good = [row["rtd"] for row in members if row["flag"] == "N"]
        found.append(
            {
                "start": start,
                "mn": members[0]["mn"],
                "factor": factor,
                "period": members[0]["period"],
                "n": len(good),
                "n_marked": len(members) - len(good),
                "mean": fmean(good) if good else None,
                "min": min(good, default=None),
                "max": max(good, default=None),
            }
        )
    return found
