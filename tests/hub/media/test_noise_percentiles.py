"""L10, L50, L90 of a station's own readings, and levels less their background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from media_rig import HOUR, ONE_DAY, assessed, media, new_store, only, put, row, utc

from hj212d.hub.site import Site
from store.means import Store
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

STREET = Site(mn="N1", medium="noise", noise_zone="2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def readings(store: Store, rows: Sequence[dict[str, Any]]) -> None:
    """Samples of N1, received two seconds after their time unless they say otherwise."""
    made = []
    for number, said in enumerate(rows, 1):
        base = {"mn": "N1", "factor": "LA", "period": "realtime", "lane": "0", "rf": False}
        base |= {"position": number, "received_at": said["data_time"] + timedelta(seconds=2)}
        made.append(dict.fromkeys(SAMPLES.names) | base | said)
    store.commit(
        Batch(
            frames=FRAMES.empty_table(),
            samples=pa.Table.from_pylist(made, SAMPLES),
            links=LINKS.empty_table(),
            counts=COUNTS.empty_table(),
            cursors={"0": len(made)},
        )
    )


def seconds(levels: Sequence[float], first: int = 1) -> list[dict[str, Any]]:
    """One a second of the first hour, from its second ``first`` on."""
    begin = utc() + timedelta(seconds=first)
    return [
        {"data_time": begin + timedelta(seconds=n), "rtd": level} for n, level in enumerate(levels)
    ]


def test_an_hour_of_seconds(store: Store) -> None:
    """0 to 100 dB once each: 90 is exceeded a tenth of the time, 10 nine tenths. A reading on the
    full hour belongs to the hour before; a flag, 300 dB and the future do not count."""
    put(store, [row("N1", "LA", utc(), 60.0, stat="leq")])
    odd = [
        {"data_time": utc(), "rtd": 99.0},  # of the hour before
        {"data_time": utc() + timedelta(seconds=500), "rtd": 99.0, "flag": "D"},
        {"data_time": utc() + timedelta(seconds=501), "rtd": 300.0},
        {"data_time": utc() + timedelta(seconds=502), "rtd": 99.0, "received_at": utc() - HOUR},
    ]
    readings(
        store,
        odd + seconds([float(n) for n in range(100)]) + [{"data_time": utc(hour=1), "rtd": 100.0}],
    )
    rows = assessed(media(store, [STREET]), percentiles=True)
    found = {each["item"]: each for each in rows if each["stat"] in ("l10", "l50", "l90")}
    assert [found[name]["value"] for name in ("L10", "L50", "L90")] == [90.0, 50.0, 10.0]
    assert (found["L10"]["n"], found["L10"]["words"]) == (101, "由 101 个读数")
    assert found["L10"]["exceeded"] is None
    assert not [each for each in assessed(media(store, [STREET])) if each["item"] == "L10"]


def test_what_is_sent_stands(store: Store) -> None:
    """The station sends L10: only the two others are made, of its minutes."""
    put(store, [row("N1", "LA", utc(), 60.0, stat="leq"), row("N1", "L10", utc(), 66.0)])
    minutes = [
        {"data_time": utc() + timedelta(minutes=n), "avg": 50.0 + n, "period": "minute"}
        for n in range(11)
    ]
    readings(store, minutes)
    rows = assessed(media(store, [STREET]), percentiles=True)
    assert [each["value"] for each in rows if each["item"] == "L10"] == [66.0]
    assert only(rows, item="L50")["value"] == 55.0
    assert only(rows, item="L90")["value"] == 51.0


def test_a_day_and_an_hour_that_does_not_count(store: Store) -> None:
    """A day of its hours; the mark of the Leq is theirs; without readings there is nothing."""
    put(store, [row("N1", "LA", utc(), 60.0, stat="leq", mark="short")])
    put(store, [row("N1", "LA", utc(hour=5), 60.0, stat="leq")])
    put(store, [row("N1", "LA", utc(), 60.0, level="day", stat="leq")])
    readings(store, seconds([40.0, 50.0, 60.0]))
    asked = media(store, [STREET])
    day = only(assessed(asked, "day", percentiles=True), item="L50")
    assert (day["value"], day["mark"], day["n"]) == (50.0, "", 3)
    rows = [each for each in assessed(asked, percentiles=True) if each["item"] == "L50"]
    assert [(each["value"], each["mark"]) for each in rows] == [(50.0, "short"), (None, "none")]


def test_too_much_is_refused(store: Store) -> None:
    """63 days, or months."""
    asked = media(store, [STREET])
    with pytest.raises(ValueError, match="62 days of stations"):
        assessed(asked, end=utc() + 63 * ONE_DAY, percentiles=True)
    with pytest.raises(ValueError, match="hours and days"):
        assessed(asked, "month", percentiles=True)


@pytest.mark.parametrize(
    ("measured", "value", "exceeded", "mark"),
    [
        (61.5, 61.5, True, ""),  # 11.5 above the background of 50: nothing
        (60.0, 59.0, False, ""),  # 10: -1
        (56.0, 55.0, False, ""),  # 6: -1
        (55.0, 53.0, False, ""),  # 5: -2
        (53.0, 50.0, False, ""),  # 3: -3
        (52.0, 52.0, None, "background"),  # measure again
    ],
)
def test_background_is_taken_off(
    store: Store, measured: float, value: float, exceeded: bool | None, mark: str
) -> None:
    """An hour at noon at the fence of a plant, by the steps of GB 12348."""
    fence = Site(
        mn="N1",
        medium="noise",
        noise_zone="2",
        outlet={"table": "GB12348-2008", "background_db": "50", "background_night_db": "30"},
    )
    put(store, [row("N1", "LA", utc(hour=12), measured, stat="leq")])
    put(store, [row("N1", "LA", utc(hour=23), 40.5, stat="leq", max=62.0)])
    noon, night = (each for each in assessed(media(store, [fence])) if each["stat"] == "leq")
    assert (noon["value"], noon["exceeded"], noon["mark"]) == (value, exceeded, mark)
    assert night["value"] == 40.5  # 10.5 above that of the night


def test_frequent_noise_of_a_night(store: Store) -> None:
    """62 dB at night are 12 above the limit: fine once in a while, too loud again and again."""
    put(store, [row("N1", "LA", utc(hour=23), 45.0, stat="leq", max=62.0)])
    for words, exceeded in (({}, False), ({"night_events": "frequent"}, True)):
        outlet = {"table": "GB12348-2008", **words}
        fence = Site(mn="N1", medium="noise", noise_zone="2", outlet=outlet)
        found = only(assessed(media(store, [fence]), "day"), stat="lmax night")
        assert (found["value"], found["exceeded"]) == (62.0, exceeded)
