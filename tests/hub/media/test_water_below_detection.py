"""Water below what its instrument can detect: half in means, the limit itself in verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from media_rig import ONE_DAY, assessed, hours, media, new_store, only, put, row, utc

from hj212d.hub.site import Site
from store.means import Store

# Ammonia by its code, phosphorus by its name.
RIVER = Site(
    mn="R1",
    medium="water",
    water={"target": "II", "detection_w21003": "0.025L", "detection_TP": "<0.25"},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = new_store(tmp_path)
    yield made
    made.close()


def test_an_hour_below(store: Store) -> None:
    """0.01 is shown as 0.0125 and judged as 0.025, which keeps 0.5 and is class I."""
    put(store, hours("R1", {"w21003": [0.01], "w21011": [0.01]}))
    rows = assessed(media(store, [RIVER]))
    ammonia = only(rows, item="NH3-N")
    assert (ammonia["value"], ammonia["exceeded"], ammonia["grade"]) == (0.0125, False, 1)
    assert ammonia["words"] == "未检出（<0.025）"
    assert ammonia["index"] == pytest.approx(0.05)  # 0.025 of 0.5
    # Phosphorus: who cannot see below 0.25 cannot say that 0.1 is kept.
    phosphorus = only(rows, item="TP")
    assert (phosphorus["exceeded"], phosphorus["mark"]) == (None, "undecidable")
    assert phosphorus["grade"] == 4


def test_a_day_of_which_hours_are_below(store: Store) -> None:
    """12 hours of 0.01 count 0.0125, 12 of 0.1875: the mean is 0.1, not 0.09875."""
    put(store, hours("R1", {"w21003": [0.01] * 12 + [0.1875] * 12}))
    put(store, [row("R1", "w21003", utc(), 0.09875, level="day", n=24, need=20)])
    found = only(assessed(media(store, [RIVER]), "day"), item="NH3-N")
    assert found["value"] == pytest.approx(0.1)
    assert (found["judged"], found["exceeded"]) == (0.1, False)
    assert found["words"] == "12/24 小时未检出（<0.025）"


def test_a_month_counts_its_valid_days(store: Store) -> None:
    """27 days all below and one of 0.2 that does not count: 0.0125."""
    first = utc(date(2025, 6, 1))
    put(store, hours("R1", {"w21003": [0.01] * 24 * 27 + [0.2] * 24}, first=first))
    for number in range(28):
        mark = "short" if number == 27 else ""
        day = first + number * ONE_DAY
        put(store, [row("R1", "w21003", day, 0.01, level="day", mark=mark)])
    found = only(assessed(media(store, [RIVER]), "month"), item="NH3-N")
    assert found["value"] == pytest.approx(0.0125)
    assert (found["mark"], found["exceeded"]) == ("", False)


def test_a_limit_that_is_no_number(store: Store) -> None:
    """One sentence with site and word."""
    odd = Site(mn="R1", medium="water", water={"detection_TP": "low"})
    put(store, hours("R1", {"w21011": [0.01]}))
    with pytest.raises(ValueError, match="site R1: water detection_TP is 'low'"):
        assessed(media(store, [odd]))
