"""How many values make a mean valid."""

from __future__ import annotations

import pytest

from aqi.means.validity import MEDIA, rules


def test_each_medium_has_the_figures_of_its_standard() -> None:
    """Ambient air by GB 3095, flue gas by HJ 75; what a medium does not say it has from air."""
    found = rules()
    assert tuple(found) == MEDIA
    air, flue = found["air"], found["flue"]
    assert (air.hour_minutes, air.day_hours, air.day_windows) == (45, 20, 14)
    assert (air.month_days, air.february_days, air.year_days) == (27, 25, 324)
    assert (flue.month_days, flue.february_days, flue.day_hours) == (25, 23, 20)
    assert found["noise"].month_days == 27


def test_a_deployment_may_say_otherwise() -> None:
    """Only what is named changes."""
    found = rules({"air": {"day_hours": 18}})
    assert found["air"].day_hours == 18
    assert found["air"].hour_minutes == 45
    assert found["flue"].day_hours == 20


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        ({"soil": {"day_hours": 18}}, "no medium"),
        ({"air": {"day_hour": 18}}, "day_hour"),
        ({"air": {"day_hours": 25}}, "<= 24"),
    ],
)
def test_what_cannot_be_is_refused(overrides: dict[str, dict[str, float]], word: str) -> None:
    """A misspelt rule must not quietly mean the national one."""
    with pytest.raises(ValueError, match=word):
        rules(overrides)
