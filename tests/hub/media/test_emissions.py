"""What outlets emit, with lost hours made up for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from media_rig import (
    HOUR,
    ONE_DAY,
    emitted,
    hours,
    media,
    new_store,
    only,
    put,
    row,
    utc,
)

from hj212d.hub.media.questions import EMISSIONS, EmissionQuestion
from hj212d.hub.media.settings import MediaSettings
from hj212d.hub.site import Site
from store.means import Store
from store.timeseries import COUNTS, FRAMES, LINKS, SAMPLES, Batch

JUNE = utc(date(2025, 6, 1))
STACK = Site(mn="F1", medium="flue")
PLANT = Site(mn="W1", medium="wastewater")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def running(so2: list[float | None], days_before: int = 0) -> list[dict]:
    """A stack with 50 m3/s: 180,000 m3/h, so 100 mg/m3 are 18 kg/h."""
    first = utc() - days_before * ONE_DAY
    return hours("F1", {"a00000": [50.0] * len(so2), "a21026": so2}, first=first)


def test_a_whole_day(store: Store) -> None:
    """24 hours of 18 kg, beside the instrument's own sums."""
    put(store, running([100.0] * 24) + hours("F1", {"a21026": [17.9] * 24}, stat="total"))
    found = only(emitted(media(store, [STACK])), item="SO2")
    assert found["kg"] == found["total_kg"] == pytest.approx(432)
    assert found["reported_kg"] == pytest.approx(17.9 * 24)
    assert found["flow_m3"] == pytest.approx(180_000 * 24)
    assert (found["hours"], found["missing"], found["mark"]) == (24, 0, "")
    assert found["start"] == utc()


def test_a_whole_quarter(store: Store) -> None:
    """April to June 2025 has 2,184 hours, the last month 720: 18 kg each of June, and a capture
    rate of the hours since the first; nothing makes up for a spring before that."""
    put(store, hours("F1", {"a00000": [50.0] * 720, "a21026": [100.0] * 719 + [None]}, first=JUNE))
    (found,) = emitted(media(store, [STACK]), "quarter")
    assert (found["start"], found["end"]) == (utc(date(2025, 4, 1)), utc(date(2025, 7, 1)))
    assert found["kg"] == pytest.approx(719 * 18)
    assert found["made_up_kg"] == pytest.approx(18)
    assert (found["hours"], found["made_up"], found["missing"]) == (719, 1, 1464)
    assert found["capture"] == pytest.approx(100 * 719 / 720)
    assert found["mark"] == "short;history"


def test_the_measured_concentration_counts_not_the_converted_one(store: Store) -> None:
    """A value at the reference oxygen stands beside it and is not used."""
    put(store, [*running([100.0]), row("F1", "a21026", utc(), 999.0, stat="zs")])
    found = only(emitted(media(store, [STACK]), "hour", end=utc() + HOUR), item="SO2")
    assert found["kg"] == pytest.approx(18)


def test_lost_hours_are_made_up_from_the_hours_before(store: Store) -> None:
    """The largest of the 180 valid hours before: 36 kg/h; the original stays missing."""
    history = [100.0] * (10 * 24)
    history[-100], history[0] = 200.0, 900.0
    put(store, running(history + [100.0] * 10 + [None] * 4 + [100.0] * 10, days_before=10))
    asked = media(store, [STACK], now=utc() + ONE_DAY)
    found = only(emitted(asked), item="SO2")
    assert found["kg"] == pytest.approx(20 * 18)
    assert found["made_up_kg"] == pytest.approx(4 * 36)
    assert found["total_kg"] == pytest.approx(20 * 18 + 4 * 36)
    assert (found["hours"], found["made_up"], found["missing"]) == (20, 4, 0)
    assert (found["rule"], found["mark"]) == ("HJ 75-2017 max 180", "")
    assert 90 < found["capture"] < 100
    hourly = emitted(asked, "hour")
    lost = [each for each in hourly if each["made_up"]]
    assert [(each["kg"], each["total_kg"]) for each in lost] == [(0.0, pytest.approx(36))] * 4


def test_nothing_is_made_up_without_history_or_capture(store: Store) -> None:
    """Too few valid hours before, or less than 75 % caught: a mark, and what there is."""
    put(store, running([100.0] * 20 + [None] * 4))
    asked = media(store, [STACK], now=utc() + ONE_DAY)
    few = only(emitted(asked), item="SO2")
    assert (few["kg"], few["total_kg"]) == (pytest.approx(360), pytest.approx(360))
    assert (few["missing"], few["mark"]) == (4, "short;history")
    some = MediaSettings(make_up_short_history=True)
    more = only(emitted(media(store, [STACK], some, utc() + ONE_DAY)), item="SO2")
    assert more["made_up_kg"] == pytest.approx(72)
    put(store, running([100.0] + [None] * 23, days_before=-1))
    late = media(store, [STACK], some, utc() + 2 * ONE_DAY)
    manual = only(emitted(late, start=utc() + ONE_DAY), item="SO2")
    assert (manual["missing"], manual["mark"]) == (23, "short;manual")
    none = media(store, [STACK], MediaSettings(make_up="none"), utc() + ONE_DAY)
    assert only(emitted(none), item="SO2")["mark"] == "short"


def test_a_stack_that_stands_still_emits_nothing(store: Store) -> None:
    """No flow, or flue gas like air where the outlet says so: known zeros, not lost hours."""
    rows = hours(
        "F1",
        {
            "a00000": [50.0] * 20 + [0.0] * 2 + [1.0] * 2,
            "a21026": [100.0] * 20 + [None] * 4,
            "a19001": [8.0] * 22 + [20.6] * 2,
        },
    )
    put(store, rows)
    still = Site(mn="F1", medium="flue", outlet={"stop_o2": 20.5})
    found = only(emitted(media(store, [still])), item="SO2")
    assert (found["hours"], found["stopped"], found["missing"], found["mark"]) == (20, 4, 0, "")
    lost = only(emitted(media(store, [STACK])), item="SO2")
    assert (lost["stopped"], lost["missing"]) == (2, 2)


def test_waste_water_by_the_day_and_the_span(store: Store) -> None:
    """32 mg/L in 36 m3 an hour are 1.152 kg; lost hours are said, never filled."""
    rows = hours("W1", {"w00000": [10.0] * 48, "w01018": [32.0] * 46 + [None] * 2})
    put(store, rows)
    asked = media(store, [PLANT])
    two = [each for each in emitted(asked, end=utc() + 2 * ONE_DAY) if each["item"] == "COD"]
    assert [each["kg"] for each in two] == [pytest.approx(24 * 1.152), pytest.approx(22 * 1.152)]
    assert [each["mark"] for each in two] == ["", "short"]
    span = only(emitted(asked, "span", end=utc() + 2 * ONE_DAY), item="COD")
    assert span["total_kg"] == pytest.approx(46 * 1.152)
    assert span["flow_m3"] == pytest.approx(48 * 36)


def test_the_former_fill_rule_of_waste_water(store: Store) -> None:
    """Two lost hours take the mean of the two before them, also over a night without discharge."""
    values = [20.0, 40.0] + [99.0] * 10 + [None, None] + [30.0] * 10
    flow = [10.0, 10.0] + [0.0] * 10 + [10.0] * 12
    put(store, hours("W1", {"w00000": flow, "w01018": values}))
    asked = media(store, [PLANT], MediaSettings(fill="HJ/T356-2007"), utc() + ONE_DAY)
    found = only(emitted(asked), item="COD")
    assert found["kg"] == pytest.approx((20 + 40 + 300) * 0.036)
    assert found["made_up_kg"] == pytest.approx(2 * 30 * 0.036)
    assert (found["made_up"], found["missing"], found["stopped"]) == (2, 0, 10)
    assert (found["rule"], found["mark"], found["capture"]) == ("HJ/T 356-2007 mean", "", None)
    hourly = emitted(asked, "hour")
    assert [each["made_up"] for each in hourly[11:15]] == [0, 1, 1, 0]


def test_nothing_to_fill_from(store: Store) -> None:
    """The first hours of all have none before them."""
    put(store, hours("W1", {"w00000": [10.0] * 24, "w01018": [None] * 2 + [30.0] * 22}))
    settings = MediaSettings(fill="HJ/T356-2007")
    found = only(emitted(media(store, [PLANT], settings, utc() + ONE_DAY)), item="COD")
    assert (found["made_up"], found["missing"], found["mark"]) == (0, 2, "short;history")


def test_an_outlet_without_a_meter_has_no_mass(store: Store) -> None:
    """Nothing is guessed: no flow, no kilograms; pH has none anyway."""
    put(store, hours("W1", {"w01018": [32.0] * 24, "w01001": [7.0] * 24}))
    rows = emitted(media(store, [PLANT]))
    assert [each["item"] for each in rows] == ["COD"]
    assert (rows[0]["kg"], rows[0]["total_kg"], rows[0]["mark"]) == (None, None, "none")


def test_hours_that_are_not_over_are_not_missing(store: Store) -> None:
    """At six in the morning the day has six hours."""
    put(store, running([100.0] * 6))
    found = only(emitted(media(store, [STACK], now=utc(hour=6))), item="SO2")
    assert (found["hours"], found["missing"]) == (6, 0)
    assert found["kg"] == pytest.approx(108)
    later = date(2030, 1, 1)
    assert emitted(media(store, [STACK]), start=utc(later)) == []


def test_hours_that_the_instrument_marks_as_stopped(store: Store) -> None:
    """Flag F on the hour's flow: it stands still; D is a fault, and the hour is lost."""
    rows = [
        row("F1", code, utc(hour=hour), None, mark="flag")
        for code in ("a00000", "a21026")
        for hour in (1, 2)
    ]
    put(store, running([100.0]) + rows)
    samples = [
        dict.fromkeys(SAMPLES.names)
        | {"mn": "F1", "data_time": utc(hour=hour), "received_at": utc(hour=3), "lane": "0"}
        | {"position": hour, "rf": False, "factor": "a00000", "period": "hour"}
        | {"avg": 0.0, "flag": flag}
        for hour, flag in ((1, "F"), (2, "D"))
    ]
    store.commit(
        Batch(
            frames=FRAMES.empty_table(),
            samples=pa.Table.from_pylist(samples, SAMPLES),
            links=LINKS.empty_table(),
            counts=COUNTS.empty_table(),
            cursors={"0": 3},
        )
    )
    found = only(emitted(media(store, [STACK], now=utc(hour=3))), item="SO2")
    assert (found["hours"], found["stopped"], found["missing"]) == (1, 1, 1)


def test_columns_are_those_of_the_schema(store: Store) -> None:
    """An empty answer has them, too."""
    table = media(store, []).emissions(EmissionQuestion("day", utc(), utc() + ONE_DAY))
    assert isinstance(table, pa.Table)
    assert table.schema == EMISSIONS
    assert table.num_rows == 0
