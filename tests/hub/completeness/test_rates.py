"""Rates by day and month from what came and what was due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from hj212d.hub.completeness.expected import fixed, registered
from hj212d.hub.completeness.rates import RATES, Known, Span, table
from store.timeseries import PRESENCE

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOURS = fixed("hour")
assert HOURS is not None


def at(text: str) -> int:
    """A Beijing time in microseconds."""
    moment = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)
    return (moment - EPOCH) // timedelta(microseconds=1)


def came(day: str, received: int, **fields: Any) -> dict[str, Any]:
    """A row of PRESENCE; values of hours, from the first hour of the day on."""
    start = at(day)
    row = {"day": start, "mn": "A", "factor": "w01018", "period": "hour", "received": received}
    row |= {"valid": received, "resent": 0, "late": 0, "first": start}
    row["last"] = start + (received - 1) * 3_600_000_000
    return row | fields


def rates(rows: list[dict[str, Any]], *devices: Known, **span: Any) -> list[dict[str, Any]]:
    """Rows of RATES of June, as things stand at its end, with what matters here."""
    presence = pa.Table.from_pylist(rows, pa.schema([(f.name, _plain(f)) for f in PRESENCE]))
    whole = {"start_us": at("06-01"), "end_us": at("07-01"), "now_us": at("07-02"), "grace_s": 0.0}
    found = table(
        presence.cast(PRESENCE),
        devices or (device(),),
        (span.pop("period", "hour"),),
        Span(**{**whole, **span}),
    )
    assert found.schema == RATES
    return found.to_pylist()


def _plain(field: pa.Field) -> pa.DataType:
    return pa.int64() if field.type == pa.timestamp("us") else field.type


def device(mn: str = "A", **fields: Any) -> Known:
    """A device that owes hours."""
    return Known(mn, **{"rhythms": {"hour": HOURS}, **fields})


def short(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some columns; the start as month and day in Beijing."""
    beijing = timedelta(hours=8)
    return [
        ((row["start"] + beijing).strftime("%m-%d"), *(row[name] for name in names))
        for row in rows
    ]


def test_a_whole_day_and_one_with_holes() -> None:
    """24 of 24; 18 of 24, of which 9 are valid: 0.75, 0.5 and their product."""
    rows = rates([came("06-01", 24), came("06-02", 18, valid=9)], end_us=at("06-03"))
    names = ("expected", "received", "valid", "transfer_rate", "validity_rate", "effective_rate")
    assert short(rows, *names) == [
        ("06-01", 24, 24, 24, 1.0, 1.0, 1.0),
        ("06-02", 24, 18, 9, 0.75, 0.5, 0.375),
    ]
    assert {row["validity_of"] for row in rows} == {"received"}
    assert {(row["interval_s"], row["interval_from"]) for row in rows} == {(3600, "standard")}


def test_validity_of_what_was_expected() -> None:
    """The other definition divides by what was due."""
    (row,) = rates([came("06-01", 18, valid=9)], end_us=at("06-02"), validity="expected")
    assert (row["validity_rate"], row["effective_rate"]) == (9 / 24, 0.75 * 9 / 24)
    assert row["validity_of"] == "expected"


def test_a_month_is_the_sum_of_its_days() -> None:
    """Days on both sides of the first of a month go each to theirs."""
    rows = rates(
        [came("05-31", 24), came("06-01", 12), came("06-30", 24)],
        start_us=at("05-31"),
        end_us=at("07-01"),
        by="month",
    )
    assert short(rows, "expected", "received") == [("05-01", 24, 24), ("06-01", 720, 36)]


def test_silent_days_are_rows_of_nothing() -> None:
    """A day on which nothing came owes all of its values; nothing is valid of nothing."""
    rows = rates([came("06-01", 24)], end_us=at("06-03"))
    names = ("expected", "received", "transfer_rate", "validity_rate", "effective_rate", "last")
    assert short(rows, *names)[1] == ("06-02", 24, 0, 0.0, None, 0.0, None)


def test_an_instrument_counts_from_its_first_day() -> None:
    """Installed at 10:30 it owes 13 hours of that day, and none before."""
    since = at("06-02T10:30")
    rows = rates(
        [came("06-02", 13, first=at("06-02T11:00"))],
        device(since_us=since),
        end_us=at("06-03"),
    )
    assert short(rows, "expected", "transfer_rate") == [("06-02", 13, 1.0)]


def test_the_future_owes_nothing() -> None:
    """Of today only what is over is due."""
    rows = rates([came("06-01", 12)], now_us=at("06-01T12:00"))
    assert short(rows, "expected", "received") == [("06-01", 12, 12)]


def test_a_factor_that_came_later() -> None:
    """A new instrument of a device owes from its first value on; one that was there in the days
    before the span owes all of it, one that stopped goes on owing."""
    rows = rates(
        [
            came("05-30", 24),
            came("05-30", 24, factor="gone"),
            came("06-01", 24),
            came("06-01", 4, factor="new", first=at("06-01T20:00")),
        ],
        end_us=at("06-02"),
    )
    assert short(rows, "factor", "expected", "received") == [
        ("06-01", "gone", 24, 0),
        ("06-01", "new", 4, 4),
        ("06-01", "w01018", 24, 24),
    ]


def test_a_device_that_was_back_on_the_second_day_owes_the_first() -> None:
    """A silence of the whole device does not make its factors new ones."""
    rows = rates([came("06-02", 24), came("06-02", 24, factor="a")], end_us=at("06-03"))
    assert [row["expected"] for row in rows] == [24, 24, 24, 24]


def test_a_device_that_never_spoke() -> None:
    """It has a row without a factor; one of which nothing is expected has none."""
    rows = rates([], device("B", name="river"), Known("C"), end_us=at("06-02"))
    assert short(rows, "mn", "name", "factor", "expected", "transfer_rate") == [
        ("06-01", "B", "river", "", 24, 0.0)
    ]


def test_factors_added_up() -> None:
    """One row for the device: what all its factors owe and what came of them."""
    rows = rates(
        [came("06-01", 24), came("06-01", 12, factor="a")], end_us=at("06-02"), summed=True
    )
    assert short(rows, "factor", "expected", "received", "transfer_rate") == [
        ("06-01", "", 48, 36, 0.75)
    ]


def test_more_than_all_is_all() -> None:
    """Two values in a slot do not make a rate above 1."""
    rows = rates([came("06-01", 25)], end_us=at("06-02"))
    assert short(rows, "received", "transfer_rate") == [("06-01", 25, 1.0)]


def test_values_from_before_the_first_day() -> None:
    """A device that sends what it measured before anybody knew it owes from its first value."""
    rows = rates([came("06-01", 6)], device(since_us=at("06-02")), end_us=at("06-02"))
    assert short(rows, "expected", "received", "transfer_rate") == [("06-01", 24, 6, 0.25)]


@pytest.mark.parametrize(("interval_s", "expected"), [(60, 1440), (600, 144)])
def test_minutes_go_by_the_interval_of_the_device(interval_s: int, expected: int) -> None:
    """What the registry says is expected, and named."""
    minutes = Known("A", rhythms={"minute": registered("minute", interval_s)})
    (row,) = rates(
        [came("06-01", 144, period="minute")], minutes, end_us=at("06-02"), period="minute"
    )
    assert (row["expected"], row["interval_from"]) == (expected, "registry")
