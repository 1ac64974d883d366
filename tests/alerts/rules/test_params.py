"""alerts.rules.params: the figures of each kind and their limits."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from alerts.rules.params import PARAMS, OverLimit, Stuck, by_factor, decoded
from store.registry.alert_records import RuleKind


def test_each_kind_has_params() -> None:
    """And all but one can do without any being named."""
    assert set(PARAMS) == set(get_args(RuleKind))
    for kind in PARAMS:
        if kind != "over_limit":
            assert decoded(kind, {}) == PARAMS[kind]()


@pytest.mark.parametrize("kind", PARAMS)
def test_params_are_frozen_and_refuse_what_they_do_not_know(kind: RuleKind) -> None:
    """A figure with a typing error is not silently without effect."""
    given = {"by": "aqi"} if kind == "over_limit" else {}
    made = decoded(kind, given)
    with pytest.raises(AttributeError):
        made.group = False  # type: ignore[misc]
    with pytest.raises(ValueError, match="no_such_figure"):
        decoded(kind, {**given, "no_such_figure": 1})


@pytest.mark.parametrize(
    ("kind", "params", "why"),
    [
        ("over_limit", {}, "by"),
        ("over_limit", {"by": "aqi", "level": 7}, r"\$.level"),
        ("over_limit", {"by": "value"}, "needs high or low"),
        ("over_limit", {"by": "value", "high": 1, "low": 2}, "low = 2 is above high"),
        ("over_limit", {"by": "aqi", "severities": {"9": "severe"}}, '"9" is no level'),
        ("over_limit", {"by": "aqi", "severities": {"5": "loud"}}, "loud"),
        ("over_limit", {"by": "aqi", "clear_ratio": 1.2}, "clear_ratio"),
        ("offline", {"after_s": -1}, "after_s"),
        ("offline", {"scope": "planet"}, "planet"),
        ("stuck", {"after_s": {"a34": -1}}, "after_s"),
        ("swing", {"z": 0}, "z"),
        ("completeness", {"target": 1.5}, "target"),
        ("disk", {"free_share": 2}, "free_share"),
        ("clock", {"in_a_row": 0}, "in_a_row"),
        ("offline", {"wait_s": 7200}, "wait_s"),
    ],
)
def test_a_figure_out_of_its_limits_is_named(
    kind: RuleKind, params: dict[str, Any], why: str
) -> None:
    """With the kind and the place, in one sentence."""
    with pytest.raises(ValueError, match=why) as problem:
        decoded(kind, params)
    assert str(problem.value).startswith(f"params of {kind}: ")


def test_the_longest_beginning_of_a_code_counts() -> None:
    """A figure of a factor goes before that of its group."""
    table = {"a21": 1.0, "a21005": 2.0, "L": 3.0}
    assert by_factor(table, "a21026", 9.0) == 1.0
    assert by_factor(table, "a21005", 9.0) == 2.0
    assert by_factor(table, "Leq", 9.0) == 3.0
    assert by_factor(table, "w01018", 9.0) == 9.0
    assert by_factor(table, "", 9.0) == 9.0
    assert Stuck(after_s={"a34": 60.0}, default_s=5.0).after_for("a34004") == 60.0


def test_a_level_has_the_severity_of_the_highest_named_below_it() -> None:
    """What is not named is the rule's own."""
    limit = OverLimit(by="aqi", severities={"5": "severe", "6": "critical"})
    assert [limit.severity_at(level) for level in (4, 5, 6)] == ["", "severe", "critical"]


def test_params_are_written_as_short_as_they_were_given() -> None:
    """So that the registry shows what a person set, no more."""
    given = {"scope": "device", "after_s": 60.0}
    assert msgspec.to_builtins(decoded("offline", given)) == given
