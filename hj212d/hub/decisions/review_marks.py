"""What the marks of people come to for a store: readings that do not count, flags that do not.

Where an "invalid" mark and a "valid" one touch the same reading it does not count: whoever wants
it back revokes the mark that is wrong. Values only.
Tests: tests/hub/decisions/test_review_marks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from store.means import Exclusion
from store.registry.decisions import ReviewRecord, Verdict


def exclusions(marks: Iterable[ReviewRecord]) -> tuple[Exclusion, ...]:
    """The readings that marks take out; revoked marks take out none."""
    return _of(marks, "invalid")


def admissions(marks: Iterable[ReviewRecord]) -> tuple[Exclusion, ...]:
    """The readings whose own flag marks lift."""
    return _of(marks, "valid")


def _of(marks: Iterable[ReviewRecord], verdict: Verdict) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(
            mark.mn, mark.factor or None, mark.period or None, _naive(mark.start), _naive(mark.end)
        )
        for mark in marks
        if mark.verdict == verdict and mark.revoked_at is None
    )


def _naive(moment: datetime) -> datetime:
    """UTC without a zone, as the store has it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
