"""What every engine promises of means: sums that are integers, revisions, and what has changed."""

from __future__ import annotations

from store.means import DERIVED, HOUR_SUMS


def test_tables_have_their_keys() -> None:
    """The columns that others join by are there."""
    assert {"start", "mn", "factor", "period"} <= set(HOUR_SUMS.names)
    assert {"level", "start", "mn", "factor", "stat"} <= set(DERIVED.names)
