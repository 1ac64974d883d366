"""Marks as a store understands them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hj212d.hub.decisions.review_marks import admissions, exclusions
from store.means import Exclusion
from store.registry.decisions import ReviewRecord

START = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
END = START + timedelta(hours=2)


def test_marks_that_count() -> None:
    """An empty factor or period is all of them; moments lose their zone, not their meaning."""
    bad = ReviewRecord(mn="A", start=START, end=END)
    good = ReviewRecord(
        mn="A", factor="a34004", period="hour", start=START, end=END, verdict="valid"
    )
    first, last = datetime(2026, 3, 1, 0), datetime(2026, 3, 1, 2)
    assert exclusions([bad, good]) == (Exclusion("A", None, None, first, last),)
    assert admissions([bad, good]) == (Exclusion("A", "a34004", "hour", first, last),)


def test_a_revoked_mark_counts_for_nothing() -> None:
    """On either side."""
    gone = ReviewRecord(mn="A", start=START, end=END, revoked_at=datetime.now(UTC))
    assert exclusions([gone]) == admissions([gone]) == ()
