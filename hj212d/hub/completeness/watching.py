"""When an instrument that is back is looked at again: pure, for the service keeps the time.

The end of its silence is not owed before the grace has passed, and of one that is new nobody knows
the interval yet: one look when it has settled would find nothing.
Tests: tests/hub/completeness/test_watching.py.
"""

from __future__ import annotations

from collections.abc import Container

from hj212d.hub.completeness.expected import SECOND_US
from hj212d.hub.completeness.settings import CompletenessSettings

# An instrument whose interval did not show for so long is left to the round.
LEARNING_S = 3600.0


def next_look_us(
    back_us: int, now_us: int, known: Container[str], settings: CompletenessSettings
) -> int | None:
    """When to look next at an instrument that spoke again at ``back_us``; None: not for that any
    more. ``known``: the periods whose interval is known. The pauses become longer."""
    due_us = back_us + int(settings.grace_s * SECOND_US)
    if now_us < due_us:
        return due_us
    learning_us = int(LEARNING_S * SECOND_US)
    if "minute" in known or now_us - back_us >= learning_us:
        return None
    return now_us + max(now_us - back_us, int(settings.settle_s * SECOND_US), SECOND_US)
