"""The nearest known name, for whoever misspelt one. Tests: tests/config/test_load.py."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean x?``, or ``; there is a, b and c`` when nothing comes near."""
    by_lower_case = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {by_lower_case[near[0]]}?"
    *most, last = by_lower_case.values()
    return f"; there is {', '.join(most)} and {last}" if most else f"; there is {last}"
