"""``python -m bench aqi``: AQI, level and primary pollutants of a year of hours of many stations.

Beside it, in turn on the same arrays: a plain NumPy pass (the sum of each array, and a comparison
with 100), and the index as it is commonly written, np.interp and ceil in floating point, which
rounds nothing first and is one too high here and there. Test: tests/bench/test_bench_index.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from aqi.breakpoints import nodes
from aqi.factors import POLLUTANTS
from aqi.judge_arrays import Judgements, judge_arrays
from aqi.standards import HJ633_2026

Values = dict[str, npt.NDArray[np.float64]]

# Usual concentrations: shape and scale of a gamma distribution, ug/m3, CO mg/m3; decimals sent.
_AIR = {
    "PM2.5": (1.6, 25.0, 1),
    "PM10": (1.8, 40.0, 1),
    "SO2": (2.0, 5.0, 1),
    "NO2": (2.0, 15.0, 1),
    "CO": (3.0, 0.25, 3),
    "O3": (1.5, 50.0, 1),
}
_MISSING = 0.03
_PIECE = 1 << 16  # the passes beside it work on pieces as well
_ROUNDS = 3


def air(stations: int, hours: int, seed: int = 1) -> Values:
    """Hourly concentrations, of which some are missing; a row an hour."""
    random = np.random.default_rng(seed)
    made = {}
    for pollutant, (shape, scale, decimals) in _AIR.items():
        values = random.gamma(shape, scale, (hours, stations))
        np.round(values, decimals, out=values)
        values[random.random(values.shape, np.float32) < _MISSING] = np.nan
        made[pollutant] = values
    return made


def judged(values: Values) -> Judgements:
    """What is measured."""
    return judge_arrays(HJ633_2026, "hourly", values)


def plain_pass(values: Values) -> float:
    """Each value read twice: a sum and a comparison."""
    total = 0.0
    for array in values.values():
        flat = array.reshape(-1)
        for start in range(0, flat.size, _PIECE):
            piece = flat[start : start + _PIECE]
            total += float(piece.sum()) + float(np.count_nonzero(piece > 100.0))
    return total


def by_interpolation(values: Values) -> npt.NDArray[np.float64]:
    """The AQI as it is commonly written."""
    flat = {pollutant: array.reshape(-1) for pollutant, array in values.items()}
    aqi = np.empty(flat["CO"].size)
    for start in range(0, aqi.size, _PIECE):
        part = aqi[start : start + _PIECE]
        part[:] = np.nan
        for pollutant in POLLUTANTS:
            found = nodes(HJ633_2026, pollutant, "1h")
            steps = np.array(found.steps) / 10.0**found.decimals
            index = np.ceil(np.interp(flat[pollutant][start : start + _PIECE], steps, found.iaqi))
            np.fmax(part, index, out=part)
    return aqi


def run(stations: int, hours: int) -> dict[str, Any]:
    """Medians of some rounds, in seconds, and the ratios of the same run."""
    values = air(stations, hours)
    ways: dict[str, Callable[[Values], object]] = {
        "judged": judged,
        "plain_pass": plain_pass,
        "by_interpolation": by_interpolation,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            since = time.perf_counter()
            way(values)
            took[name].append(time.perf_counter() - since)
    seconds = {f"{name}_s": round(median(times), 3) for name, times in took.items()}
    count = stations * hours * len(POLLUTANTS)
    return {
        "stations": stations,
        "hours": hours,
        "values": count,
        **seconds,
        "values_per_s": round(count / median(took["judged"])),
        "ratio_to_plain_pass": _ratio(took["judged"], took["plain_pass"]),
        "ratio_to_interpolation": _ratio(took["judged"], took["by_interpolation"]),
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(median(one / other for one, other in zip(ours, theirs, strict=True)), 2)


@click.command()
@click.option("--stations", type=click.IntRange(1, 20_000), default=2000, show_default=True)
@click.option("--hours", type=click.IntRange(1, 8784), default=8760, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One object.")
def main(stations: int, hours: int, as_json: bool) -> None:
    """Judge a year of hours of many stations, six pollutants each, in memory."""
    found = run(stations, hours)
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{found['values']:,} values: {found['judged_s']} s, {found['ratio_to_plain_pass']} times "
        f"a plain pass ({found['plain_pass_s']} s), {found['ratio_to_interpolation']} times "
        f"np.interp ({found['by_interpolation_s']} s)"
    )
