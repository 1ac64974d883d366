"""News is told from refills, resends and backlogs, also where an instrument's clock is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from alerts_evaluated import evaluator, rule, seen

YEAR_S = 365 * 86_400
WEEK_S = 7 * 86_400
HIGH = rule("high", "over_limit", by="value", period="realtime", high=5, in_a_row=2)


def values(
    value: float, count: int, at_s: float, data_s: float, every_s: float = 60, **more: Any
) -> list[dict[str, Any]]:
    """A factor each minute by the instrument's clock, received ``every_s`` apart."""
    return [
        {"at_s": at_s + n * every_s, "data_s": data_s + n * 60, "values": {"f": value}, **more}
        for n in range(count)
    ]


@pytest.mark.parametrize("behind_s", [2 * 3600, 20 * YEAR_S])
def test_a_clock_that_was_set_back(behind_s: int) -> None:
    """A dead battery does not blind the detectors: after five minutes values count, by receipt."""
    judge = evaluator(HIGH)
    assert seen(judge, values(1.0, 20, 0, 0)) == []
    found = seen(judge, values(9.0, 20, 1200, 1200 - behind_s))
    assert found == [("raised", "mn:A", "f", 1500, 1560)]
    assert seen(judge, values(1.0, 2, 2400, 2400)) == [("cleared", "mn:A", "f", 1500, 2460)]


def test_each_frame_twice() -> None:
    """What is sent again at once does not hide that a wrong clock runs steadily."""
    judge = evaluator(HIGH)
    seen(judge, values(1.0, 2, 0, 0))
    twice = [row for row in values(9.0, 20, 1200, -YEAR_S) for _ in range(2)]
    assert seen(judge, twice) == [("raised", "mn:A", "f", 1500, 1560)]


@pytest.mark.parametrize("every_s", [0.1, 5, 20, 40])
def test_a_week_that_is_sent_later(every_s: float) -> None:
    """At any speed that is not that of time, marked as a refill or not, before or between live
    values: nobody is told of now."""
    judge = evaluator(HIGH)
    assert seen(judge, values(1.0, 20, 0, 0)) == []
    assert seen(judge, values(9.0, 500, WEEK_S, 1200, every_s)) == []
    refill = values(9.0, 200, 2 * WEEK_S, WEEK_S, every_s, rf=True)
    live = values(1.0, 70, 2 * WEEK_S, 2 * WEEK_S)
    assert seen(judge, sorted([*refill, *live], key=lambda row: row["at_s"])) == []


def test_no_measurement() -> None:
    """Numbers that no instrument means count as nothing."""
    judge = evaluator(HIGH, rule("stuck", "stuck", default_s=60, least_samples=2))
    for value in (1e300, -1e300, float("inf"), float("nan"), 1e15):
        assert seen(judge, values(value, 20, 0, 0, mn=str(value))) == []
