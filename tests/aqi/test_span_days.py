"""Enough valid days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from aqi.means.validity import rules
from aqi.span_days import enough_days

AIR = rules()["air"]


def there(days: int, missing: int = 0, at: int = 0) -> np.ndarray:
    """One place with all days but some from a day on."""
    found = np.ones((1, days), dtype=np.bool_)
    found[0, at : at + missing] = False
    return found


@pytest.mark.parametrize(
    ("first", "days", "missing", "need", "ok"),
    [
        (date(2025, 1, 1), 31, 4, 27, True),
        (date(2025, 1, 1), 31, 5, 27, False),
        (date(2025, 1, 1), 31, 11, 27, False),  # a month of 20 days
        (date(2025, 2, 1), 28, 3, 25, True),
        (date(2025, 2, 1), 28, 4, 25, False),
        (date(2025, 1, 1), 90, 4, 79, True),
        (date(2025, 1, 1), 90, 5, 79, False),  # all in January
        (date(2025, 1, 10), 13, 3, 10, True),  # the 10th to the 22nd: three quarters
        (date(2025, 1, 10), 13, 4, 10, False),
        (date(2025, 1, 6), 7, 1, 6, True),
    ],
)
def test_spans(first: date, days: int, missing: int, need: int, ok: bool) -> None:
    """Months have their own count, other spans a share of their days."""
    found = enough_days(there(days, missing), first, AIR)
    assert (found.n.tolist(), found.need, found.ok.tolist()) == ([days - missing], need, [ok])


def test_a_year() -> None:
    """324 days and every month: 41 days spread over the months are fine, five of one are not."""
    spread = there(365)
    months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    for first, missing in zip(months, [4, 3, 4, 3, 4, 3, 4, 4, 3, 4, 3, 2], strict=True):
        spread[0, first : first + missing] = False
    found = enough_days(spread, date(2025, 1, 1), AIR)
    assert (found.n.tolist(), found.need, found.ok.tolist()) == ([324], 324, [True])
    spread[0, 364] = False
    assert enough_days(spread, date(2025, 1, 1), AIR).ok.tolist() == [False]
    assert enough_days(there(365, 5), date(2025, 1, 1), AIR).ok.tolist() == [False]
