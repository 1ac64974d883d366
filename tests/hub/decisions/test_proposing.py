"""Marks that are proposed of a table of hour means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from hj212d.hub.decisions.proposing import proposals
from hj212d.hub.decisions.settings import ReviewSettings
from hj212d.hub.site import Site

START = datetime(2026, 3, 1)
HOUR = timedelta(hours=1)


def means(values: list[float | None], factor: str = "a34004", mn: str = "A") -> pa.Table:
    """Hour means of one factor, in Beijing's night of March 1st."""
    return pa.table(
        {
            "start": pa.array(
                [START + hour * HOUR for hour in range(len(values))], pa.timestamp("us")
            ),
            "mn": [mn] * len(values),
            "factor": [factor] * len(values),
            "stat": ["mean"] * len(values),
            "value": pa.array(values, pa.float64()),
        }
    )


def air(mn: str) -> Site:
    """A site that sends the usual units."""
    return Site(mn=mn, medium="air")


def test_a_jump_becomes_a_mark() -> None:
    """With the factor's code, the hour as its times, and what was seen as its note."""
    (mark,) = proposals(means([20, 22, 21, 180, 23, 21]), air, ReviewSettings())
    assert mark == {
        "mn": "A",
        "factor": "a34004",
        "start": "2026-03-01T03:00:00+00:00",
        "end": "2026-03-01T04:00:00+00:00",
        "reason": "jump",
        "note": "180 between 21 and 23 ug/m3",
    }


def test_an_hour_that_is_stamped_with_its_end() -> None:
    """Its readings lie behind its start, up to its end."""
    end = proposals(
        means([5, -1]), lambda mn: Site(mn=mn, medium="air", stamp="end"), ReviewSettings()
    )
    times = [(one["start"], one["end"]) for one in end]
    assert times == [("2026-03-01T01:00:01+00:00", "2026-03-01T02:00:01+00:00")]


def test_units_of_a_site() -> None:
    """Judged as ug/m3; what cannot become that is left alone."""
    table = means([0.02, 0.022, 0.021, 0.18, 0.023, 0.021])
    milli = Site(mn="A", medium="air", units={"a34004": "mg/m3"})
    (mark,) = proposals(table, lambda _: milli, ReviewSettings())
    assert mark["note"] == "180 between 21 and 23 ug/m3"
    odd = Site(mn="A", medium="air", units={"a34004": "ppb"})
    assert proposals(table, lambda _: odd, ReviewSettings()) == []


def test_gaps_are_gaps() -> None:
    """A missing row and a missing value both are; another factor is not looked at."""
    table = means([20, None, 21, 180, 23]).filter([True, True, False, True, True])
    assert proposals(table, air, ReviewSettings()) == []
    assert proposals(means([5, 5, 900, 5], "a01001"), air, ReviewSettings()) == []
    assert proposals(means([]), air, ReviewSettings()) == []


@pytest.mark.parametrize("reason", ["constant", "jump", "inversion", "negative", "range"])
def test_each_reason_may_be_given(reason: str) -> None:
    """Proposals are marks that `review add` takes."""
    assert reason in ReviewSettings().reasons
