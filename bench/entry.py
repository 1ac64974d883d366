"""What a published bench is: its arguments, and the figures to read from its result.

Test: tests/bench/test_report.py.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """A number of a result. ``path``: keys; in a list a place, or what the element must hold.

    ``must`` and ``aim``: what was promised and what was hoped for; ``more``: more is better.
    """

    label: str
    path: tuple[Any, ...]
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    more: bool = False
    scale: float = 1.0


class Entry(msgspec.Struct, frozen=True):
    """One bench with its arguments. ``quick``: arguments of a short form; its figures are shown
    and not judged. ``limit_s``: after that it is ended."""

    name: str
    section: str
    arguments: str
    quick: str
    figures: tuple[Figure, ...]
    note: str = ""
    limit_s: float = 1200.0


def figure_of(result: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a path of a result; None when it does not go so far."""
    for step in path:
        if isinstance(step, dict):
            result = next((each for each in result if step.items() <= each.items()), None)
        elif isinstance(step, int):
            result = result[step] if isinstance(result, list) and len(result) > step else None
        else:
            result = result.get(step) if isinstance(result, dict) else None
        if result is None:
            return None
    return result
