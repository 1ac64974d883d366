"""alerts.settings: what types cannot say."""

from __future__ import annotations

import pytest

from alerts.settings import AlertsSettings, problem


@pytest.mark.parametrize("steps", [[], [60.0], [1800.0, 7200.0]])
def test_times_of_escalation_grow(steps: list[float]) -> None:
    """None at all is nobody to tell."""
    assert problem(AlertsSettings(escalate_after_s=steps)) == ("", "")


@pytest.mark.parametrize("steps", [[0.0], [-1.0], [60.0, 60.0], [7200.0, 1800.0]])
def test_times_that_do_not_grow_are_refused(steps: list[float]) -> None:
    """Else the chief would be told before the operator."""
    key, why = problem(AlertsSettings(escalate_after_s=steps))
    assert key == "escalate_after_s"
    assert "each above the one before" in why
