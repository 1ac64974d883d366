"""The questions of air quality, answered from means and sites.

Blocking: the desk calls it in the threads of queries, commands call it directly.
Tests: tests/hub/quality/test_quality.py.
"""

from __future__ import annotations

import pyarrow as pa

from hj212d.hub.quality.questions import AqiQuestion, EvaluationQuestion, RankQuestion
from hj212d.hub.quality.tables import AQI_ROWS, EVALUATION_ROWS, RANK_ROWS


class Quality:
    """Answers about stations and regions. Errors of the field are marks in the rows; ValueError
    says what is wrong with a question."""

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """AQI_ROWS in order of place and start."""
        return AQI_ROWS.empty_table()

    def evaluate(self, question: EvaluationQuestion) -> pa.Table:
        """EVALUATION_ROWS in order of place, pollutant, statistic."""
        return EVALUATION_ROWS.empty_table()

    def rank(self, question: RankQuestion) -> pa.Table:
        """RANK_ROWS in order of standard, region, start, rank; those without a rank last."""
        return RANK_ROWS.empty_table()
