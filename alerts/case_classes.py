"""Of which class a case is that comes of an alert. Only look-ups in data/case_classes.json.

Tests: tests/alerts/test_cases.py.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

_CODE = re.compile(r"\d{5}")


def class_of(kind: str, medium: str = "") -> str:
    """The class of a kind of rule at a station of a medium; "" where telemetry reports none: what
    is wrong with the platform itself is nobody's case."""
    rows = {(row["kind"], row["medium"]): str(row["code"]) for row in _table()["by_kind"]}
    return rows.get((kind, medium)) or rows.get((kind, ""), "")


def class_name(code: str) -> str:
    """What a class is called in Chinese; "" for one of the national table or of a city."""
    names = {row["code"]: str(row["name"]) for row in _table()["classes"]}
    return names.get(code, "")


def problem(code: str) -> str:
    """Why a code can be no class, "" when it can: two digits of a major, three of a minor."""
    return "" if _CODE.fullmatch(code) else "expected five digits such as 90001"


@cache
def _table() -> dict[str, Any]:
    text = resources.files("alerts").joinpath("data/case_classes.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
