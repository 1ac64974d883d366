"""Answers for reports: the running daemon's, or those of store and registry when none runs.

Tests: tests/system/test_reports.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hj212d.cli.answers import Answers
from hj212d.cli.deciding import decide
from hj212d.cli.here import Here
from hj212d.hub.decisions.site_deeds import Sites

if TYPE_CHECKING:
    import pyarrow as pa

    from hj212d.hub.means.question import MeansQuestion
    from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion

_AT_ONCE = 500


class ReportSource:
    """The `Source` of `reporting.collect`."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._answers: Any = Answers(here)

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS."""
        return self._answers.aqi(question)

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """EVALUATION_ROWS."""
        return self._answers.evaluate(question)

    def rank(self, question: RankQuestion) -> pa.Table:
        """RANK_ROWS."""
        return self._answers.rank(question)

    def means(self, question: MeansQuestion) -> pa.Table:
        """MEANS."""
        return self._answers.means(question)

    def sites(self) -> Sequence[Mapping[str, Any]]:
        """Sites in force, a page after the other."""
        rows: list[Mapping[str, Any]] = []
        after: str | None = ""
        while after is not None:
            answer = decide(self._here, Sites, after=after, limit=_AT_ONCE)
            rows += answer["sites"]
            after = answer.get("next")
        return rows
