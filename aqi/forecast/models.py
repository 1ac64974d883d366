"""The models by name. Start here: a model is a function (history, horizon) -> forecast.

Shapes as in baselines.py. Tests: tests/aqi/forecast/test_rolling_origin.py.
"""

from __future__ import annotations

from collections.abc import Callable

from aqi.forecast.baselines import Hours, climatology, persistence, yesterday
from aqi.forecast.damped import damped
from aqi.forecast.statistical import mstl

Model = Callable[[Hours, int], Hours]

BASELINES: dict[str, Model] = {
    "persistence": persistence,
    "yesterday": yesterday,
    "climatology": climatology,
}
MODELS: dict[str, Model] = {**BASELINES, "damped": damped, "mstl": mstl}

HORIZON_H = 72  # at least three days ahead (HJ 633-2026, one source)
