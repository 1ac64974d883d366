"""What `hj212d means` asks: its span of time, and hours made anew.

Every failure becomes a `Refusal`. Tests: tests/cli/test_means_command.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aqi.means.calendar import span_of
from hj212d.cli.answers import Answers, refused
from hj212d.cli.refusal import Refusal
from hj212d.hub.means.rolling import midnight

_EPOCH = datetime(1970, 1, 1)


def bounds(
    start: datetime | None, end: datetime | None, span: str | None
) -> tuple[datetime, datetime]:
    """What is asked about, naive UTC: a span in words, else two times. Refusal."""
    if span is None:
        now = datetime.now(UTC).replace(tzinfo=None)
        first = _naive(start) or midnight(now - timedelta(days=1))
        behind = _naive(end) or now
    elif start or end:
        raise Refusal("--span goes without --from and --to")
    else:
        try:
            first, behind = (_EPOCH + timedelta(microseconds=one) for one in span_of(span))
        except ValueError as problem:
            raise Refusal(str(problem)) from problem
    if first >= behind:
        raise Refusal("--from must be before --to")
    return first, behind


def recompute(answers: Answers, **asked: Any) -> int:
    """How many hours the daemon makes anew; Refusal when none runs."""
    with refused():
        return int(answers.client.call("means_recompute", **asked)["hours"])


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
