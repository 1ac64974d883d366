"""Marks of means: why a value does not count. The one list; an empty mark says that it does.

The marks of instruments (`Flag`) are in `hj212d/wire/data/marks.json`.
Tests: tests/aqi/means/test_hour.py.
"""

from __future__ import annotations

VALID = ""

# mark -> what it says. Of several that apply the first of this list is shown.
MARKS = {
    VALID: "valid",
    "review": "a person has taken the readings out",
    "flag": "the instrument marks all its readings as invalid",
    "negative": "below zero, where nothing can be",
    "absurd": "not a number that can be measured",
    "future": "readings from the instrument's future: its clock is wrong",
    "unit": "the unit is not known or does not fit",
    "event": "taken out for an exceptional event",
    "short": "too few valid values; the mean of those there are is shown",
    "none": "no value",
}
