"""Fixed rows in the place of means and AQI: a week of one station with wind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from hj212d.hub.means.question import MEANS, MeansQuestion
from hj212d.hub.quality.questions import AqiQuestion
from hj212d.hub.quality.tables import AQI_ROWS

START = datetime(2026, 3, 1, 16)  # 2026-03-02, a Monday, in Beijing
HOURS = 168
END = START + timedelta(hours=HOURS)
RANDOM = np.random.default_rng(7)
SPEED = np.round(RANDOM.gamma(2, 1, HOURS), 1)
DIRECTION = np.round(RANDOM.random(HOURS) * 360)
PM25 = np.round(RANDOM.random(HOURS) * 100, 1)
DAYS = (("120", 120, "PM2.5"), ("80", 80, "PM10;PM2.5"), ("40", 40, ""), ("NA", 70, "O3"))


def table(schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of a schema; what is not said is null."""
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)


class FixedAnswers:
    """Means and AQI of station A, the same whatever is asked."""

    def __init__(self) -> None:
        self.asked: list[AqiQuestion | MeansQuestion] = []

    def aqi(self, question: AqiQuestion) -> pa.Table:
        """Hours with PM2.5, or four days."""
        self.asked.append(question)
        if question.level == "hour":
            rows = [
                {"place": "A", "start": START + timedelta(hours=n), "pm25": float(PM25[n])}
                for n in range(HOURS)
            ]
        else:
            rows = [
                {
                    "place": "A",
                    "start": START + timedelta(days=n),
                    "aqi": aqi,
                    "primary": primary,
                    "published_aqi": shown,
                }
                for n, (shown, aqi, primary) in enumerate(DAYS)
            ]
        return table(AQI_ROWS, rows)

    def means(self, question: MeansQuestion) -> pa.Table:
        """Wind of all hours; the first two carry a mark."""
        self.asked.append(question)
        rows = []
        for n in range(HOURS):
            mark = "short" if n < 2 else ""
            common = {"mn": "A", "start": START + timedelta(hours=n), "mark": mark}
            rows += [
                common | {"factor": "a01007", "stat": "mean", "value": float(SPEED[n])},
                common | {"factor": "a01008", "stat": "vector", "value": float(DIRECTION[n])},
            ]
        return table(MEANS, rows)
