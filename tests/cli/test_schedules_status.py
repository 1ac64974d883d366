"""What the status says of schedules: the last ranking, warnings or why there are none, plans."""

from __future__ import annotations

from typing import Any

from hj212d.cli.status_text import _schedules

FOUND: dict[str, Any] = {
    "on": True,
    "error": "",
    "ranking": {"period": "2026-11-20", "state": "told", "messages": 2},
    "summaries": {},
    "reviews": {"overdue": [], "nobody": []},
    "warnings": {"warned": [], "why": {"no forecast": 3}},
}


def test_of_a_day() -> None:
    """In one line; nothing of a hub that has none, off where it is off."""
    assert _schedules(FOUND) == "ranking of 2026-11-20 told, no warning: no forecast (3)"
    assert _schedules({}) == ""
    assert _schedules({"on": False}) == "off"


def test_what_needs_somebody() -> None:
    """Warnings, plans to be reviewed, and what does not go."""
    said = _schedules(
        {
            **FOUND,
            "error": "the store is locked",
            "reviews": {"overdue": ["YA-330100-2026-0001"], "nobody": []},
            "warnings": {"warned": ["330100 red"], "why": {}},
        }
    )
    for words in ("330100 red", "YA-330100-2026-0001", "the store is locked"):
        assert words in said
