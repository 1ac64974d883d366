"""Formulas say where they are from and how sure that is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "aqi"
STANDARD = re.compile(r"\b(HJ|GB|DB\d*)(/T)? ?\d|HJ 633|环办|GB\d|[Rr]anking (rule )?of 20")
SURE = re.compile(r"confirmed|one source|background knowledge|assum|choice|our rule|how sure")
# Formulas of the air, of means, of ranking and of the other media.
FORMULAS = [
    "rounding.round_half_even",
    "iaqi.iaqi",
    "iaqi.iaqi_of_steps",
    "lookup.iaqi_array",
    "index.judge",
    "judge_arrays.judge_arrays",
    "percentiles.percentile",
    "composite.quotients",
    "composite.composite",
    "evaluation.items",
    "evaluation.statistic",
    "evaluation.multiple",
    "evaluation.good_days",
    "evaluation.heavy_days",
    "evaluation.days_within_limit",
    "places.sites_needed",
    "ranking.change_percent",
    "ranking.change_ranks",
    "trend.trend",
    "means.averaging.level_of",
    "means.averaging.energy_of",
    "means.averaging.day_night_level",
    "means.day.windows_of",
    "means.hour.hour_rows",
    "means.periods.need_of",
    "means.day.day_rows",
    "flue.oxygen.convert",
    "flue.state.expansion",
    "flue.state.dry_share",
    "flue.gases.nox",
    "noise.statistics.percentile_levels",
    "water.standard_index.saturated_oxygen",
    "judging.judge",
]


@cache
def functions() -> list[tuple[str, ast.FunctionDef, str]]:
    """Name, definition and docstring of the module of each public function."""
    found = []
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        module = ".".join(path.relative_to(ROOM).with_suffix("").parts)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.append((f"{module}.{node.name}", node, ast.get_docstring(tree) or ""))
    return found


def said(node: ast.AST) -> str:
    """Its docstring in one line."""
    return " ".join((ast.get_docstring(node) or "").split())  # type: ignore[arg-type]


def test_who_names_a_standard_says_how_sure_it_is() -> None:
    """Confirmed, one source, background knowledge, a choice, or that the data say it."""
    silent = [
        name
        for name, node, _ in functions()
        if STANDARD.search(said(node)) and not SURE.search(said(node))
    ]
    assert silent == []


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_names_its_standard(name: str) -> None:
    """In its own docstring, or in that of the file for what stands there alone."""
    (found,) = [
        f"{said(node)} {' '.join(module.split())}"
        for one, node, module in functions()
        if one == name and said(node)
    ]
    assert STANDARD.search(found), found
    assert SURE.search(found), found
