"""A rule on which our own code fails takes no other one with it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from alerts_evaluated import US0, Ground, evaluator, rule, series, tables, told

from alerts.detect import over_limit, silence, swing

LIMIT = rule("limit", "over_limit", by="own", period="realtime", in_a_row=2)
LOW = rule("low", "over_limit", by="value", period="realtime", high=1.0, in_a_row=2)
STUCK = rule("stuck", "stuck", after_s={"f": 60}, least_samples=2)
SWING = rule("swing", "swing")


def broken(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, when: Any) -> list[bool]:
    """A step that fails where ``when`` says so of its parameters, until the list is cleared."""
    works = getattr(module, name)
    on = [True]

    def fails(*given: Any) -> Any:
        if on and when(given[-1]):
            raise ZeroDivisionError("ours")
        return works(*given)

    monkeypatch.setattr(module, name, fails)
    return on


def test_a_detector_that_fails_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The batch is judged by all others; the rule is named once in the log, counted each time, and
    judges again when it can."""
    on = broken(monkeypatch, swing, "step", lambda _params: True)
    judge = evaluator(LIMIT, STUCK, SWING, ground=Ground({"f": 100}))
    with caplog.at_level(logging.ERROR):
        found = told(judge.observe(*tables(series([200.0] * 5)), US0))
    assert [one[:2] for one in found] == [("raised", "mn:A"), ("raised", "mn:A")]
    assert judge.faults == {"swing": 5}
    assert [record.getMessage() for record in caplog.records] == ["event=alerts_fault rule=swing"]
    on.clear()
    judge.observe(*tables(series([200.0] * 9)), US0)
    assert judge.faults == {"swing": 5}


def test_one_rule_of_a_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another rule of the same kind on the same factor tells what it tells otherwise, once."""
    rows = series([200.0, 200.0, 50.0, 50.0, 200.0])
    alone = evaluator(LIMIT, ground=Ground({"f": 100}))
    expected = told(alone.observe(*tables(rows), US0))
    broken(monkeypatch, over_limit, "step", lambda params: (params["clear_ratio"] == 0.5).any())
    half = rule("half", "over_limit", by="value", period="realtime", high=1.0, clear_ratio=0.5)
    judge = evaluator(LIMIT, half, ground=Ground({"f": 100}))
    assert told(judge.observe(*tables(rows), US0)) == expected
    assert set(judge.faults) == {"half"}


def test_telling_fails_after_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state is as before: the alarm is raised when it can be told."""
    judge = evaluator(STUCK)
    tells = judge._teller.told
    on = [True]

    def told_of(*given: Any) -> Any:
        if on:
            raise KeyError("ours")
        return tells(*given)

    monkeypatch.setattr(judge._teller, "told", told_of)
    assert judge.observe(*tables(series([7.0] * 5)), US0) == []
    assert judge.active() == []
    on.clear()
    found = judge.observe(*tables(series([7.0] * 6)), US0)
    assert [one.what for one in found] == ["raised"]


def test_the_clock_is_looked_at_rule_by_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence by one rule is told though another one fails."""
    broken(monkeypatch, silence, "watch", lambda params: (params["after_us"] == 60_000_000).any())
    fast = rule("fast", "offline", scope="station", after_s=60)
    judge = evaluator(fast, rule("slow", "offline", scope="station", after_s=120))
    judge.observe(*tables(series([1.0])), US0)
    found = judge.tick(US0 + 200_000_000, US0 - 3600_000_000)
    assert [(one.rule, one.what) for one in found] == [("slow", "raised")]
    assert judge.faults == {"fast": 1}


def test_a_rule_that_cannot_be_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose limits cannot be asked for is left out."""

    def limits(*_given: Any) -> Iterator[None]:
        raise OSError("ours")

    ground = Ground()
    monkeypatch.setattr(ground, "limits", limits)
    judge = evaluator(LIMIT, LOW, ground=ground)
    found = judge.observe(*tables(series([5.0, 5.0])), US0)
    assert [one.rule for one in found] == ["low"]
    assert judge.faults == {"limit": 1}
