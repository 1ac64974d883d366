"""Several daemons into one ClickHouse: each has its own journal, cursors and counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import NOON, batch, frame, sample

from store.clickhouse_place import place
from store.clickhouse_store import ClickHouseStore
from store.timeseries import FrameQuery, SampleQuery


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[ClickHouseStore, ClickHouseStore]]:
    """Two daemons."""
    where = place(f"chdb:///{tmp_path}/store")
    one, other = ClickHouseStore(where, node="one"), ClickHouseStore(where, node="other")
    yield one, other
    one.close()
    other.close()


def test_lanes_of_different_journals_do_not_mix(
    nodes: tuple[ClickHouseStore, ClickHouseStore],
) -> None:
    """The same lane and positions of two journals are different records."""
    tally = [{"mn": "A", "what": "frames", "name": "", "n": 1}]
    for number, node in enumerate(nodes):
        row = frame(1, raw=b"of node %d" % number)
        node.commit(batch([row], counts=tally, cursors={"0": 2 + number}, since={"0": 0}))
    assert [node.cursors() for node in nodes] == [{"0": 2}, {"0": 3}]
    for node in nodes:
        assert node.frames(FrameQuery()).num_rows == 2
        assert node.counts().to_pylist() == [tally[0] | {"n": 2}]


def test_one_journals_replay_leaves_the_others_rows(
    nodes: tuple[ClickHouseStore, ClickHouseStore],
) -> None:
    """A replay takes back what came from its own journal."""
    mine, theirs = frame(1, raw=b"mine"), frame(1, raw=b"theirs", data_time=NOON.replace(hour=5))
    nodes[0].commit(batch([mine], [sample(mine, 1.0)]))
    nodes[1].commit(batch([theirs], [sample(theirs, 2.0)]))
    nodes[0].commit(batch([mine | {"reason": "pw_wrong"}], replay=True))
    assert sorted(nodes[0].frames(FrameQuery())["reason"].to_pylist()) == ["ok", "pw_wrong"]
    assert nodes[0].samples(SampleQuery("A", None))["rtd"].to_pylist() == [2.0]


def test_the_same_frame_by_two_nodes_is_one_row(
    nodes: tuple[ClickHouseStore, ClickHouseStore],
) -> None:
    """Sent to one daemon and again to the other, a frame is seen once: the first received. The
    second is counted where its node knows of the first; here it began before."""
    for node in nodes:
        node.commit(batch([frame(0, raw=b"before", mn="B")]))
    for number, node in enumerate(nodes):
        row = frame(7, raw=b"same", received_at=NOON.replace(minute=number))
        node.commit(batch([row], [sample(row, 1.0)]))
    (found,) = nodes[0].frames(FrameQuery(mn="A")).to_pylist()
    assert found["received_at"] == NOON
    assert nodes[0].totals()["samples"] == 1
