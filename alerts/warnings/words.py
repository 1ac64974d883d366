"""What a warning's alarm says, for templates: level, time, what makes it, skill of the forecast.

Tests: tests/alerts/warnings/test_warning_words.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aqi.means.calendar import BEIJING

LEVELS = {
    "blue": ("蓝色", "blue"),
    "yellow": ("黄色", "yellow"),
    "orange": ("橙色", "orange"),
    "red": ("红色", "red"),
}


def warning_facts(detail: Mapping[str, Any], language: str) -> dict[str, Any]:
    """From the detail of an alarm (alerts/warnings/signals.py); {} of one that says no level."""
    level = detail.get("level")
    if level not in LEVELS:
        return {}
    skill = detail.get("skill")
    return {
        "level": level,
        "shown_level": LEVELS[level][language == "en"],
        "from": _shown(detail.get("from")),
        "until": _shown(detail.get("until")),
        "peak_aqi": detail.get("peak_aqi"),
        "primary": [str(one) for one in detail.get("primary") or ()],
        "because": _because(str(detail.get("because") or ""), language),
        "skill": skill if isinstance(skill, int | float) else None,
    }


def _because(text: str, language: str) -> str:
    """AQI > 200 for 72 h and AQI > 300 for 24 h."""
    if language == "en":
        return text
    return text.replace(" and ", "，且 ").replace(" for ", " 持续").replace(" h", "小时")


def _shown(text: Any) -> str:
    """Beijing time to the hour, as people write it; "" for what is no time."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(BEIJING):%m-%d %H:%M}"
    except (TypeError, ValueError):
        return ""
