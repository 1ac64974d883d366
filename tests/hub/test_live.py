"""The live picture: newest values, presence, counts, bounds."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from hj212d.hub.live import Live
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

START = datetime(2026, 1, 1)
START_US = 1_767_225_600_000_000
DEVICES = pa.schema(
    [
        ("mn", pa.string()),
        ("st", pa.string()),
        ("version", pa.string()),
        ("first_seen", pa.timestamp("us")),
        ("last_seen", pa.timestamp("us")),
        ("last_data_time", pa.timestamp("us")),
    ]
)


def live(max_mns: int = 100, max_factors: int = 100) -> Live:
    """An empty picture."""
    return Live(offline_after_s=900.0, max_mns=max_mns, max_factors=max_factors)


def table(schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows with what is not given left null."""
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)


def batch(
    frames: list[dict[str, Any]] | None = None,
    samples: list[dict[str, Any]] | None = None,
    counts: list[tuple[str, str, str, int]] | None = None,
) -> Batch:
    """A committed batch."""
    return Batch(
        table(FRAMES, frames or []),
        table(SAMPLES, samples or []),
        LINKS.empty_table(),
        table(COUNTS, [dict(zip(COUNTS.names, row, strict=True)) for row in counts or []]),
        {},
    )


def frame(seconds: int, mn: str = "A", reason: str = "ok") -> dict[str, Any]:
    """A frame received so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    return {"mn": mn, "reason": reason, "st": "32", "version": "2017", "received_at": at}


def sample(data_s: int, received_s: int, value: float | None, **more: Any) -> dict[str, Any]:
    """A sample of factor f."""
    return {
        "mn": "A",
        "factor": "f",
        "period": "realtime",
        "data_time": START + timedelta(seconds=data_s),
        "received_at": START + timedelta(seconds=received_s),
        "rtd": value,
        **more,
    }


def readings(picture: Live) -> list[dict[str, Any]]:
    """The latest values of all stations, in order of MN."""
    return [row for mn in sorted(picture.facts().mns) for row in picture.readings(mn)]


def value_after(*samples: dict[str, Any]) -> Any:
    """The latest value once these came; the same whether in one batch or in a batch each."""
    found = []
    for batches in ([[one] for one in samples], [list(samples)]):
        picture = live()
        for one in batches:
            picture.observe(batch(samples=one))
        (reading,) = picture.readings("A")
        found.append(reading["value"])
    assert found[0] == found[1]
    return found[0]


def test_presence_by_good_frames_only() -> None:
    """900 s after the last good frame still online, then offline; bad frames do not count."""
    picture = live()
    picture.observe(batch(frames=[frame(0), frame(500, reason="crc_wrong"), frame(600, mn="")]))
    for age_s, state in ((899, "online"), (900, "online"), (901, "offline")):
        found = picture.station("A", START_US + age_s * 1_000_000)
        assert found is not None
        assert found["state"] == state
    assert picture.summary(START_US, frozenset({"A", "B"})) == {
        "known": 2,
        "online": 1,
        "offline": 1,
        "unregistered": 0,
    }
    assert picture.summary(START_US)["unregistered"] == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_station_is_of_its_own_kind(together: bool) -> None:
    """Electricity (44) and production conditions (45), reported beside, change no ST; a device
    that reports nothing else is of that kind."""
    told = [("A", "44"), ("A", "32"), ("A", "45"), ("A", "91"), ("B", "44")]
    frames = [frame(n, mn) | {"st": st} for n, (mn, st) in enumerate(told)]
    picture = live()
    for one in [frames] if together else [[each] for each in frames]:
        picture.observe(batch(frames=one))
    found = {row["mn"]: row["st"] for row in picture.rows(["A", "B"], START_US)}
    assert found == {"A": "32", "B": "44"}


def test_newest_data_time_wins_in_any_order() -> None:
    """Data sent again later (补传) do not displace newer ones; equal times: the later received."""
    assert value_after(sample(60, 61, 1.0), sample(0, 62, 2.0)) == 1.0
    assert value_after(sample(0, 62, 2.0), sample(60, 61, 1.0)) == 1.0
    assert value_after(sample(60, 61, 1.0), sample(60, 70, 3.0)) == 3.0


def test_a_clock_in_2099_does_not_stick() -> None:
    """A value of the far future gives way to the next one received."""
    far = 73 * 365 * 86400
    assert value_after(sample(far, 10, 99.0), sample(60, 61, 1.0)) == 1.0


def test_the_one_number_of_a_row() -> None:
    """Realtime value, else average, else what there is; text where there is no number."""
    picture = live()
    picture.observe(
        batch(
            samples=[
                sample(0, 0, None, factor="a", avg=2.0, max=3.0),
                sample(0, 0, None, factor="b", extra='{"Info":"x"}', flag="D"),
                sample(0, 0, 0.0, factor="c", avg=1.0, e_flag="E"),
            ]
        )
    )
    rows = [(row["column"], row["value"], row["flag"], row["extra"]) for row in readings(picture)]
    assert rows == [
        ("avg", 2.0, "", ""),
        ("", None, "D", '{"Info":"x"}'),
        ("rtd", 0.0, "E", ""),
    ]


def test_counts_per_station() -> None:
    """Frames, bad ones by reason, repairs, duplicates; those without an MN belong to nobody."""
    picture = live()
    counts = [
        ("A", "frames", "", 5),
        ("A", "reason", "crc_wrong", 2),
        ("A", "repair", "crc_short", 1),
        ("A", "duplicates", "", 3),
        ("", "reason", "junk", 7),
    ]
    picture.observe(batch(frames=[frame(0)], counts=counts))
    picture.observe(batch(counts=[("A", "reason", "crc_wrong", 1)]))
    found = picture.station("A", START_US)
    assert found is not None
    assert (found["frames"], found["bad"], found["duplicates"]) == (5, 3, 3)
    assert (found["reasons"], found["repairs"]) == ({"crc_wrong": 3}, {"crc_short": 1})


def test_rebuilt_from_the_store() -> None:
    """A rebuild replaces everything; what comes then adds to it."""
    picture = live()
    picture.observe(batch(frames=[frame(0, mn="OLD")]))
    devices = table(DEVICES, [{"mn": "A", "st": "32", "version": "2017", "last_seen": START}])
    counts = batch(counts=[("A", "frames", "", 40)]).counts
    picture.rebuild(devices, table(SAMPLES, [sample(0, 0, 5.0)]), counts)
    picture.observe(batch(frames=[frame(10)], counts=[("A", "frames", "", 2)]))
    assert picture.station("OLD", START_US) is None
    found = picture.station("A", START_US + 910 * 1_000_000)
    assert found is not None
    assert (found["state"], found["frames"], found["factors"]) == ("online", 42, 1)


def test_memory_is_bounded_and_what_is_left_out_is_counted() -> None:
    """Above the limits stations and factors are not kept."""
    picture = live(max_mns=2, max_factors=2)
    picture.observe(
        batch(
            frames=[frame(0, mn=mn) for mn in "ABC"],
            samples=[sample(0, 0, 1.0, factor=factor) for factor in "abcd"],
        )
    )
    assert list(picture.facts().mns) == ["A", "B"]
    assert [row["factor"] for row in readings(picture)] == ["a", "b"]
    assert picture.refused == {"mns": 1, "factors": 2}
    picture.observe(batch(samples=[sample(9, 9, 2.0, factor="b")]))
    assert readings(picture)[1]["value"] == 2.0


def test_registered_but_never_heard_of() -> None:
    """A registered station is in the list from the start."""
    (row,) = live().rows(["NEW"], START_US)
    assert (row["mn"], row["state"], row["last_seen"]) == ("NEW", "offline", None)


def test_a_thousand_stations_are_small() -> None:
    """1,000 MNs with 12 factors each take less than 2 MB."""
    picture = live(max_mns=10_000)
    tracemalloc.start()
    for first in range(0, 1000, 500):
        mns = [f"010000A8900016F0001{n:05d}" for n in range(first, first + 500)]
        picture.observe(
            batch(
                frames=[frame(0, mn=mn) for mn in mns],
                samples=[
                    sample(0, 1, float(n), mn=mn, factor=f"w0101{n:02d}")
                    for mn in mns
                    for n in range(12)
                ],
                counts=[(mn, "frames", "", 1) for mn in mns],
            )
        )
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(readings(picture)) == 12_000
    assert used < 2_000_000
