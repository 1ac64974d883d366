"""Means, answered by the running daemon, or by the store when none runs.

Every failure becomes a `Refusal`. Tests: tests/cli/test_means_command.py.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aqi.means.calendar import span_of
from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.own_registry import heard_sts, sites_in_force
from hj212d.cli.refusal import NO, Refusal
from hj212d.hub.means.asking import Means
from hj212d.hub.means.desk import answered
from hj212d.hub.means.requests import Means as MeansRequest
from hj212d.hub.means.rolling import midnight

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bounds(start: datetime | None, end: datetime | None, span: str | None) -> tuple[str, str]:
    """What is asked about, as texts: a span in words, else two times. Refusal."""
    if span is None:
        now = datetime.now(UTC)
        first = start or midnight(now.replace(tzinfo=None) - timedelta(days=1)).replace(tzinfo=UTC)
        behind = end or now
    elif start or end:
        raise Refusal("--span goes without --from and --to")
    else:
        try:
            first, behind = (_EPOCH + timedelta(microseconds=one) for one in span_of(span))
        except ValueError as problem:
            raise Refusal(str(problem)) from problem
    if first >= behind:
        raise Refusal("--from must be before --to")
    return first.isoformat(), behind.isoformat()


def means(answers: Answers, **asked: Any) -> pa.Table:
    """Rows of MEANS; ``asked``: fields of the request, moments as ISO 8601 texts."""
    try:
        with refused():
            return answers.client.table("means", **asked)
    except NoDaemonRuns:
        with answers.store() as store:
            sites = sites_in_force(answers.config, answers.data, heard_sts(store))
            own = Means(store, sites, answers.config.means, lambda: time.time_ns() // 1000)
            try:
                return answered(own, sites, MeansRequest(**asked))
            except ValueError as problem:
                raise Refusal(str(problem), NO) from problem


def recompute(answers: Answers, **asked: Any) -> int:
    """How many hours the daemon makes anew; Refusal when none runs."""
    with refused():
        return int(answers.client.call("means_recompute", **asked)["hours"])
