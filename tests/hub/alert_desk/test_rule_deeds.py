"""Rules set, switched and removed, and where their figures come from."""

from __future__ import annotations

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk.rule_deeds import RuleGet, RulePut, RuleRemove, Rules, RuleSwitch
from hj212d.hub.decisions.deeds import Unknown
from store.registry.alert_records import RuleRecord


def test_the_products_rules_are_there_without_anybody(desk: Desk) -> None:
    """On the first day; of one kind only when asked so."""
    rules = {rule["key"]: rule for rule in desk(Rules)["rules"]}
    assert rules["offline"]["origin"] == "product"
    assert {rule["kind"] for rule in desk(Rules, kind="stuck")["rules"]} == {"stuck"}
    assert desk.refusal(Rules, kind="flood").startswith('kind = "flood": expected one of')


def test_a_rule_is_changed_from_what_is_in_force(desk: Desk) -> None:
    """What is not said stays; each figure tells who said it; removed, the product's holds."""
    kept = desk(RulePut, key="offline", fields={"params": {"after_s": 600}, "note": "河边"})
    assert (kept["rule"]["origin"], kept["rule"]["params"]["scope"]) == ("changed", "station")
    shown = desk(RuleGet, key="offline")["rule"]
    figures = {one["name"]: one for one in shown["figures"]}
    assert (figures["after_s"]["value"], figures["after_s"]["product"]) == (600, 900)
    by = [figures[name]["by"] for name in ("after_s", "scope", "least_frames")]
    assert by == ["anna", "product", "kind"]
    back = desk(RuleRemove, key="offline")["rule"]
    assert (back["origin"], back["params"]["after_s"]) == ("product", 900)
    assert desk.refusal(RuleRemove, key="offline") == (
        'key = "offline": is the product\'s own rule; it can be switched off'
    )
    with pytest.raises(Unknown, match="there is no rule none"):
        desk(RuleRemove, key="none")


def test_entries_of_a_table_are_changed_one_by_one(desk: Desk) -> None:
    """The others stay; null takes one away."""
    before = desk(RuleGet, key="stuck")["rule"]["params"]["after_s"]
    desk(RulePut, key="stuck", fields={"params": {"after_s": {"a34": 60, "a21": None}}})
    after = desk(RuleGet, key="stuck")["rule"]["params"]["after_s"]
    assert after == {**{k: v for k, v in before.items() if k != "a21"}, "a34": 60}


def test_rules_are_switched_all_or_none(desk: Desk) -> None:
    """One that there is not leaves the others as they are."""
    rules = desk(RuleSwitch, keys=["offline", "stuck"], on=False)["rules"]
    assert [rule["on"] for rule in rules] == [False, False]
    with pytest.raises(Unknown, match="there is no rule none"):
        desk(RuleSwitch, keys=["offline", "none"], on=True)
    assert desk(RuleGet, key="offline")["rule"]["on"] is False


def test_an_own_rule(desk: Desk) -> None:
    """About stations that nobody knows yet, with a warning."""
    said = {"kind": "over_limit", "params": {"by": "value", "high": 75, "period": "hour"}}
    answer = desk(
        RulePut, key="own.1", fields={**said, "mns": ["A", "Z"], "factors": ["PM2.5", "a21*"]}
    )
    assert answer["rule"]["factors"] == ["a34004", "a21*"]
    assert (answer["rule"]["origin"], answer["warnings"]) == ("own", ["nobody knows Z yet"])
    figures = {one["name"]: one["by"] for one in desk(RuleGet, key="own.1")["rule"]["figures"]}
    assert (figures["high"], figures["low"]) == ("anna", "kind")


@pytest.mark.parametrize(
    ("key", "fields", "sentence"),
    [
        ("new", {}, 'kind is missing: there is no rule "new" yet'),
        ("offline", {"kind": "stuck"}, 'kind = "stuck": the rule offline is one of offline'),
        ("offline", {"params": {"after_s": -1}}, "after_s = -1: expected float >= 0.0"),
        ("stuck", {"params": {"after_s": {"a34": "x"}}}, 'after_s.a34 = "x": expected float'),
        ("offline", {"params": {"afer_s": 1}}, "afer_s: a rule of offline has no such figure"),
        ("offline", {"params": 3}, "params = 3: expected a value for each figure"),
        ("offline", {"regions": ["1"]}, 'regions = "1": expected the code of a region'),
        ("offline", {"media": ["tea"]}, 'media = "tea": expected one of air'),
        ("offline", {"factors": ["a b"]}, 'factors = "a b": expected a code'),
        ("offline", {"factors": ["*"]}, 'factors = "*": expected a code'),
        ("offline", {"case": "yes"}, 'case = "yes": expected one of none, suggest, open'),
        ("offline", {"case_class": "x1"}, 'case_class = "x1": expected five digits'),
        ("offline", {"colour": "red"}, "colour: a rule has no such field"),
        ("offline", {"note": "x" * 1001}, "note = "),
        ("Ä", {"kind": "offline"}, 'key = "Ä": expected a to z'),
        (
            "o",
            {
                "kind": "over_limit",
                "case": "open",
                "params": {"by": "own", "period": "realtime", "in_a_row": 1},
            },
            "in_a_row = 1: a case rests on 2 samples",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    desk: Desk, key: str, fields: dict[str, object], sentence: str
) -> None:
    """With the field and the value; nothing is kept."""
    assert desk.refusal(RulePut, key=key, fields=fields).startswith(sentence)
    assert desk.registry.rules.all() == []


def test_what_stands_unusable_in_the_registry_is_named(desk: Desk) -> None:
    """A rule of a newer version, say; it can be removed."""
    desk.registry.rules.put(RuleRecord(key="odd", kind="offline", params={"x": 1}), "test")
    assert "odd" in desk(Rules)["unusable"]
    assert desk(RuleRemove, key="odd")["rule"] is None
