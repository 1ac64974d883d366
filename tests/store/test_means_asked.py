"""What a question about hours comes to before an engine is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from store.means import HOUR_SUMS, Exclusion, HourSumsQuery
from store.means_asked import Asked, asked, just_pairs, said

NOON = datetime(2026, 6, 1, 4)
NOON_S = 1_780_286_400
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAIRS = pa.schema([("mn", pa.string()), ("start", pa.timestamp("us"))])


def pairs(*wanted: tuple[str, datetime]) -> pa.Table:
    """A table of MNs and hours."""
    return pa.Table.from_pylist([{"mn": mn, "start": start} for mn, start in wanted], PAIRS)


def test_a_span_is_asked_for_in_one_go() -> None:
    """MNs once each and in order; nothing for an empty span or for no MNs."""
    query = HourSumsQuery(NOON, NOON + HOUR, mns=("B", "A", "B"))
    assert list(asked(query, "hour")) == [Asked(NOON_S, NOON_S + 3600, ["A", "B"])]
    assert list(asked(HourSumsQuery(NOON, NOON), "hour")) == []
    assert list(asked(HourSumsQuery(NOON, NOON + HOUR, mns=()), "hour")) == []


def test_pairs_are_a_few_narrow_ranges() -> None:
    """A clock in 1970 is a range of its own, with its MN alone; pairs out of bounds are none."""
    long_ago = datetime(1970, 1, 1, 3)
    table = pairs(("A", NOON), ("B", NOON + HOUR), ("old", long_ago), ("A", NOON + 3 * DAY))
    query = HourSumsQuery(datetime(1960, 1, 1), NOON + DAY, pairs=table)
    assert list(asked(query, "hour")) == [
        Asked(3 * 3600, 4 * 3600, ["old"]),
        Asked(NOON_S, NOON_S + 2 * 3600, ["A", "B"]),
    ]
    assert next(iter(asked(query, "day"))) == Asked(3 * 3600, 27 * 3600, ["old"])


def test_only_judgements_that_bear_are_taken() -> None:
    """Those of other MNs and of other days cost nothing."""
    near = Exclusion("A", None, None, NOON, NOON + HOUR)
    far = Exclusion("A", None, None, NOON - 9 * DAY, NOON - 8 * DAY)
    other = Exclusion("B", None, None, NOON, NOON + HOUR)
    query = HourSumsQuery(NOON, NOON + HOUR, exclusions=(near, far, other), admissions=(far,))
    found = said(query, Asked(NOON_S, NOON_S + 3600, ["A"]))
    assert found == ([near], [])
    assert found.mns == ["A"]


def test_minutes_belong_to_the_hour_of_a_pair() -> None:
    """Rows of other hours and of other MNs go; the order stays."""
    rows = [
        dict.fromkeys(HOUR_SUMS.names) | {"start": NOON + at, "mn": mn}
        for at in (timedelta(0), timedelta(minutes=59), HOUR)
        for mn in ("A", "B")
    ]
    table = pa.Table.from_pylist(rows, HOUR_SUMS)
    kept = just_pairs(table, pairs(("A", NOON), ("B", NOON + HOUR)))
    found = list(zip(kept["start"].to_pylist(), kept["mn"].to_pylist(), strict=True))
    assert found == [
        (NOON, "A"),
        (NOON + timedelta(minutes=59), "A"),
        (NOON + HOUR, "B"),
    ]
