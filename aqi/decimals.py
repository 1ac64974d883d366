"""How many decimals a number of air quality has, by rule set, statistic and pollutant.

Facts are in data/decimals.json; those of HJ 663-2026 are one platform's reading, and a deployment
may set others. How to round: `rounding.py`, `exact.py`. Tests: tests/aqi/test_decimals.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


class Decimals:
    """Of one rule set, "HJ663-2013" (table 3, background knowledge) or "HJ663-2026" (weak).

    ``changed``: "statistic/pollutant" or "statistic" -> decimals in place of the file's, of which
    there are: hour, day, period, published, index, multiple, rate. KeyError for another statistic,
    ValueError for an unknown rule set or a wrong change.
    """

    def __init__(self, rules: str, changed: Mapping[str, int] | None = None) -> None:
        facts = _facts()
        if rules not in facts:
            raise ValueError(f"there are no decimals of {rules}")
        self.rules = rules
        self.sure: str = facts[rules]["sure"]
        self._table = {name: dict(row) for name, row in facts[rules]["decimals"].items()}
        for key, decimals in (changed or {}).items():
            statistic, _, pollutant = key.partition("/")
            if statistic not in self._table or not 0 <= decimals <= 6:
                raise ValueError(
                    f"{key} = {decimals}: 0 to 6 decimals of {', '.join(self._table)}"
                )
            self._table[statistic][pollutant] = decimals

    def of(self, statistic: str, pollutant: str = "") -> int:
        """Decimals of a statistic, for a pollutant where it has its own."""
        row = self._table[statistic]
        return int(row[pollutant if pollutant in row else ""])


@cache
def _facts() -> dict[str, Any]:
    text = resources.files("aqi").joinpath("data/decimals.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)["sets"]
    return found
