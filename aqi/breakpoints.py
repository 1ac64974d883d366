"""The nodes of the sub-indices of both HJ 633 versions, from data/breakpoints.json.

Concentrations are kept as whole steps of the pollutant's last decimal (1 ug/m3, 0.1 mg/m3 of CO),
so that all that follows is whole numbers. Tests: tests/aqi/test_breakpoints.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from aqi.standards import Standard

Average = Literal["24h", "8h", "1h"]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of one pollutant and average: ``steps[k]`` has the sub-index ``iaqi[k]``.

    ``decimals``: a step is 10**-decimals ug/m3, of CO mg/m3; ``above``: the sub-index beyond the
    last node, None where there is none; ``source`` and ``confidence`` of the nodes.
    """

    pollutant: str
    average: str
    decimals: int
    steps: tuple[int, ...]
    iaqi: tuple[int, ...]
    above: int | None
    source: str
    confidence: str


@cache
def nodes(standard: Standard, pollutant: str, average: str) -> Nodes:
    """The nodes for a pollutant's mean. ValueError: this version has none for that average.

    PM2.5 and PM10 have no table of their own for 1 h; theirs of 24 h serves (HJ 633-2026;
    confirmed. With 2012 the practice of the national platform; confirmed).
    """
    table = _table()
    if average == "1h":
        average = table["one_hour_by"].get(pollutant, average)
    rows = table["standards"][standard.name]
    for row in rows["tables"]:
        if row["pollutant"] == pollutant and row["average"] == average:
            decimals = table["rounding"]["decimals"][pollutant]
            return Nodes(
                pollutant,
                average,
                decimals,
                tuple(value * 10**decimals for value in row["concentrations"]),
                tuple(table["nodes"][: len(row["concentrations"])]),
                row["above_last"],
                rows["source"],
                row["confidence"],
            )
    raise ValueError(f"{standard.name} has no sub-index for {pollutant} {average}")


@cache
def _table() -> dict[str, Any]:
    text = resources.files("aqi").joinpath("data/breakpoints.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
