"""alerts.rules.book: from records to rules in force."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from alerts.rules.book import all_records, checked, rules_in_force, unusable
from alerts.rules.defaults import default_rules
from alerts.rules.params import Offline
from store.registry.alert_records import RuleRecord


def rule(**more: Any) -> RuleRecord:
    """A rule on silence."""
    return RuleRecord(**({"key": "mine", "kind": "offline"} | more))


def test_a_record_takes_the_place_of_the_product_s_rule_of_its_key() -> None:
    """All of it: figures that it does not name are the kind's, not those of the rule before."""
    mine = rule(key="offline", params={"after_s": 60.0}, severity="severe")
    in_force = {one.key: one for one in rules_in_force([mine])}
    assert in_force["offline"].params == Offline(after_s=60.0)
    assert in_force["offline"].severity == "severe"
    assert len(in_force) == len(rules_in_force([]))


def test_a_rule_that_is_off_is_not_in_force() -> None:
    """It is still among all records, where it can be switched on."""
    off = rule(key="offline", on=False)
    assert "offline" not in {one.key for one in rules_in_force([off])}
    assert off in all_records([off])


def test_a_further_rule_stands_beside_those_of_the_product() -> None:
    """In order of key."""
    keys = [one.key for one in rules_in_force([rule()])]
    assert "mine" in keys
    assert keys == sorted(keys)


def test_what_cannot_be_used_is_left_out_and_named() -> None:
    """The others go on; a broken one of the product's key switches that off, and is told."""
    broken = rule(key="offline", params={"after_s": -1})
    assert "offline" not in {one.key for one in rules_in_force([broken])}
    assert "after_s" in unusable([broken, rule()])["offline"]
    assert list(unusable([rule()])) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"key": ""}, 'key = ""'),
        ({"key": "Über"}, "key"),
        ({"key": "x" * 65}, "64 at most"),
        ({"kind": "odd"}, 'kind = "odd": expected one of over_limit'),
        ({"severity": "odd"}, "severity"),
        ({"way": "odd"}, "expected one of live, check"),
        ({"case": "odd"}, "case"),
        ({"regions": ["33x"]}, 'regions: "33x"'),
        ({"regions": ["330"]}, "330"),
        ({"owner": -1}, "owner = -1"),
        ({"params": {"after_s": "soon"}}, "params of offline"),
    ],
)
def test_a_record_is_checked_before_it_is_kept(more: dict[str, Any], why: str) -> None:
    """One sentence names the field and the value."""
    with pytest.raises(ValueError, match=why):
        checked(rule(**more))


def test_whom_a_rule_concerns() -> None:
    """Stations, regions with all below, factors, media; what is empty means all."""
    every = checked(rule())
    assert every.concerns("A", "", "a34004", "")
    here = checked(rule(regions=["330100"], factors=["a34*", "w01018"], media=["air"]))
    assert here.concerns("A", "330106", "a34004", "air")
    assert here.concerns("A", "330106", "", "air")
    assert not here.concerns("A", "330206", "a34004", "air")
    assert not here.concerns("A", "", "a34004", "air")
    assert not here.concerns("A", "330106", "a21026", "air")
    assert not here.concerns("A", "330106", "w010181", "air")
    assert not here.concerns("A", "330106", "a34004", "")
    one = checked(rule(mns=["A"]))
    assert one.concerns("A", "", "")
    assert not one.concerns("B", "", "")


def test_records_of_the_product_say_so() -> None:
    """Who asks who set a rule hears that nobody did."""
    assert {one.who for one in default_rules()} == {"hj212d"}
    assert msgspec.structs.replace(default_rules()[0], who="") not in default_rules()
