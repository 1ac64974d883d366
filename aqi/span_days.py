"""Whether a span of days has enough valid ones to be evaluated, place by place.

The figures are those of `aqi/means/validity.py`; what a valid day is was decided before.
Tests: tests/aqi/test_span_days.py.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

import numpy as np

from aqi.exact import Bools, Ints
from aqi.means.validity import Validity


class Enough(NamedTuple):
    """``n`` valid days of each place, how many are needed in all, and whether the whole rule is
    met, months included."""

    n: Ints
    need: int
    ok: Bools


def enough_days(there: Bools, first: date, rules: Validity) -> Enough:
    """Judge a span by its valid days; the last axis of ``there`` is its days from ``first`` on.

    GB 3095-2012 table 4: a year needs 324 days and each of its months 27, February 25 (confirmed).
    Whole months, and quarters and longer spans made of them: each month its days. Any other span:
    the share of its days that ``rules.span_share`` says (choice of this platform).
    """
    days = there.shape[-1]
    n = there.sum(axis=-1, dtype=np.int64)
    months = _whole_months(first, days)
    if not months:
        need = max(1, ceil(round(rules.span_share * days, 9)))
        return Enough(n, need, n >= need)
    needs = [rules.february_days if month.month == 2 else rules.month_days for month, _ in months]
    ok = np.ones(n.shape, dtype=np.bool_)
    is_year = first.month == 1 and len(months) % 12 == 0
    if rules.year_months if is_year else rules.quarter_months or len(months) == 1:
        at = 0
        for (_, length), month_need in zip(months, needs, strict=True):
            ok &= there[..., at : at + length].sum(axis=-1) >= month_need
            at += length
    need = len(months) // 12 * rules.year_days if is_year else sum(needs)
    if is_year or not rules.quarter_months:
        ok &= n >= need
    return Enough(n, need, ok)


def _whole_months(first: date, days: int) -> list[tuple[date, int]]:
    """The months of a span with their lengths; none when it is not made of whole months."""
    behind = first + timedelta(days=days)
    if first.day != 1 or behind.day != 1 or days == 0:
        return []
    found = []
    month = first
    while month < behind:
        following = (month + timedelta(days=32)).replace(day=1)
        found.append((month, (following - month).days))
        month = following
    return found
