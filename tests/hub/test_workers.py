"""Figures of all workers, over their restarts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub import workers as module
from hj212d.hub.workers import Workers


def test_restart_adds_the_last_figures() -> None:
    """A new process starts from 0; the old one's totals are added, its moment is over."""
    workers = Workers()
    workers.hello(0, 100, "0", 1)
    workers.stats(0, {"frames_total": 10, "links": 4, "rejected": {"junk": 1}}, 2)
    workers.hello(0, 101, "0", 3)
    assert (workers.total("frames_total"), workers.moment("links")) == (10, 0)
    workers.stats(0, {"frames_total": 3, "links": 2, "rejected": {"junk": 1, "crc_wrong": 2}}, 4)
    assert (workers.total("frames_total"), workers.moment("links")) == (13, 2)
    assert workers.labels("rejected") == {"crc_wrong": 2, "junk": 2}


def test_reconnect_of_the_same_process_adds_nothing() -> None:
    """A broken connection is no restart."""
    workers = Workers()
    workers.hello(0, 100, "0", 1)
    workers.stats(0, {"frames_total": 10, "links": 4}, 2)
    workers.gone(0)
    assert (workers.total("frames_total"), workers.moment("links"), workers.connected) == (
        10,
        0,
        0,
    )
    workers.hello(0, 100, "0", 3)
    assert (workers.total("frames_total"), workers.moment("links"), workers.connected) == (
        10,
        4,
        1,
    )


def test_rows_tell_each_worker() -> None:
    """Who it is and its numbers, without the counters by label."""
    workers = Workers()
    workers.hello(1, 7, "1", 0)
    workers.stats(1, {"links": 2, "rejected": {"junk": 1}, "rss_bytes": 5}, 1_000_000)
    (row,) = workers.rows()
    assert row == {
        "slot": 1,
        "pid": 7,
        "lane": "1",
        "connected": True,
        "heard_at": "1970-01-01T00:00:01Z",
        "links": 2,
        "rss_bytes": 5,
    }


def test_pauses_are_counted() -> None:
    """How many workers accept nobody or read nothing, how many links wait."""
    workers = Workers()
    for slot in range(3):
        workers.hello(slot, slot, str(slot), 0)
        workers.stats(slot, {"paused": {"listening": True, "journal": slot == 1, "links": 5}}, 0)
    assert workers.paused() == {"listening": 3, "journal": 1, "links": 15}


def test_labels_are_bounded() -> None:
    """A worker that invents labels does not fill memory; nothing is lost from the sum."""
    workers = Workers()
    workers.hello(0, 1, "0", 0)
    invented = {f"label{n}": 1 for n in range(module.MAX_LABELS + 50)}
    workers.stats(0, {"conflicts": invented}, 0)
    found = workers.labels("conflicts")
    assert len(found) == module.MAX_LABELS + 1
    assert sum(found.values()) == len(invented)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 1000)), max_size=40))
def test_totals_never_lose_and_never_double(steps: list[tuple[int, bool, int]]) -> None:
    """Whatever restarts when: the total is the sum over all processes that ever were."""
    workers = Workers()
    last: dict[int, int] = {}
    pids = dict.fromkeys(range(3), 0)
    past = 0
    for slot, restart, grown in steps:
        if restart or slot not in last:
            past += last.get(slot, 0)
            pids[slot] += 1
            last[slot] = 0
            workers.hello(slot, pids[slot], str(slot), 0)
            workers.stats(slot, {"frames_total": 0}, 0)
        last[slot] += grown
        workers.stats(slot, {"frames_total": last[slot]}, 0)
        assert workers.total("frames_total") == past + sum(last.values())


def test_which_codec_is_in_use_where() -> None:
    """Ours and those of the workers that are there, counted."""
    workers = Workers()
    for slot, codec in enumerate(["compiled", "compiled", "python", None]):
        workers.hello(slot, slot + 1, str(slot), 0)
        workers.stats(slot, {"codec": codec}, 0)
    assert workers.codecs("compiled") == {"compiled": 3, "python": 1}
    workers.gone(2)
    assert workers.codecs("compiled") == {"compiled": 3}
