"""Any rows in any batches, with restarts between: the store agrees with a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from batches import NOON, batch, frame, reading, sample
from engines import URLS
from hypothesis import given, settings
from hypothesis import strategies as st

from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import FrameQuery, SampleQuery

TIMES = [NOON, NOON + timedelta(seconds=30), datetime(1970, 1, 1), datetime(2099, 1, 1)]
Row = dict[str, Any]


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[Row, Row | None]]:
    """Frames of two lanes in order of arrival at the store, each with a sample or none.

    Receive times jump; the same few contents come again and again.
    """
    made = []
    for position in range(draw(st.integers(1, 16))):
        data_time = draw(st.sampled_from([*TIMES, None]))
        reason = draw(st.sampled_from(["ok", "ok", "crc_wrong"]))
        row = frame(
            position,
            lane=draw(st.sampled_from(["0", "1"])),
            mn=draw(st.sampled_from(["A", "B"])),
            raw=draw(st.sampled_from([b"x", b"y"])),
            data_time=data_time,
            reason=reason,
            received_at=NOON + timedelta(seconds=draw(st.integers(0, 5))),
        )
        value = None
        if reason == "ok" and data_time is not None:
            value = sample(row, float(position), factor=draw(st.sampled_from(["f", "g"])))
        made.append((row, value))
    return made


def oracle(delivered: list[tuple[Row, Row | None]]) -> tuple[list[Row], dict[Any, Row]]:
    """Frames that stay, and samples by their key."""
    seen, frames, samples = set(), [], {}
    for row, value in delivered:
        content = (row["key_time"], row["mn"], row["reason"], row["raw"])
        if row["key_time"] is not None:
            if content in seen:
                continue
            seen.add(content)
        frames.append(row)
        if value is not None:
            key = (value["data_time"], value["mn"], value["factor"], value["period"])
            known = samples.get(key)
            if known is None or age(value) > age(known):
                samples[key] = value
    return frames, samples


def age(row: Row) -> tuple[Any, ...]:
    """What decides which row is the newer one."""
    return row["received_at"], row["lane"], row["position"]


def cut(data: st.DataObject, delivered: list[Any]) -> Iterator[list[Any]]:
    """Batches of any size."""
    at = 0
    while at < len(delivered):
        size = data.draw(st.integers(1, len(delivered) - at))
        yield delivered[at : at + size]
        at += size


@pytest.mark.parametrize("engine", URLS)
@settings(max_examples=10, deadline=None)
@given(deliveries(), st.data())
def test_batches_do_not_matter(
    engine: str, delivered: list[tuple[Row, Row | None]], data: st.DataObject
) -> None:
    """However the rows are cut into batches, and wherever the store is opened anew, the same
    frames and samples are there in the end."""
    with TemporaryDirectory() as folder:
        url = URLS[engine].format(folder=folder)
        store = open_store(url, StoreSettings())
        for part in cut(data, delivered):
            rows = [row for row, _ in part]
            store.commit(batch(rows, [value for _, value in part if value is not None]))
            if data.draw(st.integers(0, 3)) == 0:
                store.close()
                store = open_store(url, StoreSettings())
        frames, samples = oracle(delivered)
        found = store.frames(FrameQuery()).to_pylist()
        readings = [row for mn in "AB" for row in store.samples(SampleQuery(mn, None)).to_pylist()]
        store.close()
    assert found == sorted(frames, key=age)
    in_order = sorted(
        samples.values(), key=lambda row: (row["mn"], row["data_time"], row["factor"])
    )
    assert readings == [reading(row) for row in in_order]
